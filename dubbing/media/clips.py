"""Pieces of a long signal while it streams past."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from dubbing.types import Audio, Span


def cut_clips(blocks: Iterable[Audio], spans: Iterable[Span], rate_hz: int) -> Iterator[Audio]:
    """The sound of each span, in order; holds no more than the longest span and one block.

    Args:
        blocks: Consecutive pieces of one mono signal, float32, shape (samples,).
        spans: Ordered by their starts, each taken when its sound is asked for; what lies beyond the
            signal's end is left out.
        rate_hz: The signal's rate.

    Yields:
        float32, shape (samples,), one array per span.
    """
    source = iter(blocks)
    held: deque[Audio] = deque()
    held_at = heard = 0  # the sample numbers of the first one held and of the next to come
    for span in spans:
        start, end = round(span.start_s * rate_hz), round(span.end_s * rate_hz)
        while heard < end and (block := next(source, None)) is not None:
            held.append(block)
            heard += len(block)
            while held and held_at + len(held[0]) <= start:
                held_at += len(held.popleft())
        while held and held_at + len(held[0]) <= start:
            held_at += len(held.popleft())
        whole = np.concatenate(held) if held else np.zeros(0, np.float32)
        yield whole[max(0, start - held_at) : max(0, end - held_at)].copy()
