"""XTTSv2 with random weights, in its publisher's layout: with a small GPT 93 MB, in seconds.

The vocoder and the speaker encoder cannot be made smaller: their sizes are fixed in the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubbing.engines import torchaudio_cpu

LANGUAGES = "en es fr de it pt pl tr ru nl cs ar zh-cn hu ko ja hi".split()
LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz.,!?-—«»\"':;()0123456789"
STOP_BIAS = 8.0  # with it, sharpened random weights stop after a few dozen tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the GPT; the last two audio codes are start and stop."""

    layers: int = 2
    width: int = 64
    heads: int = 2
    audio_codes: int = 1026
    text_tokens: int = 130


# Sizes in `model_args` of https://huggingface.co/coqui/XTTS-v2/blob/main/config.json: in all 467
# million parameters, which is the published file's 1.87 GB. The library's defaults are others.
PUBLISHED = {
    "gpt_layers": 30,
    "gpt_n_model_channels": 1024,
    "gpt_n_heads": 16,
    "gpt_number_text_tokens": 6681,
    "gpt_num_audio_tokens": 1026,
    "gpt_start_audio_token": 1024,
    "gpt_stop_audio_token": 1025,
    "gpt_code_stride_len": 1024,
    "gpt_max_audio_tokens": 605,
    "gpt_max_text_tokens": 402,
    "gpt_max_prompt_tokens": 70,
    "input_sample_rate": 22_050,
    "output_sample_rate": 24_000,
    "output_hop_length": 256,
    "decoder_input_dim": 1024,
    "d_vector_dim": 512,
}
FULL = Shape(
    layers=PUBLISHED["gpt_layers"],
    width=PUBLISHED["gpt_n_model_channels"],
    heads=PUBLISHED["gpt_n_heads"],
    audio_codes=PUBLISHED["gpt_num_audio_tokens"],
    text_tokens=PUBLISHED["gpt_number_text_tokens"],
)


def make_xtts(folder: Path, shape: Shape = Shape()) -> Path:  # noqa: B008 - it is frozen
    """Writes config.json, vocab.json and model.pth into the folder; returns it.

    The weights that choose codes are drawn wide, so that greedy decoding depends on the text and is
    not one code for ever, and the stop code has `STOP_BIAS`.
    """
    torchaudio_cpu.install()
    import torch
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    folder.mkdir(parents=True, exist_ok=True)
    _write_vocabulary(folder / "vocab.json", shape.text_tokens)
    config = _configuration(shape)
    torch.manual_seed(1)
    model: Any = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(folder / "vocab.json")
    model.init_models()
    _sharpen(model.gpt)
    config.model_args = model.args
    config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    return folder


def _sharpen(gpt: Any) -> None:
    for layer in (gpt.mel_head, gpt.text_embedding, gpt.mel_embedding):
        layer.weight.data.normal_(0, 1)
    for block in gpt.gpt.h:
        block.attn.c_attn.weight.data.normal_(0, 0.15)
        block.attn.c_proj.weight.data.normal_(0, 0.15)
    gpt.mel_head.bias.data[gpt.stop_audio_token] += STOP_BIAS


def _configuration(shape: Shape) -> Any:
    """The published settings of sampling and cloning, with a GPT of that shape."""
    from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig

    arguments = XttsArgs(
        gpt_layers=shape.layers,
        gpt_n_model_channels=shape.width,
        gpt_n_heads=shape.heads,
        gpt_max_audio_tokens=605,
        gpt_max_text_tokens=402,
        gpt_max_prompt_tokens=70,
        gpt_num_audio_tokens=shape.audio_codes,
        gpt_start_audio_token=shape.audio_codes - 2,
        gpt_stop_audio_token=shape.audio_codes - 1,
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=shape.width,
        d_vector_dim=512,
        output_hop_length=256,
        input_sample_rate=22_050,
        output_sample_rate=24_000,
    )
    return XttsConfig(
        model_args=arguments,
        audio=XttsAudioConfig(sample_rate=22_050, output_sample_rate=24_000),
        temperature=0.75,
        repetition_penalty=5.0,
        top_k=50,
        top_p=0.85,
        gpt_cond_len=30,
        max_ref_len=30,
    )


def _write_vocabulary(path: Path, size: int) -> None:
    """Letters and the marks of the published vocabulary, as a byte-pair tokenizer, filled up with
    tokens that no text has.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    marks = ["[STOP]", "[UNK]", "[SPACE]", *(f"[{code}]" for code in LANGUAGES), "[START]"]
    tokenizer: Any = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=marks, initial_alphabet=list(LETTERS), show_progress=False
    )
    tokenizer.train_from_iterator(["привет мир это пример русского текста"] * 3, trainer)
    tokenizer.add_tokens([f"[{number}]" for number in range(tokenizer.get_vocab_size(), size)])
    tokenizer.save(str(path))
