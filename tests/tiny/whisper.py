"""Whisper checkpoints in the official layout, `{"dims", "model_state_dict"}`.

`make` gives a tiny one that says the same words whatever it hears; `convert` turns the real weights
of faster-whisper into one, number by number.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np

from dubbing.engines import torchaudio_cpu

STATE = 32  # width: with it, 51865 random directions are told apart
BASE_EN = {"state": 512, "heads": 8, "layers": 6}
END = 50256  # of English vocabularies: from here on, pieces are no text
HEAD = 64  # width of an attention head in every published size
FLOAT16 = 4  # CTranslate2's code of the type
OUTER = {
    "embeddings": "token_embedding",
    "position_encodings": "positional_embedding",
    "conv1": "conv1",
    "conv2": "conv2",
}
PARTS = {
    "self_attention/layer_norm": ("attn_ln",),
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "attention/layer_norm": ("cross_attn_ln",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
    "ffn/layer_norm": ("mlp_ln",),
    "ffn/linear_0": ("mlp.0",),
    "ffn/linear_1": ("mlp.2",),
}


def make(
    path: Path, *, says: str = " Hello world.", multilingual: bool = True, seed: int = 0
) -> Path:
    """Writes a checkpoint of one narrow layer, 3.5 MB.

    Its blocks add nothing, so each position of the decoder answers with what is written in its
    positional embedding: the words of `says`, from 0 s to 2 s, and then the end.
    """
    import torch
    from whisper.model import ModelDimensions, Whisper
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(multilingual, language="en", task="transcribe")
    dims = {
        **dict.fromkeys(("n_audio_state", "n_text_state"), STATE),
        **dict.fromkeys(("n_audio_head", "n_text_head"), 2),
        **dict.fromkeys(("n_audio_layer", "n_text_layer"), 1),
        "n_mels": 80,
        "n_audio_ctx": 1500,
        "n_text_ctx": 448,
        "n_vocab": 51865 if multilingual else 51864,
    }
    torch.manual_seed(seed)
    model: Any = Whisper(ModelDimensions(**dims))
    start = tokenizer.timestamp_begin
    script = [start, *tokenizer.encode(says), start + 100]  # 0.02 s each
    _teach(model.decoder, len(tokenizer.sot_sequence) - 1, script, tokenizer.eot)
    if multilingual:  # asked for the language, it says English
        english = model.decoder.token_embedding.weight[tokenizer.language_token]
        model.decoder.positional_embedding.data[0] = 10 * english.detach()
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": dims, "model_state_dict": model.state_dict()}, path)
    return path


def _teach(decoder: Any, first: int, script: list[int], end: int) -> None:
    import torch
    from torch.nn.functional import normalize

    with torch.no_grad():
        pieces = normalize(torch.randn_like(decoder.token_embedding.weight), dim=1)
        decoder.token_embedding.weight.copy_(pieces)
        decoder.positional_embedding.copy_(10 * pieces[end])
        decoder.positional_embedding[:first] = 0
        decoder.positional_embedding[first : first + len(script)] = 10 * pieces[script]
        decoder.ln.weight.fill_(8)  # sharp: the written piece is nearly certain
        for block in decoder.blocks:
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                layer.weight.zero_()
                layer.bias.zero_()


def make_random(path: Path, *, state: int, heads: int, layers: int) -> Path:
    """Writes a checkpoint of an English size with random weights that never ends a text."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    dims = {
        "n_mels": 80,
        "n_audio_ctx": 1500,
        "n_text_ctx": 448,
        "n_vocab": 51864,
        **dict.fromkeys(("n_audio_state", "n_text_state"), state),
        **dict.fromkeys(("n_audio_head", "n_text_head"), heads),
        **dict.fromkeys(("n_audio_layer", "n_text_layer"), layers),
    }
    torch.manual_seed(0)
    model: Any = Whisper(ModelDimensions(**dims))
    model.decoder.positional_embedding.data.normal_()  # the package leaves it as memory was
    model.decoder.token_embedding.weight.data[END:] = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": dims, "model_state_dict": model.state_dict()}, path)
    return path


def convert_random(folder: Path, tokenizer: Path, *, state: int, heads: int, layers: int) -> Path:
    """The same shape for faster-whisper, int8, with the tokenizer in another folder of its kind."""
    torchaudio_cpu.install()
    import torch
    from ctranslate2.converters.transformers import WhisperLoader
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(0)
    sides = {
        f"{side}_{what}": value
        for side in ("encoder", "decoder")
        for what, value in (("layers", layers), ("attention_heads", heads), ("ffn_dim", 4 * state))
    }
    config = WhisperConfig(vocab_size=51864, d_model=state, **sides, pad_token_id=END)
    model = WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        model.proj_out.weight[END:] = 0
        spec = WhisperLoader().get_model_spec(model)
        spec.register_vocabulary((tokenizer / "vocabulary.txt").read_text().splitlines())
        spec.validate()
        spec.optimize(quantization="int8")
    folder.mkdir()
    spec.save(str(folder))
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(tokenizer / name, folder)
    return folder


def convert(model_bin: Path, path: Path) -> Path:
    """Writes the checkpoint that a model of faster-whisper was made of. It is stored in float16, as
    OpenAI's own files are: nothing is lost on the way.
    """
    import torch

    state = {
        name: torch.from_numpy(array.astype(np.float32))
        for name, array in _renamed(read_ctranslate2(model_bin)).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": _dims(state), "model_state_dict": state}, path)
    return path


def _dims(state: dict[str, Any]) -> dict[str, int]:
    """The sizes that the arrays have."""
    vocabulary, width = state["decoder.token_embedding.weight"].shape
    layers = len([name for name in state if name.endswith("cross_attn.query.weight")])
    return {
        "n_mels": state["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": len(state["encoder.positional_embedding"]),
        "n_vocab": vocabulary,
        "n_text_ctx": len(state["decoder.positional_embedding"]),
        **dict.fromkeys(("n_audio_state", "n_text_state"), width),
        **dict.fromkeys(("n_audio_head", "n_text_head"), width // HEAD),
        **dict.fromkeys(("n_audio_layer", "n_text_layer"), layers),
    }


def read_ctranslate2(model_bin: Path) -> dict[str, np.ndarray]:
    """The float16 arrays of a CTranslate2 model (binary version 6), by name."""
    data, at, arrays = memoryview(model_bin.read_bytes()), 0, {}

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values

    def text() -> str:
        (length,) = take("H")
        (raw,) = take(f"{length}s")
        return raw.rstrip(b"\0").decode()

    assert take("I") == (6,)
    text(), take("I")  # the specification's name and revision
    for _ in range(take("I")[0]):
        name = text()
        shape = take(f"{take('B')[0]}I")
        kind, size = take("BI")
        if kind == FLOAT16:
            arrays[name] = np.frombuffer(data[at : at + size], np.float16).reshape(shape)
        at += size
    return arrays


def _renamed(stored: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """CTranslate2's names, with queries, keys and values in one array, as OpenAI's."""
    state = {}
    for name, array in stored.items():
        side, *rest, kind = name.split("/")
        at = {"gamma": "weight", "beta": "bias", "encodings": ""}.get(kind, kind)
        inner = "/".join(rest)
        if not inner.startswith("layer_") or inner == "layer_norm":
            outer = {**OUTER, "layer_norm": "ln_post" if side == "encoder" else "ln"}[inner]
            state[f"{side}.{outer}.{at}".rstrip(".")] = array
            continue
        number, part = inner.removeprefix("layer_").split("/", 1)
        targets = PARTS[part]
        for target, piece in zip(targets, np.split(array, len(targets)), strict=True):
            if not (target.endswith("key") and at == "bias"):  # Whisper's keys have none
                state[f"{side}.blocks.{number}.{target}.{at}"] = piece
    return state
