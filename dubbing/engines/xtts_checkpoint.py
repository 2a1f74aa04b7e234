"""XTTSv2 read from a folder in its publisher's layout: as data, in an eighth of the memory.

The library's own loading builds the model twice (4.0 GB at its peak for 1.7 GB of weights), lets
the checkpoint name classes to be made, and rewrites model.pth. Here the model is built once, with
no random numbers drawn first, the weights are mapped from the file, and the file is only read.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from dubbing.engines import torchaudio_cpu
from dubbing.errors import EngineUnavailableError

# The published file holds its configuration as objects of these classes beside the weights. Each is
# read as a `_Ignored`: no code of theirs runs, and any other class is refused.
_CONFIGURATION = (
    "TTS.config.shared_configs.BaseDatasetConfig",
    "TTS.tts.configs.xtts_config.XttsArgs",
    "TTS.tts.configs.xtts_config.XttsAudioConfig",
    "TTS.tts.configs.xtts_config.XttsConfig",
    "TTS.tts.models.xtts.XttsArgs",
    "TTS.tts.models.xtts.XttsAudioConfig",
)
# Left by training, or by the library's wrapper for generation, which shares the other weights.
_UNUSED = (
    "torch_mel_spectrogram_style_encoder.",
    "torch_mel_spectrogram_dvae.",
    "dvae.",
    "gpt.gpt_inference.",
    "gpt.gpt.wte.",
)

Weights = dict[str, torch.Tensor]


class _Ignored:
    """Stands for an object in the checkpoint that nobody asks for."""


class _Unfilled(TorchFunctionMode):
    """Inside, parameters are made but not filled: pages that nobody writes take no memory.

    Only what a strict `load_state_dict` replaces afterwards may be drawn here.
    """

    # By name: methods of tensors, functions of torch.nn.init, and what transformers puts there.
    _FILLING = frozenset(
        {"normal_", "uniform_", "trunc_normal_", "kaiming_uniform_", "xavier_uniform_"}
    )

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """The tensor as it is where it would be filled with random numbers."""
        if getattr(func, "__name__", "") in self._FILLING:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **kwargs or {})


def load(folder: Path, device: str) -> Any:
    """The model `TTS.tts.models.xtts.Xtts`, with its tokenizer, ready for inference.

    Args:
        folder: With `config.json`, `model.pth` and `vocab.json`.
        device: "cpu" or "cuda".

    Raises:
        EngineUnavailableError: A file is damaged, is not what its name says, or holds objects
            that could run code.
    """
    weights = read_weights(folder / "model.pth")
    torchaudio_cpu.install()
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    try:
        config = _configuration(folder / "config.json")
        with _quiet_transformers(), _Unfilled():
            model: Any = Xtts(config)  # without a number of text tokens it leaves the GPT out
            model.tokenizer = VoiceBpeTokenizer(folder / "vocab.json")
            model.init_models()
        model.load_state_dict(weights, strict=True, assign=True)
    except Exception as error:  # tokenizers and coqpit raise bare Exception
        raise EngineUnavailableError(
            "xtts",
            f"the files in {folder} are damaged or do not belong together: delete the folder and "
            "run `python -m dubbing models pull xtts-v2`",
        ) from error
    model.to(device).requires_grad_(requires_grad=False)
    model.gpt.eval()  # the model's own eval() builds a wrapper for generation
    model.hifigan_decoder.eval()
    return model


def read_weights(path: Path) -> Weights:
    """The tensors of a checkpoint by name, mapped from the file.

    Raises:
        EngineUnavailableError: The file is damaged, or holds objects that could run code.
    """
    inert: Any = [(_Ignored, name) for name in _CONFIGURATION]
    try:
        with torch.serialization.safe_globals(inert):
            file = torch.load(str(path), map_location="cpu", mmap=True, weights_only=True)
        state: dict[str, Any] = file["model"]
        return _needed(state)
    except pickle.UnpicklingError as error:
        raise EngineUnavailableError(
            "xtts",
            f"{path} holds more than weights, which could run code: it was not loaded; delete it "
            "and run `python -m dubbing models pull xtts-v2`",
        ) from error
    except (RuntimeError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailableError(
            "xtts",
            f"{path} is damaged or no checkpoint of XTTS: delete it and run "
            "`python -m dubbing models pull xtts-v2`",
        ) from error


def _needed(state: dict[str, Any]) -> Weights:
    """The weights by the names of the model; those of a fine-tuned one start with "xtts."."""
    named = {name.removeprefix("xtts."): tensor for name, tensor in state.items()}
    return {name: tensor for name, tensor in named.items() if not name.startswith(_UNUSED)}


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Inside, transformers does not warn of the token numbers that coqui-tts leaves unset."""
    logger = logging.getLogger("transformers")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _configuration(path: Path) -> Any:
    from TTS.tts.configs.xtts_config import XttsConfig

    config = XttsConfig()
    config.load_json(str(path))
    config.model_args.gpt_number_text_tokens = None
    return config
