"""Every page in both languages: it draws, speaks the language, and finds what the link names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dubbing.runs.manifest import SpeechDoc
from dubbing.types import Loss
from dubbing.webui.i18n import LANGUAGES, translate
from tests.conftest import ROOT
from tests.run_factory import make_run, make_video

pytestmark = pytest.mark.unit

TITLES = {"home": "home_title", "explorer": "explorer_title"}


@pytest.fixture(autouse=True)
def library(library_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages show the small library."""
    monkeypatch.setenv("DUBBING_RUNS", str(library_root))


def open_page(page: str, **link: str) -> AppTest:
    """The page, drawn as a link with these parameters opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params.update(link)
    at.run()
    if page != "home":
        at.query_params.update(link)
        at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


def html_of(at: AppTest) -> str:
    """All texts of segments on the page."""
    return "".join(element.body for element in at.get("html"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", TITLES)
def test_page_draws_in_the_language(page: str, lang: str) -> None:
    """The heading is in the language of the link."""
    at = open_page(page, lang=lang)
    assert at.title[0].value == translate(lang, TITLES[page])


@pytest.mark.parametrize("page", TITLES)
def test_page_draws_without_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are no dubs yet the page says how to make one."""
    monkeypatch.setenv("DUBBING_RUNS", str(tmp_path))
    assert open_page(page, lang="en").info[0].value == translate("en", "no_runs")


@pytest.mark.parametrize("page", TITLES)
def test_a_damaged_run_gives_a_sentence(page: str) -> None:
    """It is named with what is wrong, and the others are shown."""
    at = open_page(page, lang="ru")
    assert at.warning[0].value == translate("ru", "run_damaged", name="Torn")
    assert at.text[0].value.startswith("manifest.json is damaged")
    assert any(heading.value.startswith("Lamp House") for heading in at.header)


def test_home_shows_original_and_dub_of_each_talk() -> None:
    """One talk with two dubs: two players, six figures in plain words, a choice of languages."""
    at = open_page("home", lang="ru")
    assert len(at.get("video")) == 2
    values = ["2 из 3", "0,04 с", "1,10×", "3,90 из 5", "95 %", "60 %"]
    assert [figure.value for figure in at.metric] == values
    assert at.button_group[1].options == ["Русский", "Португальский"]


def test_home_tells_when_the_original_is_gone(
    library_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing source is a sentence, the dub still plays."""
    shutil.copytree(library_root, tmp_path / "runs")
    shutil.copytree(library_root.parent / "final_video", tmp_path / "final_video")
    monkeypatch.setenv("DUBBING_RUNS", str(tmp_path / "runs"))
    at = open_page("home", lang="en")
    assert at.info[0].value == translate("en", "file_missing", name="Lamp_House.mp4")
    assert len(at.get("video")) == 1


def test_the_link_opens_run_and_segment() -> None:
    """Run and segment of the link are shown, with their texts."""
    at = open_page("explorer", lang="en", run="Lamp_House_pt", segment="2")
    assert at.header[0].value == "Lamp House · Portuguese"
    assert at.subheader[0].value == "Segment 2 of 4"
    assert "Ela gira a noite toda." in html_of(at)


def test_a_link_that_leads_nowhere_is_told() -> None:
    """An unknown run gives a sentence and the first run; no file is looked for by its name."""
    at = open_page("explorer", lang="en", run="../../etc", segment="77")
    assert translate("en", "run_unknown") in [warning.value for warning in at.warning]
    assert at.subheader[0].value == "Segment 1 of 4"


def test_next_and_previous_walk_the_segments() -> None:
    """The buttons lead to the neighbours and end at the ends."""
    at = open_page("explorer", lang="en")
    assert at.button("arrow_back").disabled
    at.button("arrow_forward").click().run()
    assert at.subheader[0].value == "Segment 2 of 4"
    at.button("arrow_back").click().run()
    assert at.subheader[0].value == "Segment 1 of 4"


def test_the_table_has_all_segments_in_words() -> None:
    """Texts, times and the fit of each segment stand in its row."""
    table = open_page("explorer", lang="ru").dataframe[0].value
    assert list(table["start"]) == ["0:00,5", "0:03,0", "0:04,2", "0:05,5"]
    assert table["rate"][1] == "1,10×"
    assert table["translation"][2] == translate("ru", "joined_row", head=2)
    assert table["status"][3] == translate("ru", "status_untranslated")


def test_only_the_chosen_segment_has_players() -> None:
    """The original, the dub and the voice: three, however many segments there are."""
    assert len(open_page("explorer", segment="1").get("audio")) == 3


def test_a_joined_segment_plays_the_dub_that_speaks_for_it() -> None:
    """The other segment's dub and text are shown, and why."""
    at = open_page("explorer", lang="en", segment="3")
    assert "Она вращается всю ночь." in html_of(at)
    assert len(at.get("audio")) == 3
    assert translate("en", "reason_joined", head=2) in [text.value for text in at.markdown]


def test_an_untranslated_segment_says_so() -> None:
    """The original voice is kept, and the page tells."""
    at = open_page("explorer", lang="en", segment="4")
    assert at.info[0].value == translate("en", "original_kept")


def test_unsure_words_are_marked_and_texts_are_escaped() -> None:
    """A word under the threshold carries its confidence; markup in a text stays text."""
    html = html_of(open_page("explorer", lang="en", segment="1"))
    assert 'title="recognised with 30 % confidence">lamp</mark>' in html
    assert "&lt;lit&gt;." in html
    assert "<lit>" not in html


def test_a_file_that_is_not_whole_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the dub, in the visitor's language."""
    video = make_video(tmp_path / "talk.mp4")
    run = make_run(tmp_path / "pipeline_artifacts", "talk", video)
    lost = [Loss(kind="end", seconds=2.4), Loss(kind="damaged", packets=3)]
    speech = run.read(run.speech, SpeechDoc).model_copy(update={"losses": lost})
    run.put_document(run.speech, "made", speech)
    run.save()
    monkeypatch.setenv("DUBBING_RUNS", str(tmp_path / "pipeline_artifacts"))
    (told,) = open_page("home", lang="ru").warning
    assert "последних 2,4 с звука" in told.value and "фрагментов: 3" in told.value
