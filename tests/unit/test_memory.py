"""Free memory, read from files as Linux writes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dubbing.memory import available_mb
from tests.conftest import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:  8000000 kB\nMemAvailable:  4096000 kB\nBuffers: 1 kB\n")
    return path


def group(folder: Path, limit: str, used: int) -> Path:
    (folder / "memory.max").write_text(limit + "\n")
    (folder / "memory.current").write_text(f"{used}\n")
    return folder


def test_without_a_limit_the_machine_counts(meminfo: Path, tmp_path: Path):
    """No control group, or one without a limit: what the machine has free."""
    assert available_mb(meminfo, tmp_path / "none") == 4000
    assert available_mb(meminfo, group(tmp_path, "max", 5)) == 4000


def test_the_smaller_limit_counts(meminfo: Path, tmp_path: Path):
    """A container of 1 GB that uses 200 MB leaves 824, however much the machine has."""
    assert available_mb(meminfo, group(tmp_path, str(1 << 30), 200 << 20)) == 824


def test_a_group_over_its_limit_has_nothing(meminfo: Path, tmp_path: Path):
    """Never less than nothing."""
    assert available_mb(meminfo, group(tmp_path, str(1 << 20), 2 << 20)) == 0


def test_old_control_groups(meminfo: Path, tmp_path: Path):
    """Version 1 has other names."""
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/memory.limit_in_bytes").write_text(str(600 << 20))
    (tmp_path / "memory/memory.usage_in_bytes").write_text(str(100 << 20))
    assert available_mb(meminfo, tmp_path) == 500


def test_unknown_is_said(tmp_path: Path):
    """A system without these files gives no number instead of a guess."""
    assert available_mb(tmp_path / "a", tmp_path / "b") is None


def test_here_it_is_positive():
    """On this machine there is some."""
    found = available_mb()
    assert found is None or found > 0


def test_peak_is_in_megabytes_and_never_falls() -> None:
    """A process that holds 300 MB for a moment has had them, and 300 MB of its own tell."""
    ask = (
        "from dubbing.memory import peak_mb\nbefore = peak_mb()\nheld = b'x' * (300 << 20)\n"
        "del held\nassert 290 < peak_mb() - before < 330, (before, peak_mb())"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
