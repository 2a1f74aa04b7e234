"""Speech by espeak-ng: about a hundred languages, robotic; for what no other voice here speaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from dubbing.engines import espeak_ng, phoneme_letters
from dubbing.engines.base import EngineInfo
from dubbing.engines.stock_voices import BaseVoice, StockSynthesizer, Utterance, trimmed
from dubbing.errors import EngineUnavailableError
from dubbing.media.stretch import stretch
from dubbing.types import Gender, Speech

# Variant of espeak-ng → whose voice it sounds like, and its median pitch.
VARIANTS: dict[str, tuple[Gender, float]] = {"+Andy": ("male", 98.0), "+f4": ("female", 190.0)}
CHARACTERS_PER_S = 14.0  # within a tenth in all of these languages


class EspeakSynthesizer(StockSynthesizer):
    """A man's and a woman's variant; RTF about 0.02."""

    info = EngineInfo(
        name="espeak",
        kind="synthesizer",
        summary="espeak-ng: small and fast, robotic, hard to understand in Russian",
        licence="GPL-3.0-or-later",
        packages=("espeakng-loader", "python-stretch"),
        languages=tuple(espeak_ng.VOICES),
        sample_rate_hz=espeak_ng.RATE_HZ,
        memory_mb=100,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the package is installed."""
        return espeak_ng.why_unavailable()

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("espeak", reason)

    def bases(self, language: str) -> Sequence[BaseVoice]:
        """See `StockSynthesizer`."""
        if language not in espeak_ng.VOICES:
            raise self.unsupported(language)
        return [
            BaseVoice(name=variant, gender=gender, pitch_hz=hz, characters_per_s=CHARACTERS_PER_S)
            for variant, (gender, hz) in VARIANTS.items()
        ]

    def say(self, utterance: Utterance) -> Speech:
        """See `StockSynthesizer`. Russian is spelled in phonemes, so that its stress is heard."""
        text, language = utterance.text, utterance.language
        voice = espeak_ng.VOICES[language] + utterance.base
        if language == "ru":
            around = partial("[[{}]]".format)
            spelled = phoneme_letters.russian(text, phoneme_letters.ESPEAK_MNEMONICS, around)
            said = espeak_ng.speech(spelled, voice, spelled=True)
        else:
            said = espeak_ng.speech(text, voice)
        rate_hz = said.sample_rate_hz
        sound = Speech(samples=trimmed(said.samples, rate_hz), sample_rate_hz=rate_hz)
        return Speech(samples=stretch(sound, utterance.speed), sample_rate_hz=rate_hz)
