"""How well the dub's speech lies on the original's, from detected speech in both tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubbing.types import Span

FRAME_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeErrors:
    """How far a segment's dubbed speech starts and ends from the original's; later is positive."""

    onset_s: float
    end_s: float


def heard(speech: Sequence[Span], within: Span, reach_s: float = 0.0) -> Span | None:
    """From the first to the last detected speech that has its middle within a span, widened by
    `reach_s`; None where there is none."""
    start_s, end_s = within.start_s - reach_s, within.end_s + reach_s
    found = [s for s in speech if start_s <= (s.start_s + s.end_s) / 2 <= end_s]
    if not found:
        return None
    return Span(start_s=found[0].start_s, end_s=found[-1].end_s)


def edge_errors(original: Span, dub: Span) -> EdgeErrors:
    """The dub's onset and end against the original's, seconds."""
    return EdgeErrors(onset_s=dub.start_s - original.start_s, end_s=dub.end_s - original.end_s)


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
