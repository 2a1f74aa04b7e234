"""The pitch of speech, by WORLD's DIO (Morise et al. 2009)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubbing.types import Audio

RANGE_HZ = (60.0, 400.0)
FRAME_S = 0.005
MIN_VOICED_S = 0.2  # less gives no median to go by


def median_pitch_hz(clips: Sequence[Audio], rate_hz: int) -> float | None:
    """The median fundamental of the voiced sound in some speech; None where hardly any is voiced.

    Args:
        clips: Each float32, shape (samples,), mono.
        rate_hz: Their rate.
    """
    import pyworld

    floor, ceiling = RANGE_HZ
    found = [
        pyworld.dio(
            clip.astype(np.float64),
            rate_hz,
            f0_floor=floor,
            f0_ceil=ceiling,
            frame_period=1000 * FRAME_S,
        )[0]
        for clip in clips
        if len(clip)
    ]
    f0 = np.concatenate([*found, np.zeros(0)])
    voiced = f0[f0 > 0]
    return float(np.median(voiced)) if len(voiced) * FRAME_S >= MIN_VOICED_S else None
