"""Where a clip pauses, and which of its phrases belong to which stretch of the original's speech.

A speaker pauses inside a sentence, and a viewer sees it. A dub that pauses with them is heard as
theirs, so a clip is not laid down whole: its phrases start where the original's islands of speech
start, as far as their lengths allow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from dubbing.text.phrasing import Pause
from dubbing.types import Segment, Span, Speech

FRAME_S = 0.01
QUIET_DB = -35.0  # under the clip's loud frames (their 95th percentile): a pause
PAUSE_S = 0.06  # shorter is no pause, even at a mark
SEEN_S = 0.2  # a shorter pause of the original is not seen
SHORTEST_S = 0.25  # a phrase; less stays with its neighbour

OVERFLOW_WEIGHT = 4.0  # a second too long is worse than a second in silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What is spoken as one, and when the original spoke.

    Attributes:
        segment: Its first segment's number; its span reaches over all segments that are joined.
        islands: The original's speech inside the span, ordered, disjoint; at least one.
        phrases: The stretches of sound in the clip, on the clip's own clock, ordered; empty where
            there is nothing to speak.
    """

    segment: Segment
    islands: tuple[Span, ...]
    phrases: tuple[Span, ...]

    @property
    def sound_s(self) -> float:
        """How long the clip sounds, its pauses left out."""
        return sum(phrase.duration_s for phrase in self.phrases)

    @property
    def speech_s(self) -> float:
        """How long the original speaks."""
        return sum(island.duration_s for island in self.islands)


def islands(segment: Segment, speech: Sequence[Span]) -> tuple[Span, ...]:
    """The detected speech inside a segment; the whole of it where none was detected.

    Args:
        segment: Whose.
        speech: Of the whole talk, ordered, disjoint.
    """
    span = segment.span
    inside = [
        Span(start_s=max(s.start_s, span.start_s), end_s=min(s.end_s, span.end_s))
        for s in speech
        if s.overlap_s(span) > FRAME_S
    ]
    return tuple(inside) or (span,)


def pauses(islands: Sequence[Span]) -> list[Pause]:
    """The pauses between islands of speech."""
    ends = list(accumulate(island.duration_s for island in islands))
    return [
        Pause(share=said_s / ends[-1], length_s=after.start_s - before.end_s)
        for said_s, (before, after) in zip(ends, pairwise(islands), strict=False)
        if after.start_s - before.end_s >= SEEN_S
    ]


def phrases(speech: Speech, most: int) -> tuple[Span, ...]:
    """The stretches of sound in a clip between its longest pauses; never empty.

    Together with the pauses they make up the whole clip: nothing but quiet is between them.

    Args:
        speech: The clip.
        most: How many phrases its text has, ≥ 1: a quiet moment inside a phrase is a consonant.
    """
    length_s = speech.duration_s
    starts, ends = _quiet(speech)
    inner = (starts > SHORTEST_S) & (ends < length_s - SHORTEST_S)
    found: list[tuple[float, float]] = []
    for index in np.argsort(starts - ends, kind="stable"):  # the longest first
        start_s, end_s = float(starts[index]), float(ends[index])
        if len(found) + 1 >= most or end_s - start_s < PAUSE_S:
            break
        if inner[index] and all(
            start_s - b >= SHORTEST_S or a - end_s >= SHORTEST_S for a, b in found
        ):
            found.append((start_s, end_s))
    edges = [0.0, *(edge for pause in sorted(found) for edge in pause), length_s]
    return tuple(Span(start_s=a, end_s=b) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _quiet(speech: Speech) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where quiet moments start and end in a clip, seconds, shape (moments,) each."""
    frame = max(1, round(FRAME_S * speech.sample_rate_hz))
    whole = len(speech.samples) // frame * frame
    if not whole:
        return np.zeros(0), np.zeros(0)
    power = np.square(speech.samples[:whole].reshape(-1, frame)).mean(axis=1)
    levels_db = 10 * np.log10(power + 1e-12)
    quiet = levels_db < np.percentile(levels_db, 95) + QUIET_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    moments = edges.reshape(-1, 2).astype(np.float64) * (frame / speech.sample_rate_hz)
    return moments[:, 0], moments[:, 1]


def anchors(utterance: Utterance, slowness: float, slot_end_s: float) -> dict[int, float]:
    """Phrase → the media time at which it should start; the others follow the one before them.

    The phrases are taken in blocks, each of which starts with an island and covers one or more of
    them. Of all ways to do so the one is taken with the least time in which only one of the two
    speaks, found by dynamic programming.

    Args:
        utterance: With at least one phrase.
        slowness: How much longer than in the clip its phrases are heard.
        slot_end_s: Where the last block must be over.
    """
    ends = list(accumulate((p.duration_s * slowness for p in utterance.phrases), initial=0.0))
    talk = _SpokenTime(utterance.islands)
    starts = [island.start_s for island in utterance.islands]
    phrases_n, islands_n = len(utterance.phrases), len(starts)
    best: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {(0, 0): (0.0, ())}
    for phrase in range(phrases_n):
        for island in range(islands_n):
            if (phrase, island) not in best:
                continue
            cost, blocks = best[phrase, island]
            for phrase_end in range(phrase + 1, phrases_n + 1):
                last = phrase_end == phrases_n
                for island_end in (islands_n,) if last else range(island + 1, islands_n):
                    until_s = slot_end_s if last else starts[island_end]
                    length_s = ends[phrase_end] - ends[phrase]
                    over_s = utterance.islands[island_end - 1].end_s
                    total = cost + talk.mismatch_s(starts[island], length_s, until_s, over_s)
                    known = best.get((phrase_end, island_end))
                    if known is None or total < known[0]:
                        best[phrase_end, island_end] = (total, (*blocks, (phrase, island)))
    return {phrase: starts[island] for phrase, island in best[phrases_n, islands_n][1]}


class _SpokenTime:
    """How long the original has spoken by a moment."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = [span.start_s for span in spans]
        self._lengths = [span.duration_s for span in spans]
        self._before = list(accumulate(self._lengths, initial=0.0))

    def by(self, time_s: float) -> float:
        """Seconds of speech before `time_s`."""
        index = bisect_right(self._starts, time_s) - 1
        if index < 0:
            return 0.0
        return self._before[index] + min(time_s - self._starts[index], self._lengths[index])

    def mismatch_s(self, start_s: float, length_s: float, until_s: float, over_s: float) -> float:
        """Seconds in which only one speaks when a block of `length_s` starts at `start_s` and
        stands for the speech up to `over_s`; what runs beyond `until_s` weighs more.
        """
        spoken_s = self.by(over_s) - self.by(start_s)
        common_s = self.by(min(start_s + length_s, over_s)) - self.by(start_s)
        overflow_s = max(0.0, start_s + length_s - until_s)
        return length_s + spoken_s - 2 * common_s + OVERFLOW_WEIGHT * overflow_s
