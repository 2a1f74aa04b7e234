"""The command `batch`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from dubbing import console
from dubbing.batch.choose import make_executor
from dubbing.batch.dispatch import dispatch
from dubbing.batch.plan import left_out, plan
from dubbing.cli_options import (
    Artifacts,
    AsJson,
    AudioTrack,
    Detector,
    MixManner,
    OnFailure,
    Overwrite,
    ProfileName,
    Recogniser,
    Separator,
    Speakers,
    Target,
    Translator,
    Voice,
)
from dubbing.config import DubbingConfig
from dubbing.prepare import ARTIFACTS, OUTPUTS


def batch(
    videos: Annotated[
        list[str],
        typer.Argument(
            help="Videos, folders of videos, or @LIST: a text file with one of these on each line.",
            show_default=False,
        ),
    ],
    translations: Annotated[
        str,
        typer.Option(
            metavar="beside|FOLDER",
            help="Where translations lie: talk.ru.srt (or .vtt, .txt) for talk.mp4 and --target "
            "ru. A video without one is translated by the engine [none is looked for].",
        ),
    ] = "",
    executor: Annotated[str, typer.Option(help="Who does it: local (processes), ray.")] = "local",
    workers: Annotated[
        int,
        typer.Option(
            min=0,
            show_default=False,
            help="Videos at a time [as many as cores and memory, or the cluster, allow].",
        ),
    ] = 0,
    address: Annotated[
        str,
        typer.Option(help="For ray: the cluster, HOST:PORT or auto [one of this machine's own]."),
    ] = "",
    cpus: Annotated[
        float, typer.Option(min=0, show_default=False, help="For ray: cores for a worker [1].")
    ] = 0,
    gpus: Annotated[
        float, typer.Option(min=0, show_default=False, help="For ray: GPUs, such as 0.5 [none].")
    ] = 0,
    outputs: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the finished files.")
    ] = OUTPUTS,
    target: Target = "ru",
    profile: ProfileName = "auto",
    mix: MixManner = "dub",
    detector: Detector = "",
    transcriber: Recogniser = "",
    translator: Translator = "",
    synthesizer: Voice = "",
    speakers: Speakers = "auto",
    audio_track: AudioTrack = None,
    separator: Separator = "demucs",
    on_failure: OnFailure = "original",
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Dub many videos, several at a time; status 1 if one failed. Run again to go on."""
    config = DubbingConfig.checked(
        target=target,
        profile=profile,
        mix=mix,
        detector=detector,
        transcriber=transcriber,
        translator=translator,
        synthesizer=synthesizer,
        speakers=speakers,
        audio_track=audio_track,
        separator=separator,
        on_failure=on_failure,
    )
    tasks = plan(
        videos,
        config=config,
        translations=translations,
        artifacts=artifacts,
        outputs=outputs,
        overwrite=overwrite,
    )
    unused = left_out(videos, tasks)
    console.show_left_out(unused)
    started = time.monotonic()
    pool = make_executor(executor, tasks, workers=workers, address=address, cpus=cpus, gpus=gpus)
    with console.batch_progress(len(tasks)) as listen:
        outcomes = dispatch(tasks, pool, listen)
    wall_s = time.monotonic() - started
    if as_json:
        console.show_json(console.batch_document(tasks, outcomes, wall_s, unused))
    else:
        console.show_batch(tasks, outcomes, wall_s)
    if any(row.status == "failed" for row in outcomes):
        raise typer.Exit(1)
