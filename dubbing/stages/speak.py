"""Text made into speech clips that start and end with sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dubbing.types import Audio, Speech

FRAME_S = 0.005
SILENT_BELOW_PEAK_DB = -40.0  # quieter than the loudest frame by this much is not speech
KEEP_S = 0.01  # so that a soft first consonant is not clipped

# A voice may be this much slower or faster than its engine's default for the whole of a talk, as
# speakers are. An engine's default is the pace of reading aloud.
SLOWEST_PACE, FASTEST_PACE = 0.9, 1.2


def pace(characters: int, natural_per_s: float, speech_s: float) -> float:
    """The speed at which a voice says a whole text in about the time that the speaker took.

    Args:
        characters: Of everything that it has to say.
        natural_per_s: Characters that it says in a second at speed 1.
        speech_s: How long the speaker spoke, pauses left out.

    Returns:
        Within `SLOWEST_PACE` .. `FASTEST_PACE`, to two digits.
    """
    if speech_s <= 0:
        return 1.0
    wanted = characters / natural_per_s / speech_s
    return round(min(FASTEST_PACE, max(SLOWEST_PACE, wanted)), 2)


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
