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

EQ_KNOBS = MELS  # on unseen text + 0.02 to 0.04 of similarity against 14 points
EQ_LIMIT = 1.5  # of a gain's natural logarithm: ± 6.5 dB; a wider one brought nothing
EQ_STEPS = 20  # + 0.07 to 0.10 of similarity on unseen speech and text; 60 brought no more


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

        with _one_thread(), torch.inference_mode():
            vector: NDArray[np.float32] = self._forward(_partials(_audible(clip))).numpy()
        return vector

    def _forward(self, partials: NDArray[np.float32], gains: Tensor | float = 1.0) -> Tensor:
        """The unit-length mean of the partials' vectors, with a gain on each mel band."""
        import torch
        from torch.nn.functional import normalize

        _, (hidden, _) = self._lstm(torch.from_numpy(partials) * gains)
        vectors = normalize(torch.relu(self._linear(hidden[-1])))
        return normalize(vectors.mean(dim=0), dim=0)

    def equaliser(self, clip: Audio, wanted: NDArray[np.float32]) -> NDArray[np.float32]:
        """The smooth equaliser that brings a clip nearest to a speaker, by L-BFGS-B.

        Args:
            clip: As for `embed`.
            wanted: The speaker's vector, from `embed`.

        Returns:
            Natural logarithms of power gains, float32, shape (40,): one per mel band, within
            ± `EQ_LIMIT`.
        """
        import torch
        from scipy.optimize import minimize  # torch.optim would import a compiler: 3 s

        partials = _partials(_audible(clip))[::2]  # nearly side by side: half the work
        aim, curves = torch.from_numpy(wanted), torch.from_numpy(_eq_curves())
        power = torch.from_numpy(partials.sum(axis=(0, 1)))

        def unlikeness(knobs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            """Minus the similarity, and its gradient."""
            turned = torch.tensor(knobs, dtype=torch.float32, requires_grad=True)
            gains = (turned @ curves).exp()
            # The dub's loudness is the original's in the end, so gains must not change it.
            loss = -self._forward(partials, gains * power.sum() / (power @ gains)) @ aim
            (gradient,) = torch.autograd.grad(loss, [turned])
            return loss.item(), gradient.double().numpy()

        with _one_thread():
            found = minimize(
                unlikeness,
                np.zeros(EQ_KNOBS),
                jac=True,
                method="L-BFGS-B",
                bounds=[(-EQ_LIMIT, EQ_LIMIT)] * EQ_KNOBS,
                options={"maxiter": EQ_STEPS},
            )
        logs: NDArray[np.float32] = (found.x @ _eq_curves()).astype(np.float32)
        return logs

    @staticmethod
    def band_centres_hz() -> NDArray[np.float64]:
        """Where the mel bands lie, in Hz, shape (40,)."""
        bands = _mel_bands()
        bins_hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
        centres: NDArray[np.float64] = bins_hz @ bands / bands.sum(axis=0)
        return centres


_alone = Lock()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread, one caller at a time; its own setting comes back afterwards.

    The network is so small that on two busy cores two threads, which wait for each other by
    spinning, took 15 to 20 times as long as one; on idle cores they save a quarter at most.
    """
    import torch

    with _alone:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
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


def _eq_curves() -> NDArray[np.float32]:
    """Triangles that spread points over the mel bands, float32, shape (EQ_KNOBS, MELS)."""
    places = np.linspace(0, EQ_KNOBS - 1, MELS)
    distance = np.abs(np.arange(EQ_KNOBS)[:, None] - places)
    curves: NDArray[np.float32] = np.maximum(0, 1 - distance).astype(np.float32)
    return curves


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
