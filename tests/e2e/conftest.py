"""Engines that stay loaded, the app as it is served, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright import sync_api

from dubbing.engines import registry
from dubbing.engines.loaded import LoadedEngines
from tests.batch_work import TONE
from tests.conftest import lacking
from tests.e2e.browsing import served
from tests.run_factory import make_library

WAIT_MS = 30_000


@pytest.fixture(scope="module")
def engines() -> Iterator[LoadedEngines]:
    """Loaded once, with the tone among them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._PATHS, "tone", TONE)
        yield LoadedEngines(keep=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Address and process id of the app, which shows a small library."""
    with served(make_library(tmp_path_factory.mktemp("library"))) as found:
        yield found


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
