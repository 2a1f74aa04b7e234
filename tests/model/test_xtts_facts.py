"""What the app tells of XTTSv2's sizes is what its code has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dubbing.engines import torchaudio_cpu
from dubbing.engines.weights import find_weights
from dubbing.webui import xtts_facts as facts
from tests.tiny import xtts as tiny

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def torchaudio() -> None:
    """Can be imported beside a torch without CUDA, too."""
    torchaudio_cpu.install()


def test_sizes_are_those_that_were_published() -> None:
    """They are the published model's, of which the library's defaults differ."""
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig

    args = XttsArgs(**tiny.PUBLISHED)
    assert args.gpt_layers == facts.GPT_LAYERS
    assert args.gpt_n_model_channels == facts.GPT_WIDTH
    assert args.gpt_n_heads == facts.GPT_HEADS
    assert {args.gpt_start_audio_token, args.gpt_stop_audio_token} == {facts.CODES, facts.CODES + 1}
    assert args.gpt_num_audio_tokens == facts.CODES + 2
    assert args.gpt_code_stride_len == facts.CODE_SAMPLES
    assert args.gpt_max_audio_tokens == facts.MOST_CODES
    assert (args.input_sample_rate, args.output_sample_rate) == (facts.INPUT_HZ, facts.OUTPUT_HZ)
    assert args.d_vector_dim == facts.SPEAKER_SIZE
    assert len(XttsConfig().languages) == facts.LANGUAGES


def test_parts_are_those_that_are_named() -> None:
    """A GPT-2 with a Perceiver resampler before it, a ResNet that listens to the speaker."""
    from transformers import GPT2Model
    from TTS.encoder.models.resnet import ResNetSpeakerEncoder
    from TTS.tts.layers.xtts.gpt import GPT
    from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder
    from TTS.tts.layers.xtts.perceiver_encoder import PerceiverResampler

    gpt = GPT(layers=1, model_dim=64, heads=2, number_text_tokens=8, use_perceiver_resampler=True)
    assert isinstance(gpt.gpt, GPT2Model)
    assert isinstance(gpt.conditioning_perceiver, PerceiverResampler)
    assert gpt.conditioning_perceiver.latents.shape == (facts.LATENTS, 64)
    encoder = HifiDecoder().speaker_encoder
    assert isinstance(encoder, ResNetSpeakerEncoder)
    assert (encoder.proj_dim, encoder.encoder_type) == (facts.SPEAKER_SIZE, "ASP")


def test_parameters_are_those_of_the_published_file(tmp_path: Path) -> None:
    """A model of the published sizes has as many float32 numbers as the published file's 1.87 GB
    hold; nothing is filled or written.
    """
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    from dubbing.engines.xtts_checkpoint import _Unfilled

    tiny._write_vocabulary(tmp_path / "vocab.json", tiny.FULL.text_tokens)
    with _Unfilled():
        model: Any = Xtts(tiny._configuration(tiny.FULL))
        model.tokenizer = VoiceBpeTokenizer(tmp_path / "vocab.json")
        model.init_models()
    size_mb = sum(p.numel() for p in model.parameters()) * 4 / 1e6
    assert size_mb == pytest.approx(find_weights("xtts-v2").size_mb, abs=5)
