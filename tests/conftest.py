"""What all tests share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from dubbing.engines import torch_threads

# Speed is a benchmark's business, and the first example of a test may load a package.
hypothesis.settings.register_profile("dubbing", deadline=None)
hypothesis.settings.load_profile("dubbing")

# Where the tests run in a shell's background, Ctrl-C is ignored, and by what they start too.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "live_demo_samples"

Cli = Callable[..., subprocess.CompletedProcess[str]]


def lacking(what: str) -> None:
    """Skips a test for something that this machine lacks; in CI, which installs all, fails it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI should have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Tiny models' matrices are too small for two threads: they would wait for each other for ten
    times as long as they compute.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch_threads, "MOST", 1)
        yield
    torch.set_num_threads(before)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """`python -m dubbing …` in an empty folder, as a user starts it."""

    def run(*words: str | Path, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dubbing", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run


@pytest.fixture
def cli_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Cli:
    """The same in this process, which saves the imports: for what ends before any work begins. An
    error that would end in a traceback ends the test.
    """
    from dubbing.cli import main

    def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["dubbing", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = capfd.readouterr()
        status = ended.value.code
        assert isinstance(status, int)
        return subprocess.CompletedProcess(list(words), status, told.out, told.err)

    return call
