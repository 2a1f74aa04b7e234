"""Russian speech by Festival with the recorded voice msu_ru_nsh, both from Debian's archive.

A natural male voice of recorded units.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from dubbing.engines.base import EngineInfo
from dubbing.engines.stock_voices import BaseVoice, StockSynthesizer, Utterance, trimmed
from dubbing.errors import EngineError, EngineUnavailableError
from dubbing.flow.children import run_child
from dubbing.media.stretch import stretch
from dubbing.text.stress import MARK, canonical
from dubbing.types import Speech

VOICE = "msu_ru_nsh_clunits"
STRESS = Path(__file__).with_name("festival_stress.scm")
# The first is Debian's.
VOICE_ROOTS = ("/usr/share/festival", "/usr/local/share/festival")
TIMEOUT_S = 120  # speaking takes 0.5 s and 1/30 of the sound's length; minutes are a hang

RATE_HZ = 16_000
PITCH_HZ = 140.0  # its median
CHARACTERS_PER_S = 14.0

# festvox-ru's README: the symbols it knows, and our stress marks.
_FOREIGN = re.compile(rf"[^А-Яа-яЁёA-Za-z0-9 .,!?:;{MARK}-]")
_DASH = re.compile(r"\s+[-‐-―−]+\s*|\s*[‐-―−]{1,}\s+|[—–]+|--+")
_MARKS = re.compile(r"\s*([.,!?:;])[\s.,!?:;-]*")


class FestivalSynthesizer(StockSynthesizer):
    """Festival's Russian voice, a man's, near the speaker's pitch: RTF 0.2 on two idle cores."""

    info = EngineInfo(
        name="festival",
        kind="synthesizer",
        summary="Festival's recorded Russian voice near the speaker's pitch, not a clone",
        licence="BSD-3-Clause",
        packages=("python-stretch",),
        languages=("ru",),
        sample_rate_hz=RATE_HZ,
        memory_mb=100,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when Festival and its Russian voice are installed."""
        folders = (Path(root) / "voices" / "russian" / VOICE for root in VOICE_ROOTS)
        if shutil.which("text2wave") is None or not any(folder.is_dir() for folder in folders):
            return "Festival's Russian voice is missing: apt-get install festival festvox-ru"
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("festival", reason)

    def bases(self, language: str) -> Sequence[BaseVoice]:
        """See `StockSynthesizer`: its only voice."""
        if language != "ru":
            raise self.unsupported(language)
        return [
            BaseVoice(
                name=VOICE, gender="male", pitch_hz=PITCH_HZ, characters_per_s=CHARACTERS_PER_S
            )
        ]

    def say(self, utterance: Utterance) -> Speech:
        """See `StockSynthesizer`. The voice has one speed: another is made of its finished sound.

        Raises:
            EngineError: Festival failed, or the text holds letters that it would leave out.
        """
        import soundfile

        with tempfile.TemporaryDirectory(prefix="dubbing-festival-") as folder:
            source, sound = Path(folder, "text.txt"), Path(folder, "sound.wav")
            source.write_text(_readable(utterance.text), encoding="utf-8")
            _run(["text2wave", "-eval", _voiced(utterance.base), "-o", str(sound), str(source)])
            data = sound.read_bytes() if sound.exists() else b""
        try:
            samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32")
        except soundfile.LibsndfileError as error:
            raise EngineError(
                "festival", "Festival gave up on a text; edit it or use kokoro"
            ) from error
        if not samples.any():
            raise EngineError(
                "festival", "Festival made no sound of a text; it holds nothing to pronounce"
            )
        said = Speech(samples=trimmed(samples, rate_hz), sample_rate_hz=rate_hz)
        return Speech(samples=stretch(said, utterance.speed), sample_rate_hz=rate_hz)


def _voiced(voice: str) -> str:
    """What Festival evaluates before it speaks: the voice, and how it heeds stress marks."""
    return f'(begin (voice_{voice}) (load "{STRESS}"))'


def _run(command: list[str]) -> None:
    """Runs it to its end, or kills it when it hangs; its exit status is 0 after errors too."""
    try:
        run_child(command, timeout_s=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            "festival", f"Festival did not finish a text in {TIMEOUT_S} s; shorten it or use kokoro"
        ) from error


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
