"""Sound in which nobody speaks: float32, shape (samples,), mono, 16 kHz."""

from __future__ import annotations

import numpy as np

RATE_HZ = 16_000
BEAT_S = 0.5
CHORDS = ((57, 60, 64), (57, 60, 65), (55, 60, 64), (55, 59, 62))  # MIDI numbers, a bar each


def music(seconds: float) -> np.ndarray:
    """A band: a chord, a bass and a running figure over drums, -16 dBFS."""
    rng = np.random.default_rng(0)
    sound = np.zeros(round((seconds + 2) * RATE_HZ), np.float32)
    for beat in range(int(seconds / BEAT_S)):
        chord, at_s = CHORDS[beat // 4 % len(CHORDS)], beat * BEAT_S
        for note in chord:
            _add(sound, 0.3 * _note(note, 1.5), at_s)
        _add(sound, 0.6 * _note(chord[0] - 24, 0.6), at_s)
        for step in range(4):
            _add(sound, 0.3 * _note(chord[(beat + step) % 3] + 12, 0.3), at_s + step * BEAT_S / 4)
        hat = rng.normal(size=RATE_HZ // 12) * np.exp(-np.arange(RATE_HZ // 12) / 200)
        _add(sound, 0.3 * hat, at_s + BEAT_S / 2)
    sound = sound[: round(seconds * RATE_HZ)]
    return (0.16 * sound / sound.std()).astype(np.float32)


def noise(seconds: float, level_db: float) -> np.ndarray:
    """White noise of that RMS level in dBFS."""
    samples = np.random.default_rng(0).normal(size=round(seconds * RATE_HZ))
    return (10 ** (level_db / 20) * samples).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def _note(number: int, seconds: float) -> np.ndarray:
    """A plucked string with six overtones."""
    clock_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    hz = 440 * 2 ** ((number - 69) / 12)
    tones = [
        np.sin(2 * np.pi * hz * k * clock_s) * np.exp(-3 * k * clock_s) / k for k in range(1, 7)
    ]
    return np.sum(tones, axis=0)


def _add(sound: np.ndarray, piece: np.ndarray, at_s: float) -> None:
    start = round(at_s * RATE_HZ)
    sound[start : start + len(piece)] += piece[: len(sound) - start]
