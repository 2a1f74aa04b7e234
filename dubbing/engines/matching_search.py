"""The search for the base voice and the way from it that come nearest to a speaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np

from dubbing.engines.dnsmos import naturalness
from dubbing.engines.matching_equaliser import Mels, fitted, similarities
from dubbing.engines.matching_speaker import Speaker, encoder, for_encoder, speaker_of
from dubbing.engines.matching_vocoder import (
    FRAME_MS,
    RATE_HZ,
    Analysis,
    analyse,
    at_rate,
    synthesized,
    trimmed,
    warped,
)
from dubbing.engines.matching_voice import (
    NATURAL_WORTH,
    SHAPES,
    Mapping,
    MatchedVoice,
    band_bins,
    mapped_envelope,
    mapped_pitch,
    matched,
    shapes,
    timbre,
)
from dubbing.engines.resemblyzer import MELS, mel_spectrogram
from dubbing.types import Audio, Speech, VoicePrompt

Say = Callable[[str, str], Speech]
"""A base voice: (voice name, text) → what it says; the same arguments give the same sound."""

WORKERS = 2  # pyworld, torch and onnxruntime let go of the interpreter lock

# Below 1 formants move up (women, children), above 1 down.
WARPS = (0.8, 0.9, 1.0, 1.1)
FINALISTS = 2  # bases that go on to the costlier rounds
TUNING_GAINS = 0.1  # similarity: a base that is farther behind the first is not followed
EQUALISER_SHARES = (1.0, 0.8, 0.6, 0.4, 0.0)  # of the equaliser's decibels, tried in this order


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a base voice says for calibration.

    Attributes:
        name: For `Say`.
        said: Its analysis.
        carrier: Mel spectrogram of it with the speaker's pitch and its own envelope.
        naturalness: DNSMOS of it as it is.
    """

    name: str
    said: Analysis = field(repr=False)
    carrier: Mels = field(repr=False)
    naturalness: float

    def heard(self, voice: MatchedVoice) -> Mels:
        """Its mel spectrogram in a matched voice: what the change of the envelope makes of the
        carrier's, at the carrier's loudness. Spares synthesis: the similarity is the same to 0.01.
        """
        bins, said = band_bins(), self.said.thinned()
        change = mapped_envelope(said, voice)[:, bins] / said.envelope[:, bins]
        mel = self.carrier * change
        level = np.float32(self.carrier.sum() / mel.sum())
        return np.asarray(mel * level, np.float32)


def best_voice(
    engine: str, say: Say, prompt: VoicePrompt, bases: Sequence[str], text: str
) -> MatchedVoice:
    """The voice with the highest value; arguments and errors as of `VoiceMatcher.prepare`."""
    with ThreadPoolExecutor(WORKERS) as pool:
        speaker = speaker_of(prompt, pool)
        found = list(pool.map(lambda name: _base(say, name, text, speaker), bases))
        rows = list(pool.map(lambda base: _nearest(engine, base, text, speaker), found))
        first = sorted(zip(found, rows, strict=True), key=lambda pair: -pair[1][0].worth)
        close = first[0][1][0].worth - TUNING_GAINS
        kept = [pair for pair in first if pair[1][0].worth >= close][:FINALISTS]
        return max(pool.map(lambda pair: _finished(pair[0], pair[1], speaker), kept), key=_value)


def _base(say: Say, name: str, text: str, speaker: Speaker) -> Base:
    sound = trimmed(at_rate(say(name, text), RATE_HZ))
    said = analyse(sound)
    f0 = mapped_pitch(said.f0, timbre(said.f0, said.envelope, name), speaker.timbre)
    carrier = mel_spectrogram(for_encoder(synthesized(replace(said, f0=f0))))
    return Base(
        name=name,
        said=said,
        carrier=carrier[: len(said.f0[::2])],  # its frames are 10 ms long, the vocoder's 5 ms
        naturalness=naturalness(for_encoder(sound)),
    )


def _nearest(engine: str, base: Base, text: str, speaker: Speaker) -> list[MatchedVoice]:
    """The base's warps and mappings with their similarity to the judging part, best first."""
    plain = [_candidate(engine, base, warp, text, speaker) for warp in WARPS]
    ranked = _ranked(base, plain, speaker)
    varied = [replace(ranked[0], mapping=mapping) for mapping in get_args(Mapping)[1:]]
    return sorted([*ranked, *_ranked(base, varied, speaker)], key=lambda voice: -voice.worth)


def _candidate(engine: str, base: Base, warp: float, text: str, speaker: Speaker) -> MatchedVoice:
    said = base.said
    return MatchedVoice(
        engine=engine,
        base=base.name,
        warp=warp,
        mapping="mean",
        source=timbre(said.f0, warped(said.envelope, warp), base.name),
        target=speaker.timbre,
        equaliser=np.zeros((1 + SHAPES, MELS), np.float32),
        characters_per_s=len(text) / (len(said.f0) * FRAME_MS / 1000),
        base_naturalness=base.naturalness,
    )


def _ranked(base: Base, voices: Sequence[MatchedVoice], speaker: Speaker) -> list[MatchedVoice]:
    scores = similarities([base.heard(voice) for voice in voices], speaker.judge)
    scored = [replace(v, similarity=s) for v, s in zip(voices, scores, strict=True)]
    return sorted(scored, key=lambda voice: -voice.worth)


def _finished(base: Base, ranked: Sequence[MatchedVoice], speaker: Speaker) -> MatchedVoice:
    """The nearest voice of a base with as much of the equaliser as leaves it natural; where that is
    none of it, the nearest one that is natural, or else the least unnatural one.
    """
    tried = _tuned(base, ranked[0], speaker)
    if not tried[-1].is_natural:
        for voice in ranked[1:]:
            tried.append(_measured(base, voice, speaker))
            if tried[-1].is_natural:
                tried += _tuned(base, voice, speaker)
                break
    return min(tried, key=_preferred)


def _tuned(base: Base, voice: MatchedVoice, speaker: Speaker) -> list[MatchedVoice]:
    """The voice with less and less of the equaliser, up to the first that is natural."""
    frames = shapes(base.said, voice)[::2]
    gains = fitted([(base.heard(voice), frames)], speaker.aim)
    tried: list[MatchedVoice] = []
    for share in EQUALISER_SHARES:
        tuned = replace(voice, equaliser=gains * np.float32(share))
        tried.append(_measured(base, tuned, speaker))
        if tried[-1].is_natural:
            break
    return tried


def _measured(base: Base, voice: MatchedVoice, speaker: Speaker) -> MatchedVoice:
    """The voice with the naturalness and similarity of its sound."""
    heard: Audio = for_encoder(matched(base.said, voice))
    (vector,) = encoder().embed([heard])
    return replace(voice, naturalness=naturalness(heard), similarity=float(vector @ speaker.judge))


def _preferred(voice: MatchedVoice) -> tuple[bool, float]:
    """Sorts the voices of one base: natural ones first, then those of the highest value."""
    return not voice.is_natural, -_value(voice)


def _value(voice: MatchedVoice) -> float:
    """Likeness, and a little the voice's own naturalness: a recorded voice that lost some of it is
    still easier to listen to than a robot that had none to lose.
    """
    return voice.similarity + NATURAL_WORTH * voice.naturalness
