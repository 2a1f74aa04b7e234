"""Translation by facebook/wmt19-en-ru with `transformers`, to compare with."""

from __future__ import annotations

from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_translation import TorchTranslator


class Wmt19Translator(TorchTranslator):
    """The winner of WMT19's news task, one of its four models (arXiv:1907.06616): large and slow,
    for comparison.
    """

    info = EngineInfo(
        name="wmt19",
        kind="translator",
        summary="facebook/wmt19-en-ru by transformers: large and slow, for comparison",
        licence="Apache-2.0",
        packages=("transformers", "torch", "sacremoses"),
        languages=("en-ru",),
        memory_mb=2500,
        weights=("wmt19-en-ru",),
    )
    classes = ("FSMTForConditionalGeneration", "FSMTTokenizer")
    needs = ("transformers", "torch", "sacremoses")
    batch_tokens = 128  # with its 15 beams and 31232 pieces: half a gigabyte at most
