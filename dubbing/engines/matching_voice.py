"""A base voice and the fixed way from it to a speaker: the values, and how they change a clip."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.matching_vocoder import (
    FFT_SIZE,
    ORDER,
    PITCH_CEIL_HZ,
    PITCH_FLOOR_HZ,
    RATE_HZ,
    Analysis,
    Floats,
    coded,
    decoded,
    synthesized,
    warped,
)
from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.errors import InputError
from dubbing.types import Audio

Mapping = Literal["mean", "mean+variance"]

MAX_PITCH_SPREAD = (
    0.25  # standard deviation of ln F0: a lively speaker; prompts with octave errors show more
)
VARIANCE_LIMITS = (0.7, 1.4)  # a guard against odd prompts; a choice, not measured
UNVOICED_SHARE = (
    0.5  # of the map on voiceless sounds; as similar as all of it, and touches "с" and "ш" less
)
SHAPES = 8  # numbers of the coded envelope that the equaliser follows
SHAPE_LIMIT = 2.0  # standard deviations from the base's mean: beyond, it follows no further
SOFT, SOFTER = 5, 9  # frames of 5 ms over which voicing, and what the equaliser follows, run on
MAX_UNNATURAL = 0.2  # DNSMOS that a matched voice may lose against its base: beyond, it buzzes
NATURAL_WORTH = 0.1  # similarity that one point of a base's DNSMOS outweighs


@dataclass(frozen=True, slots=True, kw_only=True)
class Timbre:
    """How a voice sounds on average.

    Attributes:
        mean: Of the coded envelope over loud voiced frames, shape (ORDER,).
        spread: Standard deviation of the same, shape (ORDER,).
        pitch: Median ln F0, F0 in Hz.
        pitch_spread: Robust standard deviation of ln F0.
    """

    mean: Floats = field(repr=False)
    spread: Floats = field(repr=False)
    pitch: float
    pitch_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedVoice:
    """A base voice and the fixed way from it to the speaker.

    Attributes:
        engine: Whose base voice it is.
        base: The base voice's name.
        warp: Factor on the frequency axis.
        mapping: Whether the envelope's variance is matched too.
        source: The base voice's timbre, after the warp.
        target: The speaker's timbre.
        equaliser: Natural logarithm of power gains on the encoder's mel bands, shape
            (1 + SHAPES, 40): the first row always, the others as far as `shapes` says, so that one
            vowel may be brightened and another darkened.
        characters_per_s: How fast the base voice says the calibration sentence.
        similarity: Resemblyzer's cosine of the calibration sentence to the speaker: to speech that
            nothing was fitted on where there are 10 s or more; where there is less, and in the
            quick variant, to what the voice was fitted to, which flatters it.
        naturalness: DNSMOS of the calibration sentence in this voice; None: not measured.
        base_naturalness: The same in the base voice, untouched.
    """

    engine: str
    base: str
    warp: float
    mapping: Mapping
    source: Timbre
    target: Timbre
    equaliser: NDArray[np.float32] = field(repr=False)
    characters_per_s: float
    similarity: float = 0.0
    naturalness: float | None = None
    base_naturalness: float | None = None

    @property
    def description(self) -> str:
        """How the voice was made, for a person to read."""
        how = f"warp {self.warp:g}, {self.mapping}"
        likeness = f"similarity {self.similarity:.2f}"
        if self.naturalness is None or self.base_naturalness is None:
            return f"{self.engine} {self.base}, {how}: {likeness}, DNSMOS not measured"
        natural = f"DNSMOS {self.naturalness:.2f} (base {self.base_naturalness:.2f})"
        return f"{self.engine} {self.base}, {how}: {likeness}, {natural}"

    @property
    def is_natural(self) -> bool:
        """Whether it lost no more than `MAX_UNNATURAL` against its base, as far as is known."""
        if self.naturalness is None or self.base_naturalness is None:
            return False
        return self.naturalness >= self.base_naturalness - MAX_UNNATURAL

    @property
    def worth(self) -> float:
        """What the search maximises: likeness, and a little the base voice's naturalness."""
        return self.similarity + NATURAL_WORTH * (self.base_naturalness or 0.0)


def matched(said: Analysis, voice: MatchedVoice, speed: float = 1.0) -> Audio:
    """The clip in the matched voice, `speed` times as fast: float32, shape (samples,), at
    `RATE_HZ`.
    """
    envelope = mapped_envelope(said, voice)
    f0 = mapped_pitch(said.f0, voice.source, voice.target)
    return synthesized(replace(said, f0=f0, envelope=envelope), speed)


def mapped_pitch(f0: Floats, source: Timbre, target: Timbre) -> Floats:
    """F0 in Hz with the target's register and liveliness; voiceless frames stay 0."""
    voiced = f0 > 0
    spread = min(target.pitch_spread, MAX_PITCH_SPREAD) / max(source.pitch_spread, 0.01)
    moved = np.zeros_like(f0)
    moved[voiced] = np.exp((np.log(f0[voiced]) - source.pitch) * spread + target.pitch)
    return np.clip(moved, PITCH_FLOOR_HZ, PITCH_CEIL_HZ, where=voiced, out=moved)


def mapped_envelope(said: Analysis, voice: MatchedVoice) -> Floats:
    """The clip's envelope in the matched voice, shape (frames, bins)."""
    source, target = voice.source, voice.target
    code = coded(warped(said.envelope, voice.warp))
    scale = np.ones(ORDER)
    if voice.mapping == "mean+variance":
        scale = np.clip(target.spread / np.maximum(source.spread, 1e-6), *VARIANCE_LIMITS)
    change = (code - source.mean) * scale + target.mean - code
    change[:, 0] = 0
    weight = _smooth(np.where(said.f0 > 0, 1.0, UNVOICED_SHARE)[:, None], SOFT)
    bins = said.envelope.shape[1]
    places_hz = np.linspace(0, RATE_HZ / 2, bins)
    rows = [np.interp(places_hz, band_centres_hz(), row) for row in voice.equaliser]
    gains = np.exp(_shapes(code, source) @ np.stack(rows))
    return np.ascontiguousarray(decoded(code + change * weight, bins) * gains)


def shapes(said: Analysis, voice: MatchedVoice) -> Floats:
    """How far each frame's sound differs from the base voice's mean, shape (frames, 1 + SHAPES):
    1, and a number in [-1, 1] for each of the first terms of the coded envelope.
    """
    return _shapes(coded(warped(said.envelope, voice.warp)), voice.source)


def _shapes(code: Floats, source: Timbre) -> Floats:
    used = slice(1, SHAPES + 1)
    apart = (code[:, used] - source.mean[used]) / np.maximum(source.spread[used], 1e-6)
    bent = np.clip(apart, -SHAPE_LIMIT, SHAPE_LIMIT) / SHAPE_LIMIT
    return _smooth(np.column_stack([np.ones(len(code)), bent]), SOFTER)


def _smooth(columns: Floats, frames: int) -> Floats:
    """Each column's running mean over an odd number of frames."""
    half = frames // 2
    padded = np.pad(columns, ((half, half), (0, 0)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, frames, axis=0)
    mean: Floats = windows.mean(axis=-1)
    return mean


def band_centres_hz() -> Floats:
    """Where the equaliser's bands lie, in Hz, shape (40,)."""
    return ResemblyzerEncoder.band_centres_hz()


def band_bins() -> NDArray[np.intp]:
    """The vocoder's bins nearest to `band_centres_hz`, shape (40,)."""
    places: Floats = band_centres_hz() * FFT_SIZE / RATE_HZ
    return np.rint(places).astype(np.intp)


def timbre(f0: Floats, envelope: Floats, whose: str) -> Timbre:
    """How a clip sounds on average.

    Raises:
        InputError: No voice is in it; `whose` names it.
    """
    code = coded(envelope)
    voiced = f0 > 0
    if voiced.sum() < 20:  # 0.1 s
        raise InputError(
            f"no voice can be heard in the sample of {whose}; choose another stretch of speech"
        )
    loud = voiced & (code[:, 0] >= np.percentile(code[voiced, 0], 20))
    low, middle, high = np.percentile(np.log(f0[voiced]), (25, 50, 75))
    return Timbre(
        mean=code[loud].mean(axis=0),
        spread=code[loud].std(axis=0),
        pitch=float(middle),
        pitch_spread=float(high - low) / 1.349,  # a normal distribution's quartiles
    )
