"""Recognised words made into segments: cut where a sentence ends in a pause, joined where one goes
on.

Recognisers time words to about 0.1 s, a speech detector to 0.03 s. So words decide *at which*
pause to cut, and the detected pause decides *when*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dubbing.stages.segment import cut_at_pauses, pad
from dubbing.types import Segment, Span, Transcript, Word

SENTENCE_PAUSE_S = 0.15  # shorter: the next sentence runs on, and so does the dub
BREAK_PAUSE_S = 1.2  # a pause that a listener notices, whatever the grammar
MIN_SEGMENT_S = 0.8  # a shorter one joins its neighbour across a small pause

_SENTENCE_END = (".", "?", "!", "…", '."', '?"', '!"', ".”", "?”", "!”")
_NOT_AN_END = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.", "vs.", "e.g.", "i.e.", "U.S.", "No.")


def on_media_clock(transcript: Transcript, stretch: Span) -> Transcript:
    """The transcript of a stretch with its words on the media's clock."""
    words = (
        replace(word, start_s=word.start_s + stretch.start_s, end_s=word.end_s + stretch.start_s)
        for word in transcript.words
    )
    return Transcript(words=tuple(words))


def recut(
    speech: Sequence[Span], transcripts: Sequence[Transcript], end_s: float
) -> list[tuple[Segment, Transcript]]:
    """Segments with their words, in order, not overlapping, each ≤ 15 s and inside the media.

    Args:
        speech: Detected speech, ordered, as `segment.speech_spans` gives it.
        transcripts: Everything recognised, words on the media's clock.
        end_s: The media's length.

    Returns:
        Every recognised word is in exactly one segment. Speech without a recognised word (a laugh,
        applause taken for speech) is in none: its sound stays as it is.
    """
    words = [word for transcript in transcripts for word in transcript.words]
    spoken = [(span, said) for span, said in _assign(words, speech) if said]
    if not spoken:
        return []
    groups = [[spoken[0]]]
    for current in spoken[1:]:
        if _breaks(groups[-1], current):
            groups.append([current])
        else:
            groups[-1].append(current)
    groups = [part for whole in groups for part in cut_at_pauses(whole, lambda item: item[0])]
    spans = pad([Span(start_s=g[0][0].start_s, end_s=g[-1][0].end_s) for g in groups], end_s)
    return [
        (Segment(id=i, span=span), Transcript(words=tuple(w for _, said in g for w in said)))
        for i, (span, g) in enumerate(zip(spans, groups, strict=True), start=1)
    ]


_Spoken = tuple[Span, list[Word]]


def _assign(words: Sequence[Word], speech: Sequence[Span]) -> list[_Spoken]:
    """Each word to the span that holds its middle, else to the nearest one; order of words is
    kept.
    """
    said: list[_Spoken] = [(span, []) for span in speech]
    first = 0  # words are in order, so none goes before the previous one's span
    for word in words:
        middle = (word.start_s + word.end_s) / 2
        distances = [max(s.start_s - middle, middle - s.end_s, 0.0) for s in speech[first:]]
        first += distances.index(min(distances))
        said[first][1].append(word)
    return said


def _breaks(group: Sequence[_Spoken], following: _Spoken) -> bool:
    (last, said), (span, _) = group[-1], following
    pause_s = span.start_s - last.end_s
    if pause_s >= BREAK_PAUSE_S:
        return True
    long_enough = last.end_s - group[0][0].start_s >= MIN_SEGMENT_S
    return ends_sentence(said[-1].text) and pause_s >= SENTENCE_PAUSE_S and long_enough


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with this word."""
    return word.endswith(_SENTENCE_END) and not word.endswith(_NOT_AN_END)
