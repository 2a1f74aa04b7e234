"""Where somebody speaks: detected speech made into stretches that a recogniser can take.

No time is known for any talk. A detector may take loud music for speech for a moment; such a hit
is told from a word by being short, far from other speech, and no louder than what surrounds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dubbing.types import Audio, Span

T = TypeVar("T")

MAX_STRETCH_S = 15.0  # recognisers lose words beyond; the demo ran to 35 s
JOIN_PAUSE_S = 1.2  # speech with shorter pauses belongs together
PAD_S = 0.06  # soft first and last sounds lie just outside what a detector finds

SHORT_HIT_S = 1.0  # measured: false hits on loud music last less
ISOLATED_S = 2.0  # … and lie this far from any other speech
STANDS_OUT_DB = 6.0  # a word in a pause is louder than the pause by more than this

FRAME_S = 0.01


class LevelMeter:
    """Passes blocks of sound through and notes the level of every 10 ms."""

    def __init__(self, rate_hz: int) -> None:
        self._frame = round(rate_hz * FRAME_S)
        self._rest = np.zeros(0, np.float32)
        self._levels: list[NDArray[np.float32]] = []

    def listen(self, blocks: Iterable[Audio]) -> Iterator[Audio]:
        """The same blocks; their levels are noted on the way."""
        for block in blocks:
            self.note(block)
            yield block

    def note(self, block: Audio) -> None:
        """Notes the levels of the next block: float32, shape (samples,)."""
        samples = np.concatenate([self._rest, block])
        whole = len(samples) // self._frame * self._frame
        self._rest = samples[whole:]
        power = np.square(samples[:whole].reshape(-1, self._frame)).mean(axis=1)
        self._levels.append(10 * np.log10(power + 1e-12).astype(np.float32))

    @property
    def levels_db(self) -> NDArray[np.float32]:
        """RMS level of each 10 ms frame in dBFS, shape (frames,), ≥ -120."""
        return np.concatenate(self._levels) if self._levels else np.zeros(0, np.float32)


def drop_false_hits(speech: Sequence[Span], levels_db: NDArray[np.float32]) -> list[Span]:
    """The same spans without short isolated ones that do not stand out of the sound around them."""
    return [s for s in speech if not _is_false_hit(s, speech, levels_db)]


def _is_false_hit(span: Span, speech: Sequence[Span], levels_db: NDArray[np.float32]) -> bool:
    if span.duration_s >= SHORT_HIT_S:
        return False
    gaps = [max(o.start_s - span.end_s, span.start_s - o.end_s) for o in speech if o is not span]
    if gaps and min(gaps) < ISOLATED_S:
        return False
    inside = _level(levels_db, span.start_s, span.end_s)
    before = _level(levels_db, span.start_s - ISOLATED_S, span.start_s - 0.1)
    after = _level(levels_db, span.end_s + 0.1, span.end_s + ISOLATED_S)
    return inside - max(before, after) < STANDS_OUT_DB


def _level(levels_db: NDArray[np.float32], start_s: float, end_s: float) -> float:
    frames = levels_db[max(0, round(start_s / FRAME_S)) : max(0, round(end_s / FRAME_S))]
    return float(np.median(frames)) if len(frames) else -120.0


def split_long(speech: Sequence[Span], levels_db: NDArray[np.float32]) -> list[Span]:
    """The same speech with no span over `MAX_STRETCH_S`: a longer one is cut where it is
    quietest.
    """
    return [piece for span in speech for piece in _split(span, levels_db)]


def _split(span: Span, levels_db: NDArray[np.float32]) -> list[Span]:
    if span.duration_s <= MAX_STRETCH_S:
        return [span]
    # The cut lies in the middle half, so that no crumbs are left over.
    first, last = span.start_s + span.duration_s / 4, span.end_s - span.duration_s / 4
    frames = levels_db[round(first / FRAME_S) : round(last / FRAME_S)]
    smooth = np.convolve(frames, np.ones(5) / 5, mode="same")
    cut_s = first + float(np.argmin(smooth)) * FRAME_S
    left = Span(start_s=span.start_s, end_s=cut_s)
    right = Span(start_s=cut_s, end_s=span.end_s)
    return [*_split(left, levels_db), *_split(right, levels_db)]


def group(speech: Sequence[Span]) -> list[list[Span]]:
    """Neighbouring spans together: pauses stay under `JOIN_PAUSE_S`, a group under `MAX_STRETCH_S`.

    A group that would be too long is cut at its longest pauses. Every span must be within the
    limit itself.
    """
    groups: list[list[Span]] = []
    for span in speech:
        if groups and span.start_s - groups[-1][-1].end_s < JOIN_PAUSE_S:
            groups[-1].append(span)
        else:
            groups.append([span])
    return [part for whole in groups for part in cut_at_pauses(whole, lambda span: span)]


def cut_at_pauses(items: Sequence[T], span_of: Callable[[T], Span]) -> list[list[T]]:
    """The items in pieces of at most `MAX_STRETCH_S` with their padding, cut at the longest pauses
    first.
    """
    spans = [span_of(item) for item in items]
    if len(items) == 1 or spans[-1].end_s - spans[0].start_s <= MAX_STRETCH_S - 2 * PAD_S:
        return [list(items)]
    pauses = [b.start_s - a.end_s for a, b in pairwise(spans)]
    cut = int(np.argmax(pauses)) + 1
    return [*cut_at_pauses(items[:cut], span_of), *cut_at_pauses(items[cut:], span_of)]


def pad(spans: Sequence[Span], within: Span) -> list[Span]:
    """Each span widened by `PAD_S`, never into a neighbour, never over 15 s, never beyond
    `within`.
    """
    padded = []
    for index, span in enumerate(spans):
        previous_s = spans[index - 1].end_s if index else within.start_s - PAD_S
        next_s = spans[index + 1].start_s if index + 1 < len(spans) else within.end_s + PAD_S
        room = max(0.0, (MAX_STRETCH_S - span.duration_s) / 2)
        before = min(PAD_S, room, (span.start_s - previous_s) / 2)
        after = min(PAD_S, room, (next_s - span.end_s) / 2)
        padded.append(
            Span(
                start_s=max(within.start_s, span.start_s - before),
                end_s=min(within.end_s, span.end_s + after),
            )
        )
    return padded


def speech_spans(
    detected: Sequence[Span], levels_db: NDArray[np.float32], end_s: float
) -> list[Span]:
    """What a detector found, cleaned: inside the media, no false hits, nothing over
    `MAX_STRETCH_S`.
    """
    inside = [
        Span(start_s=s.start_s, end_s=min(s.end_s, end_s)) for s in detected if s.start_s < end_s
    ]
    return split_long(drop_false_hits(inside, levels_db), levels_db)


def stretches(speech: Sequence[Span], end_s: float) -> list[Span]:
    """Stretches of at most 15 s for the recogniser, cut at the longest pauses, padded, not
    overlapping.
    """
    outer = [Span(start_s=g[0].start_s, end_s=g[-1].end_s) for g in group(speech)]
    return pad(outer, Span(start_s=0.0, end_s=end_s))
