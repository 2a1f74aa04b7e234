"""The explorer in a real browser: the timeline, its keys, links, filters and downloads."""

from __future__ import annotations

import io
import re
import wave
import zipfile

import numpy as np
import pytest
from playwright import sync_api

from tests.conftest import lacking
from tests.e2e.browsing import READY, wait_for_heading, wait_for_players

pytestmark = pytest.mark.e2e

SEGMENTS_S = {1: 1.5, 2: 3.5, 3: 4.6, 4: 6.0}  # a time inside of each
TALK_S = 8.0
# The sound that a player has, decoded by the browser: highest magnitude.
LEVEL = """async (player) => {
  const bytes = await (await fetch(player.src)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  return sound.getChannelData(0).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}"""


def open_explorer(page: sync_api.Page, url: str, link: str = "", segment: int = 1) -> None:
    """The explorer, drawn."""
    page.goto(f"{url}/explorer{link}")
    wait_for_heading(page, f"Segment {segment} of 4")
    timeline(page).get_by_role("option").first.wait_for()


def timeline(page: sync_api.Page) -> sync_api.Locator:
    """The timeline."""
    return page.get_by_role("listbox", name=re.compile("Timeline|Шкала"))


def click_at(page: sync_api.Page, time_s: float) -> None:
    """A click on the dub's wave at that time of the talk."""
    inner = timeline(page).locator(".inner")
    box = inner.bounding_box()
    assert box is not None
    inner.click(position={"x": box["width"] * time_s / TALK_S, "y": box["height"] - 20})


def chosen(page: sync_api.Page) -> str | None:
    """Label of the option that is selected in the timeline."""
    options = timeline(page).get_by_role("option", selected=True)
    assert options.count() == 1
    return options.get_attribute("aria-label")


def wait_for_sound(page: sync_api.Page, count: int) -> None:
    """Until so many players are there; each of them has sound that is no silence."""
    wait_for_players(page, "audio", count)
    for player in page.locator("audio").all():
        assert player.evaluate(LEVEL) > 0.1


def test_a_deep_link_is_the_first_thing_that_a_server_is_asked_for(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """A fresh server opens the linked segment inside of the app, with its navigation."""
    open_explorer(page, server[0], "?run=Lamp_House_pt&segment=2&lang=en", segment=2)
    page.get_by_role("link", name="Talks").wait_for()
    assert page.get_by_role("heading", name="Lamp House · Portuguese").is_visible()


def test_a_click_on_the_timeline_opens_and_plays_a_segment(
    server: tuple[str, int], browser: sync_api.Browser, page: sync_api.Page
) -> None:
    """The heading, the link and the table follow; the dub plays, and the playhead goes along; the
    link opens the same segment in a fresh browser.
    """
    open_explorer(page, server[0])
    click_at(page, SEGMENTS_S[2])
    wait_for_heading(page, "Segment 2 of 4")
    page.wait_for_url("**segment=2**")
    dub = page.locator(".st-key-player_dub audio")
    dub.evaluate(
        "async (player) => { while (player.currentTime <= 0.2) await new Promise("
        "(done) => setTimeout(done, 50)); }"
    )
    left = timeline(page).locator(".playhead").evaluate("(line) => parseFloat(line.style.left)")
    assert left > 100 * 3.0 / TALK_S
    assert "It turns." in (chosen(page) or "")
    label = timeline(page).get_by_role("option").first.get_attribute("aria-label")
    assert (label or "").endswith("The lamp is <lit>.")
    assert timeline(page).locator("lit").count() == 0
    wait_for_sound(page, 3)
    other = browser.new_context(locale="ru-RU").new_page()
    other.goto(page.url)
    wait_for_heading(other, "Segment 2 of 4")
    wait_for_sound(other, 3)
    other.context.close()


def test_arrow_keys_walk_the_timeline(server: tuple[str, int], page: sync_api.Page) -> None:
    """Right, End, Home and left; the focus stays where it was."""
    open_explorer(page, server[0])
    timeline(page).focus()
    for key, segment in (("ArrowRight", 2), ("End", 4), ("ArrowLeft", 3), ("Home", 1)):
        page.keyboard.press(key)
        wait_for_heading(page, f"Segment {segment} of 4")
        page.wait_for_url(f"**segment={segment}**")
        active = timeline(page).get_attribute("aria-activedescendant")
        assert active == f"segment-{segment}"
    assert timeline(page).evaluate("(list) => list.getRootNode().activeElement === list")
    wait_for_sound(page, 3)


def test_a_click_on_the_chosen_segment_plays_and_pauses(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """So does Enter: nothing else is chosen."""
    open_explorer(page, server[0])
    dub = page.locator(".st-key-player_dub audio")
    wait_for_players(page, "audio", 3)
    assert dub.evaluate("(player) => player.paused")
    click_at(page, SEGMENTS_S[1])
    page.wait_for_function("!document.querySelector('.st-key-player_dub audio').paused")
    timeline(page).press("Enter")
    page.wait_for_function("document.querySelector('.st-key-player_dub audio').paused")


def test_zooming_makes_the_timeline_wider_and_keeps_it_inside(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """The line scrolls in its own frame; the whole talk is one click away."""
    open_explorer(page, server[0])
    width = "(list) => [list.scrollWidth, list.clientWidth]"
    whole, frame = timeline(page).evaluate(width)
    assert whole == frame
    page.get_by_role("button", name="Zoom in").click()
    wider, frame = timeline(page).evaluate(width)
    assert wider > frame
    page.get_by_role("button", name="Show the whole talk").click()
    assert timeline(page).evaluate(width)[0] == frame


def test_shift_and_arrows_lead_to_the_neighbours(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """Wherever the focus is, but not while somebody writes."""
    open_explorer(page, server[0])
    wait_for_players(page, "audio", 3)
    page.keyboard.press("Shift+ArrowRight")
    wait_for_heading(page, "Segment 2 of 4")
    search = page.get_by_label("Search the texts")
    search.fill("lamp")
    search.press("Shift+ArrowLeft")
    search.press("Enter")
    page.get_by_text("1 of 4 segments").wait_for()
    wait_for_heading(page, "Segment 2 of 4")


def test_a_row_of_a_filtered_table_opens_its_own_segment(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """Of those with a problem the second one is segment 4; what is open is not in the table and
    stays open until a row is selected.
    """
    open_explorer(page, server[0])
    page.get_by_role("radio", name="with a problem").click()
    page.get_by_text("2 of 4 segments").wait_for()
    page.wait_for_selector(READY)
    wait_for_heading(page, "Segment 1 of 4")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    box = grid.bounding_box()
    assert box is not None
    grid.click(force=True, position={"x": 16, "y": box["height"] - 38})
    wait_for_heading(page, "Segment 4 of 4")


def test_a_row_of_a_sorted_table_opens_its_own_segment(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """Two clicks on the heading of the starts turn the order round: the first row is segment 4."""
    open_explorer(page, server[0])
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    for _ in range(2):
        grid.click(force=True, position={"x": 115, "y": 16})
        page.wait_for_timeout(500)  # two quick ones would be a double click
    grid.click(force=True, position={"x": 16, "y": 70})
    wait_for_heading(page, "Segment 4 of 4")


def test_spectrograms_are_images_with_a_description(
    server: tuple[str, int], page: sync_api.Page
) -> None:
    """Both are loaded by the browser."""
    open_explorer(page, server[0])
    page.get_by_text("Show spectrograms").click()
    for name in ("original", "dub"):
        image = page.get_by_role("img", name=f"Spectrogram of the {name}")
        image.wait_for()
        assert image.evaluate("(image) => image.naturalWidth") > 100


def test_sound_and_files_can_be_taken_away(server: tuple[str, int], page: sync_api.Page) -> None:
    """The WAV is as long as the talk and sounds; the ZIP is whole."""
    open_explorer(page, server[0])
    with page.expect_download() as sound:
        page.get_by_role("button", name="Dubbed sound, WAV").click()
    with wave.open(str(sound.value.path())) as wav:
        assert wav.getnframes() / wav.getframerate() == pytest.approx(TALK_S, abs=0.1)
        samples = np.frombuffer(wav.readframes(wav.getnframes()), np.int16)
    assert np.abs(samples).max() > 1000
    with page.expect_download() as files:
        page.get_by_role("button", name="All files, ZIP").click()
    packed = io.BytesIO(files.value.path().read_bytes())
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        assert "Lamp_House/manifest.json" in archive.namelist()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out(
    server: tuple[str, int], browser: sync_api.Browser, scheme: sync_api.ColorScheme
) -> None:
    """At 390 pixels the page does not scroll sideways, and the timeline can be used."""
    size: sync_api.ViewportSize = {"width": 390, "height": 800}
    context = browser.new_context(locale="en-GB", viewport=size, color_scheme=scheme)
    phone = context.new_page()
    open_explorer(phone, server[0])
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    click_at(phone, SEGMENTS_S[4])
    wait_for_heading(phone, "Segment 4 of 4")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("link", ["/?lang=en", "/explorer?lang=en&run=Lamp_House&segment=2"])
def test_no_rule_of_accessibility_is_broken(
    server: tuple[str, int], browser: sync_api.Browser, link: str, scheme: sync_api.ColorScheme
) -> None:
    """Nothing of what axe checks is wrong, in neither scheme; spectrograms included."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        lacking("axe-playwright-python")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(server[0] + link)
    wait_for_heading(page, "Lamp House")
    if "explorer" in link:
        timeline(page).get_by_role("option").first.wait_for()
        page.get_by_text("Show spectrograms").click()
        page.get_by_role("img", name="Spectrogram of the dub").wait_for()
    found = Axe().run(page).response["violations"]
    broken = [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]
    context.close()
    assert not broken
