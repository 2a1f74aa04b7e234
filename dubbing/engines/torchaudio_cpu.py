"""Makes `import torchaudio` work beside a torch without CUDA.

PyPI's torchaudio is built for CUDA: on a CPU torch its import dies with an OSError over missing
libraries, and takes coqui-tts and parts of transformers with it. What coqui-tts uses of it (mel
spectrograms, resampling) is written in torch; only the compiled extension has to stay out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

EXTENSION = "torchaudio._extension"


def install() -> None:
    """Puts a stand-in for torchaudio's extension in place, to be called before `import torchaudio`.

    Does nothing where torch has CUDA, or where torchaudio or the stand-in is there already.
    """
    import torch

    if torch.version.cuda is None and not {"torchaudio", EXTENSION} & sys.modules.keys():
        sys.modules[EXTENSION] = _stand_in()


def _stand_in() -> ModuleType:
    """The names that torchaudio 2.11 imports from its extension, which say that it is absent."""
    module = ModuleType(EXTENSION)
    values: dict[str, Any] = {
        "_IS_TORCHAUDIO_EXT_AVAILABLE": False,
        "_IS_ALIGN_AVAILABLE": False,
        "_check_cuda_version": lambda: None,
        "fail_if_no_align": _refuse,
    }
    vars(module).update(values)
    return module


def _refuse(function: Callable[..., Any]) -> Callable[..., NoReturn]:
    """A function that says why it cannot work, in place of one that needs the extension."""

    def absent(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(f"{function.__name__} needs torchaudio's extension: install torch+CUDA")

    return absent
