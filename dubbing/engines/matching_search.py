"""The search for the base voice and the way from it that come nearest to a speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from dubbing.engines.dnsmos import naturalness
from dubbing.engines.matching_base import Base, Say, base_of, calibration, candidate
from dubbing.engines.matching_equaliser import fitted, similarities
from dubbing.engines.matching_speaker import Speaker, encoder, for_encoder, speaker_of
from dubbing.engines.matching_voice import (
    NATURAL_WORTH,
    Mapping,
    MatchedVoice,
    matched,
    shapes,
)
from dubbing.flow.cancel import current
from dubbing.flow.together import together
from dubbing.types import Audio, VoicePrompt

WORKERS = 2  # pyworld, torch and onnxruntime let go of the interpreter lock

# Below 1 formants move up (women, children), above 1 down.
WARPS = (0.8, 0.9, 1.0, 1.1)
FINALISTS = 2  # bases that go on to the costlier rounds
TUNING_GAINS = 0.1  # similarity: a base that is farther behind the first is not followed
EQUALISER_SHARES = (1.0, 0.8, 0.6, 0.4, 0.0)  # of the equaliser's decibels, tried in this order


def best_voice(
    engine: str, say: Say, prompt: VoicePrompt, bases: Sequence[str], text: str
) -> MatchedVoice:
    """The voice with the highest value; arguments and errors as of `VoiceMatcher.prepare`."""
    with together(WORKERS) as pool:
        speaker = speaker_of(prompt, pool)
        found = list(
            pool.map(lambda name: base_of(calibration(say, name, text), speaker.timbre), bases)
        )
        rows = list(pool.map(lambda base: _nearest(engine, base, text, speaker), found))
        first = sorted(zip(found, rows, strict=True), key=lambda pair: -pair[1][0].worth)
        close = first[0][1][0].worth - TUNING_GAINS
        kept = [pair for pair in first if pair[1][0].worth >= close][:FINALISTS]
        return max(pool.map(lambda pair: _finished(pair[0], pair[1], speaker), kept), key=_value)


def _nearest(engine: str, base: Base, text: str, speaker: Speaker) -> list[MatchedVoice]:
    """The base's warps and mappings with their similarity to the judging part, best first."""
    natural = naturalness(base.plain)
    plain = [candidate(engine, base, text, speaker.timbre, warp) for warp in WARPS]
    ranked = _ranked(base, [replace(v, base_naturalness=natural) for v in plain], speaker)
    varied = [replace(ranked[0], mapping=mapping) for mapping in get_args(Mapping)[1:]]
    return sorted([*ranked, *_ranked(base, varied, speaker)], key=lambda voice: -voice.worth)


def _ranked(base: Base, voices: Sequence[MatchedVoice], speaker: Speaker) -> list[MatchedVoice]:
    current().check()
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
    current().check()
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
    return voice.similarity + NATURAL_WORTH * (voice.naturalness or 0.0)
