"""When two runs count as the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.quality.report import Cost, Scorecard
from dubbing.runs.comparable import comparable
from dubbing.runs.manifest import FlowRecord, StageRecord
from dubbing.runs.store import Run, list_runs, open_run
from tests.run_factory import make_library

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run."""
    return open_run(list_runs(make_library(tmp_path))[0])


def spent(run: Run, *, wall_s: float, made: int, card: Scorecard | None = None) -> Run:
    """The run, with another cost."""
    kept = 3 - made
    record = StageRecord(
        wall_s=wall_s, made=made, kept=kept, engine_calls=made, peak_memory_mb=round(wall_s)
    )
    cost = Cost(
        wall_s=wall_s,
        rtf=wall_s,
        first_segment_s=None,
        peak_memory_mb=wall_s,
        engine_calls=made,
        kept=kept,
    )
    card = card or run.read(run.quality, Scorecard)
    run.put_document(run.quality, "made", card.model_copy(update={"cost": cost}))
    run.note_stage("speak", record)
    run.note_flow(FlowRecord(stages=["speak"], wall_s=wall_s, first_segment_s=wall_s / 2))
    return run


def test_times_memory_and_what_was_there_already_do_not_count(run: Run):
    """A run that was killed and taken up again equals one that went through."""
    first = comparable(spent(run, wall_s=4.0, made=3))
    assert comparable(spent(run, wall_s=9.5, made=1)) == first


def test_a_file_that_differs_counts(run: Run):
    """One byte in any file that the manifest knows makes the runs different."""
    first = comparable(spent(run, wall_s=4.0, made=3))
    run.put_bytes(run.translation(1, "txt"), "made", b"!")
    assert comparable(run) != first


def test_a_scorecard_that_differs_counts(run: Run):
    """The scorecard is compared by what it says, but for the cost."""
    first = comparable(spent(run, wall_s=4.0, made=3))
    card = run.read(run.quality, Scorecard).model_copy(update={"verdict": "other"})
    assert comparable(spent(run, wall_s=4.0, made=3, card=card)) != first
