"""Translation by Helsinki-NLP/opus-mt-en-ru with `transformers`."""

from __future__ import annotations

from typing import ClassVar

from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_translation import TorchTranslator


class OpusMtTranslator(TorchTranslator):
    """A Marian model of 74 M parameters, float32 (Tiedemann & Thottingal, EAMT 2020)."""

    info = EngineInfo(
        name="opus-mt",
        kind="translator",
        summary="Helsinki-NLP/opus-mt-en-ru by transformers, beam search",
        licence="Apache-2.0",
        packages=("transformers", "torch", "sentencepiece"),
        languages=("en-ru",),
        memory_mb=900,
        weights=("opus-mt-en-ru",),
    )
    classes = ("MarianMTModel", "MarianTokenizer")
    needs = ("transformers", "torch", "sentencepiece")
    # Else it would join the Russian pieces by the rules of the English model.
    decode_options: ClassVar = {"use_source_tokenizer": False}
    batch_tokens = 256  # with 4 beams and 62518 pieces: 0.3 GB beside the model
