"""How natural speech sounds: DNSMOS P.835 (Reddy et al. 2022), from the package `speechmos`.

Only the weight file is taken from the package: importing it brings librosa and pandas for what is
three polynomials here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dubbing.errors import EngineUnavailableError
from dubbing.media.clips import cut_clips
from dubbing.types import Audio, Span

RATE_HZ = 16_000
WINDOW_S = 9.01  # what the network hears at once
WINDOWS = 8  # 0.1 s each: enough for a mean that holds to about 0.05 on a talk
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)  # from the network's to the listeners' scale


class Dnsmos:
    """The overall score, 1..5, of a window of speech."""

    def __init__(self) -> None:
        weights = _weights_path()
        if weights is None:
            raise EngineUnavailableError(
                "dnsmos", "speechmos is missing: pip install -r requirements.txt"
            )
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # gives its memory back between windows
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(weights), options, ["CPUExecutionProvider"]
        )

    def overall(self, window: Audio) -> float:
        """The score.

        Args:
            window: float32, shape (samples,), mono at `RATE_HZ`, at least one sample; repeated or
                cut to `WINDOW_S`.
        """
        samples = np.resize(np.clip(window, -1, 1), int(WINDOW_S * RATE_HZ)).astype(np.float32)
        (scores,) = self._session.run(None, {"input_1": samples[None]})
        return float(np.polyval(_OVERALL, scores[0][2]))


def sample_windows(speech: Sequence[Span], end_s: float) -> list[Span]:
    """Up to `WINDOWS` stretches of `WINDOW_S` that start where somebody starts to speak, spread
    evenly over the segments, in order, not overlapping and inside the media.

    Args:
        speech: The segments' places, in order.
        end_s: The media's length.
    """
    windows: list[Span] = []
    count = min(WINDOWS, len(speech))
    for index in range(count):
        start_s = speech[index * len(speech) // count].start_s
        start_s = max(0.0, min(start_s, end_s - WINDOW_S))
        if not windows or start_s >= windows[-1].end_s:
            windows.append(Span(start_s=start_s, end_s=min(end_s, start_s + WINDOW_S)))
    return windows


def naturalness(network: Dnsmos, blocks: Iterable[Audio], windows: Sequence[Span]) -> float | None:
    """The mean score of a track's windows, silent ones left out; None where none is left.

    Args:
        network: DNSMOS.
        blocks: The track at `RATE_HZ`, mono.
        windows: In order, not overlapping.
    """
    scores = list(_scores(network, cut_clips(blocks, windows, RATE_HZ)))
    return float(np.mean(scores)) if scores else None


def _scores(network: Dnsmos, clips: Iterable[Audio]) -> Iterator[float]:
    for clip in clips:
        if clip.any():
            yield network.overall(clip)


def _weights_path() -> Path | None:
    spec = find_spec("speechmos")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
    return path if path.is_file() else None
