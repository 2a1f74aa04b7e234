"""What a file lacks against what it declares is found, and told wherever a dub is told of."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.media.audio import decode
from dubbing.media.losses import Reach, find_losses
from dubbing.media.probe import probe
from dubbing.quality.table import table_rows
from dubbing.quality.verdict import verdict
from dubbing.types import Loss
from tests.run_factory import scorecard

pytestmark = pytest.mark.e2e

PICTURE = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=4")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=r=24000:d=4:a=0.1:seed=1")
H264 = ("-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv420p")
KINDS: dict[str, tuple[str, ...]] = {
    "a.wav": SOUND,
    "a.flac": SOUND,
    "a.mp3": SOUND,
    "a.ogg": (*SOUND, "-page_duration", "100000"),
    "a.m4a": (*SOUND, "-movflags", "+faststart"),
    "v.mp4": (*PICTURE, *SOUND, *H264, "-movflags", "+faststart"),
    "v.mkv": (*PICTURE, *SOUND, *H264, "-cluster_time_limit", "100"),
    "v.webm": (*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libopus"),
    "v.avi": (*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "mp3"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole file of every kind."""
    made = tmp_path_factory.mktemp("whole")
    for name, words in KINDS.items():
        line = [get_ffmpeg_exe(), "-v", "error", "-y", *words, str(made / name)]
        subprocess.run(line, check=True)
    return made


def losses(path: Path) -> list[Loss]:
    """What is found when the file is decoded."""
    reach = Reach()
    length = sum(map(len, decode(path, rate_hz=8_000, channels=1, reach=reach)))
    assert length == round(probe(path).duration_s * 8_000)
    return find_losses(path, 0, reach)


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_file_lacks_nothing(folder: Path, name: str):
    """No honest file is called damaged."""
    assert losses(folder / name) == []


@pytest.mark.parametrize("name", KINDS)
def test_half_a_file(folder: Path, tmp_path: Path, name: str):
    """About half of it is missed, except in Ogg, which does not say how long it should be."""
    content = (folder / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    found = losses(tmp_path / name)
    if name == "a.ogg":
        assert found == [Loss(kind="cut")]
    else:
        kind = "picture" if name == "v.avi" else "end"
        first = next(loss for loss in found if loss.kind == kind)
        assert 1 <= first.seconds <= 3


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.m4a", "v.mkv", "v.mp4", "v.webm"])
def test_a_hole(folder: Path, tmp_path: Path, name: str):
    """Zeros in the middle of the file are told."""
    content = bytearray((folder / name).read_bytes())
    size = len(content)
    content[size // 2 : size * 5 // 8] = bytes(size * 5 // 8 - size // 2)
    (tmp_path / name).write_bytes(content)
    assert losses(tmp_path / name)


def test_sound_beyond_the_header(folder: Path, tmp_path: Path):
    """A WAV and a Matroska file whose headers say less than they hold."""
    content = (folder / "a.wav").read_bytes()
    size = struct.pack("<I", 4 * 24_000 * 2)
    assert content.count(b"data" + size) == 1
    half = content.replace(b"data" + size, b"data" + struct.pack("<I", 2 * 24_000 * 2))
    (tmp_path / "a.wav").write_bytes(half)
    (found,) = losses(tmp_path / "a.wav")
    assert (found.kind, found.seconds) == ("beyond", pytest.approx(2, abs=0.1))
    content = (folder / "v.mkv").read_bytes()
    at = content.index(b"\x44\x89\x88") + 3  # Duration, a double in ms
    (tmp_path / "v.mkv").write_bytes(content[:at] + struct.pack(">d", 2_500) + content[at + 8 :])
    found = next(loss for loss in losses(tmp_path / "v.mkv") if loss.kind == "beyond")
    assert found.seconds == pytest.approx(1.5, abs=0.1)


def test_a_header_that_promises_too_much(folder: Path, tmp_path: Path):
    """A Matroska file of 4 s that says 60."""
    content = (folder / "v.mkv").read_bytes().replace(b"DURATION", b"DURATIOM")
    at = content.index(b"\x44\x89\x88") + 3
    (tmp_path / "v.mkv").write_bytes(content[:at] + struct.pack(">d", 60_000) + content[at + 8 :])
    (found,) = losses(tmp_path / "v.mkv")
    assert (found.kind, found.seconds) == ("end", pytest.approx(56, abs=0.2))


def test_a_wav_from_a_pipe_and_one_with_more_chunks(folder: Path, tmp_path: Path):
    """Neither an unknown length nor a list of tags behind the sound is a loss."""
    content = (folder / "a.wav").read_bytes()
    size = struct.pack("<I", 4 * 24_000 * 2)
    (tmp_path / "a.wav").write_bytes(content.replace(b"data" + size, b"data" + b"\xff" * 4))
    assert losses(tmp_path / "a.wav") == []
    (tmp_path / "b.wav").write_bytes(content + b"LIST" + struct.pack("<I", 5) + b"INFO!\x00")
    assert losses(tmp_path / "b.wav") == []


def test_a_late_start_and_an_early_end_are_no_losses(tmp_path: Path):
    """A picture may be longer than its sound at both ends."""
    path = tmp_path / "late.mkv"
    sound = ("-itsoffset", "1", "-f", "lavfi", "-i", "sine=d=1.5")
    line = [get_ffmpeg_exe(), "-v", "error", "-y", *PICTURE, *sound, *H264, str(path)]
    subprocess.run(line, check=True)
    assert losses(path) == []


def test_the_scorecard_tells():
    """The verdict is not "Good", and the table has a row."""
    lost = Loss(kind="end", seconds=2.4)
    card = scorecard().model_copy(update={"losses": [lost]})
    assert "the last 2.4 s of its sound are missing" in str(table_rows(card))
    said = verdict(card.timing, card.sound, card.text, None, None, (), [lost])
    assert said.startswith("Watchable, but the source is not whole (the last 2.4 s of")


def test_every_kind_is_a_clause():
    """Of one line, with its number."""
    for kind in ("end", "cut", "picture", "inside", "damaged", "beyond"):
        told = str(Loss(kind=kind, seconds=2.0, packets=2))
        assert "\n" not in told
        assert kind == "cut" or "2" in told
