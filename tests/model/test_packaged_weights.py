"""The weights that packages really bring: whole, and put together by whoever comes first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dubbing.engines.faster_whisper import FasterWhisperTranscriber
from dubbing.engines.packaged import absent_packages, why_damaged
from dubbing.engines.weights import CATALOG, verified_folder
from dubbing.errors import EngineUnavailableError
from tests.conftest import ROOT, lacking
from tests.tiny import hostile

pytestmark = pytest.mark.model

PACKAGED = [name for name, row in CATALOG.items() if row.packaged]
USE = (
    "from dubbing.engines.weights import changed_files, recorded_revision as r;"
    "print(r('faster-whisper-base'), changed_files('faster-whisper-base'))"
)


@pytest.mark.parametrize("name", PACKAGED)
def test_packages_hold_what_the_catalogue_says(name: str):
    """Every file that they make up has its recorded checksum."""
    if absent := absent_packages(CATALOG[name].packaged):
        lacking(", ".join(absent))
    assert why_damaged(CATALOG[name].packaged) is None


def test_two_processes_at_once(tmp_path: Path):
    """Both find the same whole files under the pinned revision, and nothing is left over."""
    folder = {"DUBBING_MODELS": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **folder}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", USE], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = {process.communicate(timeout=120)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    (line,) = told
    assert line.startswith(CATALOG["faster-whisper-base"].revision)
    assert line.endswith(" []\n")
    made = sorted(path.name for path in (tmp_path / "faster-whisper-base").iterdir())
    assert made == sorted([*CATALOG["faster-whisper-base"].files, "weights.json"])


def test_tampered_after_it_was_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The recogniser does not load what is no longer what the packages had."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    hostile.change_a_byte(verified_folder("faster-whisper-base", "test") / "model.bin")
    with pytest.raises(EngineUnavailableError, match="SHA-256 differs"):
        FasterWhisperTranscriber()
