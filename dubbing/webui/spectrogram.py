"""A sound's spectrogram as an image. numpy alone: it is drawn while somebody browses."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio
from dubbing.types import Audio

TOP_KHZ = ANALYSIS_RATE_HZ / 2000
WINDOW = 512  # samples at 16 kHz: 32 ms, which shows pitch and its changes
HOP = 128  # 8 ms
RANGE_DB = 70.0  # below the loudest: what is quieter is black
MAX_WIDTH = 1200  # points across; a longer sound takes the loudest of several windows
# Dark to bright with even steps of lightness, told apart without colour vision as well: eight
# colours on the way from black over violet and orange to pale yellow, the rest between them.
COLOURS = np.array(
    [
        (0, 0, 4),
        (34, 12, 74),
        (85, 15, 109),
        (136, 34, 106),
        (186, 54, 85),
        (227, 89, 51),
        (249, 140, 10),
        (252, 255, 164),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrogram:
    """A drawn spectrogram.

    Attributes:
        png: The image: time from left to right, 0 to `TOP_KHZ` from the bottom up.
        length_s: The sound's length.
    """

    png: bytes
    length_s: float


def decibels(samples: Audio) -> NDArray[np.float32]:
    """Power of the sound by frequency and time, dB below its loudest point.

    Args:
        samples: float32, shape (samples,), at 16 kHz.

    Returns:
        Shape (`WINDOW` // 2, times), lowest frequency first, -`RANGE_DB`..0.
    """
    padded = np.pad(samples, (WINDOW // 2, WINDOW // 2 + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectra = np.abs(np.fft.rfft(windows * np.hanning(WINDOW).astype(np.float32), axis=1))
    power = np.square(spectra[:, 1:]).T
    highest = max(float(power.max()), 1e-12)
    level = 10 * np.log10(np.maximum(power / highest, 10 ** (-RANGE_DB / 10)))
    return level.astype(np.float32)


def spectrogram(path: Path) -> Spectrogram:
    """The spectrogram of a short sound file.

    Raises:
        MediaError: The file cannot be read.
    """
    samples = read_audio(path, ANALYSIS_RATE_HZ)
    colours = coloured(_narrowed(decibels(samples))[::-1])
    return Spectrogram(png=png(colours), length_s=len(samples) / ANALYSIS_RATE_HZ)


def coloured(level: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels of -`RANGE_DB`..0 as RGB, shape (…, 3)."""
    at = np.linspace(-RANGE_DB, 0.0, len(COLOURS))
    channels = [np.interp(level, at, COLOURS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def png(colours: NDArray[np.uint8]) -> bytes:
    """The RGB image, shape (rows, columns, 3), as PNG (ISO/IEC 15948)."""
    rows, columns, _ = colours.shape
    unfiltered = np.pad(colours.reshape(rows, -1), ((0, 0), (1, 0)))  # filter 0 before each row
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)  # 8 bits, RGB, not interlaced
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def _narrowed(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most `MAX_WIDTH` times, each the loudest of those that it stands for."""
    if level.shape[1] <= MAX_WIDTH:
        return level
    edges = np.linspace(0, level.shape[1], MAX_WIDTH, endpoint=False).astype(int)
    narrowed: NDArray[np.float32] = np.maximum.reduceat(level, edges, axis=1)
    return narrowed
