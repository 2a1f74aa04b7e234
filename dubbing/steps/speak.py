"""translations/ + voices/ → speech/: every text, spoken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dubbing.errors import EngineError
from dubbing.events import Notice
from dubbing.flow import Worker
from dubbing.media.audio import write_wav
from dubbing.runs.manifest import SpeechClipDoc
from dubbing.runs.store import Run
from dubbing.stages.speak import trimmed
from dubbing.steps.items import Line, Spoken
from dubbing.steps.job import Job
from dubbing.steps.voices import PreparedVoices
from dubbing.types import Segment, Speech

BATCH = 16  # texts given to a synthesizer at once: it may speak them in parallel
_SUFFIXES = ("wav", "json")


def speaker(job: Job, voices: PreparedVoices) -> Worker[Line, Spoken]:
    """Speaks every line in its speaker's voice, at its pace; what was spoken before is kept."""
    run, tally = job.run, job.tally("speak")

    def work(lines: Sequence[Line]) -> list[Spoken]:
        read = [line for line in lines if line.read]
        stale = [line for line in read if not _is_fresh(run, line)]
        tally.kept += len(read) - len(stale)
        stale.sort(key=_said_together)
        for (name, pace), together in groupby(stale, key=_said_together):
            same = list(together)
            texts, language = [line.read for line in same], run.manifest.config.target
            engine = job.synthesizer(len(texts))
            clips = engine.synthesize(texts, voices.get(name), language=language, speed=pace)
            for line, clip in zip(same, clips, strict=True):
                _put(job, line, clip)
                tally.made += 1
        return [_spoken(run, line) for line in lines]

    return Worker(
        name="speak",
        work=work,
        batch=BATCH,
        first=1,
        queue=BATCH,
        fatal=job.fatal,
        ended=lambda: job.release(run.manifest.engines.synthesizer),
    )


def tidy(job: Job, segments: Sequence[Segment], spoken: Sequence[Spoken]) -> None:
    """Deletes clips and voices that nobody speaks with any more."""
    run = job.run
    clips = [one.segment.id for one in spoken if one.clip is not None]
    run.forget_others("speech", {run.speech_clip(i, x) for i in clips for x in _SUFFIXES})
    names = {segment.speaker for segment in segments}
    keep = {run.voice(name, x) for name in names for x in _SUFFIXES}
    keep |= {run.pace(name) for name in names}
    run.forget_others("voices", keep)


def _said_together(line: Line) -> tuple[str, float]:
    return line.heard.segment.speaker, line.pace


def _put(job: Job, line: Line, clip: Speech) -> None:
    segment_id = line.heard.segment.id
    try:
        speech = trimmed(clip)
    except ValueError as error:
        name = job.run.manifest.engines.synthesizer
        message = f"{name} spoke nothing for segment {segment_id}; edit its text, then run again"
        raise EngineError(name, message, segment_id) from error
    job.run.put(
        job.run.speech_clip(segment_id),
        line.made_from,
        lambda path: write_wav(path, speech.samples, speech.sample_rate_hz),
    )
    document = SpeechClipDoc(read=line.read, warning=clip.warning)
    job.run.put_document(job.run.speech_clip(segment_id, "json"), line.made_from, document)
    if clip.warning:
        job.listen(Notice(message=f"segment {segment_id}: {clip.warning}"))


def _is_fresh(run: Run, line: Line) -> bool:
    number = line.heard.segment.id
    return all(run.is_fresh(run.speech_clip(number, x), line.made_from) for x in _SUFFIXES)


def _spoken(run: Run, line: Line) -> Spoken:
    return Spoken(
        segment=line.heard.segment,
        transcript=line.heard.transcript,
        translation=line.translation,
        clip=run.path(run.speech_clip(line.heard.segment.id)) if line.read else None,
    )
