"""Bad input: one clear sentence, exit status 2, nothing left behind. A process is started once for
each way out: before anything is read, after it, by an option, by a full disk.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from tests.conftest import SAMPLES, Cli, lacking

pytestmark = pytest.mark.e2e

CLIP = SAMPLES / "Clip_Man.mp4"
RUSSIAN = SAMPLES / "Clip_Man.ru.srt"


def refused(cli: Cli, folder: Path, *words: str | Path, says: list[str]) -> None:
    """The call fails with status 2 and one sentence that holds all of `says`; no file is new."""
    before = sorted(p for p in folder.rglob("*"))
    done = cli(*words)
    assert done.returncode == 2, done.stderr
    sentence = done.stderr.strip()
    assert sentence.startswith("dubbing: ")
    assert "\n" not in sentence, sentence
    assert "Traceback" not in sentence
    for part in says:
        assert part in sentence
    assert done.stdout == ""
    assert sorted(p for p in folder.rglob("*")) == before


def test_no_such_file(cli: Cli, tmp_path: Path):
    """A file that is not there is named."""
    refused(cli, tmp_path, "dub", "nowhere.mp4", says=["nowhere.mp4"])


def test_not_media(cli_here: Cli, tmp_path: Path):
    """A text that is called a video is refused as what it is."""
    (tmp_path / "fake.mp4").write_text("This is no video.")
    refused(cli_here, tmp_path, "dub", "fake.mp4", says=["fake.mp4"])


def test_playlist_in_disguise(cli_here: Cli, tmp_path: Path):
    """A playlist that points at other files is not opened."""
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read me")
    text = f"#EXTM3U\n#EXTINF:5,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.mp4").write_text(text)
    refused(cli_here, tmp_path, "dub", "list.mp4", says=["list.mp4"])


def test_no_audio_track(cli_here: Cli, tmp_path: Path):
    """A silent film has nothing to dub."""
    silent = tmp_path / "silent.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc=d=2:s=160x120:r=10", "-pix_fmt", "yuv420p"]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *picture, str(silent)], check=True)
    refused(cli_here, tmp_path, "dub", "silent.mp4", says=["silent.mp4", "sound"])


def test_silence_only(cli: Cli, tmp_path: Path):
    """A sound track of silence has nobody to dub."""
    soundfile.write(tmp_path / "quiet.wav", np.zeros(32_000), 16_000)
    (tmp_path / "t.txt").write_text("Привет, мир.")
    words = ("dub", "quiet.wav", "--translation", "t.txt", "--profile", "offline")
    refused(cli, tmp_path, *words, says=["quiet.wav", "silence"])


def test_bad_subtitle_times(cli_here: Cli, tmp_path: Path):
    """A cue whose time cannot be read is named, not skipped."""
    text = "1\n00:00:01,000 --> 00:00:0x,000\nПривет.\n\n2\n00:00:04,000 --> 00:00:06,000\nПока.\n"
    (tmp_path / "bad.srt").write_text(text)
    refused(cli_here, tmp_path, "dub", CLIP, "--translation", "bad.srt", says=["bad.srt", "1"])


def test_translation_longer_than_the_talk(cli_here: Cli, tmp_path: Path):
    """A translation of another, longer talk is refused before any work."""
    (tmp_path / "long.srt").write_text("1\n00:10:00,000 --> 00:10:05,000\nПривет.\n")
    refused(cli_here, tmp_path, "dub", CLIP, "--translation", "long.srt", says=["long.srt"])


def test_translation_file_is_missing(cli_here: Cli, tmp_path: Path):
    """A translation that is not there is named."""
    refused(cli_here, tmp_path, "dub", CLIP, "--translation", "no.srt", says=["no.srt"])


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--profile", "golden", "offline"),
        ("--target", "xx", "ru"),
        ("--detector", "ear", "silero"),
        ("--synthesizer", "parrot", "espeak"),
        ("--mix", "loud", "voiceover"),
    ],
)
def test_unknown_choice(cli_here: Cli, tmp_path: Path, option: str, value: str, says: str):
    """An unknown profile, language or engine is answered with those that there are."""
    words = ("dub", CLIP, "--translation", RUSSIAN, option, value)
    refused(cli_here, tmp_path, *words, says=[value, says])


def test_russian_without_translation(cli_here: Cli, tmp_path: Path):
    """Offline there is no English–Russian model: the three ways on are named."""
    refused(cli_here, tmp_path, "dub", CLIP, says=["--translation", "models pull", "--target pt"])


def test_output_exists(cli: Cli, tmp_path: Path):
    """A file that is there is not overwritten unasked, and keeps its bytes."""
    (tmp_path / "out.mp4").write_bytes(b"precious")
    words = ("dub", CLIP, "--translation", RUSSIAN, "-o", "out.mp4")
    refused(cli, tmp_path, *words, says=["out.mp4", "--overwrite"])
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"


def test_output_is_the_input(cli_here: Cli, tmp_path: Path):
    """The video itself is never the output, not even with --overwrite."""
    own = tmp_path / "own.mp4"
    own.write_bytes(CLIP.read_bytes())
    words = ("dub", "own.mp4", "--translation", RUSSIAN, "-o", "own.mp4", "--overwrite")
    refused(cli_here, tmp_path, *words, says=["own.mp4"])
    assert own.read_bytes() == CLIP.read_bytes()


def test_unknown_option_is_one_sentence(cli: Cli, tmp_path: Path):
    """A misspelt option is answered in one line."""
    refused(cli, tmp_path, "dub", CLIP, "--langauge", "ru", says=["--langauge"])


def test_no_such_run(cli_here: Cli, tmp_path: Path):
    """A stage of a run that is not there says how to make one."""
    refused(cli_here, tmp_path, "speak", "Nobody", says=["Nobody", "segment"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB: enough to begin, too small to finish."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        lacking("the right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_refused_before_work(cli: Cli, tmp_path: Path, small_disk: Path):
    """Too little space is said with numbers before anything is written."""
    words = ("dub", CLIP, "--translation", RUSSIAN, "--artifacts", small_disk, "-o", "out.mp4")
    refused(cli, tmp_path, *words, says=["MB free", "--artifacts"])


def test_disk_that_fills_up_leaves_no_half_file(cli: Cli, small_disk: Path):
    """Space for the run but not for the finished file: a sentence, status 2, no partial file, and
    the same call goes on once there is space.
    """
    filler = small_disk / "filler"
    filler.write_bytes(os.urandom(2_900_000))
    words = (
        "dub",
        CLIP,
        "--translation",
        RUSSIAN,
        "--artifacts",
        "A",
        "-o",
        small_disk / "out.mp4",
        "--synthesizer",
        "espeak",
        "--speakers",
        "1",
    )
    done = cli(*words)
    assert done.returncode == 2, done.stderr
    assert "disk" in done.stderr.splitlines()[-1]
    assert [p.name for p in small_disk.iterdir()] == ["filler"]
    filler.unlink()
    again = cli(*words)
    assert again.returncode == 0, again.stderr
    assert "speak: 0 made" in again.stderr
