"""A synthetic voice made to resemble a speaker, by the WORLD vocoder (Morise et al. 2016).

A base voice says a calibration sentence. Its pitch and its envelope's statistics are mapped
to those of the speaker's prompt, the frequency axis is warped for the length of the vocal tract,
and an equaliser gives the last touch. Base, warp and mapping are chosen by a search for the highest
speaker similarity among voices that sound about as natural as their base. All of it is fixed once
per speaker, so that the voice is the same in every segment.
"""

from __future__ import annotations

import hashlib
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

from dubbing.engines.dnsmos import naturalness
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
CHANNELS, RANGE = 8.0, 0.2  # of DIO's filters in an octave, and of its pitch from frame to frame
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
FINALISTS = 2  # bases that go on to the costlier rounds
CLOSEST = 2  # warps of each that do
TUNED = 3  # voices of each base that are given an equaliser
TUNING_GAINS = 0.1  # similarity: a base that is farther behind the first is not followed
MAX_UNNATURAL = 0.2  # DNSMOS that a matched voice may lose against its base: beyond, it buzzes
NATURAL_WORTH = 0.1  # similarity that one point of a base's DNSMOS outweighs
EQUALISER_SHARES = (1.0, 0.5)  # of the equaliser's decibels, tried in this order

MAX_PROMPT_S = 20.0  # bounds the time that the search takes
MAX_MORE_S = 60.0
PIECE_S = 6.0  # of further speech that is embedded as one
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
        similarity: Resemblyzer's cosine of the calibration sentence to speech of the speaker that
            nothing was fitted on.
        naturalness: DNSMOS of the calibration sentence in this voice.
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
    naturalness: float = 0.0
    base_naturalness: float = 0.0

    @property
    def description(self) -> str:
        """How the voice was made, for a person to read."""
        how = f"warp {self.warp:g}, {self.mapping}"
        likeness = f"similarity {self.similarity:.2f}"
        natural = f"DNSMOS {self.naturalness:.2f} (base {self.base_naturalness:.2f})"
        return f"{self.engine} {self.base}, {how}: {likeness}, {natural}"

    @property
    def is_natural(self) -> bool:
        """Whether it lost no more than `MAX_UNNATURAL` against its base."""
        return self.naturalness >= self.base_naturalness - MAX_UNNATURAL

    @property
    def worth(self) -> float:
        """What the search maximises: likeness, and a little the base voice's naturalness."""
        return self.similarity + NATURAL_WORTH * self.base_naturalness


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
    """Prepares and speaks matched voices for one engine; remembers the voices that it prepared."""

    def __init__(self, engine: str, say: Say) -> None:
        self._engine = engine
        self._say = say
        self._calibrations: dict[tuple[str, str], Analysis] = {}
        self._naturalness: dict[tuple[str, str], float] = {}
        self._prepared: dict[bytes, MatchedVoice] = {}

    def prepare(
        self, prompt: VoicePrompt, *, bases: Sequence[str], sentence: str, tuning: str
    ) -> MatchedVoice:
        """The best of bases × warps × mappings for the prompt's speaker: seconds of work, done once
        per process for the same prompt.

        Args:
            prompt: ≥ 1 s of the speaker.
            bases: Names for `say`.
            sentence: What the base voices say for calibration.
            tuning: What else the finalists say, so that the equaliser fits more than one sentence.

        Raises:
            InputError: The prompt is too short or holds no voice.
        """
        key = _key(prompt, bases, sentence, tuning)
        if key not in self._prepared:
            self._prepared[key] = self._search(prompt, bases, sentence, tuning)
            self._calibrations.clear()  # 6 MB for each second of each base voice
        return self._prepared[key]

    def _search(
        self, prompt: VoicePrompt, bases: Sequence[str], sentence: str, tuning: str
    ) -> MatchedVoice:
        speaker, text = _speaker(prompt), f"{sentence} {tuning}"
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda base: self._calibration(base, sentence), bases))
            list(pool.map(lambda base: self._base_naturalness(base, text), bases))
            plain = [
                self._candidate(b, w, sentence, text, speaker.timbre)
                for b, w in product(bases, WARPS)
            ]
            ranked = self._rank(plain, sentence, speaker.judge, pool)
            close = (v.base for v in ranked if v.worth >= ranked[0].worth - TUNING_GAINS)
            nearest = list(dict.fromkeys(close))[:FINALISTS]
            groups = [[v for v in ranked if v.base == base] for base in nearest]
            first = [v for group in groups for v in self._naturals(group, text, pool)]
            varied = [replace(voice, mapping="mean+variance") for voice in first]
            both = self._rank([*first, *varied], text, speaker.judge, pool)
            scored = list(pool.map(lambda voice: self._scored(voice, text), both))
            best = [
                voice
                for base in nearest
                for voice in sorted((v for v in scored if v.base == base), key=_preferred)[:TUNED]
            ]
            tuned = pool.map(lambda voice: self._tuned(voice, text, speaker), best)
            last = [voice for several in tuned for voice in several]
            ranked = self._rank(last, text, speaker.judge, pool)
            best = [min((v for v in ranked if v.base == base), key=_preferred) for base in nearest]
            return max(best, key=_value)

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

    def _calibration(self, base: str, text: str) -> Analysis:
        key = (base, text)
        if key not in self._calibrations:
            self._calibrations[key] = analyse(self._said(base, text))
        return self._calibrations[key]

    def _said(self, base: str, text: str) -> Audio:
        return trimmed(_at_rate(self._say(base, text), RATE_HZ))

    def _candidate(
        self, base: str, warp: float, sentence: str, text: str, target: Timbre
    ) -> MatchedVoice:
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
            base_naturalness=self._base_naturalness(base, text),
        )

    def _rank(
        self, voices: list[MatchedVoice], sentence: str, judge: Vector, pool: ThreadPoolExecutor
    ) -> list[MatchedVoice]:
        """The voices with their similarity to the judging part of the speech, best first."""
        vectors = encoder().embed(
            list(pool.map(lambda voice: self._heard(voice, sentence), voices))
        )
        scores = [float(vector @ judge) for vector in vectors]
        scored = [replace(v, similarity=s) for v, s in zip(voices, scores, strict=True)]
        return sorted(scored, key=lambda voice: -voice.worth)

    def _naturals(
        self, ranked: Sequence[MatchedVoice], text: str, pool: ThreadPoolExecutor
    ) -> list[MatchedVoice]:
        """The nearest of the natural voices among a base's, or else its least unnatural one."""
        scored: list[MatchedVoice] = []
        for few in (ranked[:CLOSEST], ranked[CLOSEST:]):
            scored += pool.map(lambda voice: self._scored(voice, text), few)
            if natural := [voice for voice in scored if voice.is_natural]:
                return natural[:CLOSEST]
        return [min(scored, key=_preferred)]

    def _scored(self, voice: MatchedVoice, text: str) -> MatchedVoice:
        return replace(voice, naturalness=naturalness(self._heard(voice, text)))

    def _base_naturalness(self, base: str, text: str) -> float:
        key = (base, text)
        if key not in self._naturalness:
            self._naturalness[key] = naturalness(_for_encoder(self._said(base, text)))
        return self._naturalness[key]

    def _tuned(self, voice: MatchedVoice, text: str, speaker: _Speaker) -> list[MatchedVoice]:
        """The voice as it is, and with as much of the equaliser that brings its speech nearest to
        the speaker as leaves it natural; where nothing is natural, with all and with half of it.
        """
        gains = encoder().equaliser(self._heard(voice, text), speaker.aim)
        found = [voice]
        for share in EQUALISER_SHARES:
            tuned = replace(voice, equaliser=gains * np.float32(share))
            found.append(self._scored(tuned, text))
            if found[-1].is_natural:
                break
        return found

    def _heard(self, voice: MatchedVoice, sentence: str) -> Audio:
        """The calibration sentence in a matched voice, as the encoder takes it."""
        return _for_encoder(matched(self._calibration(voice.base, sentence), voice))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaker:
    """Whom to resemble: timbre and vector to fit to, and the vector of other speech to judge by."""

    timbre: Timbre
    aim: Vector
    judge: Vector


def _preferred(voice: MatchedVoice) -> tuple[bool, float]:
    """Sorts the voices of one base: natural ones first, then those of the highest value."""
    return not voice.is_natural, -_value(voice)


def _value(voice: MatchedVoice) -> float:
    """Likeness, and a little the voice's own naturalness: a recorded voice that lost some of it is
    still easier to listen to than a robot that had none to lose.
    """
    return voice.similarity + NATURAL_WORTH * voice.naturalness


def _key(prompt: VoicePrompt, *texts: object) -> bytes:
    digest = hashlib.sha256(repr((prompt.sample_rate_hz, texts)).encode())
    for samples in (prompt.samples, prompt.more):
        digest.update(np.ascontiguousarray(samples).tobytes() + b"|")
    return digest.digest()


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

    DIO with `CHANNELS` and `RANGE` misses as few voiced frames as Harvest does, in a seventh of the
    time: of 17 s of a recorded voice 93 against 89 %, DNSMOS after the vocoder 3.2 against 3.1,
    RTF 0.025 against 0.17. DIO's defaults find 77 % of them.

    Args:
        samples: float32, shape (samples,), mono, at `RATE_HZ`.
    """
    x = np.ascontiguousarray(samples, dtype=np.float64)
    f0, times = pyworld.dio(
        x, RATE_HZ, PITCH_FLOOR_HZ, PITCH_CEIL_HZ, channels_in_octave=CHANNELS, allowed_range=RANGE
    )
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


def _speaker(prompt: VoicePrompt) -> _Speaker:
    """What is known of the speaker. With enough further speech every second piece of it judges;
    with none, the last third of the prompt, or the whole where it is short.
    """
    fitting, judging = _split(prompt)
    aims = encoder().embed([_for_encoder(piece) for piece in fitting])
    judges = encoder().embed([_for_encoder(piece) for piece in judging])
    told = np.concatenate(fitting)[: int(MAX_PROMPT_S * RATE_HZ)]
    return _Speaker(
        timbre=_timbre(analyse(told), prompt.speaker),
        aim=_middle(aims),
        judge=_middle(judges),
    )


def _middle(vectors: Sequence[Vector]) -> Vector:
    """The unit-length mean: one stretch of speech says less about a speaker than several."""
    mean = np.mean(vectors, axis=0)
    middle: Vector = (mean / np.linalg.norm(mean)).astype(np.float32)
    return middle


def _split(prompt: VoicePrompt) -> tuple[list[Audio], list[Audio]]:
    """The speaker's speech in pieces at `RATE_HZ`: what to fit on and what to judge by."""
    speech = Speech(samples=prompt.samples, sample_rate_hz=prompt.sample_rate_hz)
    if speech.duration_s < MIN_PROMPT_S:
        raise InputError(
            f"the voice sample of {prompt.speaker} lasts {speech.duration_s:.1f} s; give 3 s"
        )
    samples = _at_rate(speech, RATE_HZ)[: int(MAX_PROMPT_S * RATE_HZ)]
    pieces = _pieces(prompt)
    if len(pieces) > 1:
        return [samples, *pieces[1::2]], pieces[0::2]
    if len(samples) < HELD_OUT_FROM_S * RATE_HZ:
        return [samples], [samples]
    cut = len(samples) * 2 // 3
    return [samples[:cut]], [samples[cut:]]


def _pieces(prompt: VoicePrompt) -> list[Audio]:
    more = Speech(samples=prompt.more, sample_rate_hz=prompt.sample_rate_hz)
    length, samples = int(PIECE_S * RATE_HZ), _at_rate(more, RATE_HZ)
    last = min(len(samples), int(MAX_MORE_S * RATE_HZ)) - length
    return [samples[at : at + length] for at in range(0, last + 1, length)]


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
