"""Whole dubs on the bundled samples with the offline engines; the voice is a tone where it does not
matter.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing import DubbingConfig
from dubbing import dub as dub_here
from dubbing.engines.loaded import LoadedEngines
from dubbing.runs.store import LOCK, Run
from tests.conftest import ROOT, SAMPLES

pytestmark = pytest.mark.e2e

CLIP = SAMPLES / "Clip_Man.mp4"
RUSSIAN = SAMPLES / "Clip_Man.ru.srt"
REAL = "kokoro"
KILLS = {REAL: 2, "tone": 8}
MODULES = {REAL: "dubbing", "tone": "tests.tone_cli"}


def command(folder: Path, voice: str = REAL) -> list[str]:
    base = [sys.executable, "-m", MODULES[voice], "dub", str(CLIP), "--translation", str(RUSSIAN)]
    base += ["--profile", "offline", "--synthesizer", voice, "--speakers", "1", "--json"]
    return [*base, "--artifacts", str(folder / "A"), "-o", str(folder / "out.mp4")]


def dub(folder: Path, voice: str = REAL) -> dict:
    """The command, in a process of its own."""
    done = subprocess.run(
        command(folder, voice),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hum(folder: Path, engines: LoadedEngines) -> Run:
    """The same with the tone, in this process, whose engines are loaded."""
    return dub_here(
        CLIP,
        config=DubbingConfig(profile="offline", synthesizer="tone", speakers=1),
        artifacts=folder / "A",
        output=folder / "out.mp4",
        translation=RUSSIAN,
        engines=engines,
    )


def content(folder: Path) -> dict[str, str]:
    """File → hash of everything that the manifest knows."""
    manifest = json.loads((folder / "A" / "Clip_Man" / "manifest.json").read_text())
    return {name: record["sha256"] for name, record in manifest["artifacts"].items()}


def timeless(folder: Path) -> dict[str, object]:
    """The same with the scorecard itself, without what the run cost: time is never the same."""
    card = json.loads((folder / "A" / "Clip_Man" / "quality.json").read_text())
    return content(folder) | {"quality.json": {**card, "cost": None}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an uninterrupted run. Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("finished")
    dub(folder)
    return folder


@pytest.fixture
def own_copy(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished run that a test may change."""
    copy = tmp_path_factory.mktemp("copy")  # as deep: a run finds its video by a relative path
    shutil.copytree(finished, copy, dirs_exist_ok=True)
    return copy


@pytest.fixture(scope="module")
def hummed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an uninterrupted run with the tone. Tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("hummed")
    dub(folder, "tone")
    return folder


@pytest.fixture
def own_hum(hummed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it that a test may change."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(hummed, copy, dirs_exist_ok=True)
    return copy


def stream_hash(path: Path) -> str:
    words = ["-v", "error", "-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "streamhash", "-"]
    return subprocess.run(
        [get_ffmpeg_exe(), *words], capture_output=True, check=True
    ).stdout.decode()


def test_finished_file_is_what_a_player_expects(finished: Path):
    """Picture untouched, Russian dub first and default, English second, two subtitle tracks, the
    original's length.
    """
    output = finished / "out.mp4"
    assert stream_hash(output) == stream_hash(CLIP)
    with av.open(str(output)) as made, av.open(str(CLIP)) as source:
        audio = made.streams.audio
        assert [a.metadata["language"] for a in audio] == ["rus", "eng"]
        assert [bool(a.disposition & av.stream.Disposition.default) for a in audio] == [True, False]
        assert {s.metadata["language"] for s in made.streams.subtitles} == {"rus", "eng"}
        assert abs(made.duration - source.duration) / 1e6 <= 0.04


def test_every_supplied_word_is_in_the_run(finished: Path):
    """The translations together hold the supplied text, whole and in order."""
    supplied = [line for line in RUSSIAN.read_text().splitlines() if line and not _is_frame(line)]
    files = sorted((finished / "A" / "Clip_Man" / "translations").glob("*.txt"), key=_number)
    assert " ".join(p.read_text().strip() for p in files).split() == " ".join(supplied).split()


def _is_frame(line: str) -> bool:
    return line.isdigit() or "-->" in line


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def test_scorecard_is_measured_and_good(finished: Path):
    """The clip's dub has no overlap, starts on time, is as loud as the original, and peaks low."""
    card = json.loads((finished / "A" / "Clip_Man" / "quality.json").read_text())
    assert card["timing"]["overlap_s"] == 0
    assert card["timing"]["onset_error_p90_s"] <= 0.2
    assert card["sound"]["loudness_difference_median_lu"] <= 1
    assert card["sound"]["true_peak_dbtp"] <= -1
    assert card["sound"]["digital_silence"] == 0
    assert card["text"]["untranslated"] == []


def test_second_run_calls_no_engine(own_copy: Path):
    """The same line again makes nothing and calls no engine; the manifest says so."""
    before = content(own_copy)
    again = dub(own_copy)
    assert {s: (r["made"], r["engine_calls"]) for s, r in again["stages"].items()} == dict.fromkeys(
        ("segment", "transcribe", "translate", "speak", "assemble", "evaluate"), (0, 0)
    )
    assert content(own_copy) == before


def test_edit_speaks_one_segment_again(own_copy: Path):
    """An edit re-speaks its segment and no other, is in the finished subtitles, and outlives a
    later full run.
    """
    before = content(own_copy)
    words = ["edit", "A/Clip_Man", "--segment", "2", "--text", "Это совсем другие слова.", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "dubbing", *words],
        cwd=own_copy,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["stages"]["speak"]["made"] == 1
    after = content(own_copy)
    changed = {name for name in after if after[name] != before.get(name)}
    spoken = {n for n in changed if n.startswith("speech/")}
    assert spoken == {"speech/Clip_Man-chunk-2.wav", "speech/Clip_Man-chunk-2.json"}
    assert "другие слова" in (own_copy / "A/Clip_Man/subtitles/Clip_Man.ru.srt").read_text()
    assert dub(own_copy)["stages"]["speak"]["made"] == 0
    assert content(own_copy) == after


def test_text_file_edited_by_hand_counts(own_hum: Path, engines: LoadedEngines):
    """Writing into a translation's .txt is an edit: it is spoken, not undone."""
    path = own_hum / "A/Clip_Man/translations/Clip_Man-chunk-1.txt"
    path.write_text("Слова, написанные рукой.\n")
    again = hum(own_hum, engines)
    assert again.manifest.stages["speak"].made == 1
    assert path.read_text() == "Слова, написанные рукой.\n"


def test_a_name_is_said_as_the_project_says(own_hum: Path, engines: LoadedEngines):
    """Just the line that holds it is marked and spoken again; people see it as it was written."""
    names = own_hum / "A/Clip_Man/names.csv"
    names.write_text("written;spoken\nвелосипеды;велос+ипеды\n", encoding="utf-8-sig")
    stages = hum(own_hum, engines).manifest.stages
    assert (stages["speak"].made, stages["translate"].made) == (1, 0)
    assert stages["translate"].engine_calls == 1
    translation = json.loads(
        (own_hum / "A/Clip_Man/translations/Clip_Man-chunk-1.json").read_text()
    )
    assert "велоси\u0301педы" in translation["read"] and "велосипеды" in translation["text"]
    assert "велосипеды" in (own_hum / "A/Clip_Man/subtitles/Clip_Man.ru.srt").read_text()
    again = hum(own_hum, engines).manifest.stages
    assert {r.engine_calls for r in again.values()} == {0}


def test_damaged_file_is_made_again(own_hum: Path, engines: LoadedEngines):
    """A file whose bytes changed is noticed and made again, the same as before."""
    before = content(own_hum)
    (own_hum / "A/Clip_Man/speech/Clip_Man-chunk-1.wav").write_bytes(b"RIFF")
    assert hum(own_hum, engines).manifest.stages["speak"].made == 1
    assert content(own_hum) == before


def test_another_video_does_not_replace_a_run(own_copy: Path):
    """A run folder of the same name from another file is kept."""
    other = own_copy / "Clip_Man.mp4"
    shutil.copy(SAMPLES / "Clip_Woman.mp4", other)
    line = command(own_copy)
    line[line.index(str(CLIP))] = str(other)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, cwd=own_copy, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"--name" in done.stderr


def test_killed_anywhere_it_goes_on(
    finished: Path, hummed: Path, engines: LoadedEngines, tmp_path: Path
):
    """Killed with SIGKILL at ten random points: what lies under a final name is whole, and the run
    that goes on ends with the same bytes as one that was never killed, but for what it cost.
    """
    points = random.Random(1)  # the same points every time
    for voice, whole in ((REAL, finished), ("tone", hummed)):
        wanted, whole_s = timeless(whole), _took_s(whole)
        for kill in range(KILLS[voice]):
            folder = tmp_path / f"{voice.replace(':', '-')}-{kill}"
            folder.mkdir()
            _kill_after(folder, voice, points.uniform(0.1, 0.95) * whole_s)
            _assert_whole(folder)
            _ = dub(folder) if voice == REAL else hum(folder, engines)
            assert timeless(folder) == wanted
            assert not list(folder.rglob("*.partial*"))


def _took_s(folder: Path) -> float:
    """How long a run's stages took. A process begins with a second or two more, so that all points
    lie within it.
    """
    card = json.loads((folder / "A" / "Clip_Man" / "quality.json").read_text())
    manifest = json.loads((folder / "A" / "Clip_Man" / "manifest.json").read_text())
    return float(card["cost"]["wall_s"] + manifest["stages"]["evaluate"]["wall_s"])


def _kill_after(folder: Path, voice: str, delay_s: float) -> None:
    process = subprocess.Popen(
        command(folder, voice),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _assert_whole(folder: Path) -> None:
    """Every file under a final name can be read to its end."""
    for path in folder.rglob("*"):
        if path.is_dir() or ".partial" in path.name or path.name == LOCK:
            continue
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".wav":
            assert soundfile.info(path).frames == len(soundfile.read(path)[0]) > 0
        elif path.suffix == ".mp4":
            words = ["-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
            subprocess.run([get_ffmpeg_exe(), *words], check=True)
        else:
            assert path.read_text()


def test_half_a_file_is_dubbed_and_told(tmp_path: Path):
    """What is missing stands in the console, in JSON and in the scorecard; for `--strict` it is an
    error, after the work.
    """
    whole, half = tmp_path / "whole.mp4", tmp_path / "half.mp4"
    words = [get_ffmpeg_exe(), "-v", "error", "-i", str(CLIP), "-c", "copy"]
    subprocess.run([*words, "-movflags", "+faststart", str(whole)], check=True)
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    line = [str(half) if word == str(CLIP) else word for word in command(tmp_path, "tone")]
    done = subprocess.run(
        [*line, "--strict"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "s of its sound are missing" in done.stderr.splitlines()[-1]
    assert sum("half.mp4: the last" in told for told in done.stderr.splitlines()) == 3
    told = json.loads(done.stdout)
    assert told["source"]["losses"][0]["kind"] == "end"
    assert 3 < told["source"]["losses"][0]["seconds"] < 8
    assert told["scorecard"]["losses"][0]["kind"] == "end"
    assert "the source is not whole" in told["scorecard"]["verdict"]
