"""Small files that claim absurd streams are refused before they cost memory or time."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.errors import CancelledError, MediaError
from dubbing.flow import Cancel
from dubbing.flow.cancel import working_for
from dubbing.media.audio import decode, write_wav
from dubbing.media.probe import probe

pytestmark = pytest.mark.e2e

BLOCK = 65_535


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    value, top = 0, 1 << (bits - 1)
    for byte in content:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & ((1 << bits) - 1)
    return value


def _flac_frame(number: int, rate_hz: int) -> bytes:
    """A frame of one constant value, with its rate in Hz (RFC 9639, 9.1)."""
    header = bytes([0xFF, 0xF8, 0x7D, 0x08, number]) + struct.pack(">HH", BLOCK - 1, rate_hz)
    header += bytes([_crc(header, 8, 0x07)])
    frame = header + b"\x00\x00\x10"  # a constant subframe
    return frame + struct.pack(">H", _crc(frame, 16, 0x8005))


def write_flac(path: Path, rates_hz: list[int]) -> None:
    """A FLAC file whose header says 48 kHz, and whose frames have these rates."""
    total = BLOCK * len(rates_hz)
    info = struct.pack(">HH", BLOCK, BLOCK) + bytes(6)
    info += struct.pack(">Q", 48_000 << 44 | 15 << 36 | total) + bytes(16)
    frames = b"".join(_flac_frame(n, hertz) for n, hertz in enumerate(rates_hz))
    path.write_bytes(b"fLaC\x80\x00\x00\x22" + info + frames)


def refusal(path: Path) -> str:
    """The sentence with which a file is refused when it is looked at."""
    with pytest.raises(MediaError) as caught:
        probe(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("at", [0, 1, 10])
def test_a_frame_of_one_hertz(tmp_path: Path, at: int):
    """A few hundred bytes would become gigabytes when they are resampled to the header's rate."""
    write_flac(tmp_path / "a.flac", [48_000] * at + [1] * 10)
    assert "1 samples a second" in refusal(tmp_path / "a.flac")


def test_a_change_of_rate(tmp_path: Path):
    """Small ones are played on, also later in the file; a large one ends the decoding."""
    write_flac(tmp_path / "fine.flac", [48_000, 44_100, 24_000])
    assert len(list(decode(tmp_path / "fine.flac", rate_hz=16_000, channels=1))) == 5
    write_flac(tmp_path / "late.flac", [48_000] * 30 + [8_000])
    with pytest.raises(MediaError, match="changes from 48000 to 8000"):
        list(decode(tmp_path / "late.flac", rate_hz=16_000, channels=1))


@pytest.mark.parametrize("hertz", [2e9, 500_000, 3_999, 10])
def test_rates_that_no_sound_has(tmp_path: Path, hertz: float):
    """PCM in Matroska, whose header claims such a rate."""
    path = tmp_path / "a.mkv"
    words = ["-f", "lavfi", "-i", "sine=r=48000:d=0.5", "-c:a", "pcm_s16le", str(path)]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-y", *words], check=True)
    key = b"\xb5\x88"  # SamplingFrequency
    content = path.read_bytes()
    assert content.count(key + struct.pack(">d", 48_000)) == 1
    path.write_bytes(
        content.replace(key + struct.pack(">d", 48_000), key + struct.pack(">d", hertz))
    )
    assert f"{hertz:.0f} samples a second" in refusal(path)


@pytest.mark.parametrize(("count", "says"), [(65, "more than 64 tracks"), (64, "")])
def test_tracks(tmp_path: Path, count: int, says: str):
    """More than 64 tracks are refused."""
    path = tmp_path / "a.mkv"
    maps = ["-map", "0:a"] * count
    words = ["-f", "lavfi", "-i", "sine=r=8000:d=0.1", *maps, "-c:a", "pcm_s16le", str(path)]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-y", *words], check=True)
    if says:
        assert says in refusal(path)
    else:
        assert len(probe(path).audio) == count


def test_channels(tmp_path: Path):
    """More than 32 channels are refused."""
    write_wav(tmp_path / "32.wav", np.zeros((800, 32), np.float32), 8_000)
    write_wav(tmp_path / "33.wav", np.zeros((800, 33), np.float32), 8_000)
    assert probe(tmp_path / "32.wav").audio[0].channels == 32
    assert "33 channels" in refusal(tmp_path / "33.wav")


class Later(Cancel):
    """Is set when it is looked at for the hundredth time."""

    looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks == 100:
            self.cancel()
        super().check()


def test_cancel_inside_decoding(tmp_path: Path):
    """A file that comes as one block is left in the middle; what is cancelled is not looked at."""
    write_wav(tmp_path / "a.wav", np.zeros(1_000_000, np.float32), 8_000)
    cancel = Later()
    with working_for(cancel):
        with pytest.raises(CancelledError):
            next(decode(tmp_path / "a.wav", rate_hz=8_000, channels=1, block_s=1e3))
        with pytest.raises(CancelledError):
            probe(tmp_path / "a.wav")
