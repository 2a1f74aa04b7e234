"""The pages on quality and on how it works, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright import sync_api

from dubbing.webui.measures import SEGMENT_MEASURES
from tests.conftest import lacking
from tests.e2e.browsing import wait_for_heading, wait_for_players

pytestmark = pytest.mark.e2e

HEADINGS = {"quality": "Quality in numbers", "how": "How it works"}


@pytest.mark.parametrize("page_name", HEADINGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_on_a_phone_and_for_a_screen_reader(
    server: tuple[str, int],
    browser: sync_api.Browser,
    page_name: str,
    scheme: sync_api.ColorScheme,
) -> None:
    """Nothing sticks out of 390 px, and axe finds nothing in light or dark."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        lacking("axe-playwright-python")
    size: sync_api.ViewportSize = {"width": 390, "height": 800}
    context = browser.new_context(locale="en-GB", viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server[0]}/{page_name}")
    wait_for_heading(page, HEADINGS[page_name])
    page.get_by_role("table").first.wait_for()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    found = Axe().run(page).response["violations"]
    broken = [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]
    context.close()
    assert not broken


def test_charts_are_drawn(server: tuple[str, int], page: sync_api.Page) -> None:
    """One of whole dubs and one of each measure of segments; another measure is drawn."""
    page.goto(f"{server[0]}/quality")
    wait_for_heading(page, HEADINGS["quality"])
    charts = page.locator("[data-testid=stVegaLiteChart]")
    wanted = 1 + len(SEGMENT_MEASURES)
    drawn = "document.querySelectorAll('[data-testid=stVegaLiteChart] :is(canvas, svg)')"
    page.wait_for_function(f"{drawn}.length == {wanted}")
    assert charts.count() == wanted
    measure = page.get_by_role("combobox", name="Measure")
    measure.click()
    measure.press_sequentially("Two dub voices at once", delay=40)  # the list follows the typing
    measure.press("Enter")
    page.get_by_label("For how long one phrase of the dub talks over").first.wait_for()
    wait_for_heading(page, HEADINGS["quality"])
    assert charts.count() == wanted


def test_a_file_of_the_run_is_looked_into(server: tuple[str, int], page: sync_api.Page) -> None:
    """A chunk plays; the link of the page is all that is needed to come back."""
    page.goto(f"{server[0]}/how?lang=ru")
    wait_for_heading(page, "Как это устроено")
    page.get_by_role("radio", name="chunks/Lamp_House-chunk-1.wav").click()
    wait_for_players(page, "audio", 1)
    assert parse_qs(urlsplit(page.url).query)["lang"] == ["ru"]
