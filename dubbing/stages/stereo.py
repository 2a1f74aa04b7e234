"""Where a voice stands between left and right, so that its dub stands there too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubbing.types import Audio, Span

CENTRE_DB = 1.0  # a smaller difference between left and right is a voice in the middle


class StereoImage:
    """Learns from a stereo signal, as it streams past, how strong each side is in each span."""

    def __init__(self, spans: Sequence[Span], rate_hz: int) -> None:
        self._edges = [(round(s.start_s * rate_hz), round(s.end_s * rate_hz)) for s in spans]
        self._energy = np.zeros((len(spans), 2))
        self._at = 0

    def listen(self, block: Audio) -> None:
        """Learns from the next block: float32, shape (samples, 2)."""
        for index, (start, end) in enumerate(self._edges):
            if start < self._at + len(block) and end > self._at:
                inside = block[max(0, start - self._at) : end - self._at]
                self._energy[index] += np.square(inside, dtype=np.float64).sum(axis=0)
        self._at += len(block)

    def sides(self, index: int) -> tuple[float, float]:
        """The gains left and right of a mono dub in the span of that number. Their mean is 1: a
        mono player hears it as loud as without.
        """
        left, right = np.sqrt(self._energy[index] + 1e-12)
        if abs(20 * np.log10(left / right)) < CENTRE_DB:
            return 1.0, 1.0
        return float(2 * left / (left + right)), float(2 * right / (left + right))
