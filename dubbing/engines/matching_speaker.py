"""What is known of a speaker whom a voice is matched to: what to fit to, and what to judge by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.matching_vocoder import RATE_HZ, at_rate, pitch_and_envelope
from dubbing.engines.matching_voice import Timbre, timbre
from dubbing.engines.resemblyzer import RATE_HZ as ENCODER_HZ
from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.errors import InputError
from dubbing.flow.together import Together
from dubbing.types import Audio, Speech, VoicePrompt

Vector = NDArray[np.float32]

MAX_PROMPT_S = 20.0  # bounds the time that the search takes
MAX_MORE_S = 60.0
PIECE_S = 6.0  # of further speech that is embedded as one
HELD_OUT_FROM_S = 10.0  # a longer prompt's last third judges what was fitted on the rest
MIN_PROMPT_S = 1.0  # a shorter one is heard again and again up to here
LEVEL_DB = -23.0  # what similarity is measured at; the encoder hears loudness


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Whom to resemble: timbre and vector to fit to, and the vector of other speech to judge by."""

    timbre: Timbre
    aim: Vector
    judge: Vector


def speaker_of(prompt: VoicePrompt, pool: Together) -> Speaker:
    """What is known of the speaker. With enough further speech every second piece of it judges;
    with none, the last third of the prompt, or the whole where it is short.

    Raises:
        InputError: The prompt is empty or holds no voice.
    """
    fitting, judging = _split(prompt)
    told = np.concatenate(fitting)[: int(MAX_PROMPT_S * RATE_HZ)]
    found = pool.start(lambda: timbre(*pitch_and_envelope(told), prompt.speaker))
    vectors = encoder().embed([for_encoder(piece) for piece in (*fitting, *judging)])
    return Speaker(
        timbre=found.result(),
        aim=_middle(vectors[: len(fitting)]),
        judge=_middle(vectors[len(fitting) :]),
    )


_loading = Lock()


def encoder() -> ResemblyzerEncoder:
    """The encoder that judges similarity, loaded at the first call and shared."""
    with _loading:
        return _encoder()


@cache
def _encoder() -> ResemblyzerEncoder:
    return ResemblyzerEncoder()


def for_encoder(samples: Audio) -> Audio:
    """At the encoder's rate and at `LEVEL_DB`, from `RATE_HZ`."""
    rms = float(np.sqrt(np.square(samples, dtype=np.float64).mean()))
    level = samples * np.float32(10 ** (LEVEL_DB / 20) / max(rms, 1e-6))
    return at_rate(Speech(samples=level, sample_rate_hz=RATE_HZ), ENCODER_HZ)


def _middle(vectors: Sequence[Vector]) -> Vector:
    """The unit-length mean: one stretch of speech says less about a speaker than several."""
    mean = np.mean(vectors, axis=0)
    middle: Vector = (mean / np.linalg.norm(mean)).astype(np.float32)
    return middle


def sound_of(prompt: VoicePrompt) -> Audio:
    """The prompt at `RATE_HZ`, `MAX_PROMPT_S` of it at most; repeated where it is short.

    Raises:
        InputError: It is empty.
    """
    speech = Speech(samples=prompt.samples, sample_rate_hz=prompt.sample_rate_hz)
    samples = at_rate(speech, RATE_HZ)[: int(MAX_PROMPT_S * RATE_HZ)]
    if not len(samples):
        raise InputError(f"the voice sample of {prompt.speaker} is empty; give 3 s")
    return np.tile(samples, math.ceil(MIN_PROMPT_S * RATE_HZ / len(samples)))


def _split(prompt: VoicePrompt) -> tuple[list[Audio], list[Audio]]:
    """The speaker's speech in pieces at `RATE_HZ`: what to fit on and what to judge by."""
    samples, pieces = sound_of(prompt), _pieces(prompt)
    if len(pieces) > 1:
        return [samples, *pieces[1::2]], pieces[0::2]
    if len(samples) < HELD_OUT_FROM_S * RATE_HZ:
        return [samples], [samples]
    cut = len(samples) * 2 // 3
    return [samples[:cut]], [samples[cut:]]


def _pieces(prompt: VoicePrompt) -> list[Audio]:
    more = Speech(samples=prompt.more, sample_rate_hz=prompt.sample_rate_hz)
    length, samples = int(PIECE_S * RATE_HZ), at_rate(more, RATE_HZ)
    last = min(len(samples), int(MAX_MORE_S * RATE_HZ)) - length
    return [samples[at : at + length] for at in range(0, last + 1, length)]
