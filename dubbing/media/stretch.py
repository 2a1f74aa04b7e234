"""Speech at another speed and the same pitch, by Signalsmith Stretch."""

from __future__ import annotations

import numpy as np

from dubbing.types import Audio, Speech


def stretch(speech: Speech, rate: float) -> Audio:
    """The speech `rate` times faster at the same pitch: exactly round(samples / rate) samples.

    Args:
        speech: What to change.
        rate: Above 1 is faster, > 0.

    Returns:
        float32, shape (samples,).
    """
    length = round(len(speech.samples) / rate)
    if length == len(speech.samples):
        return speech.samples
    from python_stretch.Signalsmith import Stretch

    stretcher = Stretch()
    stretcher.preset(1, speech.sample_rate_hz)
    stretcher.setTimeFactor(len(speech.samples) / length)
    processed = np.asarray(stretcher.process(np.ascontiguousarray(speech.samples[None])))
    stretched = processed[0].astype(np.float32)
    # The library rounds its own way: at most one sample too long or too short.
    exact: Audio = np.pad(stretched[:length], (0, max(0, length - len(stretched))))
    return exact
