"""Speaker embedding with the network and weights of Resemblyzer (GE2E, Wan et al. 2018).

Only the weight file is taken from the package. Importing it brings librosa and numba, which cost up
to 27 s and 320 MB at the first clip for a mel spectrogram that is twenty lines of numpy; a contract
test holds the two ways equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.base import EngineInfo
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

if TYPE_CHECKING:
    from torch import Tensor

# The network was trained on this spectrogram (resemblyzer/hparams.py).
RATE_HZ = 16_000
WINDOW = 400  # samples, 25 ms
HOP = 160  # samples, 10 ms
MELS = 40
UNITS = 256
LAYERS = 3
PARTIAL = 160  # frames the network hears at once, 1.6 s …
PARTIAL_STEP = 77  # … every 0.77 s: Resemblyzer's default rate of 1.3 a second
MIN_COVERAGE = 0.75  # a last partial with less sound than this is left out
LOUDNESS_DB = -30.0  # quieter clips are raised to this level before


class ResemblyzerEncoder:
    """256 numbers per clip, at about 100 times real time on one core."""

    info = EngineInfo(
        name="resemblyzer",
        kind="encoder",
        summary="Resemblyzer: GE2E speaker embedding, weights inside the package",
        licence="Apache-2.0",
        packages=("Resemblyzer", "torch"),
        sample_rate_hz=RATE_HZ,
        memory_mb=250,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the weights and torch are installed."""
        if _weights_path() is None:
            return "Resemblyzer is missing: pip install -r requirements.txt"
        return None if find_spec("torch") else "torch is missing: pip install -r requirements.txt"

    def __init__(self) -> None:
        weights, reason = _weights_path(), self.why_unavailable()
        if weights is None or reason:
            raise EngineUnavailableError("resemblyzer", str(reason))
        import torch

        state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
        self._lstm = torch.nn.LSTM(MELS, UNITS, LAYERS, batch_first=True).eval()
        self._linear = torch.nn.Linear(UNITS, UNITS).eval()
        self._lstm.load_state_dict(_part(state, "lstm."))
        self._linear.load_state_dict(_part(state, "linear."))

    def embed(self, clips: Sequence[Audio]) -> list[NDArray[np.float32]]:
        """See `SpeakerEncoder`. Clips shorter than 1.6 s are filled up with silence."""
        return [self._embed(clip) for clip in clips]

    def _embed(self, clip: Audio) -> NDArray[np.float32]:
        import torch

        with one_thread(), torch.inference_mode():
            heard = torch.from_numpy(_partials(_audible(clip)))
            vector: NDArray[np.float32] = self.forward(heard).numpy()
        return vector

    def forward(self, partials: Tensor) -> Tensor:
        """The unit-length mean of the partials' `vectors`, shape (256,)."""
        from torch.nn.functional import normalize

        return normalize(self.vectors(partials).mean(dim=0), dim=0)

    def vectors(self, partials: Tensor) -> Tensor:
        """A unit-length vector for each partial, shape (partials, 256); gradients go through it.

        Args:
            partials: Of mel spectrograms, float32, shape (partials, PARTIAL, MELS).
        """
        import torch
        from torch.nn.functional import normalize

        _, (hidden, _) = self._lstm(partials)
        return normalize(torch.relu(self._linear(hidden[-1])))

    @staticmethod
    def band_centres_hz() -> NDArray[np.float64]:
        """Where the mel bands lie, in Hz, shape (40,)."""
        bands = _mel_bands()
        bins_hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
        centres: NDArray[np.float64] = bins_hz @ bands / bands.sum(axis=0)
        return centres


_counting = Lock()
_inside: list[int] = []  # torch's own setting, once for each caller who is inside


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread for each caller; its own setting comes back when the last one leaves.

    The network is so small that on two busy cores two threads, which wait for each other by
    spinning, took 15 to 20 times as long as one; on idle cores they save a quarter at most.
    Two callers side by side, each on one, use two cores.
    """
    import torch

    with _counting:
        before = _inside[0] if _inside else torch.get_num_threads()
        _inside.append(before)
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _counting:
            _inside.pop()
            if not _inside:
                torch.set_num_threads(before)


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }


def _audible(clip: Audio) -> Audio:
    """The clip, raised to `LOUDNESS_DB` where it is quieter: the network hears plain power."""
    rms = float(np.sqrt(np.mean(np.square(clip, dtype=np.float64)))) if len(clip) else 0.0
    target = 10 ** (LOUDNESS_DB / 20)
    return clip * np.float32(target / rms) if 0 < rms < target else clip


def _partials(clip: Audio) -> NDArray[np.float32]:
    """Overlapping pieces of the clip's mel spectrogram, float32, shape (pieces, PARTIAL, MELS)."""
    frames = -(-(len(clip) + 1) // HOP)
    starts = list(range(0, max(1, frames - PARTIAL + PARTIAL_STEP + 1), PARTIAL_STEP))
    if len(starts) > 1 and len(clip) / HOP - starts[-1] < MIN_COVERAGE * PARTIAL:
        starts.pop()
    missing = (starts[-1] + PARTIAL) * HOP - len(clip)
    mel = mel_spectrogram(np.pad(clip, (0, max(0, missing))))
    return np.stack([mel[start : start + PARTIAL] for start in starts])


def mel_spectrogram(samples: Audio) -> NDArray[np.float32]:
    """Power of 40 mel bands, float32, shape (frames, 40), a frame every 10 ms from sample 0 on.

    Args:
        samples: float32, shape (samples,), mono, at 16 kHz.
    """
    padded = np.pad(samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * hann)) ** 2
    return (power @ _mel_bands()).astype(np.float32)


@cache
def _mel_bands() -> NDArray[np.float64]:
    """Triangles of equal area on Slaney's mel scale (1998), shape (bins, MELS)."""
    bins_hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
    top_mel = 15 + 27 * np.log(RATE_HZ / 2 / 1000) / np.log(6.4)
    edges_mel = np.linspace(0, top_mel, MELS + 2)
    # Linear up to 1 kHz (15 mel), then 27 mel for each factor of 6.4.
    edges_hz = np.where(edges_mel < 15, edges_mel * 200 / 3, 1000 * 6.4 ** ((edges_mel - 15) / 27))
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    bands: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return bands


def _weights_path() -> Path | None:
    spec = find_spec("resemblyzer")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "pretrained.pt"
    return path if path.is_file() else None
