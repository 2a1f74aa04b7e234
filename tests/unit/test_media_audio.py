"""Sound is decoded on the media's clock, in equal blocks, at its true level; WAVs are exact."""

from __future__ import annotations

import errno
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.errors import MediaError
from dubbing.media import audio
from dubbing.media.audio import decode, read_audio, resample, write_wav
from dubbing.media.probe import probe
from dubbing.types import Audio

pytestmark = pytest.mark.e2e

PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=3")
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
RATE_HZ = 48_000


def ffmpeg(*words: str | Path) -> None:
    """Runs the ffmpeg that comes with imageio-ffmpeg."""
    line = [get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *map(str, words)]
    subprocess.run(line, check=True)


def click_s(samples: Audio, rate_hz: int) -> float:
    """Where the loudest sample lies."""
    return float(np.abs(samples).argmax()) / rate_hz


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """click.wav: 3 s of silence with a click at 1 s; v.mp4 with it as AAC; tone.wav at -6 dB."""
    made = tmp_path_factory.mktemp("sound")
    click = np.zeros(3 * RATE_HZ, np.float32)
    click[RATE_HZ : RATE_HZ + 24] = 0.9
    write_wav(made / "click.wav", click, RATE_HZ)
    ffmpeg(*PICTURE, "-i", made / "click.wav", *H264, "-c:a", "aac", made / "v.mp4")
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)
    write_wav(made / "tone.wav", tone.astype(np.float32), RATE_HZ)
    return made


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_blocks(folder: Path, channels: int, rate_hz: int):
    """Blocks are float32 of the shape and size asked for, the last may be shorter, and together
    they are as long as the media.
    """
    blocks = list(decode(folder / "v.mp4", rate_hz=rate_hz, channels=channels, block_s=0.7))
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    assert {block.shape[1:] for block in blocks} == {() if channels == 1 else (2,)}
    size = round(0.7 * rate_hz)
    assert [len(block) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    total = sum(len(block) for block in blocks)
    assert total == round(probe(folder / "v.mp4").duration_s * rate_hz)


def test_block_size_does_not_change_the_sound(folder: Path):
    """However it is cut, the sound is the same, sample by sample."""
    fine = list(decode(folder / "v.mp4", rate_hz=16_000, channels=1, block_s=0.01))
    coarse = list(decode(folder / "v.mp4", rate_hz=16_000, channels=1, block_s=10))
    assert len(coarse) == 1
    np.testing.assert_array_equal(np.concatenate(fine), coarse[0])


@pytest.mark.parametrize("suffix", ["wav", "flac", "m4a", "mp3", "ogg", "mp4"])
@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_clock(folder: Path, tmp_path: Path, suffix: str, rate_hz: int):
    """A click at 1 s is heard at 1 s whatever the codec's delay and the rate."""
    path = folder / "v.mp4" if suffix == "mp4" else tmp_path / f"a.{suffix}"
    if suffix != "mp4":
        ffmpeg("-i", folder / "click.wav", path)
    assert click_s(read_audio(path, rate_hz), rate_hz) == pytest.approx(1.0, abs=0.003)


@pytest.mark.parametrize("delay_s", [0.03, 0.5])
def test_late_sound(folder: Path, tmp_path: Path, delay_s: float):
    """Sound that starts after the picture is preceded by zeros, however short the delay."""
    path = tmp_path / "late.mkv"
    sound = ("-itsoffset", str(delay_s), "-i", folder / "click.wav")
    ffmpeg("-i", folder / "v.mp4", *sound, "-map", "0:v", "-map", "1:a", "-c:v", "copy", path)
    samples = read_audio(path, RATE_HZ)
    assert click_s(samples, RATE_HZ) == pytest.approx(1 + delay_s, abs=0.005)
    assert not samples[: round((delay_s - 0.022) * RATE_HZ)].any()


def test_early_sound(folder: Path, tmp_path: Path):
    """Where the sound starts first the clock starts with it: the picture is late, the click not."""
    path = tmp_path / "early.mkv"
    sound = ("-i", folder / "click.wav", "-c:v", "copy", "-c:a", "pcm_s16le")
    ffmpeg("-itsoffset", "0.5", "-i", folder / "v.mp4", *sound, "-map", "0:v", "-map", "1:a", path)
    assert click_s(read_audio(path, RATE_HZ), RATE_HZ) == pytest.approx(1.0, abs=0.003)
    assert len(read_audio(path, RATE_HZ)) == pytest.approx(3.5 * RATE_HZ, abs=0.01 * RATE_HZ)


def test_sound_before_the_start_is_trimmed():
    """Samples from before the media's start are left out, those after keep their place."""
    early = np.arange(100, dtype=np.float32)[:, None]
    frames = [(-150, early), (-50, early), (50, early)]
    heard = np.concatenate(list(audio._on_clock(iter(frames), 1000, 1)))
    np.testing.assert_array_equal(heard, np.concatenate([early[50:], early]))


def test_gap_is_silence(folder: Path, tmp_path: Path):
    """A hole of 1 s in the timestamps is 1 s of zeros: what follows keeps its time."""
    path = tmp_path / "gap.mkv"
    picture = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=4")
    hole = ("-af", "asetpts=PTS+gte(T\\,0.5)/TB", "-c:a", "pcm_s16le")
    ffmpeg(*picture, "-i", folder / "click.wav", "-map", "0", "-map", "1", *H264, *hole, path)
    samples = read_audio(path, RATE_HZ)
    assert click_s(samples, RATE_HZ) == pytest.approx(2.0, abs=0.005)
    assert len(samples) == pytest.approx(4 * RATE_HZ, abs=0.05 * RATE_HZ)


def test_jitter_is_not_a_gap():
    """Timestamps that are off by less than 50 ms put no zeros between samples."""
    ones = np.ones((100, 1), np.float32)
    heard = np.concatenate(list(audio._on_clock(iter([(0, ones), (140, ones)]), 1000, 1)))
    np.testing.assert_array_equal(heard, np.ones((200, 1)))


def test_short_sound_is_padded(folder: Path, tmp_path: Path):
    """Sound that ends before the picture is followed by zeros."""
    path = tmp_path / "short.mp4"
    ffmpeg("-i", folder / "v.mp4", "-t", "1.5", "-i", folder / "click.wav", "-map", "0:v",
           "-map", "1:a", "-c:v", "copy", path)  # fmt: skip
    samples = read_audio(path, 16_000)
    assert len(samples) == 48_000
    assert not samples[26_000:].any()


def test_stereo_to_mono_is_the_mean(folder: Path, tmp_path: Path):
    """Left and right count half each: a tone on both keeps its level, on one it is halved."""
    tone = read_audio(folder / "tone.wav", RATE_HZ)
    silence = np.zeros_like(tone)
    write_wav(tmp_path / "both.wav", np.stack([tone, tone], axis=1), RATE_HZ)
    write_wav(tmp_path / "left.wav", np.stack([tone, silence], axis=1), RATE_HZ)
    np.testing.assert_allclose(read_audio(tmp_path / "both.wav", RATE_HZ), tone, atol=1e-4)
    np.testing.assert_allclose(read_audio(tmp_path / "left.wav", RATE_HZ), tone / 2, atol=1e-4)


def test_mono_to_stereo_is_twice_the_same(folder: Path):
    """Both channels carry the mono sound at its own level."""
    stereo = read_audio(folder / "tone.wav", RATE_HZ, channels=2)
    np.testing.assert_array_equal(stereo[:, 0], stereo[:, 1])
    np.testing.assert_array_equal(stereo[:, 0], read_audio(folder / "tone.wav", RATE_HZ))


def test_surround(tmp_path: Path):
    """Of 5.1 the centre is heard on both sides, front left only left, the bass channel not at
    all; all channels at full scale do not go beyond it.
    """
    one = "0.9*sin(440*2*PI*t)"
    parts = {"centre": [0, 0, one, 0, 0, 0], "left": [one, 0, 0, 0, 0, 0]}
    parts |= {"bass": [0, 0, 0, one, 0, 0], "all": ["0.999"] * 6}
    for name, channels in parts.items():
        source = f"aevalsrc={'|'.join(map(str, channels))}:c=5.1:s=48000:d=0.5"
        ffmpeg("-f", "lavfi", "-i", source, tmp_path / f"{name}.flac")
    level = {
        name: np.abs(read_audio(tmp_path / f"{name}.flac", RATE_HZ, channels=2)).max(axis=0)
        for name in parts
    }
    assert level["centre"][0] == level["centre"][1] > 0.2
    assert level["left"][0] > 0.3
    assert level["left"][1] == 0
    assert not level["bass"].any()
    np.testing.assert_allclose(level["all"], 0.999, atol=1e-3)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_f64le"])
def test_sample_formats(folder: Path, tmp_path: Path, codec: str):
    """Every sample format is read at the same level, within its own resolution."""
    ffmpeg("-i", folder / "tone.wav", "-c:a", codec, tmp_path / "a.wav")
    tone, _ = soundfile.read(folder / "tone.wav", dtype="float32")
    error = 1 / 64 if codec == "pcm_u8" else 1 / 32_000
    np.testing.assert_allclose(read_audio(tmp_path / "a.wav", RATE_HZ), tone, atol=error)


def test_second_track(folder: Path, tmp_path: Path):
    """The track asked for is decoded; one that is not there is an error that names the last."""
    path = tmp_path / "two.mp4"
    mapped = ("-map", "0:a", "-map", "1:a", "-map", "2:v", *H264)
    ffmpeg("-i", folder / "click.wav", "-i", folder / "tone.wav", *PICTURE, *mapped, path)
    first, second = (
        np.concatenate(list(decode(path, rate_hz=RATE_HZ, channels=1, audio_stream=i)))
        for i in (0, 1)
    )
    assert np.abs(first[:40_000]).max() < 0.01
    assert np.abs(second[:40_000]).max() == pytest.approx(0.5, abs=0.05)
    with pytest.raises(MediaError, match="no sound track 2; the last one is 1"):
        next(decode(path, rate_hz=RATE_HZ, channels=1, audio_stream=2))


def test_damage_in_the_middle_keeps_time(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Packets that cannot be decoded become silence, and are told of; the sound after them keeps
    its place.
    """
    path = tmp_path / "a.mp4"
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 3 * RATE_HZ).astype(np.float32)
    noise[2 * RATE_HZ] = 0.9
    write_wav(tmp_path / "a.wav", noise, RATE_HZ)
    ffmpeg("-i", tmp_path / "a.wav", "-c:a", "flac", path)
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 30_000] = b"\x00" * 30_000
    path.write_bytes(content)
    samples = read_audio(path, RATE_HZ)
    assert click_s(samples, RATE_HZ) == pytest.approx(2.0, abs=0.005)
    assert not samples[round(1.1 * RATE_HZ) : round(1.15 * RATE_HZ)].any()
    assert "damaged" in caplog.text


def test_memory_is_bounded(tmp_path: Path):
    """Ten minutes are decoded in a small part of the memory that they take as a whole."""
    path = tmp_path / "long.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=r=16000:d=600", path)
    tracemalloc.start()
    try:
        total = sum(len(b) for b in decode(path, rate_hz=16_000, channels=1))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 600 * 16_000
    assert peak < total * 4 / 10


def test_hours_of_nothing_are_not_held_at_once():
    """A hole of ten hours comes in pieces of a second."""
    one = np.ones((1, 1), np.float32)
    pieces = audio._on_clock(iter([(0, one), (36_000 * 1000, one)]), 1000, 1)
    assert max(len(next(pieces)) for _ in range(100)) == 1000


def test_first_block_before_the_file_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A block is given as soon as it is decoded."""
    seen: list[object] = []
    frames = audio.decoded_frames

    def counted(*arguments):
        for frame in frames(*arguments):
            seen.append(frame.pts)
            yield frame

    monkeypatch.setattr(audio, "decoded_frames", counted)
    blocks = decode(folder / "v.mp4", rate_hz=RATE_HZ, channels=1, block_s=0.1)
    next(blocks)
    early = len(seen)
    list(blocks)
    assert 0 < early < len(seen) / 5


def test_wav_is_exact_and_repeatable(tmp_path: Path):
    """A 16-bit WAV that is read and written again has the same samples and bytes."""
    source = np.random.default_rng(0).integers(-32_768, 32_768, (1000, 2), np.int16)
    soundfile.write(tmp_path / "a.wav", source, RATE_HZ)
    write_wav(tmp_path / "b.wav", read_audio(tmp_path / "a.wav", RATE_HZ, channels=2), RATE_HZ)
    written, rate_hz = soundfile.read(tmp_path / "b.wav", dtype="int16")
    np.testing.assert_array_equal(written, source)
    assert rate_hz == RATE_HZ
    assert soundfile.info(tmp_path / "b.wav").subtype == "PCM_16"
    write_wav(tmp_path / "c", read_audio(tmp_path / "b.wav", RATE_HZ, channels=2), RATE_HZ)
    assert (tmp_path / "c").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize("rate_hz", [24_000, 16_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_wav_is_read_as_any_sound(tmp_path: Path, subtype: str, channels: int, rate_hz: int):
    """Quickly where it is one of ours, and to the same samples as by the long way."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (24_000, channels)).astype(np.float32)
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, 24_000, subtype)
    for wanted in (1, 2):
        found = read_audio(path, rate_hz, channels=wanted)
        exact = np.concatenate(list(decode(path, rate_hz=rate_hz, channels=wanted)))
        assert found.dtype == exact.dtype and np.array_equal(found, exact)


def test_damaged_wav_is_one_sentence(tmp_path: Path):
    """Half a header is told as for any file."""
    path = tmp_path / "half.wav"
    write_wav(path, np.zeros(100, np.float32), 24_000)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(MediaError):
        read_audio(path, 24_000)


def test_wav_clips(tmp_path: Path):
    """Too loud is full scale of the same sign, and what is no number is silence."""
    samples = np.array([0, 1, 2, -1, -2, np.nan, np.inf, -np.inf], np.float32)
    write_wav(tmp_path / "a.wav", samples, 16_000)
    written, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    top, bottom = 32_767, -32_768
    assert written.tolist() == [0, top, top, bottom, bottom, 0, top, bottom]


def test_wav_on_a_full_disk():
    """A full disk is the operating system's own error."""
    with pytest.raises(OSError, match="No space") as caught:
        write_wav(Path("/dev/full"), np.zeros(100_000, np.float32), 16_000)
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("shape", [(16_000,), (16_000, 2)])
def test_resample(shape: tuple[int, ...]):
    """A second stays a second, float32, with its channels and its level."""
    tone = np.sin(2 * np.pi * 100 * np.arange(16_000) / 16_000).astype(np.float32)
    samples = np.broadcast_to(tone if len(shape) == 1 else tone[:, None], shape).copy()
    made = resample(samples, 16_000, 48_000)
    assert made.shape == (48_000, *shape[1:])
    assert made.dtype == np.float32
    assert np.abs(made[5000:-5000]).max() == pytest.approx(1.0, abs=0.01)


def test_read_audio_of_a_missing_file(tmp_path: Path):
    """A clip that is not there is an error that names it."""
    with pytest.raises(MediaError, match=r"gone\.wav"):
        read_audio(tmp_path / "gone.wav", 16_000)
