"""What is taken away of a run: a ZIP of its files, and its sound."""

from __future__ import annotations

import json
import wave
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.errors import MediaError, RunError
from dubbing.webui import archive
from dubbing.webui.archive import wav_bytes, zip_bytes
from dubbing.webui.library import list_folders, read_run
from tests.run_factory import make_legacy, make_run, make_video

pytestmark = pytest.mark.unit


def names(packed: bytes) -> set[str]:
    """Of the files in a ZIP, which is whole."""
    with zipfile.ZipFile(BytesIO(packed)) as opened:
        assert opened.testzip() is None
        return set(opened.namelist())


def test_the_zip_holds_what_the_manifest_names(tmp_path: Path) -> None:
    """All artifacts, the finished file and the manifest; neither the original nor strange files."""
    run = make_run(tmp_path / "runs", "Lamp", make_video(tmp_path / "Lamp.mp4"))
    (run.root / "notes.txt").write_text("private", encoding="utf-8")
    packed = names(zip_bytes(read_run(list_folders([run.root.parent])[0])))
    inside = {a for a in run.manifest.artifacts if not a.startswith("..")}
    assert packed == {f"Lamp/{name}" for name in {*inside, "manifest.json", "Lamp_dubbed.mp4"}}


def test_the_zip_leaves_out_files_that_are_gone(tmp_path: Path) -> None:
    """A missing chunk is no reason to give nothing."""
    run = make_run(tmp_path / "runs", "Lamp", make_video(tmp_path / "Lamp.mp4"))
    view = read_run(list_folders([run.root.parent])[0])
    run.path(run.chunk(1)).unlink()
    packed = names(zip_bytes(view))
    assert f"Lamp/{run.chunk(1)}" not in packed
    assert f"Lamp/{run.chunk(2)}" in packed


def test_a_manifest_that_names_files_elsewhere_is_refused(tmp_path: Path) -> None:
    """Nothing but the run and its finished file leaves the machine."""
    run = make_run(tmp_path / "runs", "Lamp", make_video(tmp_path / "Lamp.mp4"))
    view = read_run(list_folders([run.root.parent])[0])
    document = json.loads(run.path("manifest.json").read_bytes())
    document["artifacts"]["../../Lamp.mp4"] = {"fingerprint": "x", "sha256": "x"}
    run.path("manifest.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(RunError, match="outside"):
        zip_bytes(view)


def test_an_old_run_is_packed_whole(tmp_path: Path) -> None:
    """The first version's folder has no manifest: all its files are in the ZIP."""
    root = make_legacy(tmp_path / "runs")
    packed = names(zip_bytes(read_run(list_folders([root.parent])[0])))
    files = {p.relative_to(root.parent).as_posix() for p in root.rglob("*") if p.is_file()}
    assert packed == files


def test_the_sound_of_a_video_comes_as_wav(tmp_path: Path) -> None:
    """16 bits, as long and as loud as the video's track."""
    with wave.open(BytesIO(wav_bytes(make_video(tmp_path / "a.mp4")))) as wav:
        assert (wav.getsampwidth(), wav.getnchannels(), wav.getframerate()) == (2, 1, 44_100)
        assert wav.getnframes() / wav.getframerate() == pytest.approx(8.0, abs=0.05)
        samples = np.frombuffer(wav.readframes(44_100), np.int16)
    assert np.abs(samples).max() == pytest.approx(32_768 / 8, rel=0.1)  # ffmpeg's sine is at 1/8


def test_stereo_stays_stereo(tmp_path: Path) -> None:
    """Left and right are not mixed."""
    sound = np.stack([np.full(4800, 0.5), np.full(4800, -0.25)], axis=1)
    soundfile.write(tmp_path / "a.flac", sound, 48_000)
    read, rate_hz = soundfile.read(BytesIO(wav_bytes(tmp_path / "a.flac")))
    assert rate_hz == 48_000
    assert read[2400] == pytest.approx([0.5, -0.25], abs=1e-4)


def test_the_sound_of_a_long_talk_is_mono(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would fill a small server's memory in stereo is mixed, to the mean of both."""
    monkeypatch.setattr(archive, "MOST_STEREO_BYTES", 10_000)
    sound = np.stack([np.full(4800, 0.5), np.full(4800, -0.25)], axis=1)
    soundfile.write(tmp_path / "a.flac", sound, 48_000)
    read, _ = soundfile.read(BytesIO(wav_bytes(tmp_path / "a.flac")))
    assert read[2400] == pytest.approx(0.125, abs=1e-4)


def test_a_damaged_file_has_no_sound(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(MediaError):
        wav_bytes(tmp_path / "a.mp4")
