"""The background without the voices, by Demucs (Rouard et al. 2023): an optional package.

Its weights come from its hub at the first use, or from a folder in their publisher's layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from dubbing.engines.base import EngineInfo
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

MODEL = "htdemucs"
RATE_HZ = 44_100  # every published Demucs has this rate
VOICE = "vocals"
PIECE_S = 30.0  # what is separated at once: 120 MB for four sources
OVERLAP_S = 1.0  # of neighbouring pieces, cross-faded


class DemucsSeparator:
    """Hybrid Transformer Demucs: about a third of the talk's length on two cores of a desktop."""

    info = EngineInfo(
        name="demucs",
        kind="separator",
        summary="Demucs takes the voices out of music: for --mix background, an optional package",
        licence="MIT",
        packages=("demucs", "torch"),
        sample_rate_hz=RATE_HZ,
        memory_mb=2000,
        variants="a folder with NAME.yaml and its .th files, or a single .th",
    )

    @classmethod
    def why_unavailable(cls, variant: str = "") -> str | None:
        """None when the package is installed and a named folder holds a model."""
        if find_spec("demucs") is None:
            return "demucs is missing: pip install demucs==4.1.0, or leave out --mix background"
        if variant and _named_in(Path(variant)) is None:
            return f"{variant} holds no Demucs model: no .yaml file, and not a single .th file"
        return None

    def __init__(self, variant: str = "") -> None:
        if reason := self.why_unavailable(variant):
            raise EngineUnavailableError("demucs", reason)
        from demucs.pretrained import get_model

        folder = Path(variant) if variant else None
        name = (folder and _named_in(folder)) or MODEL
        try:
            self._model = get_model(name, folder)
        except (OSError, RuntimeError) as error:  # no network; a damaged file
            raise EngineUnavailableError(
                "demucs",
                f"the Demucs model {name} cannot be loaded: the first use needs the network; "
                "without it name a folder, --separator demucs:FOLDER",
            ) from error
        if VOICE not in self._model.sources or self._model.samplerate != RATE_HZ:
            raise EngineUnavailableError(
                "demucs", f"the Demucs model {name} does not separate voices at {RATE_HZ} Hz"
            )

    def background(self, blocks: Iterable[Audio]) -> Iterator[Audio]:
        """See `Separator`."""
        piece, overlap = round(PIECE_S * RATE_HZ), round(OVERLAP_S * RATE_HZ)
        return in_pieces(blocks, self._without_voice, piece, overlap)

    def _without_voice(self, samples: Audio) -> Audio:
        import torch
        from demucs.apply import apply_model

        mixture = torch.from_numpy(np.ascontiguousarray(samples.T))[None]
        loudness = float(mixture.std()) or 1.0  # the network was trained on sound of one loudness
        with torch.inference_mode():
            parts: Any = apply_model(self._model, mixture / loudness, shifts=0, split=True)
        kept = [i for i, source in enumerate(self._model.sources) if source != VOICE]
        background: Audio = (parts[0, kept].sum(dim=0) * loudness).numpy().T.astype(np.float32)
        return background


def in_pieces(
    blocks: Iterable[Audio], work: Callable[[Audio], Audio], piece: int, overlap: int
) -> Iterator[Audio]:
    """A signal worked on piece by piece, each cross-faded into the next; as long as it was.

    Args:
        blocks: float32, shape (samples, channels).
        work: Gives as many samples as it is given.
        piece: Samples that come out at once.
        overlap: Samples that neighbouring pieces share.
    """
    held: list[Audio] = []
    tail: Audio | None = None
    for block in blocks:
        held.append(block)
        while sum(map(len, held)) >= piece + 2 * overlap:
            samples = np.concatenate(held)
            made = _faded(work(samples[: piece + overlap]), tail)
            yield made[:piece]
            held, tail = [samples[piece:]], made[piece:]
    if held:
        yield _faded(work(np.concatenate(held)), tail)


def _faded(made: Audio, tail: Audio | None) -> Audio:
    """The piece with its beginning cross-faded from the end of the one before."""
    if tail is None:
        return made
    rise = np.linspace(0, 1, len(tail), dtype=np.float32)[:, None]
    made[: len(tail)] = tail + (made[: len(tail)] - tail) * rise
    return made


def _named_in(folder: Path) -> str | None:
    """The model in a folder: the bag that its .yaml file names, or its only .th file."""
    bags, single = sorted(folder.glob("*.yaml")), sorted(folder.glob("*.th"))
    if bags:
        return bags[0].stem
    return single[0].stem.partition("-")[0] if len(single) == 1 else None
