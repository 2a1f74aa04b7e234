"""espeak-ng in a process of its own: its speech, and the phonemes that other voices are given.

Its library and data come inside the package `espeakng-loader`.
"""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from dubbing.errors import EngineError
from dubbing.flow.children import run_child
from dubbing.text.stress import without_marks
from dubbing.types import Speech

RATE_HZ = 22_050
TIMEOUT_S = 60  # speaking takes 1/200 of the sound's length; more than a minute is a hang
CHILD = Path(__file__).with_name("espeak_ng_process.py")

# ISO 639-1 → espeak-ng's voice.
VOICES = {
    "ru": "ru",
    "pt": "pt-br",
    "en": "en-us",
    "es": "es",
    "fr": "fr",
    "de": "de",
    "it": "it",
}


def why_unavailable() -> str | None:
    """None when the package is installed."""
    if find_spec("espeakng_loader") is None:
        return "espeakng_loader is missing: pip install -r requirements.txt"
    return None


def speech(text: str, voice: str, *, spelled: bool = False) -> Speech:
    """The text as espeak-ng says it, with the silence that it puts around it.

    Args:
        text: Read as it stands; markup and control characters mean nothing.
        voice: espeak-ng's name, with a variant if wanted: "ru", "ru+Andy".
        spelled: Whether words in [[…]] are phonemes in espeak-ng's own letters.

    Raises:
        EngineError: espeak-ng failed, or made no sound.
    """
    sound = _run(text, voice, "spell" if spelled else "speak")
    samples = np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(32768)
    if not samples.any():
        raise EngineError(
            "espeak", "espeak-ng made no sound of a text; it holds nothing to pronounce"
        )
    return Speech(samples=samples, sample_rate_hz=RATE_HZ)


def phonemes(texts: Sequence[str], voice: str) -> list[str]:
    """Each text's phonemes in IPA, the parts of one sound tied by ^; marks are lost, so that
    clauses are given one by one.

    Raises:
        EngineError: espeak-ng failed.
    """
    lines = "\n".join(" ".join(text.split()) for text in texts)
    return [" ".join(line.split()) for line in _run(lines, voice, "phonemes").decode().split("\n")]


def _run(text: str, voice: str, task: Literal["speak", "spell", "phonemes"]) -> bytes:
    import espeakng_loader

    library, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    command = [sys.executable, "-I", "-S", str(CHILD), str(library), str(data), voice, task]
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
    return done.stdout


def _plain(text: str) -> str:
    """The text without what espeak-ng takes for commands (U+0001, private use) or its end (NUL).

    Invisible format characters, such as the soft hyphen, go without a trace; others leave a blank.
    """
    kinds = ((c, unicodedata.category(c)) for c in without_marks(text))
    return "".join(
        " " if kind in {"Cc", "Co", "Cs", "Cn"} and c != "\n" else c
        for c, kind in kinds
        if kind != "Cf"
    )
