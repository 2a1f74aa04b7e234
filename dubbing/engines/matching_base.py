"""Base voices: what they say for calibration, and how that would sound in a matched voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from dubbing.engines.matching_equaliser import Mels
from dubbing.engines.matching_speaker import for_encoder
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
    SHAPES,
    MatchedVoice,
    Timbre,
    band_bins,
    mapped_envelope,
    mapped_pitch,
    timbre,
)
from dubbing.engines.resemblyzer import MELS, mel_spectrogram
from dubbing.engines.resemblyzer import RATE_HZ as ENCODER_HZ
from dubbing.types import Audio, Speech

Say = Callable[[str, str], Speech]
"""A base voice: (voice name, text) → what it says; the same arguments give the same sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a base voice says for calibration, whoever it is to resemble.

    Attributes:
        name: For `Say`.
        sound: float32, shape (samples,), at `RATE_HZ`.
        said: Its analysis.
    """

    name: str
    sound: Audio = field(repr=False)
    said: Analysis = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a base voice says for calibration.

    Attributes:
        name: For `Say`.
        said: Its analysis.
        carrier: Mel spectrogram of it with the speaker's pitch and its own envelope.
        plain: It as it is, as the encoder takes it.
    """

    name: str
    said: Analysis = field(repr=False)
    carrier: Mels = field(repr=False)
    plain: Audio = field(repr=False)

    def beginning(self, frames: int) -> Base:
        """So many frames of 10 ms of it."""
        return replace(
            self,
            said=self.said.beginning(2 * frames),
            carrier=self.carrier[:frames],
            plain=self.plain[: frames * ENCODER_HZ // 100],
        )

    def heard(self, voice: MatchedVoice) -> Mels:
        """Its mel spectrogram in a matched voice: what the change of the envelope makes of the
        carrier's, at the carrier's loudness. Spares synthesis.
        """
        bins, said = band_bins(), self.said.thinned()
        change = mapped_envelope(said, voice)[:, bins] / said.envelope[:, bins]
        mel = self.carrier * change
        level = np.float32(self.carrier.sum() / mel.sum())
        return np.asarray(mel * level, np.float32)


def calibration(say: Say, name: str, text: str, *, decimation: int = 1) -> Calibration:
    """A base voice says the text; `decimation` as of `analyse`."""
    sound = trimmed(at_rate(say(name, text), RATE_HZ))
    return Calibration(name=name, sound=sound, said=analyse(sound, decimation))


def base_of(base: Calibration, target: Timbre) -> Base:
    """A base voice's calibration at the target's pitch."""
    said = base.said
    f0 = mapped_pitch(said.f0, timbre(said.f0, said.envelope, base.name), target)
    carrier = mel_spectrogram(for_encoder(synthesized(replace(said, f0=f0))))
    return Base(
        name=base.name,
        said=said,
        carrier=carrier[: len(said.f0[::2])],  # its frames are 10 ms long, the vocoder's 5 ms
        plain=for_encoder(base.sound),
    )


def candidate(engine: str, base: Base, text: str, target: Timbre, warp: float) -> MatchedVoice:
    """The way from a base to a target by means alone, without an equaliser; nothing measured."""
    said = base.said
    return MatchedVoice(
        engine=engine,
        base=base.name,
        warp=warp,
        mapping="mean",
        source=timbre(said.f0, warped(said.envelope, warp), base.name),
        target=target,
        equaliser=np.zeros((1 + SHAPES, MELS), np.float32),
        characters_per_s=len(text) / (len(said.f0) * FRAME_MS / 1000),
    )
