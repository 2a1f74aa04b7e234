"""What every step needs: the run, its engines, and someone to tell about progress."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from dubbing.engines.base import (
    Diarizer,
    EngineInfo,
    Separator,
    SpeakerEncoder,
    SpeechDetector,
    Synthesizer,
    Transcriber,
    Translator,
)
from dubbing.engines.registry import (
    engine_info,
    engine_weights,
    load_engine,
    why_unavailable,
)
from dubbing.engines.weights import recorded_revision
from dubbing.errors import EngineUnavailableError
from dubbing.events import ItemDone, Listener, Stage, StageFinished, StageStarted
from dubbing.media.probe import MediaInfo, probe
from dubbing.memory import available_mb, peak_mb
from dubbing.runs.manifest import StageRecord
from dubbing.runs.store import Run

_Identity = list[str | list[str]]


class Job:
    """One pass over a run. Engines are loaded when first called, once.

    Attributes:
        run: The run folder.
        listen: Gets every event.
    """

    def __init__(self, run: Run, listen: Listener) -> None:
        self.run = run
        self.listen = listen
        self._engines: dict[str, object] = {}
        self._calls = 0
        self._before = _Mark(at_s=time.monotonic(), calls=0)

    @property
    def source(self) -> Path:
        """The video that the run is made from."""
        return (self.run.root / self.run.manifest.source.path).resolve()

    @property
    def source_info(self) -> MediaInfo:
        """Its streams and length; read once.

        Raises:
            MediaError: The file is gone or damaged.
        """
        return _probe(self.source)

    # ---- engines; `items` is what they are given, counted for the manifest

    def detector(self) -> SpeechDetector:
        """The speech detector, for one call."""
        return cast(SpeechDetector, self._engine(self.run.manifest.engines.detector, 1))

    def transcriber(self, items: int) -> Transcriber:
        """The recogniser, for one call with so many clips."""
        return cast(Transcriber, self._engine(self.run.manifest.engines.transcriber, items))

    def translator(self, items: int) -> Translator:
        """The translator, for one call with so many sentences."""
        return cast(Translator, self._engine(self.run.manifest.engines.translator, items))

    def synthesizer(self, items: int) -> Synthesizer:
        """The synthesizer, for one call with so many texts."""
        return cast(Synthesizer, self._engine(self.run.manifest.engines.synthesizer, items))

    def encoder(self, items: int) -> SpeakerEncoder:
        """The speaker encoder, for one call with so many clips."""
        return cast(SpeakerEncoder, self._engine(self.run.manifest.engines.encoder, items))

    def separator(self) -> Separator:
        """The separator, for one call. The run's mix must want one."""
        name = self.run.manifest.engines.separator
        assert name is not None, "only the mix 'background' separates"
        return cast(Separator, self._engine(name, 1))

    def diarizer(self) -> Diarizer:
        """What tells speakers apart, for one call. The run must want more than one speaker."""
        name = self.run.manifest.engines.diarizer
        assert name is not None, "one speaker needs no telling apart"
        return cast(Diarizer, self._engine(name, 1))

    def release(self, name: str | None) -> None:
        """Lets go of an engine that no later stage calls, so that memory is for the others."""
        if name and self._engines.pop(name, None) is not None:
            gc.collect()

    def _engine(self, name: str, items: int) -> object:
        if name not in self._engines:
            self._make_room(name)
            self._engines[name] = load_engine(name)
        self._calls += items
        return self._engines[name]

    def _make_room(self, name: str) -> None:
        """Lets go of engines that are done when the next one would not fit beside them.

        Raises:
            EngineUnavailableError: It does not fit alone either.
        """
        needed_mb = engine_info(name).memory_mb
        if self._engines and _lacks_mb(needed_mb):
            self._engines.clear()
            gc.collect()
        if free_mb := _lacks_mb(needed_mb):
            raise EngineUnavailableError(
                name,
                f"{name} needs about {needed_mb} MB of memory and {free_mb} MB are free: close "
                "other programs, or choose a smaller profile (--profile lite or offline)",
            )

    # ---- progress

    @contextmanager
    def stage(self, stage: Stage, *, made: int, kept: int) -> Iterator[Ticker]:
        """Announces a stage, counts its items, records it in the manifest when it succeeds.

        Its time runs from the end of the stage before: finding out what is stale is in it.
        """
        self.listen(StageStarted(stage=stage, total=made))
        yield Ticker(self.listen, stage, made)
        before, self._before = self._before, _Mark(at_s=time.monotonic(), calls=self._calls)
        wall_s = round(self._before.at_s - before.at_s, 3)
        record = StageRecord(
            wall_s=wall_s,
            made=made,
            kept=kept,
            engine_calls=self._before.calls - before.calls,
            peak_memory_mb=peak_mb(),
        )
        self.run.note_stage(stage, record)
        self.listen(StageFinished(stage=stage, wall_s=wall_s, made=made, kept=kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """When a stage ended, and how many items had been given to engines by then."""

    at_s: float
    calls: int


class Ticker:
    """Counts finished items of one stage."""

    def __init__(self, listen: Listener, stage: Stage, total: int) -> None:
        self._listen = listen
        self._stage = stage
        self._total = total
        self._done = 0

    def done(self) -> None:
        """One more item is written."""
        self._done += 1
        self._listen(ItemDone(stage=self._stage, done=self._done, total=self._total))


def _lacks_mb(needed_mb: int) -> int | None:
    """The free memory where it is less than needed; None where it is enough, or unknown."""
    free_mb = available_mb()
    return free_mb if free_mb is not None and free_mb < needed_mb else None


def identity(name: str) -> _Identity:
    """An engine's name and the versions that decide its results, for fingerprints."""
    info = engine_info(name)
    versions = [f"{p} {v}" for p, v in package_versions(info).items()]
    versions += [f"{e} {'absent' if why_unavailable(e) else 'here'}" for e in info.welcome]
    return [name, versions + [f"{w} {recorded_revision(w)}" for w in engine_weights(name)]]


def package_versions(info: EngineInfo) -> dict[str, str]:
    """Installed versions of an engine's packages; "absent" for one that is not installed."""
    return {package: _version(package) for package in info.packages}


@lru_cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@lru_cache(maxsize=8)
def _probe(path: Path) -> MediaInfo:
    return probe(path)
