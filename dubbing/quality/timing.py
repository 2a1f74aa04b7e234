"""How well the dub's speech lies on the original's, from detected speech in both tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubbing.types import Span

FRAME_S = 0.01
REACH_S = 0.5  # an edge is looked for this far outside where it should be
MIN_PIECE_S = 0.04  # less of a neighbour's speech in a window is the detector's blur


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeErrors:
    """How far a segment's dubbed speech starts and ends from the original's; later is positive."""

    onset_s: float
    end_s: float


def windows(spans: Sequence[Span]) -> list[Span]:
    """Where each span's speech is looked for: to the middle of the gap to its neighbours, at most
    `REACH_S` outside.

    Args:
        spans: Ordered by their starts. Where two overlap, both windows hold the overlap.
    """
    found = []
    for index, span in enumerate(spans):
        before_s = spans[index - 1].end_s if index else -span.start_s
        before_s = min(before_s, span.start_s)
        after_s = spans[index + 1].start_s if index + 1 < len(spans) else span.end_s + 2 * REACH_S
        after_s = max(after_s, span.end_s)
        start_s = max(0.0, span.start_s - REACH_S, (before_s + span.start_s) / 2)
        found.append(
            Span(start_s=start_s, end_s=min(span.end_s + REACH_S, (span.end_s + after_s) / 2))
        )
    return found


def heard(speech: Sequence[Span], window: Span) -> Span | None:
    """From the first to the last detected speech inside a window; None where there is none."""
    inside = [s for s in speech if s.overlap_s(window) >= MIN_PIECE_S]
    if not inside:
        return None
    return Span(
        start_s=max(window.start_s, inside[0].start_s), end_s=min(window.end_s, inside[-1].end_s)
    )


def edge_errors(original: Span, dub: Span) -> EdgeErrors:
    """The dub's onset and end against the original's, seconds."""
    return EdgeErrors(onset_s=dub.start_s - original.start_s, end_s=dub.end_s - original.end_s)


def without(speech: Sequence[Span], left_out: Sequence[Span]) -> list[Span]:
    """What of the speech lies outside of some spans; both ordered, disjoint."""
    found = []
    for span in speech:
        start_s = span.start_s
        for out in left_out:
            if span.overlap_s(out) > 0:
                if start_s < out.start_s:
                    found.append(Span(start_s=start_s, end_s=out.start_s))
                start_s = out.end_s
        if start_s < span.end_s:
            found.append(Span(start_s=start_s, end_s=span.end_s))
    return found


def overlap_s(spans: Sequence[Span]) -> float:
    """The time that lies in two spans or more, seconds.

    Args:
        spans: Ordered by their starts.
    """
    total_s, last_s, counted_s = 0.0, 0.0, 0.0
    for span in spans:
        shared_s = min(span.end_s, last_s)  # until here an earlier one lasts too
        total_s += max(0.0, shared_s - max(span.start_s, counted_s))
        last_s, counted_s = max(last_s, span.end_s), max(counted_s, shared_s)
    return total_s


def speech_mask(speech: Sequence[Span], end_s: float) -> NDArray[np.bool_]:
    """Whether somebody speaks, for each 10 ms up to `end_s`."""
    mask = np.zeros(round(end_s / FRAME_S) + 1, bool)
    for span in speech:
        mask[round(span.start_s / FRAME_S) : round(span.end_s / FRAME_S)] = True
    return mask


def timeline_iou(original: NDArray[np.bool_], dub: NDArray[np.bool_]) -> float:
    """Time in which both speak over time in which either does (isochrony), 0..1."""
    either = np.count_nonzero(original | dub)
    return np.count_nonzero(original & dub) / either if either else 1.0


def share_in_silence(original: NDArray[np.bool_], dub: NDArray[np.bool_]) -> float:
    """The part of the dub's speech that falls where the original is silent, 0..1."""
    speaking = np.count_nonzero(dub)
    return np.count_nonzero(dub & ~original) / speaking if speaking else 0.0
