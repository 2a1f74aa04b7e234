"""A clip fitted to its placement: its phrases at another speed, pauses between them as planned."""

from __future__ import annotations

import numpy as np

from dubbing.media.stretch import stretch
from dubbing.types import Audio, Placement, Span, Speech

FADE_S = 0.005  # at the ends of a phrase, so that cutting makes no click


def fitted(speech: Speech, placement: Placement) -> Audio:
    """The clip as it is heard from the placement's start to its end: float32, shape (samples,),
    at the clip's rate.
    """
    rate_hz = speech.sample_rate_hz
    out = np.zeros(round((placement.end_s - placement.start_s) * rate_hz) + 1, np.float32)
    for phrase in placement.phrases:
        sound = stretch(_cut(speech, phrase.clip), phrase.rate)
        start = round((phrase.start_s - placement.start_s) * rate_hz)
        out[start : start + len(sound)] += sound[: len(out) - start]
    return out


def _cut(speech: Speech, span: Span) -> Speech:
    rate_hz = speech.sample_rate_hz
    samples = speech.samples[round(span.start_s * rate_hz) : round(span.end_s * rate_hz)].copy()
    fade = min(round(FADE_S * rate_hz), len(samples) // 2)
    if fade:
        ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
        samples[:fade] *= ramp
        samples[-fade:] *= ramp[::-1]
    return Speech(samples=samples, sample_rate_hz=rate_hz)
