"""The engines as the page on how it works shows them. Knows no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from dubbing.config import PROFILES
from dubbing.engines.base import Kind
from dubbing.engines.bergamot import PAIR_MB
from dubbing.engines.registry import engine_info, engine_names, engine_weights, why_unavailable
from dubbing.engines.weights import find_weights

NON_COMMERCIAL = "non-commercial"  # as engines write it into their licence


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """One engine.

    Attributes:
        name: In the registry.
        kind: What it does.
        licence: Of its weights and code.
        download_mb: Size of what has to be downloaded before; 0: it comes with the packages; None:
            it is fetched by its own library at the first use.
        memory_mb: Roughly needed.
        is_ready: Whether it can run on this machine.
    """

    name: str
    kind: Kind
    licence: str
    download_mb: int | None
    memory_mb: int
    is_ready: bool

    @property
    def is_non_commercial(self) -> bool:
        """Whether nobody may earn money with it."""
        return NON_COMMERCIAL in self.licence


def model_views() -> list[ModelView]:
    """All engines, in the registry's order."""
    return [_view(name) for name in engine_names()]


def _view(name: str) -> ModelView:
    info = engine_info(name)
    return ModelView(
        name=name,
        kind=info.kind,
        licence=info.licence,
        download_mb=_download_mb(name, info.kind),
        memory_mb=info.memory_mb,
        is_ready=why_unavailable(name) is None,
    )


def _download_mb(name: str, kind: Kind) -> int | None:
    if kind == "separator":
        return None
    if name == "firefox":
        return PAIR_MB
    pulled = [w for w in map(find_weights, engine_weights(name)) if not w.packaged]
    return sum(weights.size_mb for weights in pulled)


def profiles_of(engine: str) -> list[str]:
    """The profiles that use an engine, richest first."""
    return [
        name
        for name, profile in PROFILES.items()
        if engine
        in {
            profile.detector,
            profile.transcriber.partition(":")[0],
            profile.translator,
            *profile.synthesizers,
            profile.encoder,
            profile.accentor,
            profile.diarizer,
        }
    ]
