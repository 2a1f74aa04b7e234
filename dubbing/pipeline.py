"""A video through the stages into a dubbed one, every step kept in the run folder.

    media → segments → transcripts → translations → speech → timeline → video

From transcripts to speech the stages work at the same time. Each first finds out what is stale,
then makes just that: a second run calls no engine, a changed translation re-speaks one segment, a
killed run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dubbing.config import DubbingConfig, richest_profile
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import InputError
from dubbing.events import FLOWING, STAGES, Listener, Notice, Stage, ignore
from dubbing.flow import Cancel
from dubbing.flow.cancel import working_for
from dubbing.memory import give_back
from dubbing.prepare import (
    ARTIFACTS,
    check_supplied,
    check_translatable,
    prepare,
    put_names,
    why_not_translated,
)
from dubbing.quality.measure import Evidence
from dubbing.quality.report import Scorecard
from dubbing.runs.store import Run, sole_owner
from dubbing.steps import translate as translation_step
from dubbing.steps.assemble import assemble
from dubbing.steps.documents import find_segment
from dubbing.steps.evaluate import evaluate, examine
from dubbing.steps.flow import flow
from dubbing.steps.given_voices import check_voices, put_voices
from dubbing.steps.items import Spoken
from dubbing.steps.job import Job
from dubbing.steps.segment import segment
from dubbing.steps.transcript_edit import edit_transcript

STEPS: dict[Stage, Callable[[Job], object]] = {
    "segment": segment,
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
    names: Path | None = None,
    voices: Mapping[str, Path] | None = None,
    overwrite: bool = False,
    listen: Listener = ignore,
    engines: LoadedEngines | None = None,
    cancel: Cancel | None = None,
) -> Run:
    """Dubs a video or sound file; returns the finished run.

    Args:
        source: The file to dub.
        config: What to make; the default dubs into Russian with the richest profile that is
            complete here.
        output: The finished file; by default `final_video/<name>_dubbed.mp4`, `.mkv` for an MKV or
            a picture that MP4 cannot hold; for a sound file its own suffix, or `.m4a`.
        artifacts: Where run folders lie.
        name: The run folder's name; by default the source's, with the target language unless it
            is Russian.
        translation: A translation to speak (SRT, VTT or text) instead of the engine's.
        names: How names are said, for a dub into Russian: a CSV file with the columns `written` and
            `spoken`. It is copied into the run folder; by default what is there already holds.
        voices: Speaker ("speaker-1" is heard first) → a sound to speak like, instead of what is
            chosen from the video. It is copied into the run folder too.
        overwrite: Whether an output, or a run made from another file, may be replaced.
        listen: Gets every event.
        engines: Of a process that dubs one video after another; by default its own, let go of
            afterwards.
        cancel: Stops the work within two seconds when it is set, from any thread.

    Raises:
        InputError: Something that was given cannot be used; nothing is left behind.
        CancelledError: `cancel` was set; the same call goes on where it was.
        DubbingError: The run failed; the same call goes on where it was.
    """
    cancel = cancel or Cancel()
    given = Given(translation=translation, names=names, voices=voices or {})
    with working_for(cancel):
        run = _prepared(source, config, output, artifacts, name, given, overwrite, listen)
    run_steps(run, list(STAGES), listen, engines, cancel)
    return run


def dub_stream(
    source: Path,
    *,
    config: DubbingConfig | None = None,
    output: Path | None = None,
    artifacts: Path = ARTIFACTS,
    name: str | None = None,
    translation: Path | None = None,
    names: Path | None = None,
    voices: Mapping[str, Path] | None = None,
    overwrite: bool = False,
    listen: Listener = ignore,
    engines: LoadedEngines | None = None,
    cancel: Cancel | None = None,
) -> Generator[Spoken | Run, None, None]:
    """The same, giving out each segment as soon as it is spoken, while later ones are still
    recognised. Put it in `contextlib.closing` where the loop over it may end early.

    For a quick first segment say in `config` how much of a speaker is listened to (`listen_s`),
    and keep the engines loaded.

    Yields:
        Segments, those of each speaker in order; at last the finished run.

    Raises:
        InputError: As `dub`, before the first segment; and all that `dub` raises.
    """
    cancel = cancel or Cancel()
    given = Given(translation=translation, names=names, voices=voices or {})
    with working_for(cancel):
        run = _prepared(source, config, output, artifacts, name, given, overwrite, listen)
    yield from _run_steps(run, list(STAGES), listen, engines, cancel)
    yield run


class Given(NamedTuple):
    """What a person gives beside the video; see `dub`."""

    translation: Path | None
    names: Path | None
    voices: Mapping[str, Path]


def _prepared(
    source: Path,
    config: DubbingConfig | None,
    output: Path | None,
    artifacts: Path,
    name: str | None,
    given: Given,
    overwrite: bool,
    listen: Listener,
) -> Run:
    config = config or DubbingConfig()
    run = prepare(
        source,
        config=config,
        output=output,
        artifacts=artifacts,
        name=name,
        translation=given.translation,
        overwrite=overwrite,
        names=given.names,
    )
    check_translatable(run)
    check_voices(run, given.voices)
    with sole_owner(run):
        if given.names is not None:
            put_names(run, given.names)
        put_voices(run, given.voices)
    if config.profile == "auto":
        listen(Notice(message=richest_profile(config)[1]))
    return run


def edit(
    run: Run,
    segment_id: int,
    text: str | None = None,
    *,
    transcript: str | None = None,
    listen: Listener = ignore,
    engines: LoadedEngines | None = None,
) -> Scorecard:
    """Replaces a segment's translation, its transcript or both, makes again what follows from that
    alone, renews the finished file and measures it.

    Args:
        run: A finished run.
        segment_id: Which segment.
        text: What it should say; None: as it was, or as the engine translates a new transcript.
        transcript: What is said in the original; None: as it was.
        listen: Gets every event.
        engines: See `dub`.

    Raises:
        InputError: There is no such segment, a text is empty, or a new transcript cannot be
            translated here; nothing is written.
    """
    with sole_owner(run):
        _edit(run, segment_id, text, transcript, listen, engines, None, must_translate=True)
        _work(run, ["evaluate"], listen, engines)
    return run.read(run.quality, Scorecard)


def edit_unmeasured(
    run: Run,
    segment_id: int,
    text: str | None = None,
    *,
    transcript: str | None = None,
    listen: Listener = ignore,
    engines: LoadedEngines | None = None,
    cancel: Cancel | None = None,
) -> None:
    """The same without the scorecard, which "evaluate" makes. Where a new transcript cannot be
    translated here, the translation stays.

    Raises:
        InputError: As `edit`, but for that.
        CancelledError: `cancel` was set.
    """
    with sole_owner(run):
        _edit(run, segment_id, text, transcript, listen, engines, cancel, must_translate=False)


def _edit(
    run: Run,
    segment_id: int,
    text: str | None,
    transcript: str | None,
    listen: Listener,
    engines: LoadedEngines | None,
    cancel: Cancel | None,
    *,
    must_translate: bool,
) -> None:
    """What an edit is, in its order; its caller has the run for itself from before until after."""
    if any(given is not None and not given.strip() for given in (text, transcript)):
        raise InputError("a new text is empty; give the words that are to be said")
    run.reread()  # another process may have worked on it since
    check_supplied(run)
    find_segment(run, segment_id)
    lack = why_not_translated(run)
    if transcript is not None and text is None and must_translate and lack is not None:
        raise lack
    if transcript is not None:
        edit_transcript(run, segment_id, transcript)
    if text is not None:
        translation_step.edit(run, segment_id, text)
    run.forget(run.quality)  # it is about the file as it was
    translates = transcript is not None and lack is None
    stages: list[Stage] = ["translate"] if translates and run.manifest.translation is None else []
    _work(run, [*stages, "speak", "assemble"], listen, engines, cancel)


def examine_run(run: Run, listen: Listener = ignore) -> tuple[Scorecard, Evidence]:
    """Measures a finished run anew, whether it is fresh or not, for what is not on disk: speech,
    levels and voices of both tracks. Nothing is written.

    Raises:
        RunError: There is no finished file.
    """
    with sole_owner(run):
        return examine(Job(run, listen))


def run_steps(
    run: Run,
    stages: Sequence[Stage],
    listen: Listener = ignore,
    engines: LoadedEngines | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Runs some stages of a prepared run, in the order given.

    Raises:
        RunError: A stage before them has not been run yet.
        CancelledError: `cancel` was set.
    """
    with sole_owner(run):
        _work(run, stages, listen, engines, cancel)


def _run_steps(
    run: Run,
    stages: Sequence[Stage],
    listen: Listener,
    engines: LoadedEngines | None,
    cancel: Cancel,
) -> Generator[Spoken, None, None]:
    with sole_owner(run):
        yield from _flowing(run, stages, listen, engines, cancel)


def _work(
    run: Run,
    stages: Sequence[Stage],
    listen: Listener,
    engines: LoadedEngines | None,
    cancel: Cancel | None = None,
) -> None:
    """`run_steps` on a run that the caller has for itself."""
    for _ in _flowing(run, stages, listen, engines, cancel or Cancel()):
        pass


def _flowing(
    run: Run,
    stages: Sequence[Stage],
    listen: Listener,
    engines: LoadedEngines | None,
    cancel: Cancel,
) -> Generator[Spoken, None, None]:
    job = Job(run, listen, engines)
    try:
        for together in _together(job, stages):
            if together[0] in FLOWING:
                yield from flow(job, together, cancel)
            else:
                with working_for(cancel):
                    STEPS[together[0]](job)
            give_back()
    finally:
        if run.manifest.artifacts:
            run.save()


def _together(job: Job, stages: Sequence[Stage]) -> list[list[Stage]]:
    """Which stages work at the same time: those that can, when their engines fit in memory
    together.
    """
    flowing = [stage for stage in stages if stage in FLOWING]
    if not job.has_room_for(flowing):
        return [[stage] for stage in stages]
    found: list[list[Stage]] = []
    for stage in stages:
        if stage not in FLOWING:
            found.append([stage])
        elif stage == flowing[0]:
            found.append(flowing)
    return found
