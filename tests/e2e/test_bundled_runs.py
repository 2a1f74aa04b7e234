"""The committed runs are what this version makes: nothing in them would be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dubbing import open_run
from dubbing.events import STAGES
from dubbing.pipeline import run_steps
from tests.conftest import ROOT

pytestmark = pytest.mark.e2e

RUNS = sorted(path.parent.name for path in ROOT.glob("pipeline_artifacts/*/manifest.json"))


@pytest.mark.parametrize("name", RUNS)
def test_nothing_in_a_bundled_run_would_be_made_again(name: str, tmp_path: Path) -> None:
    """Neither words nor voice, pace, speech, file or scorecard are stale, and no engine is called
    to find out.
    """
    for folder in (f"pipeline_artifacts/{name}", "final_video"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "live_demo_samples").symlink_to(ROOT / "live_demo_samples")
    run = open_run(tmp_path / "pipeline_artifacts" / name)
    run_steps(run, list(STAGES))
    done = [run.manifest.stages[stage] for stage in STAGES]
    assert [record.made for record in done] == [0] * len(STAGES)
    assert all(record.kept for record in done)
    assert not any(record.engine_calls for record in done)
