"""A video through the stages into a dubbed one, every step kept in the run folder.

    media → segments → transcripts → translations → speech → timeline → video

Each step first finds out what is stale, then makes just that: a second run calls no engine, a
changed translation re-speaks one segment, a killed run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dubbing.config import DubbingConfig, richest_profile
from dubbing.events import Listener, Notice, Stage, ignore
from dubbing.prepare import ARTIFACTS, check_translatable, prepare
from dubbing.quality.measure import Evidence
from dubbing.quality.report import Scorecard
from dubbing.runs.store import Run, sole_owner
from dubbing.steps import translate as translation_step
from dubbing.steps.assemble import assemble
from dubbing.steps.evaluate import evaluate, examine
from dubbing.steps.job import Job
from dubbing.steps.segment import segment
from dubbing.steps.speak import speak
from dubbing.steps.transcribe import transcribe
from dubbing.steps.translate import translate

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
    config = config or DubbingConfig()
    run = prepare(
        source,
        config=config,
        output=output,
        artifacts=artifacts,
        name=name,
        translation=translation,
        overwrite=overwrite,
    )
    check_translatable(run)
    if config.profile == "auto":
        listen(Notice(message=richest_profile(config)[1]))
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


def examine_run(run: Run, listen: Listener = ignore) -> tuple[Scorecard, Evidence]:
    """Measures a finished run anew, whether it is fresh or not, for what is not on disk: speech,
    levels and voices of both tracks. Nothing is written.

    Raises:
        RunError: There is no finished file.
    """
    with sole_owner(run):
        return examine(Job(run, listen))


def run_steps(run: Run, stages: list[Stage], listen: Listener = ignore) -> None:
    """Runs some stages of a prepared run, in the order given.

    Raises:
        RunError: A stage before them has not been run yet.
    """
    job = Job(run, listen)
    with sole_owner(run):
        try:
            for stage in stages:
                STEPS[stage](job)
        finally:
            if run.manifest.artifacts:
                run.save()
