"""The equaliser that brings a voice nearest to a speaker, found by gradients through the encoder.

It works on mel spectrograms: what a gain on the envelope does to a band, it does to the band's
power, so nothing has to be synthesised while it is being looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.matching_speaker import Vector, encoder
from dubbing.engines.resemblyzer import MELS, PARTIAL, one_thread
from dubbing.flow.cancel import current

if TYPE_CHECKING:
    from torch import Tensor

Mels = NDArray[np.float32]
"""A clip's mel spectrogram, a frame every 10 ms, shape (frames, 40)."""

LIMIT = 1.5  # of a row's natural logarithm: ± 6.5 dB
WORKERS = 2
STEPS = 20  # of L-BFGS-B

# Prices in similarity, of a row's mean squared step from band to band and of the mean square of the
# rows that follow the sound. On unseen lines of a talk, Festival's voice came to 0.75 and lost 0.09
# of its DNSMOS with them, without them 0.77 and 0.30; espeak-ng's came to 0.69 either way.
UNEVEN = 0.3
RESTLESS = 0.1


def fitted(
    clips: Sequence[tuple[Mels, NDArray[np.float64]]],
    wanted: Vector,
    *,
    step: int = PARTIAL,
    steps: int = STEPS,
) -> NDArray[np.float32]:
    """The equaliser, by L-BFGS-B: natural logarithms of power gains, shape (shapes, 40).

    Args:
        clips: Mel spectrograms of the voice without it, and their frames' `shapes`, shape
            (frames, shapes).
        wanted: The speaker's vector.
        step: Frames of 10 ms from one piece that the encoder hears to the next.
        steps: At most so many.
    """
    import torch
    from scipy.optimize import minimize  # torch.optim would import a compiler: 3 s

    mels = torch.from_numpy(_pieces([mel for mel, _ in clips], step))
    shapes = torch.from_numpy(_pieces([shape.astype(np.float32) for _, shape in clips], step))
    cancel = current()
    aim, count = torch.from_numpy(wanted), shapes.shape[2]

    def unlikeness(knobs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Minus the similarity, plus the prices, and its gradient."""
        cancel.check()
        turned = torch.tensor(knobs, dtype=torch.float32, requires_grad=True)
        rows = turned.view(count, MELS)
        heard = mels * (shapes @ rows).exp()
        # The dub's loudness is the original's in the end, so gains must not change it.
        heard = heard * (mels.sum() / heard.sum())
        likeness, pull = _likeness(heard, aim, pool)
        price = UNEVEN * rows.diff().square().mean() + RESTLESS * rows[1:].square().mean()
        (gradient,) = torch.autograd.grad(price - (heard * pull).sum(), turned)
        return price.item() - likeness, gradient.double().numpy()

    with (
        one_thread(),
        ThreadPoolExecutor(WORKERS, initializer=torch.set_num_threads, initargs=(1,)) as pool,
    ):
        found = minimize(
            unlikeness,
            np.zeros(count * MELS),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-LIMIT, LIMIT)] * (count * MELS),
            options={"maxiter": steps},
        )
    gains: NDArray[np.float32] = found.x.reshape(count, MELS).astype(np.float32)
    return gains


def _likeness(heard: Tensor, aim: Tensor, pool: Executor) -> tuple[float, Tensor]:
    """The similarity of pieces to a vector, and its gradient; the pieces go side by side."""
    import torch
    from torch.nn.functional import normalize

    parts = [part.requires_grad_() for part in heard.detach().chunk(WORKERS)]
    sums = list(pool.map(lambda part: encoder().vectors(part).sum(dim=0), parts))
    total = torch.stack(sums).sum(dim=0).detach().requires_grad_()
    likeness = normalize(total, dim=0) @ aim
    (pull,) = torch.autograd.grad(likeness, [total])
    # Of a single number: with a gradient given to it torch imports sympy, 30 MB and half a second.
    pulls = pool.map(
        lambda pair: torch.autograd.grad(pair[0] @ pull, pair[1])[0], zip(sums, parts, strict=True)
    )
    return likeness.item(), torch.cat(list(pulls))


def similarities(voices: Sequence[Mels], wanted: Vector) -> list[float]:
    """Each clip's similarity to a vector, by its mel spectrogram."""
    import torch

    with one_thread(), torch.inference_mode():
        aim = torch.from_numpy(wanted)
        vectors = [encoder().forward(torch.from_numpy(_pieces([m], PARTIAL))) for m in voices]
        return [float(vector @ aim) for vector in vectors]


def _pieces(clips: Sequence[NDArray[np.float32]], step: int) -> NDArray[np.float32]:
    """Pieces of `PARTIAL` frames of each clip, shape (pieces, PARTIAL, columns)."""
    whole = [np.pad(c, ((0, max(0, PARTIAL - len(c))), (0, 0)), "edge") for c in clips]
    return np.stack(
        [c[at : at + PARTIAL] for c in whole for at in range(0, len(c) - PARTIAL + 1, step)]
    )
