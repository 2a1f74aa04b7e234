"""A segment corrected in the browser: spoken again, heard, undone. Real engines, a real browser."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from dubbing import DubbingConfig, dub
from tests.conftest import SAMPLES
from tests.e2e.browsing import READY, served

pytestmark = pytest.mark.e2e

WAIT_MS = 120_000
NEW = "Это совсем другие слова."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one real dub of a short clip."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copy(SAMPLES / "Clip_Man.mp4", folder)
    dub(
        folder / "Clip_Man.mp4",
        config=DubbingConfig(profile="offline", synthesizer="espeak", speakers=1),
        artifacts=folder / "runs",
        output=folder / "final" / "Clip_Man_dubbed.mp4",
        translation=SAMPLES / "Clip_Man.ru.srt",
    )
    return folder


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server makes its temporary folders."""
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="module")
def server(library: Path, private: Path) -> Iterator[str]:
    """Address of the app, which shows that dub."""
    with served(library / "runs", TMPDIR=str(private)) as (url, _):
        yield url


@pytest.fixture
def page(server: str, browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A fresh English visitor at the first segment, the editor open."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(f"{server}/explorer?run=Clip_Man&segment=1")
    page.get_by_role("heading", name="Segment 1 of").wait_for()
    page.get_by_text("Correct this segment").click()
    yield page
    context.close()


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def dub_heard(page: sync_api.Page) -> str:
    """Hash of what the segment's second player plays, once it knows how long that is."""
    page.wait_for_selector(READY)
    page.wait_for_function("document.querySelectorAll('audio')[1]?.duration > 0")
    address = page.locator("audio").nth(1).get_attribute("src") or ""
    answer = page.request.get(page.evaluate("address => new URL(address, location).href", address))
    return hashlib.sha256(answer.body()).hexdigest()


def write(page: sync_api.Page, text: str) -> None:
    """Types a new translation."""
    area = page.get_by_label("What the dub says")
    area.fill(text)
    area.blur()


def speak(page: sync_api.Page) -> None:
    page.get_by_role("button", name="Speak again").click()


def versions(private: Path) -> list[Path]:
    """Folders of the visitors' versions, oldest first."""
    found = [path.parent for path in private.glob("dubbing-edit-*/*/*/manifest.json")]
    return sorted(found, key=lambda path: path.stat().st_mtime)


def test_edit_hear_undo(page: sync_api.Page, library: Path, private: Path) -> None:
    """One translation is changed: just that segment is spoken again, the player plays it; undo
    brings the old sound back, and the run that everybody sees keeps every byte.
    """
    before, old_sound = hashes(library), dub_heard(page)
    write(page, NEW)
    page.get_by_text("Will be made again: this segment's speech").wait_for()
    speak(page)
    page.get_by_text(re.compile("Done: 1 phrase spoken again")).wait_for()
    assert dub_heard(page) != old_sound
    page.locator("p[lang=ru]", has_text=NEW).first.wait_for()

    made = versions(private)[-1]
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["stages"]["speak"]["made"] == 1
    assert manifest["stages"]["evaluate"]["made"] == 1
    original = library / "runs" / "Clip_Man"
    changed = {
        path.name
        for path in (made / "speech").iterdir()
        if path.read_bytes() != (original / "speech" / path.name).read_bytes()
    }
    assert changed == {"Clip_Man-chunk-1.wav", "Clip_Man-chunk-1.json"}
    assert NEW in (made / "subtitles" / "Clip_Man.ru.srt").read_text()

    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Back to the original dub").wait_for(state="detached")
    assert dub_heard(page) == old_sound
    assert hashes(library) == before


def test_cancel_leaves_everything_as_it_was(page: sync_api.Page) -> None:
    """A cancelled edit is told, and the old sound is there."""
    old_sound = dub_heard(page)
    write(page, "Слова, которых никто не услышит.")
    speak(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. Everything is as it was.").wait_for()
    assert dub_heard(page) == old_sound


def test_a_second_visitor_is_told_and_sees_the_original(
    server: str, browser: sync_api.Browser, page: sync_api.Page
) -> None:
    """While one edit is made another visitor gets a sentence; versions are not shared."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    other = context.new_page()
    other.goto(f"{server}/explorer?run=Clip_Man&segment=2")
    other.get_by_text("Correct this segment").click()
    write(other, "Слова второго посетителя.")  # both are ready: the edit need last one press longer
    other.get_by_text("Will be made again: this segment's speech").wait_for()
    write(page, "Слова первого посетителя.")
    speak(page)
    page.get_by_role("button", name="Cancel").wait_for()
    speak(other)
    other.get_by_text("Someone else's edit or clip is being worked on").wait_for()
    page.get_by_text("Done: 1 phrase spoken again").wait_for()
    speak(other)
    other.get_by_text("Done: 1 phrase spoken again").wait_for()
    other.goto(f"{server}/explorer?run=Clip_Man&segment=1")  # a new visit: nothing of the first's
    other.get_by_role("heading", name="Segment 1 of").wait_for()
    assert other.get_by_text("Слова первого посетителя.").count() == 0
    context.close()


def test_nothing_new_and_nothing_at_all_are_sentences(page: sync_api.Page) -> None:
    """Pressing without a change, and with an empty text."""
    speak(page)
    page.get_by_text("Nothing is different yet").wait_for()
    write(page, "")
    speak(page)
    page.get_by_text("A text is empty").wait_for()
