"""The app in a real browser: served, clicked through, played."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright import sync_api

from tests.conftest import lacking
from tests.e2e.browsing import health, wait_for_heading, wait_for_players

pytestmark = pytest.mark.e2e

MEMORY_LIMIT_KB = 300_000


def test_the_server_is_healthy(server: tuple[str, int]) -> None:
    """The health address answers ok."""
    assert health(server[0]) == b"ok"


def test_home_plays_both_videos(server: tuple[str, int], page: sync_api.Page) -> None:
    """Original and dub stand side by side and are loaded."""
    page.goto(server[0])
    wait_for_heading(page, "Lamp House")
    wait_for_players(page, "video", 2)
    left, right = (page.locator("video").nth(i).bounding_box() for i in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]


def test_from_home_to_a_segment_and_its_link(
    server: tuple[str, int], browser: sync_api.Browser, page: sync_api.Page
) -> None:
    """The link of a segment that was clicked to opens the same segment for another visitor."""
    page.goto(server[0])
    page.get_by_text("Portuguese", exact=True).click()
    page.locator("a[href*='run=Lamp_House_pt']").click()
    wait_for_heading(page, "Segment 1 of 4")
    wait_for_players(page, "audio", 3)  # until then the page still grows, and buttons move
    page.get_by_role("button", name="Next").click()
    wait_for_heading(page, "Segment 2 of 4")
    wait_for_players(page, "audio", 3)
    page.wait_for_url("**segment=2**")
    other = browser.new_context(locale="ru-RU").new_page()
    other.goto(page.url)
    wait_for_heading(other, "Lamp House · Portuguese")
    wait_for_heading(other, "Segment 2 of 4")
    wait_for_players(other, "audio", 3)
    other.context.close()


def test_a_row_of_the_table_chooses_its_segment(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """A click on the third row's mark opens the third segment, and the link follows."""
    page.goto(f"{server[0]}/explorer")
    wait_for_heading(page, "Segment 1 of 4")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    height = grid.bounding_box()["height"]
    row = height / 4.5  # four rows and a head of about half a row
    grid.click(force=True, position={"x": 16, "y": height - 1.5 * row})
    wait_for_heading(page, "Segment 3 of 4")
    page.wait_for_url("**segment=3**")


@pytest.mark.parametrize(
    ("locale", "heading"), [("ru-RU", "Как сделан дубляж"), ("fr", "How a dub")]
)
def test_the_first_visit_is_in_the_browsers_language(
    server: tuple[str, int], browser: sync_api.Browser, locale: str, heading: str
) -> None:
    """A Russian browser gets Russian, another one English; on a phone nothing sticks out."""
    context = browser.new_context(locale=locale, viewport={"width": 390, "height": 800})
    phone = context.new_page()
    phone.goto(f"{server[0]}/explorer")
    wait_for_heading(phone, heading)
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    context.close()


def test_browsing_takes_little_memory(server: tuple[str, int]) -> None:
    """After all of the above the server stayed under 300 MB."""
    status = Path(f"/proc/{server[1]}/status")
    if not status.exists():
        lacking("/proc, to read a process's memory")
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < MEMORY_LIMIT_KB
