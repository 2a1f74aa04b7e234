"""What a timeline draws of a sound track: its outline, and where it is loud without speech.

Tracks are decoded in blocks, so a long talk takes no more memory than a short one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubbing.media.audio import ANALYSIS_RATE_HZ, decode
from dubbing.media.probe import probe
from dubbing.quality.music import loud_outside_speech
from dubbing.quality.timing import FRAME_S, speech_mask
from dubbing.types import Audio, Span

COUNT = 2000  # peaks in an outline: more than a screen has points across
FULL = 100  # an outline's highest peak
MIN_MUSIC_S = 0.5  # less is a chair, a cough
MAX_PAUSE_S = 0.5  # between two sounds of one piece of music
QUIETEST = 1e-12  # of a power: -120 dBFS


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A sound file on the timeline.

    Attributes:
        path: The file.
        start_s: Where its start lies on the media's clock.
        audio_stream: Number of the track among the file's sound tracks.
    """

    path: Path
    start_s: float = 0.0
    audio_stream: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A track in numbers.

    Attributes:
        peaks: Highest magnitude of each of `COUNT` equal parts of the time, 0..`FULL`, where
            `FULL` is the track's highest.
        levels_db: RMS of each 10 ms, dBFS, shape (frames,), ≥ -120.
    """

    peaks: tuple[int, ...]
    levels_db: NDArray[np.float32]


def outline(clips: Sequence[Clip], duration_s: float) -> Outline:
    """The outline of a track.

    Args:
        clips: What it consists of: one file, or short ones with silence between.
        duration_s: Length of the whole, > 0; what goes beyond is left out.

    Raises:
        MediaError: A file cannot be read.
    """
    frames = max(1, round(duration_s / FRAME_S))
    highest, power = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    for clip in clips:
        at = round(clip.start_s / FRAME_S)
        for block in _frames(clip.path, clip.audio_stream):
            count = max(0, min(len(block), frames - at))
            there = slice(at, at + count)
            highest[there] = np.maximum(highest[there], np.abs(block[:count]).max(axis=1))
            power[there] += np.square(block[:count]).mean(axis=1)
            at += len(block)
    levels_db = (10 * np.log10(power + QUIETEST)).astype(np.float32)
    return Outline(peaks=_peaks(highest), levels_db=levels_db)


def _frames(path: Path, audio_stream: int) -> Iterator[Audio]:
    """The sound in blocks of shape (frames, samples of 10 ms); the last frame may be padded."""
    own_hz = probe(path).audio[audio_stream].sample_rate_hz
    rate_hz = own_hz if own_hz % 100 == 0 else ANALYSIS_RATE_HZ  # whole samples in 10 ms
    size = rate_hz // 100
    for block in decode(path, rate_hz=rate_hz, channels=1, audio_stream=audio_stream):
        yield np.pad(block, (0, -len(block) % size)).reshape(-1, size)


def _peaks(highest: NDArray[np.float32]) -> tuple[int, ...]:
    """The highest frame of each part, scaled."""
    edges = np.linspace(0, len(highest), COUNT, endpoint=False).astype(int)
    parts = np.maximum.reduceat(highest, edges)
    scaled = np.round(parts / max(float(parts.max()), QUIETEST) * FULL)
    return tuple(int(peak) for peak in scaled)


def music(levels_db: NDArray[np.float32], speech: Sequence[Span]) -> tuple[Span, ...]:
    """Where the track is loud and nobody speaks: music, applause, laughter.

    Args:
        levels_db: RMS of each 10 ms, dBFS, shape (frames,).
        speech: Where somebody speaks, in order.
    """
    spoken = speech_mask(speech, len(levels_db) * FRAME_S)[: len(levels_db)]
    loud = loud_outside_speech(levels_db, spoken)
    edges = np.flatnonzero(np.diff(np.pad(loud, 1).astype(np.int8)))
    found: list[list[int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        pause = spoken[found[-1][1] : start] if found else spoken
        if found and len(pause) * FRAME_S <= MAX_PAUSE_S and not pause.any():
            found[-1][1] = end
        else:
            found.append([start, end])
    spans = [Span(start_s=start * FRAME_S, end_s=end * FRAME_S) for start, end in found]
    return tuple(span for span in spans if span.duration_s >= MIN_MUSIC_S)
