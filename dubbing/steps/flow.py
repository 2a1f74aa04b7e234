"""Segments that flow: while the first is spoken, later ones are still recognised.

    stretches → transcribe → cut → sentences → translate → voices → speak → segments

Any run of neighbouring stages can work alone: what comes before is then read from the run folder.
What is fresh passes through untouched, so the result does not depend on who made it when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, cast

from dubbing.events import (
    FLOWING,
    Event,
    ItemDone,
    Listener,
    ResultReady,
    Stage,
    StageFinished,
    StageStarted,
)
from dubbing.flow import Cancel, Failed, Gather, Worker, run
from dubbing.flow.cancel import working_for
from dubbing.runs.manifest import TranslationDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.steps import speak, translate
from dubbing.steps.cut import cut_before, cutter
from dubbing.steps.documents import check_joins, read_one, read_segments, read_transcript
from dubbing.steps.items import Group, Heard, Line, Spoken, Stretch, Translated
from dubbing.steps.job import Job
from dubbing.steps.language import check_language
from dubbing.steps.read import put_readings
from dubbing.steps.transcribe import WithSound, is_recognised, recogniser, wanted
from dubbing.steps.transcript_edit import adopt_by_hand
from dubbing.steps.translate import grouper, translator
from dubbing.steps.voices import PreparedVoices, chooser
from dubbing.types import Segment

_Stages = list[Worker[Any, Any] | Gather[Any, Any]]


def flow(
    job: Job, stages: Sequence[Stage] = FLOWING, cancel: Cancel | None = None
) -> Generator[Spoken, None, None]:
    """Runs neighbouring stages at the same time.

    Args:
        job: Of a run whose speech is detected.
        stages: Of `FLOWING`, one or more neighbours.
        cancel: Stops it.

    Yields:
        Segments as soon as they are spoken, those of each speaker in order; nothing where the last
        stage is not "speak".

    Raises:
        CancelledError: `cancel` was set; the run can be continued.
        OtherLanguageError: Another language is spoken than the run's.
        DubbingError: No segment at all could be made.
    """
    meter = _Meter(job.listen, stages)
    voices = PreparedVoices(job)
    with working_for(cancel or Cancel()):
        items, chain = _chain(job, stages, voices)
    spoken: list[Spoken] = []
    failed: list[Failed] = []
    with closing(run(items, chain, cancel=cancel, listen=meter.hear)) as results:
        for result in results:
            if isinstance(result, Failed):
                failed.append(result)
            elif isinstance(result, Spoken):
                spoken.append(result)
                yield result
    segments = read_segments(job.run)
    _note_failed(job, failed, spoken, segments, stages)
    if "translate" in stages:
        translate.tidy(job, segments)
    if "speak" in stages:
        speak.tidy(job, segments, spoken)
    job.note_flow(meter.busy_s, meter.first_s if job.tally("speak").made else None)


def run_flow(job: Job, stages: Sequence[Stage], cancel: Cancel | None = None) -> None:
    """The same to its end."""
    for _ in flow(job, stages, cancel):
        pass


def _chain(
    job: Job, stages: Sequence[Stage], voices: PreparedVoices
) -> tuple[Iterable[Any], _Stages]:
    """What flows in, and through which stages."""
    chain: _Stages = []
    items: Iterable[Any]
    if stages[0] == "transcribe":
        items, before = _from_sound(job)
        chain += before
    else:
        items = _heard(job)
    if "translate" in stages:
        chain += [grouper(job), translator(job)]
    elif "speak" in stages:
        items = _translated(job)
    if "speak" in stages:
        chain += [chooser(job, voices), speak.speaker(job, voices)]
    return items, chain


def _from_sound(job: Job) -> tuple[Iterable[Stretch] | Sequence[Heard], _Stages]:
    """Stretches to be recognised and cut; or, where nothing is stale, the segments at once."""
    if job.run.path(job.run.segments).is_file():
        adopt_by_hand(job.run)  # before anything is cut again: it outlives that
    stretches = wanted(job)
    if all(is_recognised(job, stretch) for stretch in stretches):
        job.tally("transcribe").kept = len(stretches)
        if (heard := cut_before(job, stretches)) is not None:
            return heard, []
        job.tally("transcribe").kept = 0
    else:
        check_language(job, stretches)
    return WithSound(job, stretches), [recogniser(job), cutter(job, stretches)]


def _heard(job: Job) -> list[Heard]:
    """The run's segments as an earlier command left them.

    Raises:
        RunError: There are none yet.
    """
    adopt_by_hand(job.run)
    return [
        Heard(segment=segment, transcript=read_transcript(job.run, segment.id))
        for segment in read_segments(job.run)
    ]


def _translated(job: Job) -> Iterator[Translated]:
    """The same with their translations: each segment with those that are spoken with it.

    Raises:
        RunError: They are not translated yet.
    """
    heard = _heard(job)
    put_readings(job, [one.segment.id for one in heard])
    job.release(job.run.manifest.engines.accentor)
    translations = [read_one(job.run, one.segment.id) for one in heard]
    ids = [one.segment.id for one in heard]
    check_joins(job.run, ids, [translation.joined_to for translation in translations])
    heads = [i for i, one in enumerate(translations) if one.joined_to is None]
    for first, last in zip(heads, [*heads[1:], len(heard)], strict=True):
        yield Translated(
            heard=tuple(heard[first:last]), translations=tuple(translations[first:last])
        )


# ---- what fails


def _note_failed(
    job: Job,
    failed: Sequence[Failed],
    spoken: Sequence[Spoken],
    segments: Sequence[Segment],
    stages: Sequence[Stage],
) -> None:
    """Leaves what could not be made out of the dub, and says so in the manifest, beside what other
    stages failed at before.

    Raises:
        Exception: No segment at all could be made: the first one's own error.
    """
    why = _failed_before(job.run, stages)
    numbers: set[int] = set()
    for failure in failed:
        told = f"{failure.stage}: {failure.error}"
        if isinstance(failure.item, Stretch):
            why[f"stretch {failure.item.number}"] = told
        for number in _numbers(failure.item):
            why[f"segment {number}"] = told
            numbers.add(number)
            if failure.stage == "translate":
                _put_untranslated(job, number, told)
            if failure.stage == "speak":
                job.run.forget(*(job.run.speech_clip(number, x) for x in ("wav", "json")))
    numbers |= {one.segment.id for one in spoken if one.translation.joined_to in numbers}
    if len(numbers) == len(segments):
        raise next(f.error for f in failed if _numbers(f.item))
    job.run.note_failed(why)


def _failed_before(run: Run, stages: Sequence[Stage]) -> dict[str, str]:
    """What other stages could not make in earlier runs, but for translations that are there now."""
    found = {}
    for what, told in run.manifest.failed.items():
        stage, (kind, _, number) = told.partition(":")[0], what.partition(" ")
        mended = stage == "translate" and kind == "segment" and _has_words(run, int(number))
        if stage not in stages and not mended:
            found[what] = told
    return found


def _has_words(run: Run, segment_id: int) -> bool:
    known = run.is_whole(run.translation(segment_id))
    return known and bool(read_one(run, segment_id).text)


def _numbers(item: object) -> list[int]:
    """The segments that an item stands for."""
    match item:
        case Group(heard=heard):
            return [one.segment.id for one in heard]
        case Line(heard=one):
            return [one.segment.id]
        case _:
            return []


def _put_untranslated(job: Job, number: int, why: str) -> None:
    document = TranslationDoc(text="", source="engine", faults=[why])
    job.run.put_document(job.run.translation(number), fingerprint("failed", why), document)
    job.run.put_bytes(job.run.translation(number, "txt"), fingerprint("failed", why), b"\n")


# ---- what is told


_PART_OF: dict[str, Stage] = {"cut": "transcribe", "sentences": "translate", "voices": "speak"}


class _Meter:
    """Passes on what concerns a stage that people know, and remembers how long each worked.

    Attributes:
        busy_s: Stage → seconds at work, those of the gathering before it among them.
        first_s: When the first result was ready; None before.
    """

    def __init__(self, listen: Listener, stages: Sequence[Stage]) -> None:
        self._listen = listen
        self.busy_s: dict[Stage, float] = defaultdict(float, dict.fromkeys(stages, 0.0))
        self.first_s: float | None = None

    def hear(self, event: Event) -> None:
        """Takes an event of the flow."""
        match event:
            case StageFinished(stage=stage, busy_s=busy_s):
                self.busy_s[_PART_OF.get(stage, cast(Stage, stage))] += busy_s or 0.0
            case StageStarted(stage=stage) | ItemDone(stage=stage) if stage in _PART_OF:
                pass
            case ResultReady(after_s=after_s, failed=False):
                self.first_s = self.first_s or after_s
                self._listen(event)
            case _:
                self._listen(event)
