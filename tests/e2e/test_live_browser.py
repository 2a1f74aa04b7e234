"""A visitor dubs a clip: the real app, the real engines, a real browser."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import av
import numpy as np
import pytest
from playwright import sync_api

from dubbing.media.audio import read_audio, write_wav
from dubbing.media.probe import probe
from dubbing.text.supplied import read_translation
from dubbing.webui.i18n import translate
from dubbing.webui.live.folders import PREFIX
from tests.conftest import SAMPLES
from tests.e2e.browsing import READY, served, wait_for_heading, wait_for_players
from tests.run_factory import make_library
from tests.speaking import by_festival

pytestmark = pytest.mark.e2e

DUBBED_MS = 180_000
RATE_HZ = 16_000
LINES = 3  # of Clip_Man, in Portuguese


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The app, without models that somebody pulled here; when it ends it leaves no clip behind."""
    private = tmp_path_factory.mktemp("private")
    library = make_library(tmp_path_factory.mktemp("library"))
    folders = {"TMPDIR": str(private), "DUBBING_MODELS": str(private / "models")}
    with served(library, **folders) as found:
        yield found
    assert not list(private.glob(f"{PREFIX}*"))


def text(key: str, **values: str | float) -> str:
    """What the page says in English."""
    return translate("en", key, **values)


def open_live(page: sync_api.Page, server: tuple[str, int]) -> None:
    """The form, drawn; it may be the first page of a fresh server."""
    page.goto(f"{server[0]}/live")
    page.get_by_text(text("live_missing_consent")).wait_for()  # the last thing that is drawn
    page.wait_for_selector(READY)


def agree(page: sync_api.Page) -> None:
    """Ticks the consent box; the button works then."""
    page.get_by_text(text("live_consent")).click()
    start = page.get_by_role("button", name=text("live_start"), exact=True)
    sync_api.expect(start).to_be_enabled()


def choose_target(page: sync_api.Page, language: str) -> None:
    """Chooses the dub's language in its list."""
    box = page.get_by_label(text("live_target"))
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a page that still scrolls closes the list
    box.click()
    page.get_by_role("option", name=language, exact=True).click()
    page.wait_for_selector(READY)


def start(page: sync_api.Page) -> str:
    """Presses the button; returns the job's id from the link."""
    page.get_by_role("button", name=text("live_start"), exact=True).click()
    page.wait_for_url("**job=**")
    return parse_qs(urlparse(page.url).query)["job"][0]


def wait_for_result(page: sync_api.Page) -> None:
    """Until the dub is there, with both players loaded."""
    page.get_by_text(text("live_label")).wait_for(timeout=DUBBED_MS)
    wait_for_players(page, "video", 2)


def fetched(page: sync_api.Page, label: str, folder: Path) -> Path:
    """The file that a download button gives."""
    with page.expect_download() as caught:
        page.get_by_role("button", name=label, exact=True).click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def test_a_sample_is_dubbed_played_and_taken_along(
    server: tuple[str, int], browser: sync_api.Browser, page: sync_api.Page, tmp_path: Path
) -> None:
    """From the form to a video that plays; its files are valid; a refresh and another browser lead
    back to it by the link, and so does another page of the app.
    """
    open_live(page, server)
    agree(page)
    start(page)
    wait_for_result(page)
    assert probe(fetched(page, "Dubbed video, MP4", tmp_path)).has_video
    cues = read_translation(fetched(page, "Subtitles in Russian, SRT", tmp_path))
    assert "велосипеды" in " ".join(cue.text for cue in cues)
    page.reload()
    wait_for_result(page)
    other = browser.new_context(locale="ru-RU").new_page()
    other.goto(page.url)
    wait_for_result(other)
    other.context.close()
    page.get_by_role("link", name=text("nav_explorer")).first.click()
    wait_for_heading(page, text("explorer_title"))
    page.get_by_role("link", name=text("nav_live")).first.click()
    wait_for_result(page)
    assert "job=" in page.url


def test_two_browsers_at_once(
    server: tuple[str, int], browser: sync_api.Browser, page: sync_api.Page
) -> None:
    """The second one is told its place; each gets its own clip; the first deletes its files, and
    its link leads nowhere then, while the other's is still there.
    """
    second = browser.new_context(locale="en-GB").new_page()
    open_live(page, server)
    open_live(second, server)
    second.get_by_text(text("live_sample_Clip_Woman")).click()
    agree(page)
    agree(second)
    first_id, second_id = start(page), start(second)
    assert first_id != second_id
    one_ahead = text("live_place", count=1, left="@").partition("@")[0]
    second.get_by_text(re.compile(re.escape(one_ahead))).wait_for()
    wait_for_result(page)
    wait_for_result(second)
    assert page.get_by_role("heading", name="Clip Man").count() == 1
    assert second.get_by_role("heading", name="Clip Woman").count() == 1
    page.get_by_role("button", name=text("live_delete")).click()
    wait_for_heading(page, text("live_clip_heading"))
    page.goto(f"{server[0]}/live?job={first_id}")
    page.get_by_text(text("live_gone")).wait_for()
    second.reload()
    wait_for_result(second)
    second.context.close()


def test_cancel(server: tuple[str, int], page: sync_api.Page) -> None:
    """The page says that it is cancelled and the clip deleted, and leads back to the form."""
    open_live(page, server)
    page.get_by_text(text("live_sample_Clip_Dialogue")).click()
    agree(page)
    start(page)
    page.get_by_role("button", name=text("live_cancel")).click()
    page.get_by_text(text("live_cancelled")).wait_for()
    page.get_by_role("button", name=text("live_another")).click()
    wait_for_heading(page, text("live_clip_heading"))
    assert "job=" not in page.url


def sound(seconds: float, level: float = 0.0) -> bytes:
    """A WAV file of silence, or of a tone."""
    clock_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    samples = (level * 32_767 * np.sin(2 * np.pi * 220 * clock_s)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(samples.tobytes())
    return file.getvalue()


def mute_video(folder: Path) -> bytes:
    """A picture without a sound track."""
    path = folder / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height = 32, 32
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux([*stream.encode(picture), *stream.encode()])
    return path.read_bytes()


RUSSIAN_REFUSED = text("live_refusal_other_language", found="Russian", wanted="English")


def russian_talk(folder: Path) -> bytes:
    """Some seconds that are not in English."""
    write_wav(folder / "talk.wav", by_festival(folder), RATE_HZ)
    return (folder / "talk.wav").read_bytes()


def test_each_bad_kind_of_upload_gives_its_sentence(
    server: tuple[str, int], page: sync_api.Page, tmp_path: Path
) -> None:
    """Whatever the file's name says: at once, or as soon as it is found out."""
    bad = {
        text("live_refusal_empty"): ("empty.mp4", b""),
        text("live_refusal_not_media"): ("letter.mp4", b"Dear sir or madam, " * 100),
        text("live_refusal_no_sound"): ("mute.mp4", mute_video(tmp_path)),
        text("live_refusal_too_long", seconds="70", limit="60"): ("long.wav", sound(70)),
        text("live_refusal_no_speech"): ("silence.wav", sound(3)),
        RUSSIAN_REFUSED: ("talk.wav", russian_talk(tmp_path)),
    }
    for sentence, (name, content) in bad.items():
        open_live(page, server)
        page.get_by_text(text("live_from_upload"), exact=True).click()
        file: sync_api.FilePayload = {"name": name, "mimeType": "video/mp4", "buffer": content}
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text(name).first.wait_for()
        agree(page)
        page.get_by_role("button", name=text("live_start"), exact=True).click()
        page.get_by_text(sentence).wait_for(timeout=DUBBED_MS)
        if "job=" in page.url:  # of a clip that failed no file is left to be deleted
            page.get_by_role("button", name=text("live_another")).click()
            wait_for_heading(page, text("live_clip_heading"))


def test_a_text_is_checked_and_typed(server: tuple[str, int], page: sync_api.Page) -> None:
    """Where no engine translates, the visitor does: the transcript is there, what is typed is
    spoken, and what is missing is asked for.
    """
    open_live(page, server)
    choose_target(page, "Spanish")
    page.get_by_text(text("live_will_ask", language="Spanish")).wait_for()
    agree(page)
    start(page)
    wait_for_heading(page, text("live_check_heading"))
    page.get_by_text(text("live_why_type", language="Spanish")).wait_for()
    fields = page.locator("textarea")
    sync_api.expect(fields).to_have_count(6)
    assert "repaired bicycles" in fields.nth(0).input_value()
    send = page.get_by_role("button", name=text("live_send"))
    send.click()
    page.get_by_text(text("live_refusal_no_text")).wait_for()
    fields.nth(1).fill("Reparo bicicletas en esta calle desde joven.")
    send.click()
    wait_for_result(page)
    page.get_by_text(text("live_lines_heading")).click()
    page.get_by_text("Reparo bicicletas").wait_for()
    page.wait_for_selector(READY)


def test_a_recorded_clip_of_a_phone_is_dubbed(
    server: tuple[str, int], browser: sync_api.Browser, tmp_path: Path
) -> None:
    """Sound alone becomes sound: the original, the dub and each line can be played; nothing sticks
    out at the width of a phone.
    """
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 800})
    phone = context.new_page()
    open_live(phone, server)
    phone.get_by_text(text("live_from_upload"), exact=True).click()
    write_wav(tmp_path / "me.wav", read_audio(SAMPLES / "Clip_Man.mp4", RATE_HZ), RATE_HZ)
    phone.locator("input[type=file]").set_input_files(tmp_path / "me.wav")
    choose_target(phone, "Portuguese")
    agree(phone)
    start(phone)
    phone.get_by_text(text("live_label")).wait_for(timeout=DUBBED_MS)
    wait_for_players(phone, "audio", 2 + LINES)
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    context.close()
