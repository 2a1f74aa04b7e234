"""The voice nearest to the speaker among the base voices of Festival and espeak-ng together.

Without Festival's Russian voice, or in another language than Russian, espeak-ng's voices alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from dubbing.engines import festival
from dubbing.engines.base import EngineInfo, Voice
from dubbing.engines.espeak import CALIBRATION, TUNING, VARIANTS, VOICES, EspeakSynthesizer
from dubbing.engines.festival import FestivalSynthesizer
from dubbing.errors import EngineUnavailableError, UnsupportedLanguageError
from dubbing.types import Speech, VoicePrompt

if TYPE_CHECKING:
    from dubbing.engines.matching_voice import MatchedVoice

QUICK = "quick"
QUICK_VARIANTS = ("+Alex", "+f4")  # of espeak-ng: for men, and for women and children


class MatchedSynthesizer:
    """Festival or espeak-ng, whichever comes nearer to the speaker."""

    info = EngineInfo(
        name="matched",
        kind="synthesizer",
        summary="the nearest of Festival's and espeak-ng's voices, matched to the speaker's",
        licence="GPL-3.0-or-later",
        packages=EspeakSynthesizer.info.packages,
        languages=EspeakSynthesizer.info.languages,
        sample_rate_hz=22_050,
        clones=True,
        memory_mb=FestivalSynthesizer.info.memory_mb,
        welcome=("festival",),
        variants="quick: a voice in a second for live use, less near and always espeak-ng's",
    )

    @classmethod
    def why_unavailable(cls, variant: str = "") -> str | None:
        """None when espeak-ng can speak; Festival is welcome, not needed."""
        if variant not in {"", QUICK}:
            return f"there is no {variant!r} of matched: write matched or matched:{QUICK}"
        return EspeakSynthesizer.why_unavailable()

    def __init__(self, variant: str = "") -> None:
        if reason := self.why_unavailable(variant):
            raise EngineUnavailableError("matched", reason)
        from dubbing.engines import matching_vocoder
        from dubbing.engines.matching import VoiceMatcher

        self._quick = variant == QUICK
        self._espeak = EspeakSynthesizer()
        missing = FestivalSynthesizer.why_unavailable()
        self._festival = None if missing else FestivalSynthesizer()
        self._matcher = VoiceMatcher(
            "matched", self.say, decimation=matching_vocoder.QUICK if self._quick else 1
        )

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `Synthesizer`: tries all base voices that are here, some seconds of work; the quick
        variant, a second, tries none.
        """
        if self._quick:
            self.bases(language)
            low, high = (VOICES[language] + sound for sound in QUICK_VARIANTS)
            return self._matcher.prepare_quickly(
                prompt, low=low, high=high, text=CALIBRATION[language]
            )
        return self._matcher.prepare(
            prompt,
            bases=self.bases(language),
            text=f"{CALIBRATION[language]} {TUNING[language]}",
        )

    def bases(self, language: str) -> list[str]:
        """Names for `say` of the voices that speak a language here.

        Raises:
            UnsupportedLanguageError: None does.
        """
        if language not in VOICES:
            known = ", ".join(VOICES)
            message = f"matched speaks {known}, not {language!r}; choose one"
            raise UnsupportedLanguageError("matched", language, message)
        recorded = [festival.VOICE] if self._festival and language == "ru" else []
        return recorded + [VOICES[language] + variant for variant in VARIANTS]

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `Synthesizer`."""
        self.bases(language)
        return self._matcher.synthesize(texts, cast("MatchedVoice", voice), speed=speed)

    def pack(self, voice: Voice) -> dict[str, Any]:
        """See `KeepsVoices`."""
        from dubbing.engines.matching_file import packed

        return packed(cast("MatchedVoice", voice))

    def unpack(self, values: Mapping[str, Any]) -> Voice:
        """See `KeepsVoices`."""
        from dubbing.engines.matching_file import unpacked

        return unpacked(values, self.info.name)

    def say(self, voice: str, text: str) -> Speech:
        """The text in a base voice, unmatched.

        Raises:
            EngineError: Its engine failed, or made no sound.
        """
        if self._festival and voice == festival.VOICE:
            return self._festival.say(voice, text)
        return self._espeak.say(voice, text)
