"""Sound of a dubbed track against the original's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dubbing.media.levels import oversampled_peaks, to_db
from dubbing.quality.music import loud_outside_speech
from dubbing.quality.timing import FRAME_S
from dubbing.types import Audio

DIGITAL_SILENCE_DB = -90.0
MUTED_DB = -60.0  # music that is gone, for a listener
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
    loud = loud_outside_speech(original_db[:frames], speech[:frames])
    muted = loud & (dub_db[:frames] < MUTED_DB)
    return np.count_nonzero(loud) * FRAME_S, np.count_nonzero(muted) * FRAME_S


def true_peak_dbtp(blocks: Iterable[Audio]) -> float:
    """Highest true peak of a track, the same in whatever blocks it comes.

    Args:
        blocks: float32, shape (samples, channels), at 48 kHz.
    """
    highest = 0.0
    held: Audio | None = None
    lead = 0  # samples at the start of what is held that were measured already
    for block in blocks:
        joined = block if held is None else np.concatenate([held, block])
        # A cut rings in the filter: what lies close to it is measured with the next block.
        ready = max(lead, len(joined) - PEAK_MARGIN)
        highest = max(highest, float(oversampled_peaks(joined)[lead:ready].max(initial=0.0)))
        held = joined[max(0, ready - PEAK_MARGIN) :]
        lead = ready - max(0, ready - PEAK_MARGIN)
    if held is not None:
        highest = max(highest, float(oversampled_peaks(held)[lead:].max(initial=0.0)))
    return to_db(highest)
