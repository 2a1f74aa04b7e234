"""Pieces of speech made into one clip that starts and ends with sound. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubbing.types import Audio

FRAME_S = 0.01
SILENT_BELOW_PEAK_DB = -40.0  # quieter than the loudest frame by this much is not speech
INAUDIBLE = 1e-8  # mean square: −80 dB below full scale
KEEP_S = 0.01  # beside the first and the last sound; faded, so that nothing clicks

# A recorded Russian voice (Festival's) pauses 0.15 to 0.3 s inside of its sentences.
CLAUSE_PAUSE_S = 0.15
SENTENCE_PAUSE_S = 0.35
_SENTENCE_ENDS = ".!?…"
_CLOSING = "\"'”’»)]"


def trimmed(samples: Audio, rate_hz: int) -> Audio:
    """The clip from its first to its last sound, faded in and out; empty where there is none.

    Args:
        samples: float32, shape (samples,).
        rate_hz: Their rate.
    """
    frame, keep = round(FRAME_S * rate_hz), round(KEEP_S * rate_hz)
    power = np.square(np.pad(samples, (0, -len(samples) % frame))).reshape(-1, frame).mean(axis=1)
    if power.max(initial=0.0) < INAUDIBLE:
        return samples[:0]
    heard = np.flatnonzero(power > power.max() * 10 ** (SILENT_BELOW_PEAK_DB / 10))
    kept = samples[max(0, heard[0] * frame - keep) : (heard[-1] + 1) * frame + keep]
    return faded(kept, rate_hz)


def faded(samples: Audio, rate_hz: int) -> Audio:
    """The clip, its first and last `KEEP_S` raised from silence and lowered into it."""
    size = min(round(KEEP_S * rate_hz), len(samples) // 2)
    if not size:
        return samples
    rise = np.sin(np.linspace(0, np.pi / 2, size, endpoint=False)).astype(np.float32)
    shaped = samples.copy()
    shaped[:size] *= rise
    shaped[-size:] *= rise[::-1]
    return shaped


def pause_s(text: str) -> float:
    """How long a reader is silent after the text."""
    ends = text.rstrip().rstrip(_CLOSING).endswith(tuple(_SENTENCE_ENDS))
    return SENTENCE_PAUSE_S if ends else CLAUSE_PAUSE_S


def joined(clips: Sequence[Audio], texts: Sequence[str], rate_hz: int, speed: float = 1.0) -> Audio:
    """The clips in a row, with the pause that each one's text asks for before the next.

    Args:
        clips: Trimmed and faded; one or more.
        texts: What they say.
        rate_hz: Their rate.
        speed: What the pauses are shortened by.
    """
    parts: list[Audio] = []
    for clip, text in zip(clips, texts, strict=True):
        parts += [clip, np.zeros(round(pause_s(text) / speed * rate_hz), np.float32)]
    return np.concatenate(parts[:-1])
