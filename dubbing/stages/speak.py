"""Text made into speech clips that start and end with sound."""

from __future__ import annotations

import html
from dataclasses import replace

import numpy as np

from dubbing.text.russian import speakable as speakable_russian
from dubbing.types import Audio, Speech

FRAME_S = 0.005
SILENT_BELOW_PEAK_DB = -40.0  # quieter than the loudest frame by this much is not speech
KEEP_S = 0.01  # so that a soft first consonant is not clipped


def speakable(text: str, language: str) -> str:
    """The text as a speech engine can read it aloud in its language."""
    if language == "ru":
        return speakable_russian(text)
    return " ".join(html.unescape(text).split())


def trimmed(speech: Speech) -> Speech:
    """The clip without the silence before the first and after the last sound.

    Raises:
        ValueError: The clip is silent.
    """
    rate_hz, samples = speech.sample_rate_hz, speech.samples
    frame = max(1, round(FRAME_S * rate_hz))
    padded = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    level: Audio = np.sqrt(np.square(padded).mean(axis=1))
    if not len(level) or level.max() <= 0:
        raise ValueError("the speech is silent")
    loud = np.flatnonzero(level > level.max() * 10 ** (SILENT_BELOW_PEAK_DB / 20))
    keep = round(KEEP_S * rate_hz)
    first = max(0, int(loud[0]) * frame - keep)
    last = min(len(samples), (int(loud[-1]) + 1) * frame + keep)
    return replace(speech, samples=samples[first:last])
