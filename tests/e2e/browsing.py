"""The app as it is served, and what tests in a browser wait for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright import sync_api

from tests.conftest import ROOT

START_S = 60

READY = "[data-testid=stApp][data-test-script-state=notRunning]"


def wait_for_heading(page: sync_api.Page, text: str) -> None:
    """Until the page is drawn and has this heading."""
    page.get_by_role("heading", name=text).wait_for()
    page.wait_for_selector(READY)


def wait_for_players(page: sync_api.Page, kind: str, count: int) -> None:
    """Until that many players know how long their sound is."""
    page.wait_for_function(
        "([kind, count]) => [...document.querySelectorAll(kind)]"
        ".filter(player => player.duration > 0).length == count",
        arg=[kind, count],
    )


def free_port() -> int:
    """A port on the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(url: str) -> bytes:
    """What the server says of itself, nothing while it is not up."""
    try:
        with urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310 (loopback)
            return bytes(answer.read())
    except URLError:
        return b""


@contextmanager
def served(library: Path, **environment: str) -> Iterator[tuple[str, int]]:
    """Address and process id of the app, which shows the runs below a folder.

    Args:
        library: The folder.
        **environment: More variables for the process.
    """
    port = free_port()
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    words = [word for name, value in options.items() for word in (f"--server.{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *words],
        cwd=ROOT,
        env={**os.environ, "DUBBING_RUNS": str(library), **environment},
        stdout=2,  # standard output is for what a benchmark prints
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START_S
        while health(url) != b"ok" and process.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)
