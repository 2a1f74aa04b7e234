"""Pieces of a long signal while it streams past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from dubbing.types import Audio, Span


def cut_clips(blocks: Iterable[Audio], spans: Sequence[Span], rate_hz: int) -> Iterator[Audio]:
    """The sound of each span, in order; holds no more than one span and one block.

    Args:
        blocks: Consecutive pieces of one mono signal, float32, shape (samples,).
        spans: Ordered and not overlapping; what lies beyond the signal's end is left out.
        rate_hz: The signal's rate.

    Yields:
        float32, shape (samples,), one array per span.
    """
    source = iter(blocks)
    buffer = np.zeros(0, np.float32)
    buffer_at = 0  # the sample number of buffer[0]
    for span in spans:
        start, end = round(span.start_s * rate_hz), round(span.end_s * rate_hz)
        parts: list[Audio] = []
        while True:
            parts.append(buffer[max(0, start - buffer_at) : max(0, end - buffer_at)])
            if buffer_at + len(buffer) >= end:
                break
            buffer_at += len(buffer)
            following = next(source, None)
            if following is None:
                buffer = np.zeros(0, np.float32)
                break
            buffer = following
        yield np.concatenate(parts)
