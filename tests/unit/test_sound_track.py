"""Which of several sound tracks is dubbed, and what the others and the output are called."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.config import DubbingConfig
from dubbing.console import run_document
from dubbing.errors import MediaError
from dubbing.media.audio import MIX_RATE_HZ, decode
from dubbing.media.mux import mux
from dubbing.media.probe import AudioStream, MediaInfo, probe
from dubbing.media.tracks import choice_told, choose_track
from dubbing.prepare import prepare
from dubbing.steps.job import Job
from tests.conftest import Cli

pytestmark = pytest.mark.e2e

PICTURE = ("-f", "lavfi", "-i", "color=s=64x64:r=5:d=2")


def track(language: str | None = None, title: str | None = None, **marks: bool) -> AudioStream:
    """A track that can be decoded."""
    return AudioStream(
        index=0, codec="aac", sample_rate_hz=48_000, channels=2, language=language, title=title,
        **marks,
    )  # fmt: skip


def info(*tracks: AudioStream) -> MediaInfo:
    """Of a sound file with these tracks."""
    return MediaInfo(duration_s=1.0, audio=tracks, video=None)


DAMAGED = AudioStream(index=0, codec="unknown", sample_rate_hz=0, channels=0, language="eng")


@pytest.mark.parametrize(
    ("tracks", "chosen"),
    [
        ([track("rus", is_secondary=True), track("eng", is_default=True)], 1),
        ([track("eng", is_secondary=True, is_default=True), track("eng")], 1),
        ([track("eng", is_secondary=True), track(None)], 1),
        ([track("rus", is_default=True), track("eng")], 1),
        ([track("rus", is_default=True), track("en-GB")], 1),
        ([track("rus"), track(None)], 1),
        ([track(None), track(None, is_default=True)], 1),
        ([track("eng", is_default=True), track("eng", is_original=True)], 1),
        ([track(None), track(None)], 0),
        ([track("eng"), track("eng", is_default=True)], 1),
        ([DAMAGED, track("rus")], 1),
        ([track("rus"), track("ukr")], 0),
    ],
)
def test_choice(tracks: Sequence[AudioStream], chosen: int):
    """A commentary comes last, then language, original, default and order decide."""
    assert choose_track(Path("x"), info(*tracks), "en") == chosen


def test_another_source_language():
    """The language that is dubbed from decides, by either of its three-letter codes."""
    both = info(track("eng", is_default=True), track("fre"))
    assert choose_track(Path("x"), both, "fr") == 1


def test_a_person_decides():
    """What is asked for is taken; a track that is not there is refused with those that are."""
    both = info(track("rus", "Commentary", is_secondary=True), track("eng"))
    assert choose_track(Path("x"), both, "en", 1) == 0
    with pytest.raises(MediaError, match=r"no sound track 3; --audio-track can be 1 \(rus, Comm"):
        choose_track(Path("x"), both, "en", 3)


def test_choice_is_told_only_where_there_was_one():
    """One track is no choice."""
    both = info(track("rus", "Commentary", is_secondary=True), track("eng"))
    assert choice_told(info(track("eng")), 0) == ""
    assert choice_told(both, 1) == (
        "dubs sound track 2 (eng) of 2: --audio-track can be 1 (rus, Commentary), 2 (eng)"
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a Russian commentary of 300 Hz first, then English of 900 Hz."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    tones = [w for f in (300, 900) for w in ("-f", "lavfi", "-i", f"sine=f={f}:r=48000:d=2")]
    marks = ["-metadata:s:a:0", "language=rus", "-disposition:a:0", "comment"]
    marks += ["-metadata:s:a:1", "language=eng", "-disposition:a:1", "default"]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264", "-c:a", "flac"]
    words = [get_ffmpeg_exe(), "-v", "error", "-y", *PICTURE, *tones, *maps, *marks, str(path)]
    subprocess.run(words, check=True)
    return path


def pitch_hz(path: Path, number: int) -> float:
    """The strongest frequency of a sound track."""
    blocks = decode(path, rate_hz=16_000, channels=1, audio_stream=number)
    spectrum = np.abs(np.fft.rfft(np.concatenate(list(blocks))[8_000:24_000]))
    return float(spectrum.argmax())


def test_the_run_dubs_the_original(film: Path, tmp_path: Path):
    """What is prepared hears the English track, says so in JSON, and another track makes another
    fingerprint.
    """

    def prepared(config: DubbingConfig):
        return prepare(
            film, config=config, output=tmp_path / "out.mkv", artifacts=tmp_path / "runs",
            name=None, translation=None, overwrite=False,
        )  # fmt: skip

    automatic = prepared(DubbingConfig(profile="offline", target="pt", speakers=1))
    source = run_document(automatic)["source"]
    assert (source["audio_track"], source["audio_tracks"]) == (2, 2)
    heard = np.concatenate(list(Job(automatic, print).decode(16_000, 1)))
    assert float(np.abs(np.fft.rfft(heard[8_000:24_000])).argmax()) == pytest.approx(900, abs=2)
    asked = prepared(DubbingConfig(profile="offline", target="pt", speakers=1, audio_track=1))
    assert asked.manifest.source.audio_track == 0
    assert asked.manifest.source.identity != automatic.manifest.source.identity


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_labels_are_true(film: Path, tmp_path: Path, suffix: str):
    """The original beside the dub is the track that was dubbed, and is called what it is."""
    for number, title, hertz in ((1, "Original", 900), (0, "Commentary", 300)):
        output = tmp_path / f"{number}{suffix}"
        mux(
            film, [np.zeros((2 * MIX_RATE_HZ, 2), np.float32)], output, info=probe(film),
            dub_language="ru", original_language="en", subtitles=[], metadata={},
            audio_stream=number,
        )  # fmt: skip
        assert pitch_hz(output, 1) == pytest.approx(hertz, abs=2)
        with av.open(str(output)) as made:
            tags = made.streams.audio[1].metadata
            assert tags["language"] == "eng"
            assert (tags.get("title") or tags["handler_name"]) == title


def test_a_track_that_is_not_there_is_one_sentence(film: Path, cli_here: Cli):
    """Status 2, and nothing is left behind."""
    ended = cli_here("dub", film, "--audio-track", "3", "--target", "pt", "--profile", "offline")
    assert ended.returncode == 2
    assert "no sound track 3" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_the_choice_is_told(film: Path, cli_here: Cli, tmp_path: Path):
    """On the console, before the work."""
    ended = cli_here("segment", film, "--speakers", "1", "--target", "pt", "--profile", "offline",
                     "--detector", "energy", "--json")  # fmt: skip
    assert "dubs sound track 2 (eng) of 2" in ended.stderr
    if ended.returncode == 0:
        assert json.loads(ended.stdout)["source"]["audio_track"] == 2
