"""The finished file: the picture bit by bit, two labelled sound tracks, soft subtitles."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from scipy.signal import butter, sosfilt

from dubbing.config import LANGUAGES
from dubbing.errors import InputError, MediaError
from dubbing.media import mux as mux_module
from dubbing.media.audio import MIX_RATE_HZ, decode
from dubbing.media.mux import (
    LANGUAGES_639_2,
    SubtitleTrack,
    check_output_name,
    mux,
    playable_suffix,
)
from dubbing.media.probe import probe
from dubbing.types import Audio

pytestmark = pytest.mark.e2e

PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=24000/1001:d=3")
SOUND = ("-f", "lavfi", "-i", "sine=440:r=44100:d=3")
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
CLICK_S = 1.0
METADATA = {"title": "Ночной сад", "comment": "AI-generated dub"}
SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n"
DEFAULT = av.stream.Disposition.default


def ffmpeg(*words: str | Path) -> str:
    """What the ffmpeg that comes with imageio-ffmpeg prints."""
    line = [get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *map(str, words)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def stream_hash(path: Path, stream: str) -> str:
    """The SHA-256 of a stream's packets, as stored."""
    mapped = ("-map", f"0:{stream}", "-c", "copy", "-f", "streamhash", "-")
    return ffmpeg("-i", path, *mapped).partition("=")[2]


def seen(path: Path) -> list[bytes]:
    """Every picture, decoded."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources of several kinds, all 3 s long, and subtitles in two languages."""
    made = tmp_path_factory.mktemp("mux")
    video = made / "v.mp4"
    ffmpeg(*PICTURE, *SOUND, *H264, "-c:a", "aac", video)
    ffmpeg("-display_rotation", "270", "-i", video, "-c", "copy", made / "turned.mp4")
    ffmpeg("-i", video, "-c:v", "copy", "-c:a", "libvorbis", made / "vorbis.mkv")
    late = ("-itsoffset", "0.5", "-i", video, "-map", "0:v", "-map", "1:a")
    ffmpeg("-i", video, *late, "-c", "copy", made / "late.mkv")
    ffmpeg("-itsoffset", "2", "-i", video, "-c", "copy", made / "clock.mkv")
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libopus", made / "v.webm")
    ffmpeg(*SOUND, made / "a.mp3")
    mp3 = ("-c:v", "copy", "-c:a", "libmp3lame")
    ffmpeg("-i", video, *mp3, made / "mp3.mp4")
    ffmpeg("-i", video, *mp3, "-ar", "11025", made / "slow.mkv")
    ffmpeg(*PICTURE, *SOUND, "-c:v", "mpeg4", "-bf", "2", made / "v.avi")
    ffmpeg(*PICTURE, *SOUND, *H264, made / "h264.avi")
    (made / "ru.srt").write_text(SRT.format("Привет"), encoding="utf-8")
    (made / "en.srt").write_text(SRT.format("Hello"), encoding="utf-8")
    return made


def click(length_s: float) -> Audio:
    """Silence with a click at `CLICK_S`."""
    samples = np.zeros((round(length_s * MIX_RATE_HZ), 2), np.float32)
    start = round(CLICK_S * MIX_RATE_HZ)
    samples[start : start + 24] = 0.9
    return samples


def dub(source: Path, output: Path, texts: Path, made: Callable[[float], Audio] = click) -> None:
    """Muxes a dub, made for the source's length in seconds, and both SRT files of `texts`."""
    info = probe(source)
    mux(
        source,
        [made(info.duration_s)],
        output,
        info=info,
        dub_language="ru",
        original_language="en",
        subtitles=[SubtitleTrack(path=texts / f"{x}.srt", language=x) for x in ("ru", "en")],
        metadata=METADATA,
    )


CASES = [
    (source, suffix)
    for source in (
        "v.mp4",
        "turned.mp4",
        "vorbis.mkv",
        "late.mkv",
        "clock.mkv",
        "slow.mkv",
        "v.avi",
        "h264.avi",
    )
    for suffix in (".mp4", ".m4v", ".mov", ".mkv")
] + [("v.webm", ".mkv")]


@pytest.fixture(scope="module", params=CASES, ids="".join)
def case(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """(source, finished file) for every kind of source and container."""
    name, suffix = request.param
    output = tmp_path_factory.mktemp("out") / f"out{suffix}"
    dub(folder / name, output, folder)
    return folder / name, output


def test_picture_is_the_same(case: tuple[Path, Path]):
    """Every packet of the picture is copied bit by bit, and it is turned as before."""
    source, output = case
    if source.name == "h264.avi":  # AVI divides the same data by start codes, not by lengths
        shown = [seen(path) for path in case]
        assert shown[1] == shown[0] and len(shown[0]) >= 71
    else:
        assert stream_hash(output, "v:0") == stream_hash(source, "v:0")
    before, after = probe(source).video, probe(output).video
    assert before is not None
    assert after is not None
    assert (after.width, after.height) == (before.width, before.height)
    assert after.rotation_deg == before.rotation_deg
    assert after.rate == pytest.approx(24_000 / 1001, abs=0.01)  # Matroska rounds to ms


def test_pictures_come_in_order(case: tuple[Path, Path]):
    """Each is shown after the one before it and the first at once, in AVI too, which does not say
    when.
    """
    source, output = case
    with av.open(str(output)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert None not in times
    assert times == sorted(set(times)) and len(times) >= 71
    assert times[0] == 0 or source.suffix != ".avi"


def test_length(case: tuple[Path, Path]):
    """The file is as long as the original, within 40 ms."""
    source, output = case
    assert probe(output).duration_s == pytest.approx(probe(source).duration_s, abs=0.040)


def test_sound_is_in_step(case: tuple[Path, Path]):
    """A click of the dub is heard on time, whatever the codec's and the source's delay."""
    _, output = case
    dubbed = np.concatenate(list(decode(output, rate_hz=MIX_RATE_HZ, channels=1)))
    assert np.abs(dubbed).argmax() / MIX_RATE_HZ == pytest.approx(CLICK_S, abs=0.005)


def hiss(length_s: float) -> Audio:
    """A room's noise, a little different on both sides, under a hum."""
    clock_s = np.arange(round(length_s * MIX_RATE_HZ)) / MIX_RATE_HZ
    left, own = 0.02 * np.random.default_rng(1).standard_normal((2, len(clock_s)))
    hum = 0.2 * np.sin(2 * np.pi * 200 * clock_s)
    return np.stack([hum + left, hum + 0.9 * left + 0.1 * own], axis=1).astype(np.float32)


def sides_level_db(samples: Audio) -> float:
    """Level between 6 and 14 kHz of what left and right differ by."""
    high = butter(6, (6_000, 14_000), "bandpass", fs=MIX_RATE_HZ, output="sos")
    apart = sosfilt(high, samples[:, 0] - samples[:, 1])
    return 10 * np.log10(np.mean(apart**2))


@pytest.mark.parametrize(("source", "suffix"), [("v.mp4", ".mp4"), ("a.mp3", ".m4a")])
def test_left_and_right_stay_what_they_were(source: str, suffix: str, folder: Path, tmp_path: Path):
    """The encoder neither makes high frequencies one for both sides nor adds a noise of its own
    between them.
    """
    output = tmp_path / f"out{suffix}"
    dub(folder / source, output, folder, hiss)
    heard = np.concatenate(list(decode(output, rate_hz=MIX_RATE_HZ, channels=2)))
    given = hiss(probe(folder / source).duration_s)
    assert sides_level_db(heard) == pytest.approx(sides_level_db(given), abs=1.0)


def test_original_sound_is_in_step(case: tuple[Path, Path]):
    """The second track sounds when the original did."""
    source, output = case
    heard = [
        np.concatenate(list(decode(path, rate_hz=16_000, channels=1, audio_stream=number)))
        for path, number in ((source, 0), (output, 1))
    ]
    starts = [int((np.abs(samples) > 0.05).argmax()) / 16_000 for samples in heard]
    assert starts[1] == pytest.approx(starts[0], abs=0.030)  # AAC starts anew within a frame


def test_tracks(case: tuple[Path, Path]):
    """Dub first and default, original second; languages are told; no subtitle is switched on."""
    _, output = case
    with av.open(str(output)) as container:
        sounds, texts = container.streams.audio, container.streams.subtitles
        assert [s.metadata["language"] for s in sounds] == ["rus", "eng"]
        assert [bool(s.disposition & DEFAULT) for s in sounds] == [True, False]
        titles = [s.metadata.get("title") or s.metadata["handler_name"] for s in sounds]
        assert titles == ["Dub", "Original"]
        assert [s.metadata["language"] for s in texts] == ["rus", "eng"]
        assert [s.disposition.value for s in texts] == [0, 0]
        assert (sounds[0].codec_context.name, sounds[0].rate) == ("aac", 48_000)
        assert len(container.streams.video) == 1


def test_subtitles(case: tuple[Path, Path]):
    """Subtitles say what they said, when they said it."""
    _, output = case
    for number, text in enumerate(("Привет", "Hello")):
        assert (
            ffmpeg("-i", output, "-map", f"0:s:{number}", "-f", "srt", "-").strip()
            == SRT.format(text).strip()
        )


def test_metadata(case: tuple[Path, Path]):
    """Tags of the whole file are there."""
    _, output = case
    with av.open(str(output)) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
    assert METADATA.items() <= tags.items()


@pytest.mark.parametrize(
    ("source", "suffix", "codec"),
    [("v.mp4", ".mp4", "aac"), ("v.mp4", ".mkv", "aac"), ("vorbis.mkv", ".mkv", "vorbis"),
     ("vorbis.mkv", ".mp4", "aac"), ("v.webm", ".mkv", "opus"), ("mp3.mp4", ".mp4", "mp3"),
     ("slow.mkv", ".mp4", "aac"), ("slow.mkv", ".mov", "mp3"), ("slow.mkv", ".mkv", "mp3")],
)  # fmt: skip
def test_original_sound(folder: Path, tmp_path: Path, source: str, suffix: str, codec: str):
    """The original's sound is kept in its codec where the container takes it, else it is AAC."""
    dub(folder / source, tmp_path / f"out{suffix}", folder)
    assert probe(tmp_path / f"out{suffix}").audio[1].codec == codec


def test_original_sound_is_the_same(folder: Path, tmp_path: Path):
    """Copied sound is copied bit by bit."""
    dub(folder / "v.mp4", tmp_path / "out.mp4", folder)
    assert stream_hash(tmp_path / "out.mp4", "a:1") == stream_hash(folder / "v.mp4", "a:0")


def test_index_comes_first(folder: Path, tmp_path: Path):
    """An MP4 can be played while it is loaded: its index lies before its media."""
    dub(folder / "v.mp4", tmp_path / "out.mp4", folder)
    content = (tmp_path / "out.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_same_bytes(folder: Path, tmp_path: Path, suffix: str):
    """The same input gives the same bytes."""
    one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
    dub(folder / "v.mp4", one, folder)
    dub(folder / "v.mp4", other, folder)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".m4a", ".mp3", ".flac", ".ogg"])
def test_sound_file(folder: Path, tmp_path: Path, suffix: str):
    """From a sound file comes the dub alone: as long, tagged, the same bytes each time."""
    source, output = folder / "a.mp3", tmp_path / f"out{suffix}"
    dub(source, output, folder)
    info = probe(output)
    assert info.video is None
    assert len(info.audio) == 1
    assert info.duration_s == pytest.approx(probe(source).duration_s, abs=0.040)
    samples = np.concatenate(list(decode(output, rate_hz=MIX_RATE_HZ, channels=1)))
    assert np.abs(samples).argmax() / MIX_RATE_HZ == pytest.approx(CLICK_S, abs=0.005)
    with av.open(str(output)) as container:
        tags = {**container.metadata, **container.streams.audio[0].metadata}
    assert METADATA.items() <= {key.lower(): value for key, value in tags.items()}.items()
    first = output.read_bytes()
    dub(source, output, folder)
    assert output.read_bytes() == first


@pytest.mark.parametrize("name", ["-a.mp4", "http:b.mp4", "Доклад №1.mp4", "a b%03d.mp4"])
def test_odd_names(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """Names that look like options, addresses or patterns work, in and out."""
    shutil.copy(folder / "v.mp4", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    dub(Path(name), Path(f"{name}.out.mp4"), folder)
    assert len(probe(tmp_path / f"{name}.out.mp4").audio) == 2


@pytest.mark.parametrize(
    ("source", "name", "says"),
    [
        ("v.mp4", "out.wav", ".mp4, .m4v, .mov, .mkv"),
        ("v.mp4", "out.txt", ".mp4, .m4v, .mov, .mkv"),
        ("a.mp3", "out.mp4", ".wav, .m4a, .mp3, .flac, .ogg"),
        ("a.mp3", "out", ".wav, .m4a, .mp3, .flac, .ogg"),
        ("v.webm", "out.mp4", "vp8"),
    ],
)
def test_output_name_refused(folder: Path, source: str, name: str, says: str):
    """A name that the source cannot be written to is refused with those that it can."""
    with pytest.raises(InputError, match=says):
        check_output_name(Path(name), probe(folder / source))


@pytest.mark.parametrize(
    ("source", "name"), [("v.mp4", "OUT.MP4"), ("a.mp3", "o.ogg"), ("v.webm", "o.mkv")]
)
def test_output_name_taken(folder: Path, source: str, name: str):
    """A name that fits the source passes, in capitals too."""
    check_output_name(Path(name), probe(folder / source))


@pytest.mark.parametrize(
    ("source", "named", "suffix"),
    [
        ("v.mp4", "v.mov", ".mp4"),
        ("v.webm", "v.webm", ".mkv"),
        ("a.mp3", "a.MP3", ".mp3"),
        ("a.mp3", "a.opus", ".m4a"),
        ("a.mp3", "a.webm", ".m4a"),
    ],
)
def test_every_source_has_a_suffix_that_can_be_written(
    folder: Path, source: str, named: str, suffix: str
):
    """The finished file of any source, whatever it is called, needs no name from its user."""
    info = probe(folder / source)
    assert playable_suffix(Path(named), info) == suffix
    check_output_name(Path(f"out{suffix}"), info)


def test_every_language_has_a_tag():
    """Every language that a dub can be made into has a three-letter code."""
    assert LANGUAGES.keys() <= LANGUAGES_639_2.keys()


def test_failure_is_one_sentence(folder: Path, tmp_path: Path):
    """What ffmpeg cannot write is told in one line with its reason."""
    with pytest.raises(MediaError, match="ffmpeg cannot write") as caught:
        dub(folder / "v.webm", tmp_path / "out.mp4", folder)
    assert "\n" not in str(caught.value)
    assert str(folder / "v.webm") in str(caught.value)


def test_playlist_is_not_followed(folder: Path, tmp_path: Path):
    """A source that became a playlist after it was probed leaks no other file."""
    source = tmp_path / "x.mp4"
    shutil.copy(folder / "v.mp4", source)
    info = probe(source)
    source.write_text(f"ffconcat version 1.0\nfile '{folder / 'v.mp4'}'\n")
    sound = [np.zeros((MIX_RATE_HZ, 2), np.float32)]
    languages = {"dub_language": "ru", "original_language": "en"}
    with pytest.raises(MediaError):
        mux(source, sound, tmp_path / "o.mp4", info=info, subtitles=[], metadata={}, **languages)
    assert not (tmp_path / "o.mp4").exists()


def test_what_cannot_be_written_is_not_sent_round_in_circles(folder: Path, tmp_path: Path):
    """MKV is the way out of what MP4 cannot hold, not of what MKV cannot."""
    info = probe(folder / "v.mp4")
    told = []
    for suffix in (".mp4", ".mkv"):
        with pytest.raises(MediaError) as caught:
            mux(
                folder / "ru.srt",
                [click(3.0)],
                tmp_path / f"o{suffix}",
                info=info,
                dub_language="ru",
                original_language="en",
                subtitles=[],
                metadata={},
            )
        told.append(str(caught.value))
    assert ["ends in .mkv" in text for text in told] == [True, False]


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_full_disk(folder: Path, tmp_path: Path, name: str):
    """A full disk is the operating system's own error, and names the folder."""
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:
        dub(folder / "v.mp4", tmp_path / name, folder)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(tmp_path)


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_limit_on_the_size_of_files(folder: Path, tmp_path: Path, name: str):
    """As on a disk that takes no file as large: the operating system's own error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            dub(folder / "v.mp4", tmp_path / name, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.errno == errno.EFBIG


def test_interrupt_ends_ffmpeg(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C leaves no ffmpeg behind."""
    script, pid = tmp_path / "ffmpeg", tmp_path / "pid"
    script.write_text(f"#!/bin/sh\necho $$ > '{pid}'\nkill -INT $PPID\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(mux_module, "get_ffmpeg_exe", lambda: str(script))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            dub(folder / "v.mp4", tmp_path / "out.mp4", folder)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        _, status = os.waitpid(int(pid.read_text()), 0)
    except ChildProcessError:  # it has ended, and Python has taken note
        return
    assert os.WTERMSIG(status) == signal.SIGKILL
