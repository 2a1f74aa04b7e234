"""The sound of the room when nobody speaks, learned from the pauses and made anew without end.

Silence under a dub sounds like a broken cable. Room tone is noise with the pauses' own spectrum and
width, so the seams to the original are not heard.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dubbing.types import Audio, Span

WINDOW = 4096  # samples at 48 kHz: 85 ms, fine enough for mains hum
LOOP_WINDOWS = 512  # 22 s before it comes round again
SILENT_SHARE = 0.5  # of the pauses between words digitally silent: a gated recording has no tone
MIN_WINDOWS = 6  # half a second of pauses between words: with less, what lies around the talk
QUIET_SHARE = 0.2  # the quietest fifth of the pauses: the rest may be music or applause
CLEAR_OF_SPEECH_S = 0.3  # reverberation has died away
_BIN_DB = 2.0
_FLOOR_DB = -100.0  # below lies digital silence

_Bins = dict[int, tuple[int, NDArray[np.float64]]]


class RoomTone:
    """Learns from a stereo signal as it streams past, then plays."""

    def __init__(self, speech: Sequence[Span], rate_hz: int) -> None:
        self._starts = np.array([s.start_s - CLEAR_OF_SPEECH_S for s in speech])
        self._ends = np.array([s.end_s + CLEAR_OF_SPEECH_S for s in speech])
        self._rate_hz = rate_hz
        self._rest = np.zeros((0, 2), np.float32)
        self._at = 0
        # level bin → (windows seen, summed power of mid and side); apart for pauses between words,
        # for what lies before the first and after the last, and for speech.
        self._pauses: _Bins = {}
        self._edges: _Bins = {}
        self._voiced: _Bins = {}
        self._inner_pauses = self._silent_pauses = self._silent_voiced = 0
        self._loop: Audio | None = None

    def listen(self, block: Audio) -> None:
        """Learns from the next block: float32, shape (samples, 2)."""
        samples = np.concatenate([self._rest, block])
        whole = len(samples) // WINDOW * WINDOW
        for start in range(0, whole, WINDOW):
            self._learn(samples[start : start + WINDOW])
            self._at += WINDOW
        self._rest = samples[whole:]

    def _learn(self, window: Audio) -> None:
        start_s, end_s = self._at / self._rate_hz, (self._at + WINDOW) / self._rate_hz
        pause = not self._is_speech(start_s, end_s)
        inside = pause and self._is_between(start_s, end_s)
        self._inner_pauses += inside
        level_db = 10 * np.log10(np.square(window).mean() + 1e-12)
        if level_db < _FLOOR_DB:
            self._silent_pauses += inside
            self._silent_voiced += not pause
            return
        mid_side = np.stack([window.sum(axis=1), window[:, 0] - window[:, 1]]) / 2
        power = np.abs(np.fft.rfft(mid_side * np.hanning(WINDOW), axis=1)) ** 2
        bins = self._pauses if inside else self._edges if pause else self._voiced
        count, total = bins.get(int(level_db // _BIN_DB), (0, np.zeros_like(power)))
        bins[int(level_db // _BIN_DB)] = (count + 1, total + power)

    def _is_speech(self, start_s: float, end_s: float) -> bool:
        return bool(np.any((self._starts < end_s) & (self._ends > start_s)))

    def _is_between(self, start_s: float, end_s: float) -> bool:
        """Whether speech comes before and after. Silence before the first word is a track that
        starts late, after the last a muted outro: neither says that the pauses are gated.
        """
        if not len(self._starts):
            return True
        return bool(start_s > self._starts[0] and end_s < self._ends[-1])

    def play(self, start: int, length: int) -> Audio:
        """Room tone for samples `start` .. `start + length`: float32, shape (length, 2)."""
        if self._loop is None:
            self._loop = self._make_loop()
        return self._loop[np.arange(start, start + length) % len(self._loop)]

    def _make_loop(self) -> Audio:
        """Overlapping windows of noise in a ring, so that its end runs into its beginning."""
        hop = WINDOW // 2
        loop = np.zeros((LOOP_WINDOWS * hop, 2), np.float32)
        power = self._spectrum()
        if power is None:
            return loop
        random = np.random.default_rng(0)  # the same talk gives the same bytes
        shape = np.sqrt(power / np.square(np.hanning(WINDOW)).sum() * WINDOW / 2)
        fade = np.sqrt(np.hanning(WINDOW + 1)[:-1])
        for index in range(LOOP_WINDOWS):
            phases = random.normal(size=(2, *shape.shape)).view()
            mid, side = np.fft.irfft(shape * (phases[0] + 1j * phases[1]), WINDOW, axis=1) * fade
            place = (index * hop + np.arange(WINDOW)) % len(loop)
            loop[place] += np.stack([mid + side, mid - side], axis=1).astype(np.float32)
        return loop

    def _spectrum(self) -> NDArray[np.float64] | None:
        """Mean power of mid and side in the quietest pauses; None where most pauses are silent."""
        bins = self._pauses
        if self._silent_pauses > SILENT_SHARE * self._inner_pauses:
            return None
        if _windows(bins) < MIN_WINDOWS:
            # Without any pause the quietest moments between words.
            bins = self._edges or bins or self._voiced
        wanted = QUIET_SHARE * _windows(bins)
        if bins is self._voiced and self._silent_voiced > wanted:
            return None
        count, total = 0, np.zeros((2, WINDOW // 2 + 1))
        for level in sorted(bins):
            count += bins[level][0]
            total += bins[level][1]
            if count >= wanted:
                break
        return total / count if count else None


def _windows(bins: _Bins) -> int:
    return sum(count for count, _ in bins.values())
