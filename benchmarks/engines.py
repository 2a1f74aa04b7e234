"""The fast runtimes of the named models against their plain ones.

    python benchmarks/engines.py [COMPARISON …] [--threads N] [--repeats N] [--json]

The models have the published shapes and random weights: their speed is the real one's, and they
never end a text by themselves, so that both sides write equally long ones.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import in_turns, main

ROOT = Path(__file__).resolve().parent.parent
PAIR = {"source": "en", "target": "ru"}
# 8 to 16 pieces of the toy vocabulary: their translations are stopped at 32.
SENTENCES = [f"{a} {b}" for a in ("hello", "world", "how", "you") for b in ("text", "was", "lit")]
NEVER = -1e4  # added to the score of what ends a text
SECONDS = 10.0  # of sound
TOKENS = 64  # that Whisper writes about it


@contextmanager
def models(threads: int) -> Iterator[Path]:
    """An empty folder of weights, for engines that take so many threads."""
    from dubbing.engines import torch_threads

    torch_threads.MOST = threads
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DUBBING_MODELS"] = folder
        yield Path(folder)


def opus_mt(folder: Path) -> None:
    """opus-mt-en-ru's shape, random weights, a toy's sentencepiece models."""
    from dubbing.engines.weights import record
    from tests.tiny import marian

    marian.make(
        folder / "opus-mt-en-ru",
        end_bias=NEVER,
        pieces=62518,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        init_std=0.02,
    )
    record("opus-mt-en-ru", revision="random")


def whisper_base(folder: Path, threads: int) -> tuple[Any, Any]:
    """Whisper base.en's shape, random weights, in OpenAI's package and in faster-whisper, int8."""
    from faster_whisper import WhisperModel
    from whisper import load_model

    from dubbing.engines.weights import verified_folder
    from tests.tiny import whisper

    packaged = verified_folder("faster-whisper-tiny.en", "its tokenizer")
    plain = whisper.make_random(folder / "base.en.pt", **whisper.BASE_EN)
    fast = whisper.convert_random(folder / "ct2", packaged, **whisper.BASE_EN)
    return (
        load_model(str(plain), device="cpu"),
        WhisperModel(str(fast), device="cpu", compute_type="int8", cpu_threads=threads),
    )


def opus_mt_ct2_against_transformers(threads: int, repeats: int) -> dict[str, Any]:
    """12 sentences: CTranslate2 int8 in batches, against transformers one at a time."""
    from dubbing.engines.opus_mt import OpusMtTranslator
    from dubbing.engines.opus_mt_ct2 import OpusMtCt2Translator

    with models(threads) as folder:
        opus_mt(folder)
        plain, fast = OpusMtTranslator(), OpusMtCt2Translator()
        return in_turns(
            lambda: [plain.translate([sentence], **PAIR) for sentence in SENTENCES],
            lambda: fast.translate(SENTENCES, **PAIR),
            repeats,
        )


def opus_mt_ct2_batch_32_against_1(threads: int, repeats: int) -> dict[str, Any]:
    """32 sentences by CTranslate2 int8: all together, against one at a time."""
    from dubbing.engines.opus_mt_ct2 import OpusMtCt2Translator

    sentences = [SENTENCES[n % len(SENTENCES)] for n in range(32)]
    with models(threads) as folder:
        opus_mt(folder)
        engine = OpusMtCt2Translator()
        return in_turns(
            lambda: [engine.translate([sentence], **PAIR) for sentence in sentences],
            lambda: engine.translate(sentences, **PAIR),
            repeats,
        )


def faster_whisper_against_whisper(threads: int, repeats: int) -> dict[str, Any]:
    """10 s of sound, 64 tokens, beam 5: CTranslate2 int8 against OpenAI's package in float32."""
    from dubbing.engines.torch_threads import limited_torch

    clip = np.random.default_rng(0).normal(size=round(SECONDS * 16_000)).astype(np.float32) / 10
    options = {"beam_size": 5, "temperature": 0.0, "language": "en", "without_timestamps": True}
    with models(threads) as folder, limited_torch():
        openai, ctranslate2 = whisper_base(folder, threads)

        def plain() -> int:
            heard = openai.transcribe(clip, sample_len=TOKENS, fp16=False, **options)
            return sum(len(segment["tokens"]) for segment in heard["segments"])

        def fast() -> int:
            # CTranslate2 takes half of its limit, which counts the prompt of two tokens too.
            heard, _ = ctranslate2.transcribe(clip, max_new_tokens=2 * TOKENS - 2, **options)
            return sum(len(segment.tokens) for segment in heard)

        assert plain() == fast() == TOKENS, "the texts have to be equally long"
        return in_turns(plain, fast, repeats)


COMPARISONS = {
    work.__name__: work
    for work in (
        opus_mt_ct2_against_transformers,
        opus_mt_ct2_batch_32_against_1,
        faster_whisper_against_whisper,
    )
}


def _alike() -> dict[str, Any]:
    """The fast way against itself, for sorting numbers: no bound on a ratio may hold."""
    numbers = list(range(20_000, 0, -1))
    return {
        name: in_turns(lambda: sorted(numbers), lambda: sorted(numbers), 3) for name in COMPARISONS
    }


CANARIES = {f"{name}.ratio": _alike for name in COMPARISONS}  # see run.py

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(COMPARISONS, __doc__ or "")
