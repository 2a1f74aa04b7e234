"""What `probe` says of media of many kinds, and what it refuses."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.errors import MediaError
from dubbing.media.probe import AudioStream, MediaInfo, open_media, probe

pytestmark = pytest.mark.e2e

PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=24000/1001:d=3")
SOUND = ("-f", "lavfi", "-i", "sine=440:r=44100:d=3")
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")


def ffmpeg(*words: str | Path) -> None:
    """Runs the ffmpeg that comes with imageio-ffmpeg."""
    line = [get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *map(str, words)]
    subprocess.run(line, check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v.mp4, v.webm, v.mkv: 3 s of picture at 23.976 fps with 44.1 kHz mono sound."""
    made = tmp_path_factory.mktemp("media")
    ffmpeg(*PICTURE, *SOUND, *H264, "-metadata:s:a:0", "language=eng", made / "v.mp4")
    ffmpeg("-i", made / "v.mp4", "-c", "copy", made / "v.mkv")
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libopus", made / "v.webm")
    av1 = ("-c:v", "libaom-av1", "-cpu-used", "8", "-frames:v", "2", "-c:a", "libmp3lame")
    ffmpeg(*PICTURE, *SOUND, *av1, made / "av1.mkv")
    return made


def test_codecs_have_their_own_names(folder: Path):
    """Not those of the decoders, of which one codec may have several."""
    info = probe(folder / "av1.mkv")
    assert info.video is not None
    assert (info.video.codec, info.audio[0].codec) == ("av1", "mp3")


def refusal(path: Path) -> str:
    """The sentence with which a file is refused: one line that names the file."""
    with pytest.raises(MediaError) as caught:
        probe(path)
    sentence = str(caught.value)
    assert caught.value.path == path
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence


def test_video(folder: Path):
    """Every field of an MP4 is told; the rate of 23.976 is an exact fraction."""
    info = probe(folder / "v.mp4")
    assert info.audio == (
        AudioStream(
            index=1,
            codec="aac",
            sample_rate_hz=44_100,
            channels=1,
            language="eng",
            is_default=True,
        ),
    )
    assert info.video is not None
    assert info.has_video
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 160, 120)
    assert info.video.rate == Fraction(24_000, 1001)
    assert info.video.rotation_deg == 0
    assert info.duration_s == pytest.approx(3.003, abs=0.002)


def test_webm(folder: Path):
    """VP8 and Opus are recognised; a language that the file does not tell is None."""
    info = probe(folder / "v.webm")
    assert info.video is not None
    assert (info.video.codec, info.audio[0].codec) == ("vp8", "opus")
    assert info.audio[0].language is None
    assert info.duration_s == pytest.approx(3.003, abs=0.03)


@pytest.mark.parametrize("anticlockwise", [90, 180, 270])
def test_rotation(folder: Path, tmp_path: Path, anticlockwise: int):
    """A phone's upright video says how far a player turns it clockwise; its size is as stored."""
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(anticlockwise), "-i", folder / "v.mp4", "-c", "copy", turned)
    video = probe(turned).video
    assert video is not None
    assert video.rotation_deg == 360 - anticlockwise
    assert (video.width, video.height) == (160, 120)


@pytest.mark.parametrize("suffix", ["wav", "flac", "m4a", "mp3", "ogg"])
def test_sound_file(tmp_path: Path, suffix: str):
    """Sound alone has no picture, and its length without the codec's padding."""
    path = tmp_path / f"a.{suffix}"
    ffmpeg(*SOUND, path)
    info = probe(path)
    assert not info.has_video
    assert info.duration_s == pytest.approx(3.0, abs=0.001)


def test_cover_art_is_no_video(tmp_path: Path):
    """An MP3 with a cover is a sound file."""
    path = tmp_path / "a.mp3"
    cover = ("-f", "lavfi", "-i", "color=red:s=64x64:d=1")
    mapped = ("-map", "0:a", "-map", "1:v", "-frames:v", "1", "-c:v", "mjpeg")
    ffmpeg(*SOUND, *cover, *mapped, "-disposition:v", "attached_pic", path)
    with open_media(path) as container:
        assert len(container.streams.video) == 1
    assert probe(path).video is None


@pytest.mark.parametrize("suffix", ["mp3", "aac"])
def test_length_without_header(tmp_path: Path, suffix: str):
    """Where the header tells no length the packets do, not a guess from the first bit rate."""
    path = tmp_path / f"a.{suffix}"
    loud_after_silence = "aevalsrc=gt(t\\,2)*random(0):s=44100:d=20"
    words = ("-q:a", "2", "-write_xing", "0") if suffix == "mp3" else ("-q:a", "1")
    ffmpeg("-f", "lavfi", "-i", loud_after_silence, *words, path)
    assert probe(path).duration_s == pytest.approx(20.0, abs=0.08)


def test_length_of_a_recording_that_was_piped(folder: Path, tmp_path: Path):
    """A Matroska file without a length, as browsers record it, is as long as its packets."""
    path = tmp_path / "live.mkv"
    line = [get_ffmpeg_exe(), "-v", "error", "-i", str(folder / "v.mp4")]
    line += ["-c", "copy", "-f", "matroska", "-"]
    path.write_bytes(subprocess.run(line, check=True, capture_output=True).stdout)
    with open_media(path) as container:
        assert container.duration is None
    assert probe(path).duration_s == pytest.approx(3.003, abs=0.045)


def test_length_starts_with_the_first_packet(folder: Path, tmp_path: Path):
    """A Matroska file whose clock starts at 5 s is not 5 s longer."""
    path = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "5", "-i", folder / "v.mp4", "-c", "copy", path)
    assert probe(path).duration_s == pytest.approx(3.003, abs=0.03)


@pytest.mark.parametrize(("kind", "called"), [("v.mp4", "v.wav"), ("v.mkv", "v.mp4")])
def test_name_lies(folder: Path, tmp_path: Path, kind: str, called: str):
    """Contents count, not the suffix."""
    shutil.copy(folder / kind, tmp_path / called)
    assert probe(tmp_path / called) == probe(folder / kind)


@pytest.mark.parametrize("name", ["-a.mp4", "http:b.mp4", "Доклад №1.mp4", "a b%03d.mp4"])
def test_odd_names(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """Names that look like options, addresses or patterns are names of files."""
    shutil.copy(folder / "v.mp4", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert isinstance(probe(Path(name)), MediaInfo)


def test_tags_that_are_not_utf8(tmp_path: Path):
    """Old tags in another encoding do not keep a file from being read."""
    path = tmp_path / "a.wav"
    ffmpeg(*SOUND, "-metadata", "title=TITLETITLE", path)
    path.write_bytes(
        path.read_bytes().replace(b"TITLETITLE", b"\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0")
    )
    assert probe(path).duration_s == pytest.approx(3.0)


def test_no_such_file(tmp_path: Path):
    """A name that is not there is said to be so."""
    assert "no such file" in refusal(tmp_path / "nowhere.mp4")


def test_folder(tmp_path: Path):
    """A folder is no file."""
    assert "folder" in refusal(tmp_path)


def test_empty_file(tmp_path: Path):
    """A file of no bytes is said to be empty."""
    (tmp_path / "a.mp4").touch()
    assert "empty" in refusal(tmp_path / "a.mp4")


def test_not_media(tmp_path: Path):
    """A text is told which formats there are."""
    (tmp_path / "a.mp4").write_text("This is no video. " * 100)
    assert "convert it to MP4" in refusal(tmp_path / "a.mp4")


def test_no_sound(tmp_path: Path):
    """A silent film has nothing to dub."""
    ffmpeg(*PICTURE, *H264, tmp_path / "a.mp4")
    assert "no sound track" in refusal(tmp_path / "a.mp4")


def test_no_samples(tmp_path: Path):
    """A sound file with a header and no sample is empty."""
    ffmpeg("-f", "lavfi", "-i", "anullsrc", "-t", "0", tmp_path / "a.wav")
    assert "empty" in refusal(tmp_path / "a.wav")


def test_unknown_sound_codec(folder: Path, tmp_path: Path):
    """A sound track that nothing here can decode is refused before work starts."""
    path = tmp_path / "a.mp4"
    path.write_bytes(
        (folder / "v.mp4").read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"free")
    )
    assert "sound track" in refusal(path)


def test_damaged_sound(tmp_path: Path):
    """A sound track of which no frame can be decoded is refused."""
    path = tmp_path / "a.m4a"
    ffmpeg(*SOUND, path)
    content = bytearray(path.read_bytes())
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content[start:end] = b"\xff" * (end - start)
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_absurd_picture(tmp_path: Path):
    """A small file that claims a picture of 16000 x 16000 is refused."""
    path = tmp_path / "a.avi"
    picture = ("-f", "lavfi", "-i", "color=s=16000x16000:r=1:d=1")
    ffmpeg(*picture, *SOUND, "-frames:v", "1", "-c:v", "mjpeg", path)
    assert "8K" in refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{target}'\n",
    ],
    ids=["hls", "ffconcat"],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_playlist_in_disguise(folder: Path, tmp_path: Path, text: str, scheme: str):
    """A playlist called a video opens neither a neighbour nor a `file:///` address."""
    shutil.copy(folder / "v.mp4", tmp_path / "secret.mp4")
    target = "secret.mp4" if not scheme else f"{scheme}{tmp_path / 'secret.mp4'}"
    (tmp_path / "x.mp4").write_text(text.format(target=target))
    assert "not a video or sound file" in refusal(tmp_path / "x.mp4")
