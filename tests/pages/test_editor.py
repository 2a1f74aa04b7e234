"""The explorer's editor before anything is spoken: when it can be used, and what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dubbing.runs.store import Run, open_run
from dubbing.webui.at_work import AT_WORK
from dubbing.webui.i18n import LANGUAGES, translate
from tests.conftest import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture
def library(library_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small library, which the test may change and which the pages show."""
    base = tmp_path / "library"
    shutil.copytree(library_root.parent, base)
    monkeypatch.setenv("DUBBING_RUNS", str(base / library_root.name))
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "no models"))
    return base / library_root.name


def explorer(lang: str = "en", segment: int = 1) -> AppTest:
    """The explorer, as a link opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    link = {"lang": lang, "run": "Lamp_House", "segment": str(segment)}
    at.query_params.update(link)
    at.run()
    at.query_params.update(link)
    at.switch_page("pages/explorer.py").run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    """Presses the button."""
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_stale_is_told_before_it_is_made(lang: str) -> None:
    """Typing a translation names the speech; typing a transcript of a supplied one does not."""
    at = explorer(lang)
    transcript, translation = at.text_area
    assert (transcript.value, translation.value) == ("The lamp is <lit>.", "Лампа <горит>.")
    speech = translate(lang, "edit_stale_speech")
    translation.input("Другое.").run()
    assert any(speech in element.value for element in at.markdown)
    translation.input("Лампа <горит>.").run()
    transcript.input("Other words.").run()
    assert not any(speech in element.value for element in at.markdown)
    assert translate(lang, "edit_translation_stays") in [c.value for c in at.caption]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("text", "key"), [(None, "edit_nothing_new"), (" ", "edit_empty")])
def test_pressing_without_words_is_a_sentence(text: str | None, key: str) -> None:
    """Nothing new, or nothing at all: nothing is started."""
    at = explorer()
    if text is not None:
        at.text_area[1].input(text).run()
    press(at, translate("en", "edit_speak"))
    assert [warning.value for warning in at.warning if warning.value == translate("en", key)]


@pytest.mark.usefixtures("library")
def test_while_another_edits_a_visitor_is_told() -> None:
    """In a sentence, and what was typed is still there."""
    at = explorer()
    at.text_area[1].input("Другое.").run()
    with AT_WORK:
        press(at, translate("en", "edit_speak"))
    assert translate("en", "edit_busy") in [warning.value for warning in at.warning]
    assert at.text_area[1].value == "Другое."


@pytest.mark.usefixtures("library")
def test_a_joined_segment_leads_to_the_one_that_speaks() -> None:
    """It has no text of its own to be corrected."""
    at = explorer(segment=3)
    assert not at.text_area
    assert translate("en", "edit_joined", head=2) in [info.value for info in at.info]


def _speaks_with(run: Run, name: str) -> None:
    engines = run.manifest.engines.model_copy(update={"synthesizer": name})
    Run(run.root, run.manifest.model_copy(update={"engines": engines})).save()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_the_voices_weights_there_is_a_reason(library: Path, lang: str) -> None:
    """The engine is named, with what it lacks; nothing can be typed."""
    _speaks_with(open_run(library / "Lamp_House"), "xtts")
    at = explorer(lang)
    assert translate(lang, "edit_why_engine", name="xtts") in [info.value for info in at.info]
    assert any("models accept-cpml" in text.value for text in at.text)
    assert not at.text_area


def test_without_the_source_there_is_a_reason(library: Path) -> None:
    """The file is named."""
    (library.parent / "Lamp_House.mp4").unlink()
    at = explorer()
    told = translate("en", "edit_why_source", name="Lamp_House.mp4")
    assert told in [info.value for info in at.info]
