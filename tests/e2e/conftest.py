"""The app as it is served, and a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright import sync_api

from tests.conftest import ROOT, lacking
from tests.run_factory import make_library

START_S = 60
WAIT_MS = 30_000


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Address and process id of the app, which shows a small library."""
    library = make_library(tmp_path_factory.mktemp("library"))
    port = free_port()
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    words = [word for name, value in options.items() for word in (f"--server.{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *words],
        cwd=ROOT,
        env={**os.environ, "DUBBING_RUNS": str(library)},
    )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_S
    while health(url) != b"ok" and process.poll() is None and time.monotonic() < until:
        time.sleep(0.2)
    yield url, process.pid
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("Chromium (Debian's package `chromium`)")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A fresh English visitor's page."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()
