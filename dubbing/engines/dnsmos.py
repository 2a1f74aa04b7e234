"""How natural speech sounds, by DNSMOS P.835 (Reddy et al. 2022).

Only the network is taken from `speechmos`: its own code imports librosa and pandas for a second
model that is not needed here.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

RATE_HZ = 16_000
WINDOW = 144_160  # samples the network hears at once: 9.01 s (speechmos/dnsmos.py)
# From the network's number to the opinion score, highest power first (speechmos/dnsmos.py).
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


def naturalness(samples: Audio, *, threads: int = 1) -> float:
    """The overall opinion score, 1 (bad) .. 5 (excellent), mean over windows of 9 s.

    Args:
        samples: float32, shape (samples,), mono, [-1, 1], at `RATE_HZ`; a short clip is repeated.
        threads: How many the network uses; 1 where several clips go side by side.

    Raises:
        EngineUnavailableError: `speechmos` is not installed.
    """
    network = _network(threads)
    whole = np.resize(samples, max(WINDOW, len(samples))).astype(np.float32)
    scores = [
        network.run(None, {"input_1": np.clip(whole[None, at : at + WINDOW], -1, 1)})[0][0][2]
        for at in range(0, len(whole) - WINDOW + 1, WINDOW)
    ]
    return float(np.mean(np.polyval(OVERALL, scores)))


def why_unavailable() -> str | None:
    """None when the weights are installed."""
    if _weights_path() is None:
        return "speechmos is missing: pip install -r requirements.txt"
    return None


def _weights_path() -> Path | None:
    spec = find_spec("speechmos")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0], "dnsmos_models", "sig_bak_ovr.onnx")
    return path if path.is_file() else None


@cache
def _network(threads: int) -> Any:
    import onnxruntime

    if (path := _weights_path()) is None:
        raise EngineUnavailableError("dnsmos", str(why_unavailable()))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False  # 100 MB that a process would keep after a few windows
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
