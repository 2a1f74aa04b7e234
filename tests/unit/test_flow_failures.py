"""What becomes of a run in which nothing at all can be spoken."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.engines import registry
from dubbing.errors import EngineError
from dubbing.events import ignore
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import list_runs, open_run
from dubbing.steps.flow import run_flow
from dubbing.steps.job import Job
from tests.run_factory import make_library
from tests.stream_voice import PortugueseTone

pytestmark = pytest.mark.unit


def test_a_run_in_which_all_are_spoken_with_failed_ones_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The third of four segments has nothing to be spoken by itself; without the second it has
    nothing at all, and the engine's own sentence is told.
    """
    run = open_run(list_runs(make_library(tmp_path))[0])
    run.put_document(run.translation(4), "made", TranslationDoc(text="Ничего.", source="supplied"))
    monkeypatch.setitem(registry._PATHS, "hum", "tests.stream_voice:PortugueseTone")
    monkeypatch.setattr(PortugueseTone, "mute", ".")
    run._update(engines=run.manifest.engines.model_copy(update={"synthesizer": "hum"}))
    with pytest.raises(EngineError, match="cannot hum"):
        run_flow(Job(run, ignore), ["speak"])
