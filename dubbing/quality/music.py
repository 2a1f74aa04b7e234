"""Loud sound outside of speech: music, applause, laughter. Needs no more than numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOUD_DB = -40.0  # outside speech: music, applause, laughter
EDGE_FRAMES = 3  # the edge of a word is no music: silero-vad's default widens speech by 30 ms


def loud_outside_speech(
    levels_db: NDArray[np.float32], speech: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a frame is loud though nobody speaks.

    Args:
        levels_db: RMS of each 10 ms, dBFS, shape (frames,).
        speech: Whether somebody speaks, each 10 ms, shape (frames,).

    Returns:
        Shape (frames,).
    """
    padded = np.pad(speech, EDGE_FRAMES)
    near = [padded[shift : shift + len(speech)] for shift in range(2 * EDGE_FRAMES + 1)]
    loud: NDArray[np.bool_] = ~np.logical_or.reduce(near) & (levels_db > LOUD_DB)
    return loud
