"""Values to documents on disk and back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from dubbing.errors import InputError
from dubbing.runs.manifest import (
    CandidateDoc,
    MarkDoc,
    PhraseDoc,
    PlacementDoc,
    SegmentDoc,
    SegmentsDoc,
    SpanDoc,
    SpeakerDoc,
    SpeechDoc,
    TimelineDoc,
    TranscriptDoc,
    TranslationDoc,
    TurnDoc,
    TurnsDoc,
    WordDoc,
    damaged,
)
from dubbing.runs.store import Run
from dubbing.text.stress import shown
from dubbing.types import (
    Candidate,
    Diarization,
    Loss,
    MarkedText,
    Placement,
    Segment,
    Span,
    StressMark,
    Transcript,
    Translation,
    Turn,
    Word,
)

END_TOLERANCE_S = 2.0  # containers and decoders do not agree on a length to the millisecond


def span_doc(span: Span) -> SpanDoc:
    """The span to the millisecond."""
    return SpanDoc(start_s=round(span.start_s, 3), end_s=round(span.end_s, 3))


def to_span(doc: SpanDoc | SegmentDoc | TurnDoc) -> Span:
    """The span of a document."""
    return Span(start_s=doc.start_s, end_s=doc.end_s)


def transcript_doc(transcript: Transcript) -> TranscriptDoc:
    """The transcript with times to the millisecond."""
    words = [
        WordDoc(
            text=word.text,
            start_s=round(word.start_s, 3),
            end_s=round(word.end_s, 3),
            probability=round(word.probability, 3),
        )
        for word in transcript.words
    ]
    return TranscriptDoc(text=transcript.text, words=words)


def to_transcript(doc: TranscriptDoc) -> Transcript:
    """The transcript of a document."""
    return Transcript(words=tuple(Word(**word.model_dump()) for word in doc.words))


def turns_doc(diarization: Diarization) -> TurnsDoc:
    """turns.json."""
    return TurnsDoc(
        turns=[
            TurnDoc(speaker=turn.speaker, **span_doc(turn.span).model_dump())
            for turn in diarization.turns
        ],
        overlapped=[span_doc(span) for span in diarization.overlapped],
    )


def read_diarization(run: Run) -> Diarization | None:
    """Who speaks when; None where one person was said to speak.

    Raises:
        RunError: It was not looked for yet.
    """
    if run.manifest.engines.diarizer is None:
        return None
    return run.read_as(run.turns, TurnsDoc, to_diarization)


def to_diarization(doc: TurnsDoc) -> Diarization:
    """Who speaks when, of a document."""
    return Diarization(
        turns=tuple(Turn(span=to_span(turn), speaker=turn.speaker) for turn in doc.turns),
        overlapped=tuple(to_span(span) for span in doc.overlapped),
    )


def segments_doc(segments: Sequence[Segment], speakers: Sequence[SpeakerDoc] = ()) -> SegmentsDoc:
    """segments.json."""
    rows = [
        SegmentDoc(
            id=s.id, speaker=s.speaker, overlapped=s.overlapped, **span_doc(s.span).model_dump()
        )
        for s in segments
    ]
    return SegmentsDoc(segments=rows, speakers=list(speakers))


def read_segments(run: Run) -> list[Segment]:
    """The run's segments, in order.

    Raises:
        RunError: The run has none yet, or one lies behind the media's end.
    """
    segments = run.read_as(run.segments, SegmentsDoc, to_segments)
    _check_end(run, run.segments, [segment.span.end_s for segment in segments])
    return segments


def to_segments(doc: SegmentsDoc) -> list[Segment]:
    """The segments of a document."""
    return [
        Segment(id=row.id, span=to_span(row), speaker=row.speaker, overlapped=row.overlapped)
        for row in doc.segments
    ]


def _check_end(run: Run, relative: str, ends_s: Sequence[float]) -> None:
    most_s = run.manifest.source.duration_s + END_TOLERANCE_S
    if (last_s := max(ends_s, default=0.0)) > most_s:
        raise damaged(run.path(relative), f"{last_s:.1f} s is behind the media's end")


def find_segment(run: Run, segment_id: int) -> Segment:
    """The run's segment of that number.

    Raises:
        InputError: There is no such segment.
        RunError: The run has no segments yet.
    """
    by_id = {segment.id: segment for segment in read_segments(run)}
    if segment_id not in by_id:
        known = f"1 to {max(by_id)}"
        raise InputError(f"{run.name} has no segment {segment_id}; choose one from {known}")
    return by_id[segment_id]


def cut(segments: Sequence[Segment]) -> list[list[object]]:
    """What of the segments decides how they are dubbed, for fingerprints; names do not."""
    return [[s.id, span_doc(s.span).model_dump(), s.speaker] for s in segments]


def read_speech(run: Run) -> list[Span]:
    """The original's detected speech, in order.

    Raises:
        RunError: It has not been looked for yet.
    """
    return [to_span(span) for span in run.read(run.speech, SpeechDoc).speech]


def read_losses(run: Run) -> list[Loss]:
    """What the source lacks against what it declares; empty before it was read."""
    if run.speech not in run.manifest.artifacts:
        return []
    return run.read(run.speech, SpeechDoc).losses


def read_transcript(run: Run, segment_id: int) -> Transcript:
    """What was said in a segment.

    Raises:
        RunError: It is not transcribed yet.
    """
    return run.read_as(run.transcription(segment_id), TranscriptDoc, to_transcript)


def read_joins(run: Run, segments: Sequence[Segment]) -> list[int | None]:
    """For each segment the id of the one that speaks for it, None if it speaks for itself.

    Raises:
        RunError: One is not translated yet, or joined to one that does not speak for it.
    """
    joins = [read_one(run, s.id).joined_to for s in segments]
    check_joins(run, [s.id for s in segments], joins)
    return joins


def check_joins(run: Run, ids: Sequence[int], joins: Sequence[int | None]) -> None:
    """Nothing, when each segment speaks for itself, or is joined to one before it that does.

    Args:
        run: Its folder.
        ids: The segments' numbers, in order.
        joins: For each the number of the one that speaks for it, None if it speaks for itself.

    Raises:
        RunError: One is joined to another; it names the file.
    """
    heads: set[int] = set()
    for number, head in zip(ids, joins, strict=True):
        if head is None:
            heads.add(number)
        elif head not in heads:
            why = f"joined_to: segment {head} does not come before it and speak for itself"
            raise damaged(run.path(run.translation(number)), why)


def read_one(run: Run, segment_id: int) -> Translation:
    """A segment's translation.

    Raises:
        RunError: It has none yet.
    """
    return run.read_as(run.translation(segment_id), TranslationDoc, to_translation)


def translation_doc(translation: Translation) -> TranslationDoc:
    """The translation as it is written; how it is read is `steps.read`'s to add."""
    return TranslationDoc(
        text=translation.text,
        source=translation.source,
        joined_to=translation.joined_to,
        candidates=[CandidateDoc(text=c.text, score=c.score) for c in translation.candidates],
        faults=list(translation.faults),
    )


def to_translation(doc: TranslationDoc) -> Translation:
    """The translation of a document."""
    marks = tuple(StressMark(word=m.word, confidence=m.confidence, by=m.by) for m in doc.marks)
    return Translation(
        text=doc.text,
        source=doc.source,
        joined_to=doc.joined_to,
        candidates=tuple(Candidate(text=c.text, score=c.score) for c in doc.candidates),
        faults=tuple(doc.faults),
        reading=MarkedText(text=doc.read, marks=marks) if doc.read_from else None,
    )


def shown_text(run: Run, text: str) -> str:
    """A translation as people see it: stress marks that somebody put in are for the voice."""
    return shown(text) if run.manifest.config.target == "ru" else text


def words_sha256(run: Run, segment_id: int) -> str:
    """The hash of a translation's document without how it is read, which changes no subtitle.

    Raises:
        RunError: The segment is not translated yet.
    """
    document = run.read(run.translation(segment_id), TranslationDoc)
    words = document.model_dump_json(indent=1, exclude={"read", "marks", "read_from"})
    return hashlib.sha256(f"{words}\n".encode()).hexdigest()  # as in runs that have no readings


def mark_docs(reading: MarkedText) -> list[MarkDoc]:
    """The marks of a reading, for its translation's document."""
    return [MarkDoc(word=m.word, confidence=m.confidence, by=m.by) for m in reading.marks]


def placement_doc(placement: Placement, gain_db: float) -> PlacementDoc:
    """A row of timeline.json."""
    return PlacementDoc(
        segment_id=placement.segment_id,
        start_s=round(placement.start_s, 4),
        end_s=round(placement.end_s, 4),
        natural_s=round(placement.natural_s, 4),
        rate=round(placement.rate, 4),
        borrowed_s=round(placement.borrowed_s, 4),
        gain_db=round(gain_db, 2),
        phrases=[
            PhraseDoc(
                clip_start_s=round(phrase.clip.start_s, 4),
                clip_end_s=round(phrase.clip.end_s, 4),
                start_s=round(phrase.start_s, 4),
                rate=round(phrase.rate, 4),
            )
            for phrase in placement.phrases
        ],
        status=placement.status,
        reason=placement.reason,
    )


def read_timeline(run: Run) -> list[PlacementDoc]:
    """The run's placements, in order of segments.

    Raises:
        RunError: The run is not assembled yet, or one lies behind the media's end.
    """
    rows = run.read(run.timeline, TimelineDoc).placements
    _check_end(run, run.timeline, [row.end_s for row in rows])
    return rows


def read_placements(run: Run, segments: Sequence[Segment]) -> list[PlacementDoc]:
    """The placement of each segment.

    Raises:
        RunError: The run is not assembled yet, or its timeline is of other segments.
    """
    rows = read_timeline(run)
    if [row.segment_id for row in rows] != [segment.id for segment in segments]:
        raise damaged(run.path(run.timeline), f"its segments are not those of {run.segments}")
    return rows
