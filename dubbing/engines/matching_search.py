"""The search for the base voice and the way from it that come nearest to a speaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np

from dubbing.engines.dnsmos import naturalness
from dubbing.engines.matching_speaker import Speaker, Vector, encoder, for_encoder, speaker_of
from dubbing.engines.matching_vocoder import (
    FRAME_MS,
    RATE_HZ,
    Analysis,
    analyse,
    at_rate,
    trimmed,
    warped,
)
from dubbing.engines.matching_voice import (
    NATURAL_WORTH,
    MatchedVoice,
    Timbre,
    band_centres_hz,
    matched,
    timbre,
)
from dubbing.types import Audio, Speech, VoicePrompt

Say = Callable[[str, str], Speech]
"""A base voice: (voice name, text) → what it says; the same arguments give the same sound."""

WORKERS = 2  # pyworld lets go of the interpreter lock

# Below 1 formants move up (women, children), above 1 down.
WARPS = (0.8, 0.9, 1.0, 1.1)
FINALISTS = 2  # bases that go on to the costlier rounds
CLOSEST = 2  # warps of each that do
TUNED = 3  # voices of each base that are given an equaliser
TUNING_GAINS = 0.1  # similarity: a base that is farther behind the first is not followed
EQUALISER_SHARES = (1.0, 0.5)  # of the equaliser's decibels, tried in this order


class VoiceSearch:
    """Tries the base voices of one engine."""

    def __init__(self, engine: str, say: Say) -> None:
        self._engine = engine
        self._say = say
        self._calibrations: dict[tuple[str, str], Analysis] = {}
        self._naturalness: dict[tuple[str, str], float] = {}

    def best(
        self, prompt: VoicePrompt, bases: Sequence[str], sentence: str, tuning: str
    ) -> MatchedVoice:
        """The voice with the highest value; arguments and errors as of `VoiceMatcher.prepare`."""
        speaker, text = speaker_of(prompt), f"{sentence} {tuning}"
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
            self._calibrations.clear()  # 6 MB for each second of each base voice
            return max(best, key=_value)

    def _calibration(self, base: str, text: str) -> Analysis:
        key = (base, text)
        if key not in self._calibrations:
            self._calibrations[key] = analyse(self._said(base, text))
        return self._calibrations[key]

    def _said(self, base: str, text: str) -> Audio:
        return trimmed(at_rate(self._say(base, text), RATE_HZ))

    def _candidate(
        self, base: str, warp: float, sentence: str, text: str, target: Timbre
    ) -> MatchedVoice:
        said = self._calibration(base, sentence)
        return MatchedVoice(
            engine=self._engine,
            base=base,
            warp=warp,
            mapping="mean",
            source=timbre(replace(said, envelope=warped(said.envelope, warp)), base),
            target=target,
            equaliser=np.zeros(len(band_centres_hz()), np.float32),
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
            self._naturalness[key] = naturalness(for_encoder(self._said(base, text)))
        return self._naturalness[key]

    def _tuned(self, voice: MatchedVoice, text: str, speaker: Speaker) -> list[MatchedVoice]:
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
        return for_encoder(matched(self._calibration(voice.base, sentence), voice))


def _preferred(voice: MatchedVoice) -> tuple[bool, float]:
    """Sorts the voices of one base: natural ones first, then those of the highest value."""
    return not voice.is_natural, -_value(voice)


def _value(voice: MatchedVoice) -> float:
    """Likeness, and a little the voice's own naturalness: a recorded voice that lost some of it is
    still easier to listen to than a robot that had none to lose.
    """
    return voice.similarity + NATURAL_WORTH * voice.naturalness
