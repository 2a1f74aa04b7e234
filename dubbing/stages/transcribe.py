"""Recognised words made into segments: cut where a sentence ends in a pause, joined where one goes
on.

Recognisers time words to about 0.1 s, a speech detector to 0.03 s. So words decide *at which*
pause to cut, and the detected pause decides *when*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dubbing.stages.segment import cut_at_pauses, pad
from dubbing.stages.speakers import APART_S, changes_s, is_overlapped, speakers_of
from dubbing.text.sentences import ends_sentence
from dubbing.types import Diarization, Segment, Span, Transcript, Word

SENTENCE_PAUSE_S = 0.15  # shorter: the next sentence runs on, and so does the dub
BREAK_PAUSE_S = 1.2  # a pause that a listener notices, whatever the grammar
MIN_SEGMENT_S = 0.8  # a shorter one joins its neighbour across a small pause


def on_media_clock(transcript: Transcript, stretch: Span) -> Transcript:
    """The transcript of a stretch with its words on the media's clock."""
    words = (
        replace(word, start_s=word.start_s + stretch.start_s, end_s=word.end_s + stretch.start_s)
        for word in transcript.words
    )
    return Transcript(words=tuple(words))


def bounds(stretches: Sequence[Span], end_s: float) -> list[Span]:
    """How far the segments of each stretch may reach: to the middle of the pause on either side.

    Args:
        stretches: As `segment.stretches` gives them.
        end_s: The media's length.
    """
    edges = [(a.end_s + b.start_s) / 2 for a, b in pairwise(stretches)]
    return [
        Span(start_s=from_s, end_s=to_s)
        for from_s, to_s in zip([0.0, *edges], [*edges, end_s], strict=True)
    ]


def recut(
    speech: Sequence[Span],
    transcript: Transcript,
    within: Span,
    diarization: Diarization | None = None,
    first_id: int = 1,
) -> list[tuple[Segment, Transcript]]:
    """A stretch's segments with their words, in order, not overlapping, each ≤ 15 s and of one
    speaker. They depend on nothing outside of it, so that none has to wait for the whole talk.

    Args:
        speech: Detected speech, ordered, as `segment.speech_spans` gives it.
        transcript: What was recognised in the stretch, words on the media's clock.
        within: No segment reaches beyond; speech beyond is not looked at. See `bounds`.
        diarization: Who speaks when, as `speakers.with_voices` gives it; None: one person speaks.
        first_id: The first segment's number.

    Returns:
        Every recognised word is in exactly one segment. Speech without a recognised word (a laugh,
        applause taken for speech) is in none: its sound stays as it is.
    """
    spoken = _spoken(transcript.words, speech, within, diarization)
    if not spoken:
        return []
    groups = [[spoken[0]]]
    for current in spoken[1:]:
        if _breaks(groups[-1], current):
            groups.append([current])
        else:
            groups[-1].append(current)
    groups = [part for whole in groups for part in cut_at_pauses(whole, lambda item: item.span)]
    spans = pad([Span(start_s=g[0].span.start_s, end_s=g[-1].span.end_s) for g in groups], within)
    return [
        (
            Segment(
                id=number,
                span=span,
                speaker=together[0].speaker,
                overlapped=is_overlapped(span, diarization),
            ),
            Transcript(words=tuple(word for part in together for word in part.words)),
        )
        for number, (span, together) in enumerate(zip(spans, groups, strict=True), start=first_id)
    ]


def segments_of(
    speech: Sequence[Span],
    stretches: Sequence[Span],
    transcripts: Sequence[Transcript],
    end_s: float,
    diarization: Diarization | None = None,
) -> list[tuple[Segment, Transcript]]:
    """All of a talk's segments with their words: `recut` of each of its stretches.

    Args:
        speech: Detected speech, ordered.
        stretches: What was recognised, as `segment.stretches` gives it.
        transcripts: One per stretch, words on the media's clock.
        end_s: The media's length.
        diarization: See `recut`.
    """
    found: list[tuple[Segment, Transcript]] = []
    for said, within in zip(transcripts, bounds(stretches, end_s), strict=True):
        found += recut(speech, said, within, diarization, len(found) + 1)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """A stretch of detected speech with the words that one speaker says in it."""

    span: Span
    speaker: str
    words: Sequence[Word]


def _spoken(
    words: Sequence[Word],
    speech: Sequence[Span],
    within: Span,
    diarization: Diarization | None,
) -> list[_Spoken]:
    """Speech with its words, cut where the speaker changes; speech without a word is left out."""
    if not words:
        return []
    speakers = speakers_of(words, diarization)
    changes = changes_s(words, speakers, diarization)
    firsts = [0, *(first for first, _ in changes)]
    cuts_s = [at_s for _, at_s in changes]
    found = []
    for first, last, from_s, to_s in zip(
        firsts,
        [*firsts[1:], len(words)],
        [within.start_s, *cuts_s],
        [*cuts_s, within.end_s],
        strict=True,
    ):
        own = words[first:last]
        own_speech = _within(speech, from_s, to_s) or [_around(own, from_s, to_s)]
        found += [
            _Spoken(span=span, speaker=speakers[first], words=said)
            for span, said in _assign(own, own_speech)
            if said
        ]
    return found


def _within(speech: Sequence[Span], from_s: float, to_s: float) -> list[Span]:
    """The speech between two moments, without crumbs."""
    parts = [(max(s.start_s, from_s), min(s.end_s, to_s)) for s in speech]
    return [Span(start_s=a, end_s=b) for a, b in parts if b - a >= APART_S]


def _around(words: Sequence[Word], from_s: float, to_s: float) -> Span:
    """Where the words are said to be, for a speaker who is heard only between detected speech."""
    start_s = max(min(words[0].start_s, to_s - APART_S), from_s)
    return Span(start_s=start_s, end_s=max(min(words[-1].end_s, to_s), start_s + APART_S))


def _assign(words: Sequence[Word], speech: Sequence[Span]) -> list[tuple[Span, list[Word]]]:
    """Each word to the span that holds its middle, else to the nearest one; order of words is
    kept.
    """
    said: list[tuple[Span, list[Word]]] = [(span, []) for span in speech]
    first = 0  # words are in order, so none goes before the previous one's span
    for word in words:
        middle = (word.start_s + word.end_s) / 2
        distances = [max(s.start_s - middle, middle - s.end_s, 0.0) for s in speech[first:]]
        first += distances.index(min(distances))
        said[first][1].append(word)
    return said


def _breaks(group: Sequence[_Spoken], following: _Spoken) -> bool:
    last = group[-1]
    pause_s = following.span.start_s - last.span.end_s
    if following.speaker != last.speaker or pause_s >= BREAK_PAUSE_S:
        return True
    long_enough = last.span.end_s - group[0].span.start_s >= MIN_SEGMENT_S
    return ends_sentence(last.words[-1].text) and pause_s >= SENTENCE_PAUSE_S and long_enough
