"""Music, applause, a storm and rooms, all synthesised: float32, (samples, 2), 48 kHz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from samples.voice import RATE_HZ
from scipy.signal import butter, sosfilt

Sound = NDArray[np.float32]

BEAT_S = 0.6
# Four beats each: root in the bass and the three notes above it, as MIDI numbers.
CHORDS = ((45, 57, 60, 64), (41, 57, 60, 65), (48, 55, 60, 64), (43, 55, 59, 62))
CLAPS_PER_S = 90


def silence(duration_s: float) -> Sound:
    """Nothing, of that length."""
    return np.zeros((round(duration_s * RATE_HZ), 2), np.float32)


def seconds(duration_s: float) -> NDArray[np.float64]:
    """The time of every sample, shape (samples,)."""
    return np.arange(round(duration_s * RATE_HZ)) / RATE_HZ


def to_rms(sound: Sound, level_db: float) -> Sound:
    """The sound at this RMS level, in dBFS."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    return (sound * (10 ** (level_db / 20) / rms)).astype(np.float32)


def add(bed: Sound, sound: Sound, at_s: float) -> None:
    """Lays a sound, mono or stereo, over the bed; what runs past the end is cut."""
    start = round(at_s * RATE_HZ)
    part = sound[: len(bed) - start]
    bed[start : start + len(part)] += part if part.ndim == 2 else part[:, None]


def gain_curve(duration_s: float, *points: tuple[float, float]) -> Sound:
    """A gain for every sample, shape (samples, 1), straight in dB between (second, dB) points."""
    at_s, level_db = zip(*points, strict=True)
    curve_db = np.interp(seconds(duration_s), at_s, level_db)
    return (10 ** (curve_db / 20)).astype(np.float32)[:, None]


def noise(rng: np.random.Generator, duration_s: float, low_hz: float, high_hz: float) -> Sound:
    """Stereo noise between two frequencies."""
    white = rng.standard_normal((round(duration_s * RATE_HZ), 2))
    band = butter(2, (low_hz, high_hz), "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(band, white, axis=0), np.float32)


def room(rng: np.random.Generator, duration_s: float, level_db: float) -> Sound:
    """The steady sound of a room: mostly low, with a little air."""
    low = to_rms(noise(rng, duration_s, 60, 500), 0)
    air = to_rms(noise(rng, duration_s, 500, 6000), -12)
    return to_rms(low + air, level_db)


def _hertz(note: int) -> float:
    return 440 * 2 ** ((note - 69) / 12)


def _tone(note: int, duration_s: float, decay_s: float, overtones: int) -> Sound:
    """A note that dies away, brighter at its start, mono."""
    t = seconds(duration_s)
    waves = [
        np.sin(2 * np.pi * _hertz(note) * k * t) * np.exp(-t * k / decay_s) / k
        for k in range(1, overtones + 1)
    ]
    attack = np.minimum(1, t / 0.006) * np.minimum(1, (duration_s - t) / 0.02)
    return np.asarray(np.sum(waves, axis=0) * attack, np.float32)


def _drums(rng: np.random.Generator) -> Sound:
    """One beat: a kick, and a hat on each half."""
    beat = silence(BEAT_S)
    t = seconds(0.25)
    sweep = 2 * np.pi * (50 * t + 4 * (1 - np.exp(-t * 30)))
    add(beat, (0.9 * np.sin(sweep) * np.exp(-t * 14)).astype(np.float32), 0)
    for at_s, level in ((0.0, 0.25), (BEAT_S / 2, 0.5)):
        hat = noise(rng, 0.08, 6000, 14000) * np.exp(-seconds(0.08) * 60)[:, None]
        add(beat, (level * hat).astype(np.float32), at_s)
    return beat


def music(rng: np.random.Generator, duration_s: float) -> Sound:
    """Dense music: a strummed chord, a bass, a running figure and drums on every beat."""
    band = silence(duration_s)
    for beat in range(int(duration_s / BEAT_S)):
        at_s = beat * BEAT_S
        root, *chord = CHORDS[beat // 4 % len(CHORDS)]
        add(band, 0.5 * _tone(root - 12 * (beat % 2), BEAT_S, 0.5, 4), at_s)
        add(band, 0.8 * _drums(rng), at_s)
        for place, note in enumerate(chord):
            add(band, 0.22 * _tone(note, 2 * BEAT_S, 0.7, 6), at_s + 0.012 * place)
        for step in range(4):
            note = chord[(beat + step) % 3] + 12 * (1 + step % 2)
            pan = np.array([0.75, 0.25] if step % 2 else [0.25, 0.75], np.float32)
            run = 0.4 * _tone(note, BEAT_S / 2, 0.18, 5)
            add(band, run[:, None] * pan, at_s + step * BEAT_S / 4)
    return band


def storm_wave(rng: np.random.Generator, duration_s: float) -> Sound:
    """A wave that breaks against a wall while a fog horn sounds."""
    t = seconds(duration_s)
    swell = np.exp(-(((t - 0.35 * duration_s) / (0.2 * duration_s)) ** 2))[:, None]
    water = noise(rng, duration_s, 80, 5000) * swell
    spray = noise(rng, duration_s, 1500, 9000) * swell**3
    held = np.clip(np.minimum(t / 0.3, (duration_s - t) / 0.5), 0, 1)
    horn = sum(np.sin(2 * np.pi * 73.4 * k * t) / k for k in (1, 2, 3)) * held
    mixed = to_rms(water, 0) + 0.6 * to_rms(spray, 0) + 0.5 * horn[:, None]
    return np.asarray(mixed, np.float32)


def applause(rng: np.random.Generator, duration_s: float) -> Sound:
    """Many hands, first more and more, then fewer."""
    hall = silence(duration_s)
    clap_s = 0.03
    shape = np.exp(-seconds(clap_s) * 160)[:, None]
    hands = [noise(rng, clap_s, low, 3.2 * low) * shape for low in (700, 900, 1100, 1400, 1700)]
    for at_s in np.sort(rng.uniform(0, duration_s - clap_s, int(CLAPS_PER_S * duration_s))):
        pan = rng.uniform(0.3, 1, 2).astype(np.float32)
        add(hall, (hands[rng.integers(len(hands))] * pan).astype(np.float32), float(at_s))
    fade = gain_curve(duration_s, (0, -25), (0.6, 0), (0.55 * duration_s, 0), (duration_s, -40))
    return hall * fade
