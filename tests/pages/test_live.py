"""The live page: what can be chosen, what keeps a dub from starting, and what is said to whom."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dubbing.config import PROFILES
from dubbing.engines import licences
from dubbing.engines.weights import CATALOG, record
from dubbing.errors import NoSpeechError, OtherLanguageError
from dubbing.webui.components import live_state
from dubbing.webui.components.live_state import live_jobs
from dubbing.webui.i18n import LANGUAGES, translate
from dubbing.webui.live.job import Job
from dubbing.webui.live.jobs import LiveJobs
from dubbing.webui.live.order import Answer
from dubbing.webui.live.refusal import Refusal
from dubbing.webui.live.snapshot import Line
from tests.conftest import ROOT

pytestmark = pytest.mark.unit

HANGS_AFTER_S = 20.0
MODELS = ("whisper-base", "faster-whisper-base", "opus-mt-en-ru", "xtts-v2")


@pytest.fixture(autouse=True)
def surroundings(
    library_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The small library, no models, and jobs of this test's own."""
    monkeypatch.setenv("DUBBING_RUNS", str(library_root))
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "models"))
    st.cache_resource.clear()
    yield
    jobs: LiveJobs = live_jobs()
    jobs.close()
    st.cache_resource.clear()


class AskingWork:
    """Hears two lines at once and asks for their translation; notes what the visitor wrote."""

    def __init__(self, _: object) -> None:
        self.answers: list[Answer] = []

    def hear(self, job: Job) -> bool:
        said = ("Hello <b>there</b>.", "How are you?")
        lines = tuple(
            Line(id=i, start_s=float(i), end_s=i + 0.5, transcript=text, sureness=0.5)
            for i, text in enumerate(said, start=1)
        )
        job.tell(lines=lines, has_translator=bool(self.answers), is_unsure=True)
        return False

    def revise(self, job: Job, answer: Answer) -> None:
        self.answers.append(answer)
        if not any(answer.translations.values()) and answer.file is None:
            raise Refusal("no_text")

    def dub(self, job: Job) -> None:
        raise NoSpeechError(job.clip, "a failure that has a sentence")


class RefusingWork(AskingWork):
    """Hears German."""

    def hear(self, job: Job) -> bool:
        raise OtherLanguageError("de", "en", "the speech is German, not English")


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs stop at once to ask for the text."""
    monkeypatch.setattr(live_state, "DubbingWork", AskingWork)


@pytest.fixture
def models(tmp_path: Path) -> None:
    """All models that can be pulled are there, and their licence is accepted. They are looked at by
    name, size and record only: a page loads none.
    """
    folder = tmp_path / "models"
    for name in MODELS:
        (folder / name).mkdir(parents=True)
        for file in CATALOG[name].files:
            (folder / name / file).write_text("weights", encoding="utf-8")
        record(name, revision="test")
    pair = folder / "bergamot" / "en-ru"
    pair.mkdir(parents=True)
    (pair / "model.enru.bin").write_text("weights", encoding="utf-8")
    accepted = {"CPML": {"accepted_at": "2026-01-01T00:00:00+00:00"}}
    (folder / "licences.json").write_text(json.dumps(accepted), encoding="utf-8")


def open_live(lang: str = "en", **link: str) -> AppTest:
    """The page as a link opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params.update({"lang": lang, **link})
    at.run()
    at.query_params.update({"lang": lang, **link})
    at.switch_page("pages/live.py").run()
    assert not at.exception
    return at


def chosen(at: AppTest, source: str) -> AppTest:
    """The page after another source of the clip was chosen."""
    at.session_state["live source"] = source
    at.run()
    assert not at.exception
    return at


def texts(at: AppTest) -> list[str]:
    """All plain sentences on the page."""
    kinds = (at.caption, at.markdown, at.info, at.warning, at.error)
    return [element.value for kind in kinds for element in kind]


def started(at: AppTest) -> AppTest:
    """The page after consent and a press of the button."""
    at.checkbox("live consent").check().run()
    at.button("live start").click().run()
    assert not at.exception
    return at


def waited(at: AppTest) -> AppTest:
    """The page when the worker is done with the job."""
    until_s = time.monotonic() + HANGS_AFTER_S
    while "live cancel" in [button.key for button in at.button] and time.monotonic() < until_s:
        at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("lang", "names"), [("en", ("German", "English")), ("ru", ("немецкий", "английский"))]
)
def test_another_language_is_named(
    lang: str, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clip in German is refused with both languages' names in the visitor's own."""
    monkeypatch.setattr(live_state, "DubbingWork", RefusingWork)
    at = waited(started(open_live(lang)))
    found, wanted = names
    key = "live_refusal_other_language"
    assert at.error[0].value == translate(lang, key, found=found, wanted=wanted)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_draws_without_models(lang: str) -> None:
    """Only what needs none is available; each other profile says what it lacks."""
    at = open_live(lang)
    assert at.title[0].value == translate(lang, "live_title")
    profile = at.radio("live profile into ru")
    assert profile.value == "offline"
    captions = list(profile.proto.captions)
    assert captions[-1] == translate(lang, "live_available")
    command = "python -m dubbing models pull"
    assert all(f"`{command} {name}`" in captions[i] for i, name in enumerate(list(PROFILES)[:3]))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.usefixtures("models")
def test_the_page_draws_with_models(lang: str) -> None:
    """All profiles are available, as far as memory allows, and the richest is chosen."""
    at = open_live(lang)
    profile = at.radio("live profile into ru")
    captions = dict(zip(PROFILES, profile.proto.captions, strict=True))
    assert captions["lite"] == translate(lang, "live_available")
    assert profile.value in {"studio", "turbo", "lite"}
    assert not any("models pull" in caption for caption in captions.values())


@pytest.mark.usefixtures("models")
def test_a_licence_that_nobody_accepted_is_told(tmp_path: Path) -> None:
    """With its address, and the profile cannot be started."""
    (tmp_path / "models" / "licences.json").unlink()
    at = open_live()
    captions = list(at.radio("live profile into ru").proto.captions)
    assert licences.URLS["CPML"] in captions[0]
    at.radio("live profile into ru").set_value("studio").run()
    at.checkbox("live consent").check().run()
    assert at.button("live start").disabled
    assert translate("en", "live_missing_profile") in texts(at)


def test_nothing_starts_without_consent() -> None:
    """The button says what is missing, and works once the box is ticked."""
    at = open_live("ru")
    assert at.button("live start").disabled
    assert translate("ru", "live_missing_consent") in texts(at)
    at.checkbox("live consent").check().run()
    assert not at.button("live start").disabled


def test_nothing_starts_without_a_clip_or_a_voice() -> None:
    """An upload that is not there yet, and a reference that is not, are asked for."""
    at = chosen(open_live(), "upload")
    at.checkbox("live consent").check().run()
    assert at.button("live start").disabled
    assert translate("en", "live_missing_clip") in texts(at)
    at = chosen(at, "sample")
    at.radio("live voice").set_value("upload").run()
    assert at.button("live start").disabled
    assert translate("en", "live_missing_voice") in texts(at)


def test_a_voice_of_a_talk_can_be_heard_and_chosen() -> None:
    """Speakers of the runs that are here."""
    at = open_live()
    at.radio("live voice").set_value("run").run()
    assert not at.exception
    assert at.selectbox("live run voice").options[0] == "Lamp House · speaker 1"
    assert len(at.get("audio")) == 1


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty.mp4", b"", "empty"),
        ("letter.mp4", b"Dear sir or madam, " * 50, "not_media"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bad_upload_gives_its_sentence(lang: str, name: str, content: bytes, kind: str) -> None:
    """The form stays, with what is wrong."""
    at = chosen(open_live(lang), "upload")
    at.file_uploader("live upload").set_value((name, content, "video/mp4")).run()
    started(at)
    assert at.error[0].value == translate(lang, f"live_refusal_{kind}")
    assert at.checkbox("live consent").value


def test_a_language_that_nothing_translates_is_told_before() -> None:
    """The visitor learns that they will be asked for a translation; for Portuguese they are not."""
    at = open_live()
    at.selectbox("live target").set_value("es").run()
    assert translate("en", "live_will_ask", language="Spanish") in texts(at)
    at.selectbox("live target").set_value("pt").run()
    assert translate("en", "live_will_ask", language="Portuguese") not in texts(at)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_link_to_a_job_that_is_gone_is_told(lang: str) -> None:
    """And leads back to the form."""
    at = open_live(lang, job="nobody")
    assert at.warning[0].value == translate(lang, "live_gone")
    at.button[0].click().run()
    assert at.button("live start")


def test_a_started_job_is_in_the_link_and_can_be_cancelled() -> None:
    """The page shows it in place of the form; after a cancel it says so."""
    at = started(open_live())
    assert live_jobs().look(str(at.query_params["job"])) is not None
    assert at.subheader[0].value == "Clip Man"
    at.button("live cancel").click().run()
    waited(at)
    assert translate("en", "live_cancelled") in texts(at)


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_text_is_asked_for(lang: str) -> None:
    """What was heard stands in fields, with the reasons why it is asked for; nothing typed is told,
    and a failure afterwards has its sentence.
    """
    at = waited(started(open_live(lang)))
    assert at.subheader[1].value == translate(lang, "live_check_heading")
    assert translate(lang, "live_unsure") in texts(at)
    assert at.text_area("live heard 1").value == "Hello <b>there</b>."
    send(at)
    assert at.error[0].value == translate(lang, "live_refusal_no_text")
    at.text_area("live said 1").set_value("Привет.")
    waited(send(at))
    assert at.error[0].value == translate(lang, "live_refusal_no_speech")


@pytest.mark.usefixtures("asking")
def test_a_text_is_pasted_whole() -> None:
    """Instead of lines."""
    at = waited(started(open_live()))
    at.session_state["live way"] = "paste"
    at.run()
    at.text_area("live pasted").set_value("Привет. Как дела?")
    waited(send(at))
    assert at.error[0].value == translate("en", "live_refusal_no_speech")


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_that_cannot_be_pulled_is_told(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the library says where there is no network; the text can still be typed."""

    def no_network(*_: object) -> None:
        raise ValueError("Dns Failed")

    monkeypatch.setattr("fxtranslate.discovery.add_models", no_network)
    at = waited(started(open_live(lang)))
    at.button("live pull").click().run()
    assert not at.exception
    assert at.error[0].value == translate(lang, "live_pull_failed")
    assert "Dns Failed" in at.text[0].value
    assert at.text_area("live said 1")


def send(at: AppTest) -> AppTest:
    """The page after the text was sent."""
    button = next(b for b in at.button if b.proto.is_form_submitter)
    button.click().run()
    assert not at.exception
    return at
