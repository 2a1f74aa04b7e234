"""What is heard in a sound track, in one pass over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dubbing.engines import distillmos, dnsmos
from dubbing.engines.base import SpeakerEncoder, SpeechDetector, Transcriber
from dubbing.flow.shared import shared
from dubbing.media.audio import ANALYSIS_RATE_HZ, MIX_RATE_HZ, decode, heard_at, resample
from dubbing.media.clips import cut_clips
from dubbing.media.levels import loudness_lufs
from dubbing.media.probe import MediaInfo, probe
from dubbing.memory import give_back
from dubbing.quality.sound import true_peak_dbtp
from dubbing.quality.voice import Vector
from dubbing.stages.segment import LevelMeter, speech_spans
from dubbing.types import Audio, Span

RATE_HZ = 24_000  # for loudness and voice: whole speech is below 12 kHz
MIN_EMBEDDING_S = 1.0
MOST_JUDGED = 100  # segments: their mean or median is settled by then
RECOGNISED_TOGETHER = 2  # clips: 460 MB at most, with eight 980, in the same time

Voices = Sequence[tuple[float, Vector | None]]
"""Loudness in LUFS and speaker vector of each span; None where it is too short for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Something to be found in a track.

    Attributes:
        rate_hz: What it wants to hear the track at.
        channels: And in how many channels.
        find: Takes the track in blocks.
    """

    rate_hz: int
    channels: Literal[1, 2]
    find: Callable[[Iterator[Audio]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One sound track of a file.

    Attributes:
        path: The file.
        stream: Number of the track among the file's sound tracks.
    """

    path: Path
    stream: int

    def hear(self, wanted: Sequence[Hearing]) -> list[Any]:
        """What is found in it, in one pass for all: of three hours an open file takes up to 75 MB,
        for the index of its packets.
        """
        info = probe(self.path)
        own_hz = info.audio[self.stream].sample_rate_hz
        finding = [partial(_find, one, info, own_hz) for one in wanted]
        found = shared(
            decode(self.path, rate_hz=own_hz, channels=2, audio_stream=self.stream), finding
        )
        give_back()
        return found


def _find(wanted: Hearing, info: MediaInfo, own_hz: int, whole: Iterator[Audio]) -> object:
    rate_hz, channels = wanted.rate_hz, wanted.channels
    return wanted.find(heard_at(whole, own_hz, rate_hz, channels, info.duration_s))


def speech(detector: SpeechDetector, end_s: float) -> Hearing:
    """Finds speech, and the level of every 10 ms in dBFS, shape (frames,)."""

    def find(blocks: Iterator[Audio]) -> tuple[list[Span], NDArray[np.float32]]:
        meter = LevelMeter(ANALYSIS_RATE_HZ)
        found = detector.detect(meter.listen(blocks))
        return speech_spans(found, meter.levels_db, end_s), meter.levels_db

    return Hearing(rate_hz=ANALYSIS_RATE_HZ, channels=1, find=find)


def levels() -> Hearing:
    """Finds the level of every 10 ms in dBFS, shape (frames,)."""

    def find(blocks: Iterator[Audio]) -> NDArray[np.float32]:
        meter = LevelMeter(ANALYSIS_RATE_HZ)
        for block in blocks:
            meter.note(block)
        return meter.levels_db

    return Hearing(rate_hz=ANALYSIS_RATE_HZ, channels=1, find=find)


def voices(spans: Sequence[Span], encoder: SpeakerEncoder) -> Hearing:
    """Finds loudness and voice of each span; see `Voices`."""

    def find(blocks: Iterator[Audio]) -> Voices:
        clips = cut_clips(blocks, spans, RATE_HZ)
        return [(loudness_lufs(clip, RATE_HZ), _vector(encoder, clip)) for clip in clips]

    return Hearing(rate_hz=RATE_HZ, channels=1, find=find)


def judged(spans: Sequence[Span], encoder: SpeakerEncoder) -> Hearing:
    """Finds the voice of up to `MOST_JUDGED` of the spans, spread over all: a vector for each span,
    None where it is too short or not among them.
    """
    step = _step(spans)

    def find(blocks: Iterator[Audio]) -> list[Vector | None]:
        clips = cut_clips(blocks, spans[::step], encoder.info.sample_rate_hz)
        found: list[Vector | None] = [None] * len(spans)
        for number, clip in enumerate(clips):
            if len(clip) >= MIN_EMBEDDING_S * encoder.info.sample_rate_hz:
                found[number * step] = encoder.embed([clip])[0]
        return found

    return Hearing(rate_hz=encoder.info.sample_rate_hz, channels=1, find=find)


def natural(spans: Sequence[Span], judge: distillmos.DistillMos) -> Hearing:
    """Finds the naturalness of up to `MOST_JUDGED` of the spans, spread over all: a score 1..5 for
    each span, None where it is too short, silent or not among them.
    """
    step = _step(spans)

    def find(blocks: Iterator[Audio]) -> list[float | None]:
        clips = cut_clips(blocks, spans[::step], distillmos.SOURCE_HZ)
        found: list[float | None] = [None] * len(spans)
        for number, clip in enumerate(clips):
            if len(clip) >= distillmos.MIN_S * distillmos.SOURCE_HZ and clip.any():
                found[number * step] = judge.naturalness(distillmos.resampled(clip))
        return found

    return Hearing(rate_hz=distillmos.SOURCE_HZ, channels=1, find=find)


def _step(spans: Sequence[Span]) -> int:
    return max(1, -(-len(spans) // MOST_JUDGED))


def recognised(spans: Sequence[Span], recogniser: Transcriber, language: str) -> Hearing:
    """Finds the words of each span, as one text each; a few clips are held at a time."""

    def find(blocks: Iterator[Audio]) -> list[str]:
        clips = cut_clips(blocks, spans, recogniser.info.sample_rate_hz)
        found: list[str] = []
        while some := list(islice(clips, RECOGNISED_TOGETHER)):
            found += [t.text for t in recogniser.transcribe(some, language=language)]
        return found

    return Hearing(rate_hz=recogniser.info.sample_rate_hz, channels=1, find=find)


def excerpts(spans: Sequence[Span]) -> Hearing:
    """Finds the sound of some stretches, as DNSMOS takes it; see `sample_windows`."""

    def find(blocks: Iterator[Audio]) -> list[Audio]:
        return list(cut_clips(blocks, spans, dnsmos.RATE_HZ))

    return Hearing(rate_hz=dnsmos.RATE_HZ, channels=1, find=find)


def true_peak() -> Hearing:
    """Finds the true peak in dBTP."""
    return Hearing(rate_hz=MIX_RATE_HZ, channels=2, find=true_peak_dbtp)


def _vector(encoder: SpeakerEncoder, clip: Audio) -> Vector | None:
    if len(clip) < MIN_EMBEDDING_S * RATE_HZ:
        return None
    return encoder.embed([resample(clip, RATE_HZ, encoder.info.sample_rate_hz)])[0]
