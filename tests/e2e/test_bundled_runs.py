"""The committed runs are what this version makes: nothing in them would be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dubbing import open_run
from dubbing.events import FLOWING
from dubbing.pipeline import run_steps
from tests.conftest import ROOT

pytestmark = pytest.mark.e2e

RUNS = sorted(path.parent.name for path in ROOT.glob("pipeline_artifacts/*/manifest.json"))


@pytest.mark.parametrize("name", RUNS)
def test_an_edit_of_a_bundled_run_would_speak_nothing_else_again(name: str, tmp_path: Path) -> None:
    """Neither words nor voice, pace or speech are stale, and no engine is called to find out."""
    shutil.copytree(ROOT / "pipeline_artifacts" / name, tmp_path / "pipeline_artifacts" / name)
    for folder in ("live_demo_samples", "final_video"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    run = open_run(tmp_path / "pipeline_artifacts" / name)
    run_steps(run, list(FLOWING))
    done = [run.manifest.stages[stage] for stage in FLOWING]
    assert [record.made for record in done] == [0] * len(FLOWING)
    assert all(record.kept for record in done)
    assert not any(record.engine_calls for record in done)
