"""Engines are loaded where there is room for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.engines import loaded
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import EngineUnavailableError
from dubbing.events import ignore
from dubbing.runs.store import list_runs, open_run
from dubbing.steps.job import Job
from tests.run_factory import make_library

pytestmark = pytest.mark.unit


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job over a finished run."""
    return Job(open_run(list_runs(make_library(tmp_path))[0]), ignore)


def test_too_little_memory_is_said_with_numbers(job: Job, monkeypatch: pytest.MonkeyPatch):
    """An engine that does not fit is not loaded; both numbers and a way on are named."""
    monkeypatch.setattr(loaded, "available_mb", lambda: 7)
    with pytest.raises(EngineUnavailableError, match=r"30 MB of memory and 7 MB are free"):
        job.detector()


def test_what_is_done_makes_room(job: Job, monkeypatch: pytest.MonkeyPatch):
    """Where the next engine does not fit beside the others, they are let go first."""
    first = job.detector()
    free = iter([10, 5000, 5000])  # before, and after the others are gone
    monkeypatch.setattr(loaded, "available_mb", lambda: next(free))
    job.encoder(1)
    monkeypatch.setattr(loaded, "available_mb", lambda: 5000)
    assert job.detector() is not first


def test_where_there_is_room_engines_stay(job: Job):
    """An engine is loaded once."""
    assert job.detector() is job.detector()


def test_a_released_engine_is_loaded_anew_when_it_is_called_again(job: Job):
    """What no later stage needs is let go; a name that is not loaded is no error."""
    first = job.detector()
    job.release(job.run.manifest.engines.detector)
    job.release("faster-whisper")
    assert job.detector() is not first


def test_jobs_of_one_process_share_engines(job: Job):
    """What one video loaded is there for the next; a release in between does not undo that."""
    engines = LoadedEngines(keep=True)
    one, two = (Job(job.run, ignore, engines) for _ in range(2))
    first = one.detector()
    one.release(job.run.manifest.engines.detector)
    assert two.detector() is first
