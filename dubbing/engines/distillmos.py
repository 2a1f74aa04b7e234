"""How natural speech sounds, by DistillMOS (Stahl & Gamper 2025, "Distillation and Pruning for
Scalable Self-Supervised Representation-Based Speech Quality Assessment", arXiv 2502.05356).

No voice of this project is chosen or fitted by it. The network scales each window to its peak by
itself, so that it hears no loudness.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO

import numpy as np

from dubbing.engines import torchaudio_cpu
from dubbing.engines.torch_threads import limited_torch
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

NAME = "distillmos"
RATE_HZ = 16_000
SOURCE_HZ = 48_000  # `resampled` takes sound at this rate
WINDOW = 122_880  # samples the network hears at once: 7.68 s (distillmos/sqa.py)
MIN_S = 2.0  # of a talk, pieces of 1 s scored 0.4 lower than longer ones, of 2 s as they do
THREADS = 1  # two that wait for each other by spinning took four times as long on busy cores


class DistillMos:
    """A window takes half a second of one core and 110 MB while it is heard.

    Raises:
        EngineUnavailableError: `distillmos` is not installed.
    """

    def __init__(self) -> None:
        if reason := why_unavailable():
            raise EngineUnavailableError(NAME, reason)
        torchaudio_cpu.install()
        from distillmos import ConvTransformerSQAModel

        with redirect_stdout(StringIO()):  # it prints where its weights lie
            self._network = ConvTransformerSQAModel(segmenting_in_forward=False).eval()

    def naturalness(self, samples: Audio) -> float:
        """The opinion score, 1 (bad) .. 5 (excellent), mean over windows of 7.68 s.

        The published code fills a short clip up with silence, which costs 2 s of a good talk up to
        1.1 points; here it is repeated. It hears a long one in windows a second apart; a window
        after another, as here, differs by 0.02 in a fifth of the time.

        Args:
            samples: float32, shape (samples,), mono, [-1, 1], at `RATE_HZ`; not empty.
        """
        import torch

        whole = np.resize(samples, max(WINDOW, len(samples))).astype(np.float32)
        starts = np.linspace(0, len(whole) - WINDOW, -(-len(whole) // WINDOW)).astype(int)
        with limited_torch(THREADS), torch.inference_mode():
            windows = (torch.from_numpy(whole[None, at : at + WINDOW]) for at in starts)
            return float(np.mean([self._network(window).item() for window in windows]))


def resampled(samples: Audio) -> Audio:
    """Sound at `RATE_HZ`, as the published code resamples it. How sharply that cuts below 8 kHz
    decides: with soxr's steeper filter the same buzzing dub scored 2.7 for 2.2; speech stays
    within 0.2.

    Args:
        samples: float32, shape (samples,), mono, at `SOURCE_HZ`.
    """
    import torch

    torchaudio_cpu.install()
    from torchaudio.functional import resample

    found: Audio = resample(torch.from_numpy(samples), SOURCE_HZ, RATE_HZ).numpy()
    return found


def why_unavailable() -> str | None:
    """None when the package, which holds the weights, and torch are installed."""
    if all(find_spec(module) for module in ("distillmos", "xls_r_sqa", "torch", "torchaudio")):
        return None
    return "distillmos is missing: pip install -r requirements.txt"
