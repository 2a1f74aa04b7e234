"""The explorer: timeline, filters, stages, old and unfinished runs, in both languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dubbing.runs.manifest import CandidateDoc, SegmentsDoc, SpeakerDoc, TimelineDoc, TranslationDoc
from dubbing.runs.store import Run, open_run
from dubbing.stages.fit import failed_placement
from dubbing.steps.documents import placement_doc, read_segments
from dubbing.webui import i18n
from dubbing.webui.i18n import LANGUAGES, translate
from tests.conftest import ROOT
from tests.run_factory import make_legacy

pytestmark = pytest.mark.unit

Change = Callable[[Run], None]


@pytest.fixture
def library(library_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small library, which the test may change and which the pages show."""
    base = tmp_path / "library"
    shutil.copytree(library_root.parent, base)
    root = base / library_root.name
    monkeypatch.setenv("DUBBING_RUNS", str(root))
    return root


def explorer(lang: str = "en", **link: str) -> AppTest:
    """The explorer, as a link with these parameters opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params.update({"lang": lang, **link})
    at.run()
    at.query_params.update({"lang": lang, **link})
    at.switch_page("pages/explorer.py").run()
    assert not at.exception
    return at


def heading(at: AppTest) -> str:
    """Of the segment that is shown."""
    return str(at.subheader[0].value)


def numbers(at: AppTest) -> list[int]:
    """Of the segments in the table."""
    return list(at.dataframe[0].value["id"])


def show(at: AppTest, kind: str) -> None:
    """Chooses which segments the table shows."""
    at.session_state["filter kind"] = kind
    at.run()


def put(root: Path, segment_id: int, document: TranslationDoc) -> None:
    """Another translation into the Russian run."""
    run = open_run(root / "Lamp_House")
    run.put_document(run.translation(segment_id), "changed", document)
    run.save()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_timeline_is_given_the_talk(library: Path, lang: str) -> None:
    """Both tracks, all segments with a label in the visitor's language, music, the choice."""
    at = explorer(lang, run="Lamp_House", segment="2")
    data = json.loads(at.get("bidi_component")[0].proto.json)
    assert len(data["original"]) == len(data["dub"]) > 1000
    assert [s["id"] for s in data["segments"]] == [1, 2, 3, 4]
    assert data["segments"][1]["placed"] == [3.1, 5.1]
    assert data["segments"][0]["label"].endswith("The lamp is <lit>.")
    assert translate(lang, "status_fits") in data["segments"][0]["label"]
    assert data["speakers"] == [translate(lang, "speaker_numbered", number=1)]
    assert (len(data["music"]), data["selected"]) == (1, 2)


def test_a_joined_segment_plays_from_where_its_dub_starts(library: Path) -> None:
    """The playhead follows the dub of the segment that speaks for it."""
    data = json.loads(explorer(segment="3").get("bidi_component")[0].proto.json)
    assert data["starts_s"] == {"original": 4.2, "dub": 3.0}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_to_be_spoken_with_a_failed_segment_says_so(library: Path, lang: str) -> None:
    """It has a translation, in the segment before it; what it lacks is the sound."""
    run = open_run(library / "Lamp_House")
    segments = read_segments(run)
    rows = [placement_doc(failed_placement(s, "no sound"), 0.0) for s in segments]
    run.put_document(run.timeline, "changed", TimelineDoc(placements=rows))
    run.save()
    at = explorer(lang, run="Lamp_House", segment="3")
    assert translate(lang, "reason_unspoken") in [text.value for text in at.markdown]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_filters_leave_the_segments_that_are_wanted(
    library: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By kind and by text; where none is left a sentence says so."""
    # AppTest writes a choice down outside of the script, where no visitor's language is known.
    monkeypatch.setattr(i18n, "preferred", lambda locale: lang)
    put(library, 1, TranslationDoc(text="Лампа <горит>!", source="edited"))
    at = explorer(lang)
    show(at, "problem")
    assert numbers(at) == [2, 4]
    assert translate(lang, "filter_shown", shown=2, total=4) in [c.value for c in at.caption]
    show(at, "edited")
    assert numbers(at) == [1]
    at.text_input("filter text").input("nobody says this").run()
    assert translate(lang, "filter_none") in [info.value for info in at.info]
    show(at, "all")
    at.text_input("filter text").input("ВРАЩАЕТСЯ").run()
    assert numbers(at) == [2]
    assert not at.exception


@pytest.mark.parametrize("lang", LANGUAGES)
def test_several_speakers_are_told_apart(library: Path, lang: str) -> None:
    """By name where a person gave one, with a filter, a column and rows of their own."""
    run = open_run(library / "Lamp_House")
    document = run.read(run.segments, SegmentsDoc)
    rows = [
        row.model_copy(update={"speaker": "speaker-1" if row.id == 1 else "speaker-2"})
        for row in document.segments
    ]
    anna = SpeakerDoc(id="speaker-2", name="Anna <b>", gender="female")
    run.put_document(run.segments, "changed", SegmentsDoc(segments=rows, speakers=[anna]))
    run.save()
    at = explorer(lang)
    first = translate(lang, "speaker_numbered", number=1)
    assert at.selectbox("filter speaker").options[1:] == [first, "Anna <b>"]
    assert list(at.dataframe[0].value["speaker"]) == [first, *["Anna <b>"] * 3]
    assert json.loads(at.get("bidi_component")[0].proto.json)["speakers"] == [first, "Anna <b>"]
    at.session_state["filter speaker"] = "speaker-2"
    at.run()
    assert numbers(at) == [2, 3, 4]
    assert not at.exception


def test_the_segment_that_a_filter_hides_stays_open(library: Path) -> None:
    """A filter changes the table, not what is being looked at."""
    at = explorer(segment="1")
    show(at, "problem")
    assert heading(at) == "Segment 1 of 4"
    at.button("arrow_forward").click().run()
    assert heading(at) == "Segment 2 of 4"


def test_candidates_faults_and_what_was_read_are_shown(library: Path) -> None:
    """Other ways to say it with their scores, and what the checks found, in Russian."""
    candidates = [CandidateDoc(text="Горит.", score=-0.2), CandidateDoc(text="<Лампа>", score=-0.5)]
    fault = "the number 12 is not in the translation"
    document = TranslationDoc(text="Горит.", source="engine", candidates=candidates, faults=[fault])
    put(library, 1, document)
    at = explorer("ru", segment="1")
    captions = " ".join(caption.value for caption in at.caption)
    assert "В переводе нет числа 12" in captions
    assert "оценка -0,50" in captions
    html = "".join(element.body for element in at.get("html"))
    assert "&lt;Лампа&gt;" in html and "<Лампа>" not in html
    assert "Лампа &lt;горит&gt;." in html  # read aloud before the translation was changed


def test_likeness_and_fault_stand_in_the_table(library: Path) -> None:
    """From the scorecard and the checks; one speaker's name is left out."""
    table = explorer("ru").dataframe[0].value
    assert list(table["similarity"]) == ["0,74", "0,74", "   –", "   –"]
    assert list(table["fault"]) == ["", "Похоже, пропущено предложение: 1-е из 2.", "", ""]
    assert "speaker" not in table


@pytest.mark.parametrize("lang", LANGUAGES)
def test_spectrograms_are_drawn_on_demand(library: Path, lang: str) -> None:
    """None before the switch is on; then two images that say what they are."""
    at = explorer(lang, segment="1")
    assert not any("<img" in element.body for element in at.get("html"))
    at.toggle("spectrograms").set_value(True).run()
    drawn = [element.body for element in at.get("html") if "<img" in element.body]
    assert len(drawn) == 2
    assert translate(lang, "spectrogram_dub") in drawn[1]
    assert not at.exception


def test_the_voice_says_why_it_was_chosen_and_how_to_replace_it(library: Path) -> None:
    """The speaker, the segments, and the file to put another recording over."""
    at = explorer("en")
    assert "Speaker 1" in [text.value for text in at.text]
    assert any("voices/speaker-1.wav" in caption.value for caption in at.caption)


def test_downloads_are_offered(library: Path) -> None:
    """Video, its sound, subtitles of both languages in both formats, everything."""
    labels = [button.proto.label for button in explorer("en").get("download_button")]
    assert labels[:2] == ["Dubbed video, MP4", "Dubbed sound, WAV"]
    assert labels[-1] == "All files, ZIP"
    assert len(labels) == 7


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_without_a_scorecard_is_shown(library: Path, lang: str) -> None:
    """Likeness is left out, all else is there."""
    run = open_run(library / "Lamp_House")
    run.forget(run.quality)
    at = explorer(lang, run="Lamp_House")
    assert "similarity" not in at.dataframe[0].value
    assert translate(lang, "fit_similarity") not in [metric.label for metric in at.metric]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_that_is_only_begun_is_shown(library: Path, lang: str) -> None:
    """Segments are known, nothing is translated or spoken yet."""
    run = open_run(library / "Lamp_House")
    known = {run.segments: run.manifest.artifacts[run.segments]}
    run.manifest = run.manifest.model_copy(update={"artifacts": known})
    run.save()
    at = explorer(lang, run="Lamp_House")
    assert heading(at) == translate(lang, "segment_heading", id=1, total=4)
    assert translate(lang, "no_translation") in [caption.value for caption in at.caption]


def test_sound_that_cannot_be_read_leaves_the_page_whole(library: Path) -> None:
    """The timeline is drawn without waves, and a sentence names the file."""
    (library.parent / "final_video" / "Lamp_House_dubbed.mp4").write_bytes(b"torn")
    at = explorer("en", run="Lamp_House")
    sentence = translate("en", "file_unreadable", name="Lamp_House_dubbed.mp4")
    assert sentence in [info.value for info in at.info]
    assert json.loads(at.get("bidi_component")[0].proto.json)["dub"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_old_run_opens(library: Path, lang: str) -> None:
    """The first version's texts and sounds are shown; a chunk without sound says so."""
    make_legacy(library)
    at = explorer(lang, run="Old_Talk", segment="1")
    assert at.header[0].value.endswith(translate(lang, "legacy_dub"))
    html = "".join(element.body for element in at.get("html"))
    assert "Said &lt;1&gt;." in html and "Сказано &lt;1&gt;." in html
    assert len(at.get("audio")) == 2
    assert set(at.dataframe[0].value) == {
        "id",
        "start",
        "transcript",
        "translation",
        "length",
        "status",
    }  # no column in which nothing stands
    at = explorer(lang, run="Old_Talk", segment="7")
    missing = translate(lang, "file_missing", name="Old_Talk-chunk-7.wav")
    assert missing in [info.value for info in at.info]
    assert translate(lang, "reason_unspoken") in [text.value for text in at.markdown]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_home_tells_of_an_old_run_and_leads_to_it(library: Path, lang: str) -> None:
    """It has no videos to play side by side, and no empty frames for them."""
    make_legacy(library)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["lang"] = lang
    at.run()
    assert translate(lang, "legacy_what") in [caption.value for caption in at.caption]
    assert len(at.get("video")) == 2
    assert any(translate(lang, "step_fitted_what") in text.value for text in at.markdown)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_segment_is_told(library: Path, lang: str) -> None:
    """The link's number is not there, or is none: the first segment and a sentence."""
    for wanted in ("77", "two", "-1"):
        at = explorer(lang, run="Lamp_House", segment=wanted)
        told = [warning.value for warning in at.warning]
        assert translate(lang, "segment_unknown") in told
        assert heading(at) == translate(lang, "segment_heading", id=1, total=4)


def test_another_run_with_fewer_segments_opens_at_its_first(library: Path) -> None:
    """Changing the dub is no wrong link: nothing is told, and a segment is shown."""
    make_legacy(library)
    at = explorer(run="Lamp_House", segment="4")
    at.selectbox("run").set_value("Old_Talk").run()
    assert heading(at) == "Segment 1 of 3"
    assert translate("en", "segment_unknown") not in [warning.value for warning in at.warning]
