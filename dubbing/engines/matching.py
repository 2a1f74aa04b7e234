"""A synthetic voice made to resemble a speaker, by the WORLD vocoder (Morise et al. 2016).

A base voice says a calibration sentence. Its pitch and its envelope's statistics are mapped
to those of the speaker's prompt, the frequency axis is warped for the length of the vocal tract,
and a gentle equaliser gives the last touch. Base, warp and mapping are chosen by a search for the
highest speaker similarity. All of it is fixed once per speaker, so that the voice is the same in
every segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from threading import Lock
from typing import Literal

import numpy as np
import pyworld
import soxr
from numpy.typing import NDArray

from dubbing.engines.resemblyzer import RATE_HZ as ENCODER_HZ
from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.errors import EngineError, InputError
from dubbing.types import Audio, Speech, VoicePrompt

Floats = NDArray[np.float64]
Vector = NDArray[np.float32]
Mapping = Literal["mean", "mean+variance"]
Say = Callable[[str, str], Speech]
"""A base voice: (voice name, text) → what it says; the same arguments give the same sound."""

RATE_HZ = 22_050
FRAME_MS = pyworld.default_frame_period  # between two frames of the vocoder: 5 ms
ORDER = 40  # numbers of the coded envelope; the first is loudness and stays the base voice's
PITCH_FLOOR_HZ, PITCH_CEIL_HZ = 60.0, 500.0
WORKERS = 2  # pyworld lets go of the interpreter lock

# Below 1 formants move up (women, children), above 1 down.
WARPS = (0.8, 0.9, 1.0, 1.1)
MAX_PITCH_SPREAD = (
    0.25  # standard deviation of ln F0: a lively speaker; prompts with octave errors show more
)
VARIANCE_LIMITS = (0.7, 1.4)  # a guard against odd prompts; a choice, not measured
UNVOICED_SHARE = (
    0.5  # of the map on voiceless sounds; as similar as all of it, and touches "с" and "ш" less
)
FINALISTS = 2  # candidates for which both mappings are tried

MAX_PROMPT_S = 30.0  # bounds the time that the search takes
HELD_OUT_FROM_S = 10.0  # a longer prompt's last third judges what was fitted on the rest
MIN_PROMPT_S = 1.0
LEVEL_DB = -23.0  # what similarity is measured at; the encoder hears loudness

TRIM_DB = -45.0  # below the clip's loudest 10 ms: not yet sound
TRIM_KEEP_S = 0.01
PEAK = 0.99


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
        equaliser: Natural logarithm of power gains on the encoder's mel bands, shape (40,).
        characters_per_s: How fast the base voice says the calibration sentence.
        similarity: Resemblyzer's cosine of the calibration sentence to the prompt's judging part.
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

    @property
    def description(self) -> str:
        """How the voice was made, for a person to read."""
        how = f"warp {self.warp:g}, {self.mapping}"
        return f"{self.engine} {self.base}, {how}: similarity {self.similarity:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """WORLD's view of a clip, a frame every 5 ms.

    Attributes:
        f0: Hz, 0 where voiceless, shape (frames,).
        envelope: Power spectrum without harmonics, shape (frames, bins).
        aperiodicity: Share of noise 0..1, shape (frames, bins).
    """

    f0: Floats
    envelope: Floats
    aperiodicity: Floats


class VoiceMatcher:
    """Prepares and speaks matched voices for one engine; remembers how each base voice sounds."""

    def __init__(self, engine: str, say: Say) -> None:
        self._engine = engine
        self._say = say
        self._calibrations: dict[tuple[str, str], Analysis] = {}

    def prepare(self, prompt: VoicePrompt, *, bases: Sequence[str], sentence: str) -> MatchedVoice:
        """The best of bases × warps × mappings for the prompt's speaker: a few seconds of work.

        Args:
            prompt: ≥ 1 s of the speaker.
            bases: Names for `say`.
            sentence: What the base voices say for calibration.

        Raises:
            InputError: The prompt is too short or holds no voice.
        """
        fitting, judging = _split(prompt)
        target = _timbre(analyse(fitting), prompt.speaker)
        aim, judge = encoder().embed([_for_encoder(fitting), _for_encoder(judging)])
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda base: self._calibration(base, sentence), bases))
            plain = [self._candidate(b, w, sentence, target) for b, w in product(bases, WARPS)]
            ranked = self._rank(plain, sentence, judge, pool)[:FINALISTS]
            varied = [replace(voice, mapping="mean+variance") for voice in ranked]
            best = self._rank([*ranked, *varied], sentence, judge, pool)[0]
            return self._rank([best, self._tuned(best, sentence, aim)], sentence, judge, pool)[0]

    def synthesize(
        self, texts: Sequence[str], voice: MatchedVoice, *, speed: float = 1.0
    ) -> list[Speech]:
        """One clip per text, in order, trimmed to its sound, `speed` times as fast as the base.

        Raises:
            EngineError: A text has nothing that can be spoken.
        """
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda text: self._speak(text, voice, speed), texts))

    def _speak(self, text: str, voice: MatchedVoice, speed: float) -> Speech:
        base = trimmed(_at_rate(self._say(voice.base, text), RATE_HZ))
        if not len(base):
            raise EngineError(
                self._engine,
                f"{self._engine} made no sound of a text of {len(text)} characters; edit it",
            )
        return Speech(
            samples=trimmed(_bounded(matched(analyse(base), voice, speed))), sample_rate_hz=RATE_HZ
        )

    def _calibration(self, base: str, sentence: str) -> Analysis:
        key = (base, sentence)
        if key not in self._calibrations:
            said = trimmed(_at_rate(self._say(base, sentence), RATE_HZ))
            self._calibrations[key] = analyse(said)
        return self._calibrations[key]

    def _candidate(self, base: str, warp: float, sentence: str, target: Timbre) -> MatchedVoice:
        said = self._calibration(base, sentence)
        return MatchedVoice(
            engine=self._engine,
            base=base,
            warp=warp,
            mapping="mean",
            source=_timbre(replace(said, envelope=warped(said.envelope, warp)), base),
            target=target,
            equaliser=np.zeros(len(_band_centres()), np.float32),
            characters_per_s=len(sentence) / (len(said.f0) * FRAME_MS / 1000),
        )

    def _rank(
        self, voices: list[MatchedVoice], sentence: str, judge: Vector, pool: ThreadPoolExecutor
    ) -> list[MatchedVoice]:
        """The voices with their similarity to the judging part of the prompt, best first."""
        vectors = encoder().embed(
            list(pool.map(lambda voice: self._heard(voice, sentence), voices))
        )
        scores = [float(vector @ judge) for vector in vectors]
        scored = [replace(v, similarity=s) for v, s in zip(voices, scores, strict=True)]
        return sorted(scored, key=lambda voice: -voice.similarity)

    def _tuned(self, voice: MatchedVoice, sentence: str, aim: Vector) -> MatchedVoice:
        """The voice with the equaliser that brings its sentence nearest to the prompt."""
        gains = encoder().equaliser(self._heard(voice, sentence), aim)
        return replace(voice, equaliser=gains)

    def _heard(self, voice: MatchedVoice, sentence: str) -> Audio:
        """The calibration sentence in a matched voice, as the encoder takes it."""
        return _for_encoder(matched(self._calibration(voice.base, sentence), voice))


_loading = Lock()


def encoder() -> ResemblyzerEncoder:
    """The encoder that judges similarity, loaded at the first call and shared."""
    with _loading:
        return _encoder()


@cache
def _encoder() -> ResemblyzerEncoder:
    return ResemblyzerEncoder()


def analyse(samples: Audio) -> Analysis:
    """Pitch, envelope and aperiodicity of a clip.

    DIO with StoneMask is nine times as fast as Harvest: RTF 0.025 against 0.22.

    Args:
        samples: float32, shape (samples,), mono, at `RATE_HZ`.
    """
    x = np.ascontiguousarray(samples, dtype=np.float64)
    f0, times = pyworld.dio(x, RATE_HZ, f0_floor=PITCH_FLOOR_HZ, f0_ceil=PITCH_CEIL_HZ)
    f0 = pyworld.stonemask(x, f0, times, RATE_HZ)
    return Analysis(
        f0=f0,
        envelope=pyworld.cheaptrick(x, f0, times, RATE_HZ),
        aperiodicity=pyworld.d4c(x, f0, times, RATE_HZ),
    )


def matched(said: Analysis, voice: MatchedVoice, speed: float = 1.0) -> Audio:
    """The clip in the matched voice, `speed` times as fast: float32, shape (samples,), at
    `RATE_HZ`.
    """
    envelope = _mapped_envelope(warped(said.envelope, voice.warp), said.f0 > 0, voice)
    f0 = mapped_pitch(said.f0, voice.source, voice.target)
    sound = pyworld.synthesize(f0, envelope, said.aperiodicity, RATE_HZ, FRAME_MS / speed)
    return np.asarray(sound, np.float32)


def warped(envelope: Floats, warp: float) -> Floats:
    """The envelope read at `warp` times each frequency, shape (frames, bins) as before.

    A formant at f comes to lie at f / warp.
    """
    last = envelope.shape[1] - 1
    place = np.minimum(np.arange(last + 1) * warp, last)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, last)
    logs = np.log(envelope)
    moved: Floats = np.exp(logs[:, below] + (place - below) * (logs[:, above] - logs[:, below]))
    return moved


def mapped_pitch(f0: Floats, source: Timbre, target: Timbre) -> Floats:
    """F0 in Hz with the target's register and liveliness; voiceless frames stay 0."""
    voiced = f0 > 0
    spread = min(target.pitch_spread, MAX_PITCH_SPREAD) / max(source.pitch_spread, 0.01)
    moved = np.zeros_like(f0)
    moved[voiced] = np.exp((np.log(f0[voiced]) - source.pitch) * spread + target.pitch)
    return np.clip(moved, PITCH_FLOOR_HZ, PITCH_CEIL_HZ, where=voiced, out=moved)


def _mapped_envelope(envelope: Floats, voiced: NDArray[np.bool_], voice: MatchedVoice) -> Floats:
    source, target = voice.source, voice.target
    code = pyworld.code_spectral_envelope(np.ascontiguousarray(envelope), RATE_HZ, ORDER)
    scale = np.ones(ORDER)
    if voice.mapping == "mean+variance":
        scale = np.clip(target.spread / np.maximum(source.spread, 1e-6), *VARIANCE_LIMITS)
    change = (code - source.mean) * scale + target.mean - code
    change[:, 0] = 0
    weight = np.where(voiced, 1.0, UNVOICED_SHARE)
    soft = np.convolve(np.pad(weight, 2, "edge"), np.full(5, 1 / 5), "valid")  # no steps: 25 ms
    mapped = np.ascontiguousarray(code + change * soft[:, None])
    bins = envelope.shape[1]
    decoded = pyworld.decode_spectral_envelope(mapped, RATE_HZ, (bins - 1) * 2)
    gains = np.interp(np.linspace(0, RATE_HZ / 2, bins), _band_centres(), voice.equaliser)
    return np.ascontiguousarray(decoded * np.exp(gains))


def _band_centres() -> Floats:
    return ResemblyzerEncoder.band_centres_hz()


def _timbre(said: Analysis, whose: str) -> Timbre:
    code = pyworld.code_spectral_envelope(np.ascontiguousarray(said.envelope), RATE_HZ, ORDER)
    voiced = said.f0 > 0
    if voiced.sum() < 20:  # 0.1 s
        raise InputError(
            f"no voice can be heard in the sample of {whose}; choose another stretch of speech"
        )
    loud = voiced & (code[:, 0] >= np.percentile(code[voiced, 0], 20))
    low, middle, high = np.percentile(np.log(said.f0[voiced]), (25, 50, 75))
    return Timbre(
        mean=code[loud].mean(axis=0),
        spread=code[loud].std(axis=0),
        pitch=float(middle),
        pitch_spread=float(high - low) / 1.349,  # a normal distribution's quartiles
    )


def _split(prompt: VoicePrompt) -> tuple[Audio, Audio]:
    """The prompt at `RATE_HZ`: what to fit on and what to judge by; the same where it is short."""
    speech = Speech(samples=prompt.samples, sample_rate_hz=prompt.sample_rate_hz)
    if speech.duration_s < MIN_PROMPT_S:
        raise InputError(
            f"the voice sample of {prompt.speaker} lasts {speech.duration_s:.1f} s; give 3 s"
        )
    samples = _at_rate(speech, RATE_HZ)[: int(MAX_PROMPT_S * RATE_HZ)]
    if len(samples) < HELD_OUT_FROM_S * RATE_HZ:
        return samples, samples
    cut = len(samples) * 2 // 3
    return samples[:cut], samples[cut:]


def trimmed(samples: Audio) -> Audio:
    """The clip from 10 ms before its first sound to 10 ms after its last; else empty."""
    step = RATE_HZ // 100
    energy = np.square(np.pad(samples, (0, -len(samples) % step))).reshape(-1, step).mean(axis=1)
    if not len(energy) or energy.max() < 1e-8:  # −80 dBFS
        return samples[:0]
    heard = np.flatnonzero(energy > energy.max() * 10 ** (TRIM_DB / 10))
    keep = int(TRIM_KEEP_S * RATE_HZ)
    return samples[max(0, heard[0] * step - keep) : (heard[-1] + 1) * step + keep]


def _bounded(samples: Audio) -> Audio:
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(PEAK / peak) if peak > PEAK else samples


def _for_encoder(samples: Audio) -> Audio:
    """At the encoder's rate and at `LEVEL_DB`, from `RATE_HZ`."""
    rms = float(np.sqrt(np.square(samples, dtype=np.float64).mean()))
    level = samples * np.float32(10 ** (LEVEL_DB / 20) / max(rms, 1e-6))
    return _at_rate(Speech(samples=level, sample_rate_hz=RATE_HZ), ENCODER_HZ)


def _at_rate(speech: Speech, rate_hz: int) -> Audio:
    return np.asarray(soxr.resample(speech.samples, speech.sample_rate_hz, rate_hz), np.float32)
