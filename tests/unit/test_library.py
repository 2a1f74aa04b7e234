"""What the app reads of run folders."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from dubbing.demo import DEMO_FOLDER
from dubbing.errors import RunError
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import Run
from dubbing.types import Span
from dubbing.webui import library
from dubbing.webui.library import group_talks, list_folders, read_run, run_roots
from dubbing.webui.views import RunView
from tests.run_factory import make_legacy, make_run, make_video

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A talk of 8 s."""
    return make_video(tmp_path_factory.mktemp("talk") / "Lamp_House.mp4")


def view(run: Run) -> RunView:
    """The run as its page gets it."""
    return read_run(list_folders([run.root.parent])[0])


def test_a_finished_run_is_read_whole(tmp_path: Path, source: Path) -> None:
    """Everything that a page shows is there."""
    read = view(make_run(tmp_path / "runs", "Lamp_House", source))
    assert (read.key, read.title, read.language) == ("Lamp_House", "Lamp House", "ru")
    assert read.source == source
    assert read.output is not None
    assert read.output.is_file()
    assert set(read.subtitles) == {"ru", "en"}
    assert read.scorecard is not None
    assert [voice.segments for voice in read.voices] == [(1,)]


def test_segments_carry_text_and_fit(tmp_path: Path, source: Path) -> None:
    """A segment has its words, its translation, and how the dub fits the time there is."""
    segments = view(make_run(tmp_path / "runs", "Lamp_House", source)).segments
    assert segments[1].transcript == "It turns."
    assert segments[1].translation == "Она вращается всю ночь."
    assert segments[0].slot_s == pytest.approx(2.45)  # to the next start, less the guard
    assert segments[1].length_s == pytest.approx(2.0)
    assert segments[1].late_s == pytest.approx(0.1)
    assert segments[3].slot_s == pytest.approx(2.5)  # the last: to the end of the media


def test_a_segment_without_a_dub_keeps_the_original(tmp_path: Path, source: Path) -> None:
    """It has no dub to play and no length."""
    last = view(make_run(tmp_path / "runs", "Lamp_House", source)).segments[3]
    assert (last.status, last.dub, last.length_s) == ("untranslated", None, None)
    assert last.translation == ""


def test_a_joined_segment_points_to_the_one_that_speaks_for_it(
    tmp_path: Path, source: Path
) -> None:
    """It has no slot of its own; the slot of the other goes up to the dub after both."""
    head, joined = view(make_run(tmp_path / "runs", "Lamp_House", source)).segments[1:3]
    assert (joined.joined_to, joined.status, joined.slot_s, joined.dub) == (2, "joined", None, None)
    assert head.slot_s == pytest.approx(2.45)  # to the next dub's start, less the guard


def test_a_run_that_is_only_begun_can_be_shown(tmp_path: Path, source: Path) -> None:
    """Stages that have not come yet are absent, not errors."""
    run = make_run(tmp_path / "runs", "Lamp_House", source)
    begun = {run.segments: run.manifest.artifacts[run.segments]}
    run.manifest = run.manifest.model_copy(update={"artifacts": begun})
    run.save()
    read = view(run)
    assert (read.output, read.scorecard, read.voices, read.subtitles) == (None, None, (), {})
    assert [s.status for s in read.segments] == [None] * 4


@pytest.mark.parametrize(
    "name", ["manifest.json", "segments.json", "timeline.json", "quality.json"]
)
def test_a_damaged_run_gives_a_sentence(tmp_path: Path, source: Path, name: str) -> None:
    """The sentence names the file, without the machine's folders."""
    run = make_run(tmp_path / "runs", "Lamp_House", source)
    run.path(name).write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=f"^{name} is damaged"):
        view(run)


def test_an_older_scorecard_is_said_to_be_old(tmp_path: Path, source: Path) -> None:
    """A run measured by an older version is shown without figures, not refused."""
    run = make_run(tmp_path / "runs", "Lamp_House", source)
    assert not view(run).is_scorecard_outdated
    old = {"schema_version": 1, "verdict": "Good."}
    run.path(run.quality).write_text(json.dumps(old), encoding="utf-8")
    read = view(run)
    assert read.scorecard is None
    assert read.is_scorecard_outdated


@pytest.mark.parametrize(
    ("name", "place", "value", "says"),
    [
        ("translations/Lamp_House-chunk-1.json", ["joined_to"], 9, "joined_to"),
        ("translations/Lamp_House-chunk-1.json", ["joined_to"], 1, "joined_to"),
        ("translations/Lamp_House-chunk-3.json", ["joined_to"], 4, "segment 4"),
        ("translations/Lamp_House-chunk-3.json", ["joined_to"], 10**400, "joined_to"),
        ("timeline.json", ["placements", 0, "rate"], 0, "rate"),
        ("timeline.json", ["placements", 0, "end_s"], 1e9, "end_s"),
        ("timeline.json", ["placements", 0, "end_s"], 9e6, "behind the media's end"),
        ("segments.json", ["segments", 1, "id"], 1, "ascend"),
        ("segments.json", ["segments", 0, "speaker"], "../../x", "speaker"),
        ("manifest.json", ["failed"], {"segment one": "speak: no"}, "failed"),
        ("manifest.json", ["artifacts", "chunks/../../x"], {"fingerprint": "", "sha256": ""}, "x"),
        ("manifest.json", ["source", "duration_s"], float("nan"), "duration_s"),
        ("manifest.json", ["config", "target"], "../ru", "target"),
    ],
)
def test_a_number_made_by_hand_hides_no_other_run(
    tmp_path: Path, source: Path, name: str, place: list[str | int], value: object, says: str
) -> None:
    """What refers to nothing, or cannot be true, is told beside its run; the others are read."""
    artifacts = tmp_path / "runs"
    run = make_run(artifacts, "Lamp_House", source)
    make_run(artifacts, "Other", source)
    document = json.loads(run.path(name).read_bytes())
    node = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    run.path(name).write_text(json.dumps(document), encoding="utf-8")
    damaged, whole = list_folders([artifacts])
    with pytest.raises(RunError, match=f"^{name} is damaged .*{says}.*; delete it"):
        read_run(damaged)
    assert read_run(whole).name == "Other"


def test_impossible_values_give_a_sentence(tmp_path: Path, source: Path) -> None:
    """Well-formed documents that cannot be true are damage as well."""
    run = make_run(tmp_path / "runs", "Lamp_House", source)
    rows = json.loads(run.path(run.segments).read_bytes())
    rows["segments"][0]["end_s"] = -1
    run.path(run.segments).write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(RunError):
        view(run)


def test_a_dub_that_delays_the_next_is_told_from_one_that_fills_the_pause(
    tmp_path: Path, source: Path
) -> None:
    """Borrowing is longer than the time there is, or not."""
    first = view(make_run(tmp_path / "runs", "Lamp_House", source)).segments[0]
    borrowed = replace(first, status="borrowed", length_s=2.45)
    assert not borrowed.delays_next
    assert replace(borrowed, length_s=2.6).delays_next


def test_runs_of_one_file_are_one_talk(tmp_path: Path, source: Path) -> None:
    """Dubs into several languages are grouped by the source's hash, not its name."""
    artifacts = tmp_path / "runs"
    make_run(artifacts, "Lamp_House", source)
    make_run(artifacts, "Other", make_video(tmp_path / "Other.mp4", tone_hz=300))
    make_run(artifacts, "Tour_pt", source, target="pt")
    talks = group_talks([read_run(folder) for folder in list_folders([artifacts])])
    assert [[run.key for run in talk.runs] for talk in talks] == [
        ["Lamp_House", "Tour_pt"],
        ["Other"],
    ]


def test_the_same_name_in_several_roots_gets_keys_of_its_own(tmp_path: Path) -> None:
    """The user's own demo and further roots are told apart in a link."""
    roots = [tmp_path / "a", tmp_path / "b", tmp_path / DEMO_FOLDER / "pipeline_artifacts"]
    for root in roots:
        (root / "Talk").mkdir(parents=True)
        (root / "Talk" / "manifest.json").touch()
    folders = list_folders(roots)
    assert [folder.key for folder in folders] == ["Talk", "2:Talk", "demo:Talk"]
    assert [folder.is_demo for folder in folders] == [False, False, True]


def test_roots_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """DUBBING_RUNS replaces the project's own folders, of which the demo's is one."""
    monkeypatch.setenv("DUBBING_RUNS", os.pathsep.join(["/a", "/b"]))
    assert run_roots() == [Path("/a"), Path("/b")]
    monkeypatch.delenv("DUBBING_RUNS")
    assert run_roots() == list(library.ROOTS)
    assert library.ROOTS[1] == library.PROJECT / DEMO_FOLDER / "pipeline_artifacts"


def test_what_the_scorecard_and_the_checks_say_is_read(tmp_path: Path, source: Path) -> None:
    """Likeness, fault, what was read aloud, when it is heard, and who speaks."""
    read = view(make_run(tmp_path / "runs", "Lamp_House", source))
    first, second, _, last = read.segments
    assert (first.similarity, first.fault, last.similarity) == (0.74, "", None)
    assert first.read == "Лампа <горит>."
    assert second.placed == Span(start_s=3.1, end_s=5.1)
    assert (last.read, last.placed) == (None, None)
    assert read.speakers == {"speaker-1": "speaker-1"}
    assert read.speech is not None and read.speech[0] == Span(start_s=0.5, end_s=2.5)


def test_a_run_in_the_first_layout_is_read_with_what_is_there(tmp_path: Path) -> None:
    """Texts, sounds and times; no scorecard, no finished file, no words with confidence."""
    folder = list_folders([make_legacy(tmp_path / "runs").parent])[0]
    assert folder.is_legacy
    read = read_run(folder)
    assert (read.title, read.source, read.output, read.scorecard) == ("Old Talk", None, None, None)
    assert [s.id for s in read.segments] == [1, 2, 7]
    first, second, third = read.segments
    assert (first.transcript, first.translation) == ("Said <1>.", "Сказано <1>.")
    assert (first.status, first.borrowed_s) == ("borrowed", pytest.approx(0.5))
    assert (second.status, second.dub, second.length_s) == ("untranslated", None, None)
    assert not third.chunk.is_file()
    assert read.duration_s == 6.0


def test_a_damaged_run_in_the_first_layout_gives_a_sentence(tmp_path: Path) -> None:
    """Torn timings are told with their file's name."""
    root = make_legacy(tmp_path / "runs")
    next(root.rglob("*_timings.json")).write_text("[", encoding="utf-8")
    with pytest.raises(RunError, match=r"Old_Talk_timings\.json is damaged"):
        read_run(list_folders([root.parent])[0])


def test_old_and_new_runs_stand_in_one_list(tmp_path: Path, source: Path) -> None:
    """By name; another folder is neither."""
    make_legacy(tmp_path / "runs", "B")
    make_run(tmp_path / "runs", "A", source)
    make_run(tmp_path / "runs", "C", source)
    (tmp_path / "runs" / "other").mkdir()
    folders = list_folders([tmp_path / "runs"])
    assert [(f.key, f.is_legacy) for f in folders] == [("A", False), ("B", True), ("C", False)]
    assert all(folder.changed_ns() > 0 for folder in folders)


def test_a_translation_that_no_stage_checked_is_checked_when_read(
    tmp_path: Path, source: Path
) -> None:
    """A supplied or edited one, against all that its dub speaks for; an engine's keeps its own."""
    run = make_run(tmp_path / "runs", "Lamp_House", source)
    left_out = ("a sentence is left out, it seems number 1 of 2",)  # two became one
    assert [s.faults for s in view(run).segments] == [(), left_out, (), ()]
    for number, by in ((1, "edited"), (2, "engine")):
        document = TranslationDoc(text="Горит 12 ламп.", source=by, faults=["as it was found"])
        run.put_document(run.translation(number), "changed", document)
    run.save()
    first, second = view(run).segments[:2]
    assert "the number 12 is not in the source" in first.faults
    assert second.faults == ("as it was found",)
