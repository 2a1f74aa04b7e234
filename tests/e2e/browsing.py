"""What tests in a browser wait for."""

from __future__ import annotations

from playwright import sync_api

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
