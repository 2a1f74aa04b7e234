"""Stages that work at the same time, with real engines but for the voice, which hums."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing import DubbingConfig
from dubbing.engines import registry
from dubbing.engines.faster_whisper import FasterWhisperTranscriber
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import CancelledError, EngineError
from dubbing.events import FLOWING, Event, ResultReady, Stage
from dubbing.flow import Cancel
from dubbing.pipeline import dub, dub_stream, run_steps
from dubbing.prepare import prepare
from dubbing.runs.comparable import comparable
from dubbing.runs.manifest import TimelineDoc
from dubbing.runs.store import Run
from dubbing.steps.documents import read_segments
from dubbing.steps.items import Spoken
from tests.conftest import SAMPLES
from tests.stream_voice import PortugueseTone

pytestmark = pytest.mark.e2e

FIRST_S, STRETCHES = 29, 3  # of the talk
HANGS_AFTER_S = 60
CONFIG = DubbingConfig(profile="offline", target="pt", synthesizer="hum", speakers=1, listen_s=5.0)
STREAMED: list[Stage] = ["segment", *FLOWING]


@pytest.fixture(autouse=True)
def hum(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(registry._PATHS, "hum", "tests.stream_voice:PortugueseTone")


@pytest.fixture(scope="module")
def engines() -> LoadedEngines:
    """Warm from one test to the next."""
    return LoadedEngines(keep=True)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of a sample."""
    path = tmp_path_factory.mktemp("talk") / "Lighthouse.mp4"
    words = ["-v", "error", "-i", str(SAMPLES / "Lighthouse.mp4"), "-t", str(FIRST_S)]
    subprocess.run([get_ffmpeg_exe(), *words, "-c", "copy", str(path)], check=True)
    return path


class TimedCancel(Cancel):
    """Remembers when it was set."""

    set_s = 0.0

    def cancel(self) -> None:
        self.set_s = time.monotonic()
        super().cancel()


def prepared(talk: Path, folder: Path) -> Run:
    return prepare(
        talk,
        config=CONFIG,
        output=folder / "out.mp4",
        artifacts=folder / "A",
        name="Lighthouse",
        translation=None,
        overwrite=False,
    )


def at_once(talk: Path, folder: Path, engines: LoadedEngines) -> tuple[Run, list[Event]]:
    events: list[Event] = []
    run = prepared(talk, folder)
    run_steps(run, STREAMED, events.append, engines)
    return run, events


def test_streams_what_stage_by_stage_gives(
    talk: Path,
    tmp_path_factory: pytest.TempPathFactory,
    engines: LoadedEngines,
    monkeypatch: pytest.MonkeyPatch,
):
    """The first segment is spoken before the last stretch is recognised, and every file is the same
    as when each stage waits for the one before.
    """
    spoken = threading.Event()
    left = list(range(STRETCHES))
    recognise = FasterWhisperTranscriber.transcribe

    def held_back(engine: FasterWhisperTranscriber, clips, *, language: str):
        del left[-len(clips) :]
        assert left or spoken.wait(HANGS_AFTER_S), "nothing is spoken before all is recognised"
        return recognise(engine, clips, language=language)

    def hear(event: Event) -> None:
        if isinstance(event, ResultReady):
            spoken.set()

    streamed = prepared(talk, tmp_path_factory.mktemp("streamed"))
    with monkeypatch.context() as patch:
        patch.setattr(FasterWhisperTranscriber, "transcribe", held_back)
        run_steps(streamed, STREAMED, hear, engines)
    assert not left
    assert streamed.manifest.flow is not None
    assert streamed.manifest.flow.first_segment_s < streamed.manifest.flow.wall_s
    waited = prepared(talk, tmp_path_factory.mktemp("waited"))
    for stage in STREAMED:
        run_steps(waited, [stage], engines=engines)
    assert comparable(waited)["artifacts"] == comparable(streamed)["artifacts"]


def test_cancelled_at_any_moment_it_ends_soon_and_goes_on(
    talk: Path, tmp_path_factory: pytest.TempPathFactory, engines: LoadedEngines
):
    """Within two seconds, with no thread of it left; the finished run is the same."""
    whole, _ = at_once(talk, tmp_path_factory.mktemp("whole"), engines)
    folder = tmp_path_factory.mktemp("cancelled")
    chance = random.Random(1)
    for _ in range(3):
        cancel = TimedCancel()
        run = prepared(talk, folder)
        timer = threading.Timer(chance.uniform(0.2, 4.0), cancel.cancel)
        timer.start()
        with suppress(CancelledError):
            run_steps(run, STREAMED, engines=engines, cancel=cancel)
        assert not cancel.set_s or time.monotonic() - cancel.set_s < 2
        timer.join()
        left = {t.name for t in threading.enumerate() if t is not threading.main_thread()}
        assert not left & {"feed", "transcribe", "cut", "sentences", "translate", "voices", "speak"}
    again, _ = at_once(talk, folder, engines)
    assert comparable(again)["artifacts"] == comparable(whole)["artifacts"]


def test_a_segment_that_cannot_be_spoken_keeps_the_original(
    talk: Path, tmp_path: Path, engines: LoadedEngines, monkeypatch: pytest.MonkeyPatch
):
    """It is tried again, then left out and told; all others are dubbed. Mended, it is spoken."""
    run, _ = at_once(talk, tmp_path, engines)
    numbers = [segment.id for segment in read_segments(run)]
    said = {
        number: run.path(run.translation(number, "txt")).read_text(encoding="utf-8")
        for number in numbers
    }
    word = max(said[3].split(), key=len)
    silent = [f"segment {number}" for number, text in said.items() if word in text]
    for number in numbers:
        for suffix in ("wav", "json"):
            run.path(run.speech_clip(number, suffix)).unlink()
    monkeypatch.setattr(PortugueseTone, "mute", word)
    events: list[Event] = []
    run = prepared(talk, tmp_path)
    run_steps(run, ["speak", "assemble"], events.append, engines)
    assert list(run.manifest.failed) == silent
    assert all("cannot hum" in why for why in run.manifest.failed.values())
    rows = {row.segment_id: row for row in run.read(run.timeline, TimelineDoc).placements}
    assert rows[3].status == "untranslated" and "cannot hum" in rows[3].reason
    assert sum(row.is_spoken for row in rows.values()) == len(numbers) - len(silent)
    monkeypatch.setattr(PortugueseTone, "mute", "")
    mended = prepared(talk, tmp_path)
    run_steps(mended, ["speak", "assemble"], engines=engines)
    assert not mended.manifest.failed
    assert mended.manifest.stages["speak"].made == len(silent)


def test_where_nothing_can_be_spoken_the_run_fails(
    talk: Path, tmp_path: Path, engines: LoadedEngines, monkeypatch: pytest.MonkeyPatch
):
    """No dub without a dub: the engine's own sentence, and a run that can be continued."""
    monkeypatch.setattr(PortugueseTone, "mute", " ")
    with pytest.raises(EngineError, match="cannot hum"):
        at_once(talk, tmp_path, engines)


def test_dub_stream_gives_segments_and_at_last_the_run(tmp_path: Path, engines: LoadedEngines):
    """Each with its text and a sound that can be played; closing it early stops the work."""
    clip = SAMPLES / "Clip_Man.mp4"
    options = {"config": CONFIG, "artifacts": tmp_path / "A", "engines": engines}
    with closing(dub_stream(clip, output=tmp_path / "one.mp4", **options)) as results:
        first = next(results)
        assert isinstance(first, Spoken)
        assert first.clip is not None and first.clip.is_file() and first.translation.text
    assert not (tmp_path / "one.mp4").exists()
    *segments, run = dub_stream(clip, output=tmp_path / "one.mp4", **options)
    assert [one.segment.id for one in segments] == list(range(1, len(segments) + 1))
    assert isinstance(run, Run) and (tmp_path / "one.mp4").is_file()
    assert dub(clip, output=tmp_path / "one.mp4", **options).manifest.stages["speak"].made == 0
