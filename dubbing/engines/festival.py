"""Russian speech by Festival with the recorded voice msu_ru_nsh, both from Debian's archive.

A natural male voice of recorded units; matched to the speaker's pitch and timbre by `matching`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from dubbing.engines.base import EngineInfo, Voice
from dubbing.errors import EngineError, EngineUnavailableError, UnsupportedLanguageError
from dubbing.flow.children import run_child
from dubbing.text.stress import MARK, canonical
from dubbing.types import Speech, VoicePrompt

if TYPE_CHECKING:
    from dubbing.engines.matching_voice import MatchedVoice

VOICE = "msu_ru_nsh_clunits"
STRESS = Path(__file__).with_name("festival_stress.scm")
# The first is Debian's.
VOICE_ROOTS = ("/usr/share/festival", "/usr/local/share/festival")
TIMEOUT_S = 120  # speaking takes 0.5 s and 1/30 of the sound's length; minutes are a hang

CALIBRATION = (
    "Сегодня мы расскажем о том, как люди меняют мир вокруг себя. "
    "Это долгий путь, и каждый шаг важен."
)

TUNING = "Учёные долго искали ответ на этот вопрос и нашли его там, где никто не ожидал."

# festvox-ru's README: the symbols it knows, and our stress marks.
_FOREIGN = re.compile(rf"[^А-Яа-яЁёA-Za-z0-9 .,!?:;{MARK}-]")
_DASH = re.compile(r"\s+[-‐-―−]+\s*|\s*[‐-―−]{1,}\s+|[—–]+|--+")
_MARKS = re.compile(r"\s*([.,!?:;])[\s.,!?:;-]*")


class FestivalSynthesizer:
    """Festival's Russian voice at the speaker's pitch and timbre: RTF 0.2 on two idle cores."""

    info = EngineInfo(
        name="festival",
        kind="synthesizer",
        summary="Festival's recorded Russian voice matched to the speaker's pitch and timbre",
        licence="BSD-3-Clause",
        packages=("pyworld-prebuilt", "Resemblyzer", "speechmos"),
        languages=("ru",),
        sample_rate_hz=22_050,
        clones=True,
        memory_mb=590,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when Festival, its Russian voice and our packages are installed."""
        folders = (Path(root) / "voices" / "russian" / VOICE for root in VOICE_ROOTS)
        if shutil.which("text2wave") is None or not any(folder.is_dir() for folder in folders):
            return "Festival's Russian voice is missing: apt-get install festival festvox-ru"
        for module in ("pyworld", "resemblyzer", "speechmos"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("festival", reason)
        from dubbing.engines.matching import VoiceMatcher

        self._matcher = VoiceMatcher("festival", self.say)

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `Synthesizer`: about eight seconds on two cores."""
        _require_language(language)
        return self._matcher.prepare(prompt, bases=[VOICE], text=f"{CALIBRATION} {TUNING}")

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
        """The text in Festival's own voice, unmatched, 16 kHz, with the silence around it.

        Args:
            voice: `VOICE`, the only one.
            text: Cyrillic, with Latin letters, digits and punctuation allowed; stress marks as in
                `dubbing.text.stress` are heeded.

        Raises:
            EngineError: Festival failed, or the text holds letters that it would leave out.
        """
        import soundfile

        with tempfile.TemporaryDirectory(prefix="dubbing-festival-") as folder:
            source, sound = Path(folder, "text.txt"), Path(folder, "sound.wav")
            source.write_text(_readable(text), encoding="utf-8")
            _run(["text2wave", "-eval", _voiced(voice), "-o", str(sound), str(source)])
            data = sound.read_bytes() if sound.exists() else b""
        try:
            samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32")
        except soundfile.LibsndfileError as error:
            raise EngineError(
                "festival", "Festival gave up on a text; edit it or use espeak"
            ) from error
        if not samples.any():
            raise EngineError(
                "festival", "Festival made no sound of a text; it holds nothing to pronounce"
            )
        return Speech(samples=samples, sample_rate_hz=rate_hz)


def _voiced(voice: str) -> str:
    """What Festival evaluates before it speaks: the voice, and how it heeds stress marks."""
    return f'(begin (voice_{voice}) (load "{STRESS}"))'


def _run(command: list[str]) -> None:
    """Runs it to its end, or kills it when it hangs; its exit status is 0 after errors too."""
    try:
        run_child(command, timeout_s=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            "festival", f"Festival did not finish a text in {TIMEOUT_S} s; shorten it or use espeak"
        ) from error


def _require_language(language: str) -> None:
    if language != "ru":
        message = f"festival speaks ru, not {language!r}; use espeak for other languages"
        raise UnsupportedLanguageError("festival", language, message)


def _readable(text: str) -> str:
    """The text in symbols that the voice knows: one unknown symbol makes Festival drop everything.

    Dashes become commas (a pause), a punctuation mark stands directly after a word and is followed
    by a blank, a stress mark becomes "+" before its vowel.

    Raises:
        EngineError: A letter or digit is outside of the voice's set, or there is none at all.
    """
    text = canonical(text).replace("…", ".").replace("\u00ad", "")
    if lost := sorted({c for c in _FOREIGN.findall(text) if unicodedata.category(c)[0] in "LN"}):
        raise EngineError(
            "festival", f"festival cannot read {''.join(lost)!r}; spell it in Cyrillic letters"
        )
    spaced = _FOREIGN.sub(" ", _DASH.sub(", ", text))
    marked = _MARKS.sub(r"\1 ", spaced)
    words = re.sub(r"(?<![^\s])[-.,!?:;]+|-+(?=\s|$)", " ", marked)
    words = " ".join(words.split())
    if not re.search(r"[А-Яа-яЁёA-Za-z0-9]", words):
        raise EngineError("festival", "a text holds nothing to pronounce; edit it")
    return re.sub(f"(.){MARK}", r"+\1", words)
