"""How natural a track sounds: DNSMOS of windows spread over its speech."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dubbing.engines import dnsmos
from dubbing.engines.torch_threads import threads
from dubbing.types import Audio, Span

WINDOW_S = dnsmos.WINDOW / dnsmos.RATE_HZ  # what the network hears at once
WINDOWS = 8  # enough for a mean that holds to about 0.05 on a talk


def sample_windows(speech: Sequence[Span], end_s: float) -> list[Span]:
    """Up to `WINDOWS` stretches of `WINDOW_S` that start where somebody starts to speak, spread
    evenly over the segments, in order, not overlapping and inside the media.

    Args:
        speech: The segments' places, in order.
        end_s: The media's length.
    """
    windows: list[Span] = []
    count = min(WINDOWS, len(speech))
    for index in range(count):
        start_s = speech[index * len(speech) // count].start_s
        start_s = max(0.0, min(start_s, end_s - WINDOW_S))
        if not windows or start_s >= windows[-1].end_s:
            windows.append(Span(start_s=start_s, end_s=min(end_s, start_s + WINDOW_S)))
    return windows


def naturalness(clips: Iterable[Audio]) -> float | None:
    """The mean score of a track's windows, silent ones left out; None where none is left.

    Args:
        clips: Each float32, shape (samples,), mono, at `dnsmos.RATE_HZ`.
    """
    scores = [dnsmos.naturalness(clip, threads=threads()) for clip in clips if clip.any()]
    return float(np.mean(scores)) if scores else None
