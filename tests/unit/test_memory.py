"""Free memory, read from files as Linux writes them."""

from __future__ import annotations

import platform
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems do as they do")
@pytest.mark.parametrize(("asked", "kept_mb"), [("", (90, 130)), ("keep_little()", (0, 20))])
def test_what_is_large_goes_back_when_it_is_freed(asked: str, kept_mb: tuple[int, int]) -> None:
    """Pieces of 10 MB under a small one that stays. glibc of its own accord keeps them."""
    ask = (
        "import numpy as np\nfrom pathlib import Path\nfrom dubbing.memory import keep_little\n"
        "def mb(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096 >> 20\n"
        f"{asked}\nfirst = np.ones(30 << 17)\ndel first\nbefore = mb()\n"
        "held = [np.ones(10 << 17) for _ in range(10)]\nsmall = [b'x' * 100000 for _ in range(9)]\n"
        "del held\nprint(mb() - before)"
    )
    kept = int(subprocess.check_output([sys.executable, "-c", ask], cwd=ROOT, text=True))
    assert kept_mb[0] <= kept <= kept_mb[1]
