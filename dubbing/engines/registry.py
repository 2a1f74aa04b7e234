"""Every engine by name. Reading a row imports the engine's own small file, never its packages or
weights.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from dubbing.engines.base import Engine, EngineInfo, Kind
from dubbing.errors import InputError

_PATHS: dict[str, str] = {
    "silero": "dubbing.engines.silero:SileroDetector",
    "energy": "dubbing.engines.energy:EnergyDetector",
    "faster-whisper": "dubbing.engines.faster_whisper:FasterWhisperTranscriber",
    "bergamot": "dubbing.engines.bergamot:BergamotTranslator",
    "espeak": "dubbing.engines.espeak:EspeakSynthesizer",
    "festival": "dubbing.engines.festival:FestivalSynthesizer",
    "resemblyzer": "dubbing.engines.resemblyzer:ResemblyzerEncoder",
}


def _engine_class(name: str) -> type[Engine]:
    if name not in _PATHS:
        raise InputError(f"there is no engine {name!r}; choose one of {', '.join(_PATHS)}")
    module, _, attribute = _PATHS[name].partition(":")
    return cast(type[Engine], getattr(import_module(module), attribute))


def engine_names(kind: Kind | None = None) -> list[str]:
    """Names of all engines, or of one kind, in the registry's order."""
    return [name for name in _PATHS if kind is None or engine_info(name).kind == kind]


def engine_info(name: str) -> EngineInfo:
    """What the engine declares.

    Raises:
        InputError: There is no engine of that name.
    """
    return _engine_class(name).info


def why_unavailable(name: str) -> str | None:
    """Why the engine cannot run here, in one sentence; None when it can."""
    return _engine_class(name).why_unavailable()


def load_engine(name: str) -> Engine:
    """The engine, its packages imported and its weights loaded.

    Raises:
        InputError: There is no engine of that name.
        EngineUnavailableError: Something that it needs is missing here.
    """
    return _engine_class(name)()
