"""Sound of a dubbed track against the original's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dubbing.media.levels import oversampled_peaks, to_db
from dubbing.quality.timing import FRAME_S
from dubbing.types import Audio

DIGITAL_SILENCE_DB = -90.0
LOUD_DB = -40.0  # outside speech: music, applause, laughter
MUTED_DB = -60.0  # … and gone, for a listener
PEAK_MARGIN = 64  # samples on both sides, for the oversampling filter

Levels = NDArray[np.float32]


def digital_silence(original_db: Levels, dub_db: Levels) -> float:
    """Of the frames in which the original sounds, the share that is dead in the dub, 0..1.

    Args:
        original_db: RMS of each 10 ms, dBFS, shape (frames,).
        dub_db: The same of the dub.
    """
    frames = min(len(original_db), len(dub_db))
    sounds = original_db[:frames] >= DIGITAL_SILENCE_DB
    dead = sounds & (dub_db[:frames] < DIGITAL_SILENCE_DB)
    sounding = int(np.count_nonzero(sounds))
    return int(np.count_nonzero(dead)) / sounding if sounding else 0.0


def loud_music_s(
    original_db: Levels, dub_db: Levels, speech: NDArray[np.bool_]
) -> tuple[float, float]:
    """Seconds of loud sound outside the original's speech, and how many of them the dub mutes.

    Args:
        original_db: RMS of each 10 ms, dBFS, shape (frames,).
        dub_db: The same of the dub.
        speech: Whether somebody speaks in the original, each 10 ms.
    """
    frames = min(len(original_db), len(dub_db), len(speech))
    loud = ~speech[:frames] & (original_db[:frames] > LOUD_DB)
    muted = loud & (dub_db[:frames] < MUTED_DB)
    return np.count_nonzero(loud) * FRAME_S, np.count_nonzero(muted) * FRAME_S


def true_peak_dbtp(blocks: Iterable[Audio]) -> float:
    """Highest true peak of a track.

    Args:
        blocks: float32, shape (samples, channels), at 48 kHz.
    """
    highest = 0.0
    before: Audio | None = None
    for block in blocks:
        joined = block if before is None else np.concatenate([before, block])
        highest = max(highest, float(oversampled_peaks(joined).max(initial=0.0)))
        before = joined[-PEAK_MARGIN:]
    return to_db(highest)
