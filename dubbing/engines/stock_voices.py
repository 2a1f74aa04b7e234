"""Voices that an engine has by itself, brought near a speaker without being resynthesised.

Of an engine's base voices of the speaker's sex the nearest by Resemblyzer speaks. It is brought to
the speaker's pitch: by the engine itself where its network takes a pitch, else by playing the clip
faster, which moves pitch and formants together; the engine then speaks slower by the same factor.
No vocoder takes the sound apart. What each way and amount of it does to likeness and naturalness
stands in `benchmarks/RESULTS.md`; the limits below are where naturalness begins to fall.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import soxr

from dubbing.engines.base import EngineInfo, Voice
from dubbing.errors import EngineError, InputError, UnsupportedLanguageError
from dubbing.flow.cancel import current
from dubbing.flow.together import together
from dubbing.media.pitch import median_pitch_hz
from dubbing.types import Audio, Gender, Speech, VoicePrompt

PITCH_RATE_HZ = 8000  # a fifth of the time at 24 kHz, the same median within 0.3 Hz
ENOUGH_S = 30.0  # of the speaker's speech: more makes a median pitch no surer
# How much slower or faster a clip may be played: by an engine that can change the pitch alone, and
# by one that cannot.
PLAYED_BESIDE, PLAYED_ALONE = (0.9, 1.12), (0.85, 1.2)
# How much of a change of pitch is a change of formants too: tall people have both lower, but vocal
# tracts differ less than vocal folds (a woman's by 1.17, where her pitch is 1.7 times a man's).
FORMANTS = 1 / 3

TRIM_DB = -45.0  # below the clip's loudest 10 ms: not yet sound
TRIM_KEEP_S = 0.01
PEAK = 0.99
WORKERS = 2  # texts side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseVoice:
    """A voice that an engine has by itself.

    Attributes:
        name: For `StockSynthesizer.say`.
        gender: Whose it sounds like.
        pitch_hz: Its median fundamental.
        characters_per_s: How fast it speaks at speed 1, blanks, marks and pauses included.
        pitches: The least and the greatest factor by which its engine can change its pitch alone.
        vector: It by the encoder Resemblyzer, unit length; empty: not known.
    """

    name: str
    gender: Gender
    pitch_hz: float
    characters_per_s: float
    pitches: tuple[float, float] = (1.0, 1.0)
    vector: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockVoice:
    """A base voice and what brings it near a speaker; fulfils `base.Voice`.

    Attributes:
        engine: Whose voice it is.
        base: The base voice.
        pitch: Factor by which the engine changes the pitch alone.
        played: Factor by which the clip is played faster, the engine speaking slower.
    """

    engine: str
    base: BaseVoice
    pitch: float = 1.0
    played: float = 1.0

    @property
    def description(self) -> str:
        """How the voice was made, for a person to read."""
        hz = self.base.pitch_hz * self.pitch * self.played
        return (
            f"{self.engine} {self.base.name}, a stock voice near the speaker's pitch: {hz:.0f} Hz, "
            f"its own is {self.base.pitch_hz:.0f} Hz"
        )

    @property
    def characters_per_s(self) -> float:
        """See `base.Voice`."""
        return self.base.characters_per_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What a base voice is to say, and how.

    Attributes:
        base: Name of the base voice.
        text: See `base.Synthesizer.synthesize`.
        language: ISO 639-1 code.
        speed: Above 1 is faster.
        pitch: Factor on the voice's own pitch, within its `pitches`.
    """

    base: str
    text: str
    language: str
    speed: float = 1.0
    pitch: float = 1.0


class StockSynthesizer(ABC):
    """What all engines with base voices do alike; fulfils `base.Synthesizer`."""

    info: EngineInfo

    @abstractmethod
    def bases(self, language: str) -> Sequence[BaseVoice]:
        """The voices that speak a language here; at least one.

        Raises:
            UnsupportedLanguageError: None does.
        """

    @abstractmethod
    def say(self, utterance: Utterance) -> Speech:
        """Its sound, mono at `info.sample_rate_hz`; the same utterance gives the same samples.

        Raises:
            EngineError: The text cannot be spoken.
        """

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `base.Synthesizer`: the pitch is heard, some hundredths of a second of work.

        Raises:
            InputError: The prompt is empty.
        """
        bases = self.bases(language)
        if not len(prompt.samples):
            raise InputError(f"the voice sample of {prompt.speaker} is empty; give 3 s")
        pitch_hz = speaker_pitch_hz(prompt)
        return nearest(self.info.name, bases, pitch_hz, prompt.gender, prompt.vector)

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `base.Synthesizer`."""
        self.bases(language)
        prepared = cast(StockVoice, voice)
        with together(WORKERS) as pool:
            said = pool.map(lambda text: self._spoken(text, prepared, language, speed), texts)
            return list(said)

    def _spoken(self, text: str, voice: StockVoice, language: str, speed: float) -> Speech:
        current().check()
        said = self.say(
            Utterance(
                base=voice.base.name,
                text=text,
                language=language,
                speed=speed / voice.played,
                pitch=voice.pitch,
            )
        )
        samples = trimmed(played(said.samples, voice.played), said.sample_rate_hz)
        if not len(samples):
            name = self.info.name
            raise EngineError(
                name, f"{name} made no sound of a text of {len(text)} characters; edit it"
            )
        return replace(said, samples=bounded(samples))

    def unsupported(self, language: str) -> UnsupportedLanguageError:
        """The error that names the languages that the engine does speak."""
        name, known = self.info.name, ", ".join(self.info.languages)
        message = f"{name} speaks {known}, not {language!r}; choose one"
        return UnsupportedLanguageError(name, language, message)


def speaker_pitch_hz(prompt: VoicePrompt) -> float | None:
    """The speaker's median pitch; None where hardly anything is voiced."""
    clips = [
        np.asarray(soxr.resample(samples, prompt.sample_rate_hz, PITCH_RATE_HZ), np.float32)
        for samples in (prompt.samples, prompt.more)
    ]
    return median_pitch_hz([np.concatenate(clips)[: int(ENOUGH_S * PITCH_RATE_HZ)]], PITCH_RATE_HZ)


def nearest(
    engine: str,
    bases: Sequence[BaseVoice],
    pitch_hz: float | None,
    gender: Gender = "unknown",
    vector: Sequence[float] = (),
) -> StockVoice:
    """The base voice of the speaker's sex that comes nearest to them, brought to their pitch.

    Args:
        engine: Whose they are.
        bases: At least one.
        pitch_hz: The speaker's; None: unknown, then the first base speaks as it is.
        gender: The speaker's; unknown, or without a base of it: all bases are asked.
        vector: The speaker by Resemblyzer; empty, or where a base has none: the pitch decides.
    """
    alike = [base for base in bases if gender in {"unknown", base.gender}] or bases
    if len(vector) and all(base.vector for base in alike):
        alike = [max(alike, key=lambda base: float(np.dot(base.vector, vector)))]
    if pitch_hz is None:
        return StockVoice(engine=engine, base=alike[0])
    found = [_towards(engine, base, pitch_hz) for base in alike]
    return min(found, key=lambda voice: _effort(voice, pitch_hz))


def _towards(engine: str, base: BaseVoice, pitch_hz: float) -> StockVoice:
    wanted = pitch_hz / base.pitch_hz
    can_change = base.pitches != (1.0, 1.0)
    share, bounds = (FORMANTS, PLAYED_BESIDE) if can_change else (1.0, PLAYED_ALONE)
    by_playing = float(np.clip(wanted**share, *bounds))
    by_engine = float(np.clip(wanted / by_playing, *base.pitches))
    return StockVoice(
        engine=engine, base=base, pitch=round(by_engine, 3), played=round(by_playing, 3)
    )


def _effort(voice: StockVoice, pitch_hz: float) -> float:
    """How far the voice is changed and what is left, in octaves: what is left weighs more."""
    reached = voice.base.pitch_hz * voice.pitch * voice.played
    changed = abs(math.log2(voice.pitch)) + abs(math.log2(voice.played))
    return changed + 4 * abs(math.log2(pitch_hz / reached))


def played(samples: Audio, factor: float) -> Audio:
    """The clip played so many times as fast, pitch and formants with it: float32, shape
    (samples / factor,).
    """
    if factor == 1:
        return samples
    return np.asarray(soxr.resample(samples, factor, 1.0), np.float32)


def trimmed(samples: Audio, rate_hz: int) -> Audio:
    """The clip from 10 ms before its first sound to 10 ms after its last; else empty."""
    step = rate_hz // 100
    energy = np.square(np.pad(samples, (0, -len(samples) % step))).reshape(-1, step).mean(axis=1)
    if not len(energy) or energy.max() < 1e-8:  # −80 dBFS
        return samples[:0]
    heard = np.flatnonzero(energy > energy.max() * 10 ** (TRIM_DB / 10))
    keep = int(TRIM_KEEP_S * rate_hz)
    return samples[max(0, heard[0] * step - keep) : (heard[-1] + 1) * step + keep]


def bounded(samples: Audio) -> Audio:
    """The clip with its peak at `PEAK` or below."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(PEAK / peak) if peak > PEAK else samples
