"""A video through the stages into a dubbed one, every step kept in the run folder.

    media → segments → transcripts → translations → speech → timeline → video

Each step first finds out what is stale, then makes just that: a second run calls no engine, a
changed translation re-speaks one segment, a killed run goes on where it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

from dubbing.config import DubbingConfig, EngineChoice, choose_engines
from dubbing.engines.base import Translator
from dubbing.engines.registry import engine_info, load_engine
from dubbing.errors import InputError, OutputExistsError, RunError, UnsupportedLanguageError
from dubbing.events import Listener, Stage, ignore
from dubbing.media.mux import check_output_name
from dubbing.media.probe import MediaInfo, probe
from dubbing.quality.report import Scorecard
from dubbing.runs.manifest import Manifest, SourceRecord, sha256_file
from dubbing.runs.store import Run, check_name, open_run, remove_partial_files
from dubbing.steps import translate as translation_step
from dubbing.steps.assemble import assemble
from dubbing.steps.evaluate import evaluate
from dubbing.steps.job import Job, package_versions
from dubbing.steps.segment import segment
from dubbing.steps.speak import speak
from dubbing.steps.transcribe import transcribe
from dubbing.steps.translate import translate
from dubbing.text.supplied import check_fits, read_translation

ARTIFACTS = Path("pipeline_artifacts")
OUTPUTS = Path("final_video")
BYTES_PER_S = 400_000  # chunks, speech, dubs and the mix while it is made, measured

STEPS: dict[Stage, Callable[[Job], object]] = {
    "segment": segment,
    "transcribe": transcribe,
    "translate": translate,
    "speak": speak,
    "assemble": assemble,
    "evaluate": evaluate,
}


def dub(
    source: Path,
    *,
    config: DubbingConfig | None = None,
    output: Path | None = None,
    artifacts: Path = ARTIFACTS,
    name: str | None = None,
    translation: Path | None = None,
    overwrite: bool = False,
    listen: Listener = ignore,
) -> Run:
    """Dubs a video or sound file; returns the finished run.

    Args:
        source: The file to dub.
        config: What to make; the default dubs into Russian offline.
        output: The finished file; by default `final_video/<name>_dubbed` with the source's suffix.
        artifacts: Where run folders lie.
        name: The run folder's name; by default the source's, with the target language unless it
            is Russian.
        translation: A translation to speak (SRT, VTT or text) instead of the engine's.
        overwrite: Whether an output, or a run made from another file, may be replaced.
        listen: Gets every event.

    Raises:
        InputError: Something that was given cannot be used; nothing is left behind.
        DubbingError: The run failed; the same call goes on where it was.
    """
    run = prepare(
        source,
        config=config or DubbingConfig(),
        output=output,
        artifacts=artifacts,
        name=name,
        translation=translation,
        overwrite=overwrite,
    )
    run_steps(run, list(STEPS), listen)
    return run


def edit(run: Run, segment_id: int, text: str, *, listen: Listener = ignore) -> Scorecard:
    """Replaces a segment's translation, speaks just that again and renews the finished file.

    Raises:
        InputError: There is no such segment, or the text is empty.
    """
    translation_step.edit(run, segment_id, text)
    run_steps(run, ["speak", "assemble", "evaluate"], listen)
    return run.read(run.quality, Scorecard)


def run_steps(run: Run, stages: list[Stage], listen: Listener = ignore) -> None:
    """Runs some stages of a prepared run, in the order given.

    Raises:
        RunError: A stage before them has not been run yet.
    """
    job = Job(run, listen)
    try:
        for stage in stages:
            STEPS[stage](job)
    finally:
        if (run.root / "manifest.json").exists():
            run.save()


def prepare(
    source: Path,
    *,
    config: DubbingConfig,
    output: Path | None,
    artifacts: Path,
    name: str | None,
    translation: Path | None,
    overwrite: bool,
) -> Run:
    """Checks everything that can be checked before work starts; writes nothing.

    Raises:
        InputError: See `dub`.
    """
    engines = choose_engines(config)
    info = probe(source)
    name = check_name(name or _default_name(source, config))
    root = artifacts / name
    output = output or OUTPUTS / f"{name}_dubbed{_output_suffix(source, info)}"
    check_output_name(output, info)
    _check_languages(config, engines, translation, info)
    known = _known_run(root, source, overwrite)
    _check_output(output, source, root, known, overwrite)
    _check_space(artifacts, info)
    return Run(
        root,
        Manifest(
            name=name,
            source=_source_record(source, root, info),
            config=config,
            engines=engines,
            packages=_packages(engines),
            translation=_relative(translation, root) if translation else None,
            output=_relative(output, root),
            stages={},
            artifacts=known.artifacts if known else {},
        ),
    )


def _default_name(source: Path, config: DubbingConfig) -> str:
    return source.stem if config.target == "ru" else f"{source.stem}_{config.target}"


def _output_suffix(source: Path, info: MediaInfo) -> str:
    if not info.has_video:
        return source.suffix.lower()
    return ".mkv" if source.suffix.lower() == ".mkv" else ".mp4"


def _check_languages(
    config: DubbingConfig, engines: EngineChoice, translation: Path | None, info: MediaInfo
) -> None:
    heard = engine_info(engines.transcriber).languages
    if heard and config.source not in heard:
        raise UnsupportedLanguageError(
            engines.transcriber,
            config.source,
            f"{engines.transcriber} understands {', '.join(heard)}, not {config.source!r}",
        )
    if translation is not None:
        check_fits(read_translation(translation), info.duration_s, translation)
    else:
        translator = cast(Translator, load_engine(engines.translator))
        translator.check_pair(config.source, config.target)


def _known_run(root: Path, source: Path, overwrite: bool) -> Manifest | None:
    """The manifest of a run that is there already and may be continued."""
    if not root.exists():
        return None
    if not (root / "manifest.json").is_file():
        if any(root.iterdir()) and not overwrite:
            raise RunError(f"{root} is there and is no run; choose another --name, or --overwrite")
        return None
    remove_partial_files(root)
    manifest = open_run(root).manifest
    if manifest.source.sha256 == sha256_file(source):
        return manifest
    if not overwrite:
        raise RunError(f"{root} was made from another file; choose another --name, or --overwrite")
    return None


def _check_output(
    output: Path, source: Path, root: Path, known: Manifest | None, overwrite: bool
) -> None:
    if output.exists() and output.samefile(source):
        raise InputError(f"{output} is the file to dub; choose another output with -o")
    own = known is not None and known.output == _relative(output, root)
    if output.exists() and not own and not overwrite:
        raise OutputExistsError(f"{output} exists; choose another with -o, or add --overwrite")


def _check_space(artifacts: Path, info: MediaInfo) -> None:
    folder = artifacts.absolute()
    while not folder.exists():
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, int(info.duration_s * BYTES_PER_S)
    if free < needed:
        raise InputError(
            f"{folder} has {free / 1e6:.0f} MB free and this dub needs about {needed / 1e6:.0f} MB; "
            "free some space, or choose another disk with --artifacts"
        )


def _source_record(source: Path, root: Path, info: MediaInfo) -> SourceRecord:
    return SourceRecord(
        path=_relative(source, root),
        sha256=sha256_file(source),
        duration_s=round(info.duration_s, 3),
        has_video=info.has_video,
    )


def _packages(engines: EngineChoice) -> dict[str, str]:
    versions: dict[str, str] = {}
    for name in engines.model_dump().values():
        versions |= package_versions(engine_info(name))
    return versions


def _relative(path: Path, root: Path) -> str:
    """The path as seen from the run folder, so that both can be moved together."""
    return Path(os.path.relpath(path.absolute(), root.absolute())).as_posix()
