"""Which profiles can dub here and now, and what the others lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from dubbing.config import PROFILES, SMALLEST
from dubbing.engines import licences
from dubbing.engines.registry import (
    check_pair,
    engine_info,
    engine_weights,
    languages_here,
    why_unavailable,
)
from dubbing.engines.weights import find_weights, why_missing
from dubbing.errors import UnsupportedLanguageError
from dubbing.memory import available_mb

SOURCE = "en"
_PULLING = Lock()
MODEL_MB = 14  # of a pair of Firefox Translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What keeps a profile from dubbing.

    Attributes:
        kind: Chooses the sentence.
        values: Fill it in.
    """

    kind: Literal["language", "weights", "licence", "memory", "other"]
    values: dict[str, str]


def lacking(name: str, target: str, holds: Callable[[str], bool] = lambda _: False) -> Lack | None:
    """What the profile lacks for a dub into a language; None when it can make one, be it from a
    translation that somebody types.

    Args:
        name: A key of `PROFILES`.
        target: ISO 639-1 code.
        holds: Whether an engine is loaded already, so that it takes no further memory.
    """
    profile = PROFILES[name]
    voices = [e for e in profile.synthesizers if target in languages_here(e)]
    pairs = engine_info(profile.translator).languages
    if not voices or (name != SMALLEST and f"{SOURCE}-{target}" not in pairs):
        return Lack(kind="language", values={})
    engines = [profile.transcriber, profile.translator, *voices]
    if size_mb := _missing_mb(engines):
        command = f"python -m dubbing models pull {name}"
        return Lack(kind="weights", values={"size": str(size_mb), "command": command})
    if "xtts" in voices and licences.accepted("CPML") is None:
        return Lack(kind="licence", values={"address": licences.URLS["CPML"]})
    needed = [profile.detector, profile.transcriber, profile.encoder, profile.diarizer, *voices]
    accentor = profile.accentor_for(target)
    needed += [accentor] if accentor else []
    if lack := _memory([engine for engine in needed if not holds(engine)]):
        return lack
    reasons = [why_unavailable(engine) for engine in [*engines, *needed]]
    reason = next((reason for reason in reasons if reason), None)
    return Lack(kind="other", values={"detail": reason}) if reason else None


def translates(name: str, target: str) -> bool:
    """Whether the profile's own engine translates into the language here and now."""
    translator = PROFILES[name].translator
    if why_unavailable(translator) is not None:
        return False
    try:
        check_pair(translator, SOURCE, target)
    except UnsupportedLanguageError:
        return False
    return True


def can_pull(target: str) -> bool:
    """Whether a translation model into the language could be pulled now."""
    pulled = engine_info("firefox").languages
    return f"{SOURCE}-{target}" in pulled and why_unavailable("bergamot") is None


def pull_model(target: str) -> None:
    """Pulls the translation model into a language; once, however many visitors ask for it.

    Raises:
        InputError: The network cannot be reached.
    """
    from dubbing.engines.bergamot import pull

    with _PULLING:
        if not translates(SMALLEST, target):
            pull(f"{SOURCE}-{target}")


def _missing_mb(engines: list[str]) -> int:
    """Size of the weights that have to be pulled first, in MB."""
    weights = {name for engine in engines for name in engine_weights(engine)}
    missing = sum(find_weights(name).size_mb for name in weights if why_missing(name))
    lacks_model = "firefox" in engines and why_unavailable("firefox") is not None
    return missing + (MODEL_MB if lacks_model else 0)


def _memory(engines: list[str]) -> Lack | None:
    """Engines make room for each other, so the largest must fit."""
    free_mb = available_mb()
    needed_mb = max((engine_info(engine).memory_mb for engine in engines), default=0)
    if free_mb is None or needed_mb <= free_mb:
        return None
    return Lack(kind="memory", values={"needed": str(needed_mb), "free": str(free_mb)})
