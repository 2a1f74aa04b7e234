"""The pages on quality and on how it works, with and without runs, scorecards and weights."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dubbing.engines.licences import FILE, accept
from dubbing.engines.registry import engine_names, engine_weights
from dubbing.engines.weights import find_weights, models_dir, record
from dubbing.runs.store import open_run
from dubbing.webui.i18n import LANGUAGES, translate
from tests.conftest import ROOT
from tests.run_factory import make_legacy, scorecard

pytestmark = pytest.mark.unit

PAGES = ("quality", "how")
RUN = "Lamp_House"


@pytest.fixture
def library(library_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small library, which the test may change and which the pages show."""
    base = tmp_path / "library"
    shutil.copytree(library_root.parent, base)
    monkeypatch.setenv("DUBBING_RUNS", str(base / library_root.name))
    return base / library_root.name


@pytest.fixture(params=["weights absent", "weights present"])
def weights(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine with none of the downloaded models, or with files in the place of all of them."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "models"))
    if request.param == "weights present":
        for name in {w for engine in engine_names() for w in engine_weights(engine)}:
            folder = models_dir() / name
            folder.mkdir(parents=True)
            for file in find_weights(name).files:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(b"weights")
            record(name, revision="1")
        accept("CPML")
        assert (models_dir() / FILE).is_file()
    return str(request.param)


def open_page(page: str, lang: str = "en") -> AppTest:
    """The page as a link opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["lang"] = lang
    at.run()
    at.query_params["lang"] = lang
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


def html_of(at: AppTest) -> str:
    return "".join(element.body for element in at.get("html"))


def table_of(at: AppTest) -> dict[str, list[str]]:
    """Column → its cells."""
    rows = [
        [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", html_of(at))
    ]
    return {head: [row[column] for row in rows[1:]] for column, head in enumerate(rows[0])}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_page_draws_in_the_language(page: str, lang: str, weights: str) -> None:
    """The heading is in the language of the link, whatever models are here."""
    at = open_page(page, lang)
    assert at.title[0].value == translate(lang, f"{page}_title")
    if page == "how":
        here = table_of(at)[translate(lang, "how_model_here")]
        xtts = here[engine_names().index("xtts")]
        ready = translate(lang, "how_ready") in xtts
        assert ready == (weights == "weights present")


@pytest.mark.parametrize("page", PAGES)
def test_page_draws_without_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not depend on a run is still told."""
    monkeypatch.setenv("DUBBING_RUNS", str(tmp_path))
    at = open_page(page)
    assert at.info[0].value == translate("en", "no_runs")
    words = "Perceiver resampler" if page == "how" else "the loudest moment"
    assert words.lower() in html_of(at).lower()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_run_gives_a_sentence(page: str) -> None:
    """It is named, and the others are shown."""
    at = open_page(page)
    assert at.warning[0].value == translate("en", "run_damaged", name="Torn")
    choice = at.get("button_group")[-1] if page == "quality" else at.selectbox[0]
    assert choice.options[0].startswith("Lamp House")


# ---- quality


def _measured(library: Path, **timing: float) -> None:
    """Gives the first run a scorecard with other timing."""
    run, card = open_run(library / RUN), scorecard()
    first = card.segments[0].model_copy(
        update={"fault": "starts 0.45 s late", "onset_error_s": 0.45, "severity": 1.5}
    )
    changed = card.model_copy(
        update={
            "timing": card.timing.model_copy(update=timing),
            "segments": [first, *card.segments[1:]],
        }
    )
    run.put_document(run.quality, "made", changed)
    run.save()


def test_measures_stand_beside_the_first_version_and_the_bounds(library: Path) -> None:
    """One column for each dub, two for the first version, one for what is wanted; a value outside
    its bound is marked.
    """
    _measured(library, onset_error_max_s=0.45)
    table = table_of(open_page("quality"))
    assert list(table) == [
        "Measure",
        "Lamp House · Russian",
        "Lamp House · Portuguese",
        "First version: Bill Gates",
        "First version: Cameron Russell",
        "Wanted",
    ]
    row = table["Measure"].index("Late or early start, worst")
    cells = [column[row] for column in table.values()][1:]
    assert cells == [
        "✗ 0.45 s",
        "✓ 0.10 s",
        "✓ 0.10 s",
        "✗ 2.82 s",
        "≤ 0.30 s",
    ]


def test_dubs_of_one_talk_into_one_language_are_told_apart(library: Path) -> None:
    """By the run's name: none of them is missing."""
    shutil.copytree(library / RUN, library / "second_try")
    heads = list(table_of(open_page("quality")))
    assert f"Lamp House · Russian · {RUN}" in heads
    assert "Lamp House · Russian · second_try" in heads
    assert "Lamp House · Portuguese" in heads


def test_a_bad_segment_leads_to_the_explorer(library: Path) -> None:
    """Its fault is told in the visitor's language, and the link names dub and segment."""
    _measured(library)
    at = open_page("quality", "ru")
    links = [link.proto for link in at.get("page_link")]
    assert [link.label for link in links] == [
        "Lamp House · Русский, сегмент 1. Начинается на 0,45 с позже."
    ]
    assert f"run={RUN}" in links[0].query_string
    assert "segment=1" in links[0].query_string


def test_dubs_without_a_scorecard_are_named(library: Path) -> None:
    """One that was never measured, one that an older version measured, one of the first version."""
    run = open_run(library / RUN)
    run.forget(run.quality)
    other = open_run(library / f"{RUN}_pt")
    other.put_bytes(other.quality, "made", json.dumps({"schema_version": 1}).encode())
    other.save()
    make_legacy(library)
    at = open_page("quality")
    told = [info.value for info in at.info]
    assert translate("en", "quality_unmeasured", run="Lamp House · Russian") in told
    assert translate("en", "quality_outdated", run="Lamp House · Portuguese") in told
    assert any("Old Talk" in sentence for sentence in told)
    assert "<table>" not in html_of(at)


@pytest.mark.usefixtures("library")
def test_no_dub_chosen_is_a_sentence() -> None:
    """Taking all away asks for one."""
    at = open_page("quality")
    at.get("button_group")[-1].set_value([]).run()
    assert not at.exception
    assert translate("en", "quality_choose") in [info.value for info in at.info]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_measure_can_be_charted(lang: str) -> None:
    """Also those that were not measured of one side."""
    at = open_page("quality", lang)
    for name in at.selectbox[0].options:
        at.selectbox[0].select(name).run()
        assert not at.exception


# ---- how it works


@pytest.mark.usefixtures("library")
def test_the_runs_own_files_are_shown_and_looked_into() -> None:
    """Each file with its size; JSON by its first lines, sound by a player."""
    at = open_page("how")
    assert "<code>timeline.json</code>" in html_of(at)
    pills = next(group for group in at.get("button_group") if "timeline.json" in group.options)
    pills.set_value("timeline.json").run()
    assert "<pre" in html_of(at)
    assert '"placements"' in unescape(html_of(at))
    assert not at.get("audio")
    chunk = next(name for name in pills.options if name.startswith("chunks/"))
    at.get("button_group")[-1].set_value(chunk).run()
    assert len(at.get("audio")) == 1
    assert not at.exception


def test_a_run_of_the_first_version_has_no_such_files(library: Path) -> None:
    """The steps are shown all the same, with a sentence."""
    for path in library.iterdir():
        shutil.rmtree(path)
    make_legacy(library)
    at = open_page("how")
    assert translate("en", "how_no_files") in [info.value for info in at.info]
    assert "Find speech" in html_of(at)
