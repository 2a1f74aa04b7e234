"""What every step needs: the run, its engines, and someone to tell about progress."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import RLock
from typing import Literal, cast

from dubbing.engines.base import (
    Accentor,
    Diarizer,
    EngineInfo,
    Separator,
    SpeakerEncoder,
    SpeechDetector,
    Synthesizer,
    Transcriber,
    Translator,
)
from dubbing.engines.loaded import LoadedEngines
from dubbing.engines.registry import engine_info, engine_weights, why_unavailable
from dubbing.engines.weights import recorded_revision
from dubbing.errors import EngineUnavailableError, InputError
from dubbing.events import ItemDone, Listener, Stage, StageFinished, StageStarted
from dubbing.media.audio import decode
from dubbing.media.losses import Reach
from dubbing.media.probe import MediaInfo, probe
from dubbing.memory import available_mb, peak_mb
from dubbing.quality.backcheck import RECOGNISER
from dubbing.quality.voice import JUDGE
from dubbing.runs.manifest import FlowRecord, StageRecord
from dubbing.runs.store import Run
from dubbing.text.names import FILE, Name, read_names
from dubbing.types import Audio

Identity = list[str | list[str]]


class Job:
    """One pass over a run. Engines are loaded when first called, once.

    Attributes:
        run: The run folder.
        listen: Gets every event.
        fatal: Errors that are no single segment's: they end the run.
    """

    fatal = (InputError, EngineUnavailableError, OSError)

    def __init__(self, run: Run, listen: Listener, engines: LoadedEngines | None = None) -> None:
        self.run = run
        self.listen = listen
        self._engines = engines or LoadedEngines()
        self._calls: Counter[str] = Counter()
        self._tallies: dict[Stage, Tally] = {}
        self._loading = RLock()
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

    @property
    def audio_track(self) -> int:
        """Number of the dubbed track among the source's sound tracks."""
        return self.run.manifest.source.audio_track

    def decode(
        self, rate_hz: int, channels: Literal[1, 2], reach: Reach | None = None
    ) -> Iterator[Audio]:
        """The dubbed track's original sound; see `dubbing.media.audio.decode`."""
        return decode(
            self.source,
            rate_hz=rate_hz,
            channels=channels,
            audio_stream=self.audio_track,
            reach=reach,
        )

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """How the project says its names; empty where it has no list of them.

        Raises:
            NamesFileError: The list cannot be read.
        """
        path = self.run.path(FILE)
        return read_names(path) if path.is_file() else ()

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

    def accentor(self, items: int) -> Accentor:
        """What sets stress marks, for one call with so many texts. The run must have one."""
        name = self.run.manifest.engines.accentor
        assert name is not None, "without an accentor nothing is marked"
        return cast(Accentor, self._engine(name, items))

    def synthesizer(self, items: int) -> Synthesizer:
        """The synthesizer, for one call with so many texts."""
        return cast(Synthesizer, self._engine(self.run.manifest.engines.synthesizer, items))

    def encoder(self, items: int) -> SpeakerEncoder:
        """The speaker encoder, for one call with so many clips."""
        return cast(SpeakerEncoder, self._engine(self.run.manifest.engines.encoder, items))

    def judge(self, items: int) -> SpeakerEncoder:
        """A speaker encoder that chooses no voice, for one call with so many clips."""
        return cast(SpeakerEncoder, self._engine(JUDGE, items))

    def recogniser(self, items: int) -> Transcriber:
        """What writes down the finished dub, for one call with so many clips."""
        return cast(Transcriber, self._engine(RECOGNISER, items))

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
        if name is not None:
            self._engines.release(name)

    def _engine(self, name: str, items: int) -> object:
        with self._loading:
            self._calls[name] += items
            return self._engines.get(name)

    # ---- progress

    @contextmanager
    def stage(self, stage: Stage, *, made: int, kept: int) -> Iterator[Ticker]:
        """Announces a stage, counts its items, records it in the manifest when it succeeds.

        Its time runs from the end of the stage before: finding out what is stale is in it.
        """
        self.listen(StageStarted(stage=stage, total=made))
        yield Ticker(self.listen, stage, made)
        now = _Mark(at_s=time.monotonic(), calls=self._calls.total())
        before, self._before = self._before, now
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

    def has_room_for(self, stages: Sequence[Stage]) -> bool:
        """Whether the engines of several stages fit in memory together."""
        called = self._engines_of(stages)
        needed_mb = sum(engine_info(name).memory_mb for stage in stages for name in called[stage])
        free_mb = available_mb()
        return free_mb is None or needed_mb <= free_mb

    def _engines_of(self, stages: Collection[Stage]) -> dict[Stage, list[str]]:
        """The engines of each stage that can work at the same time as others. Stress is set where
        the text is translated; where that was done before, where it is spoken.
        """
        engines = self.run.manifest.engines
        called: dict[Stage, list[str]] = {
            "transcribe": [engines.transcriber],
            "translate": [engines.translator],
            "speak": [engines.synthesizer],
        }
        if engines.accentor is not None:
            called["translate" if "translate" in stages else "speak"].append(engines.accentor)
        return called

    def tally(self, stage: Stage) -> Tally:
        """The counts of a stage that works at the same time as others."""
        return self._tallies.setdefault(stage, Tally())

    def note_flow(self, busy_s: Mapping[Stage, float], first_segment_s: float | None) -> None:
        """Records what stages that worked at the same time did.

        Args:
            busy_s: Stage → how long it was at work.
            first_segment_s: When the first segment had come through all of them; None: none was
                made anew.
        """
        now = _Mark(at_s=time.monotonic(), calls=self._calls.total())
        before, self._before = self._before, now
        called = self._engines_of(busy_s)
        for stage, seconds in busy_s.items():
            tally = self.tally(stage)
            record = StageRecord(
                wall_s=round(seconds, 3),
                made=tally.made,
                kept=tally.kept,
                engine_calls=sum(self._calls[name] for name in called[stage]),
                peak_memory_mb=peak_mb(),
            )
            self.run.note_stage(stage, record)
            self.listen(
                StageFinished(stage=stage, wall_s=record.wall_s, made=tally.made, kept=tally.kept)
            )
        record_s = round(now.at_s - before.at_s, 3)
        flow = FlowRecord(stages=list(busy_s), wall_s=record_s, first_segment_s=first_segment_s)
        self.run.note_flow(flow)


@dataclass(kw_only=True)
class Tally:
    """What a stage did: items made, and items that were there already."""

    made: int = 0
    kept: int = 0


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


def identity(name: str) -> Identity:
    """An engine's name and the versions that decide its results, for fingerprints."""
    info = engine_info(name)
    versions = [f"{p} {v}" for p, v in package_versions(info).items()]
    versions += [f"{e} {'absent' if why_unavailable(e) else 'here'}" for e in info.welcome]
    return [name, versions + [f"{w} {recorded_revision(w)}" for w in engine_weights(name)]]


def package_versions(info: EngineInfo) -> dict[str, str]:
    """Installed versions of an engine's packages; "absent" for one that is not installed."""
    return {package: package_version(package) for package in info.packages}


@lru_cache
def package_version(package: str) -> str:
    """The installed version of a distribution; "absent" where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@lru_cache(maxsize=8)
def _probe(path: Path) -> MediaInfo:
    return probe(path)
