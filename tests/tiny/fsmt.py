"""A tiny facebook/wmt19-en-ru: the publisher's layout and classes, random weights."""

from __future__ import annotations

import json
from pathlib import Path

from dubbing.engines import torchaudio_cpu

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
ENGLISH = "abcdefghijklmnopqrstuvwxyz.,?!"
RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя.,?!"


def make(folder: Path, *, seed: int = 0) -> Path:
    """The folder with config, weights, both vocabularies (letters) and merges (none)."""
    torchaudio_cpu.install()
    import torch
    from transformers import FSMTConfig, FSMTForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    sizes = [
        _letters(folder / f"vocab-{s}.json", a) for s, a in (("src", ENGLISH), ("tgt", RUSSIAN))
    ]
    (folder / "merges.txt").write_text("e r</w> 10\n")
    config = FSMTConfig(
        langs=["en", "ru"],
        src_vocab_size=sizes[0],
        tgt_vocab_size=sizes[1],
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=256,
        init_std=0.3,
        num_beams=5,
        length_penalty=1.15,
    )
    torch.manual_seed(seed)
    model = FSMTForConditionalGeneration(config)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"langs": ["en", "ru"], "model_max_length": 256})
    )
    return folder


def _letters(path: Path, alphabet: str) -> int:
    """Writes a vocabulary of letters inside and at the end of words; returns its size."""
    pieces = [*SPECIAL, *alphabet, *(f"{letter}</w>" for letter in alphabet), "er</w>"]
    path.write_text(json.dumps({piece: n for n, piece in enumerate(pieces)}, ensure_ascii=False))
    return len(pieces)
