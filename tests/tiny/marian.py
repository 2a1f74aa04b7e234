"""A tiny opus-mt: the publisher's layout and classes, random weights, a vocabulary of toys."""

from __future__ import annotations

import json
from pathlib import Path

from dubbing.engines import torchaudio_cpu

ENGLISH = (
    "hello world how are you",
    "the lamp was lit every evening",
    "welcome to the lecture about machine learning",
    "this is an example of english text",
)
RUSSIAN = (
    "привет мир как дела",
    "лампу зажигали каждый вечер",
    "добро пожаловать на лекцию о машинном обучении",
    "это пример русского текста",
)

# Random weights alone repeat their last piece for ever; so some sentences end, and each says
# something else.
DECODER_GAIN = 3.0
END_BIAS = 4.0
TINY = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "init_std": 0.3,  # spreads the scores: no two pieces are nearly as good
}


def make(
    folder: Path,
    *,
    seed: int = 0,
    beams: int = 4,
    end_bias: float = END_BIAS,
    pieces: int = 0,
    **shape: float,
) -> Path:
    """The folder with config, weights, sentencepiece models and vocabulary.

    Args:
        folder: Made if missing.
        seed: Of the weights.
        beams: What config.json asks for.
        end_bias: Added to the score of the closing piece.
        pieces: Of the vocabulary, filled up with names; 0: no more than the toys need.
        shape: Fields of MarianConfig that are to be other than tiny.
    """
    torchaudio_cpu.install()
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _pieces(folder, pieces)
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        **{**TINY, **shape},
        vocab_size=len(vocabulary),
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        static_position_embeddings=True,
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
    )
    torch.manual_seed(seed)
    model = MarianMTModel(config)
    for matrix in model.get_decoder().layers.parameters():
        if matrix.ndim > 1:
            matrix.data *= DECODER_GAIN
    model.final_logits_bias[0, 0] = end_bias
    model.final_logits_bias[0, vocabulary["▁"]] = -100  # a lone blank is no translation
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    document = {**config.to_dict(), "num_beams": beams, "bad_words_ids": [[pad]]}
    (folder / "config.json").write_text(json.dumps(document))
    languages = {"source_lang": "en", "target_lang": "ru", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(languages))
    return folder


def _pieces(folder: Path, at_least: int) -> dict[str, int]:
    """Trains both sentencepiece models; returns the vocabulary that they share, as opus-mt's: the
    closing piece first, the padding last.
    """
    vocabulary = {"</s>": 0, "<unk>": 1}
    for side, lines in (("source", ENGLISH), ("target", RUSSIAN)):
        for piece in _train(folder / f"{side}.spm", lines):
            vocabulary.setdefault(piece, len(vocabulary))
    while len(vocabulary) < at_least - 1:
        vocabulary[f"▁x{len(vocabulary)}"] = len(vocabulary)
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    return vocabulary


def _train(path: Path, lines: tuple[str, ...]) -> list[str]:
    import sentencepiece

    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines * 20),
            model_writer=file,
            vocab_size=90,
            hard_vocab_limit=False,
            bos_id=-1,
            eos_id=0,
            unk_id=1,
            minloglevel=2,
        )
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]
