"""Dubs English talks into Russian, in the speaker's cloned voice or a natural one, and measures it.

    from pathlib import Path
    import dubbing

    run = dubbing.dub(Path("talk.mp4"), translation=Path("talk.ru.srt"))
    print(run.read(run.quality, dubbing.Scorecard).timing.onset_error_p90_s)

The names below are the whole public API. They are imported when first used: `import dubbing` itself
costs nothing, and no name here brings torch or a model before an engine is asked to work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dubbing.config import DubbingConfig
    from dubbing.engines.registry import load_engine
    from dubbing.errors import DubbingError, InputError
    from dubbing.pipeline import dub, edit
    from dubbing.quality.report import Scorecard
    from dubbing.runs.store import open_run

__version__ = "0.1.0"

__all__ = [
    "DubbingConfig",
    "DubbingError",
    "InputError",
    "Scorecard",
    "dub",
    "edit",
    "load_engine",
    "open_run",
]

_HOME = {
    "DubbingConfig": "dubbing.config",
    "DubbingError": "dubbing.errors",
    "InputError": "dubbing.errors",
    "Scorecard": "dubbing.quality.report",
    "dub": "dubbing.pipeline",
    "edit": "dubbing.pipeline",
    "load_engine": "dubbing.engines.registry",
    "open_run": "dubbing.runs.store",
}


def __getattr__(name: str) -> Any:
    """The public name, imported from its module (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
