"""recognition/, speech.json, turns.json → segments.json, chunks/, transcriptions/.

Who says what, and what the speakers are called, may be corrected in segments.json; what is said, in
transcriptions/.
"""

from __future__ import annotations

from collections.abc import Sequence

from dubbing.errors import NoSpeechError
from dubbing.events import Notice
from dubbing.flow import Failed, Gather
from dubbing.runs.manifest import SpeechDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.stages.speakers import with_voices
from dubbing.stages.transcribe import bounds, recut
from dubbing.steps.chunks import ChunkWriter, is_chunk
from dubbing.steps.documents import (
    read_diarization,
    read_segments,
    read_transcript,
    segments_doc,
    to_span,
    transcript_doc,
)
from dubbing.steps.items import Heard, Recognised, Stretch
from dubbing.steps.job import Job
from dubbing.steps.speakers import adopt_edit, describe
from dubbing.steps.transcript_edit import is_edited
from dubbing.types import Segment, Span, Transcript

ALGORITHM = 4  # raised when the same words would give other segments


def cutter(job: Job, stretches: Sequence[Stretch]) -> Gather[Recognised | Failed, Heard]:
    """Cuts each stretch into segments as soon as it is recognised.

    A stretch that could not be recognised has no words: its sound stays as it is.
    """
    return Gather(
        name="cut",
        start=lambda: _Cutter(job, stretches),
        takes_failed=True,
        fatal=(Exception,),
    )


def cut_before(job: Job, stretches: Sequence[Stretch]) -> list[Heard] | None:
    """The segments of an earlier run, with a person's corrections; None where they are stale."""
    run = job.run
    adopt_edit(run)
    known = all(run.recognition(s.number) in run.manifest.artifacts for s in stretches)
    if not known or not run.is_fresh(run.segments, _made_from(job, stretches)):
        return None
    segments = read_segments(run)
    if not all(is_chunk(run, s) and _is_whole(run, s) for s in segments):
        return None
    return [Heard(segment=s, transcript=read_transcript(run, s.id)) for s in segments]


class _Cutter:
    """See `Gatherer`."""

    def __init__(self, job: Job, stretches: Sequence[Stretch]) -> None:
        speech = job.run.read(job.run.speech, SpeechDoc)
        told_apart = read_diarization(job.run)
        self._job = job
        self._stretches = stretches
        self._speech = [to_span(span) for span in speech.speech]
        self._diarization = told_apart and with_voices(told_apart)
        self._bounds = bounds([s.span for s in stretches], job.source_info.duration_s)
        self._chunks = ChunkWriter(job)
        self._taken = 0
        self._segments: list[Segment] = []
        self._errors: list[Exception] = []

    def take(self, item: Recognised | Failed) -> list[Heard]:
        """The stretch's segments."""
        stretch, within = self._stretches[self._taken], self._bounds[self._taken]
        heard: list[Heard] = []
        if isinstance(item, Failed):
            self._errors.append(item.error)
        else:
            heard = self._cut(stretch, within, item.transcript)
        self._taken += 1
        self._segments += [one.segment for one in heard]
        return heard

    def _cut(self, stretch: Stretch, within: Span, said: Transcript) -> list[Heard]:
        run, first_id = self._job.run, len(self._segments) + 1
        made_from = _made_from(self._job, [stretch])
        found = recut(self._speech, said, within, self._diarization, first_id)
        self._chunks.write([segment for segment, _ in found])
        heard = []
        for segment, transcript in found:
            if not is_edited(run, segment):
                document, text = run.transcription(segment.id), run.transcription(segment.id, "txt")
                run.put_document(document, made_from, transcript_doc(transcript))
                run.put_bytes(text, made_from, f"{transcript.text}\n".encode())
            heard.append(Heard(segment=segment, transcript=read_transcript(run, segment.id)))
        return heard

    def flush(self) -> list[Heard]:
        """Nothing more; what belongs to all segments is written."""
        if not self._segments and self._errors:
            raise self._errors[0]
        if not self._segments:
            why = "no word was understood in it, so there is nothing to dub"
            raise NoSpeechError(self._job.source, why)
        run = self._job.run
        numbers = [segment.id for segment in self._segments]
        run.forget_others("recognition", {run.recognition(s.number) for s in self._stretches})
        run.forget_others("chunks", {run.chunk(number) for number in numbers})
        texts = {run.transcription(number, x) for number in numbers for x in ("json", "txt")}
        run.forget_others("transcriptions", texts)
        run.forget(run.segments)
        document = segments_doc(self._segments, describe(self._job, self._segments))
        run.put_document(run.segments, _made_from(self._job, self._stretches), document)
        for segment in self._segments:
            if segment.overlapped:
                told = f"segment {segment.id}: two speak at once, and only one of them is dubbed"
                self._job.listen(Notice(message=told))
        return []


def _made_from(job: Job, stretches: Sequence[Stretch]) -> str:
    """The fingerprint of segments that were cut of these stretches' words; a stretch that could
    not be recognised has none.
    """
    run = job.run
    heard = [run.sha256(run.turns)] if run.manifest.engines.diarizer is not None else []
    names = [run.recognition(stretch.number) for stretch in stretches]
    said = [run.sha256(name) for name in names if name in run.manifest.artifacts]
    return fingerprint("segments", ALGORITHM, run.sha256(run.speech), heard, said)


def _is_whole(run: Run, segment: Segment) -> bool:
    """Whether a segment's transcript is on disk as it was written."""
    return all(run.is_whole(run.transcription(segment.id, suffix)) for suffix in ("json", "txt"))
