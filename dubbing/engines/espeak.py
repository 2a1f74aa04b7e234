"""Speech by espeak-ng, whose library and data come inside the package `espeakng-loader`.

About a hundred languages, robotic; matched to the speaker's pitch and timbre by `matching`.
"""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dubbing.engines.base import EngineInfo, Voice
from dubbing.errors import EngineError, EngineUnavailableError, UnsupportedLanguageError
from dubbing.flow.children import run_child
from dubbing.text.stress import without_marks
from dubbing.types import Speech, VoicePrompt

if TYPE_CHECKING:
    from dubbing.engines.matching_voice import MatchedVoice

BASE_RATE_HZ = 22_050  # espeak-ng's own, and `matching`'s
TIMEOUT_S = 60  # speaking takes 1/200 of the sound's length; more than a minute is a hang

CHILD = Path(__file__).with_name("espeak_process.py")

# Variants to start from: the plain voice, two men and a woman. "+klatt2" comes near to some
# speakers too, but its DNSMOS is 1.2 where the plain voice has 2.3: it buzzes.
VARIANTS = ("", "+Alex", "+Andy", "+f4")

# ISO 639-1 → espeak-ng's voice, and five seconds that it says for calibration.
VOICES = {
    "ru": "ru",
    "pt": "pt-br",
    "en": "en-us",
    "es": "es",
    "fr": "fr",
    "de": "de",
    "it": "it",
}
CALIBRATION = {
    "ru": "Сегодня мы расскажем о том, как люди меняют мир вокруг себя. "
    "Это долгий путь, и каждый шаг важен.",
    "pt": "Hoje vamos contar como as pessoas mudam o mundo à sua volta. "
    "O caminho é longo, e cada passo conta.",
    "en": "Today we will show you how people change the world around them. "
    "The way is long, but each step counts.",
    "es": "Hoy vamos a contar cómo la gente cambia el mundo a su alrededor. "
    "El camino es largo, y cada paso vale.",
    "fr": "Nous allons raconter comment les gens changent le monde autour d'eux. "
    "Le chemin est long et beau.",
    "de": "Heute erzählen wir, wie Menschen die Welt um sich verändern. "
    "Der Weg ist lang, und jeder Schritt zählt.",
    "it": "Oggi raccontiamo come le persone cambiano il mondo intorno a loro. "
    "La strada è lunga, ma ogni passo vale.",
}


# Some four seconds more, on which the equaliser is fitted too.
TUNING = {
    "ru": "Учёные долго искали ответ на этот вопрос и нашли его там, где никто не ожидал.",
    "pt": "Os cientistas procuraram a resposta durante anos e acharam-na onde ninguém esperava.",
    "en": "Scientists had looked for the answer for years, and found it where nobody expected it.",
    "es": "Los científicos buscaron la respuesta durante años y la hallaron donde nadie esperaba.",
    "fr": "Les chercheurs ont longtemps voulu une réponse, et l'ont trouvée là où nul ne pensait.",
    "de": "Forscher suchten lange nach der Antwort und fanden sie dort, wo niemand sie vermutete.",
    "it": "Gli scienziati cercarono a lungo la risposta e la trovarono dove nessuno si aspettava.",
}


class EspeakSynthesizer:
    """espeak-ng with the speaker's pitch and timbre: RTF about 0.06 on two cores."""

    info = EngineInfo(
        name="espeak",
        kind="synthesizer",
        summary="espeak-ng matched to the speaker's pitch and timbre: small and fast, robotic",
        licence="GPL-3.0-or-later",
        packages=("espeakng-loader", "pyworld-prebuilt", "Resemblyzer", "speechmos"),
        languages=tuple(VOICES),
        sample_rate_hz=22_050,
        clones=True,
        memory_mb=560,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages are installed."""
        for module in ("espeakng_loader", "pyworld", "resemblyzer", "speechmos"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("espeak", reason)
        import espeakng_loader

        from dubbing.engines.matching import VoiceMatcher

        self._library = str(espeakng_loader.get_library_path())
        self._data = str(espeakng_loader.get_data_path())
        self._matcher = VoiceMatcher("espeak", self.say)

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `Synthesizer`: tries four base voices, about ten seconds on two cores."""
        _require_language(language)
        bases = [VOICES[language] + variant for variant in VARIANTS]
        return self._matcher.prepare(
            prompt, bases=bases, text=f"{CALIBRATION[language]} {TUNING[language]}"
        )

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `Synthesizer`."""
        _require_language(language)
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
        """The text in a base voice, unmatched, with the silence that espeak-ng puts around it.

        Args:
            voice: espeak-ng's name, with a variant if wanted: "ru", "ru+Andy".
            text: Read as it stands; markup and control characters mean nothing.

        Raises:
            EngineError: espeak-ng failed, or made no sound.
        """
        command = [sys.executable, "-I", "-S", str(CHILD), self._library, self._data, voice]
        try:
            done = run_child(command, given=_plain(text).encode(), timeout_s=TIMEOUT_S)
            done.check_returncode()
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise EngineError(
                "espeak", f"espeak-ng failed with voice {voice} ({''.join(last)})"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise EngineError(
                "espeak", f"espeak-ng did not finish in {TIMEOUT_S} s; shorten the text"
            ) from error
        samples = np.frombuffer(done.stdout, np.int16).astype(np.float32) / np.float32(32768)
        if not samples.any():
            raise EngineError(
                "espeak", "espeak-ng made no sound of a text; it holds nothing to pronounce"
            )
        return Speech(samples=samples, sample_rate_hz=BASE_RATE_HZ)


def _require_language(language: str) -> None:
    if language not in VOICES:
        known = ", ".join(VOICES)
        raise UnsupportedLanguageError(
            "espeak", language, f"espeak speaks {known}, not {language!r}; choose one"
        )


def _plain(text: str) -> str:
    """The text without what espeak-ng takes for commands (U+0001, private use) or its end (NUL).

    Invisible format characters, such as the soft hyphen, go without a trace, and so do stress
    marks, which the data of this package does not heed; others leave a blank.
    """
    kinds = ((c, unicodedata.category(c)) for c in without_marks(text))
    return "".join(
        " " if kind in {"Cc", "Co", "Cs", "Cn"} else c for c, kind in kinds if kind != "Cf"
    )
