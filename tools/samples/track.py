"""The sound of a sample, and the times of everything that is heard in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from samples.plan import Sample
from samples.scripts import SPEAKERS, Line
from samples.sound import (
    Sound,
    add,
    applause,
    gain_curve,
    music,
    room,
    storm_wave,
    to_rms,
)
from samples.voice import RATE_HZ, say

SEED = 1911
SPEECH_LUFS = -22.5
MUSIC_DB = -18.0
DUCKED_DB = -16.0  # under the first sentence the music is that much softer than before it
WAVE_DB = -22.0
APPLAUSE_DB = -22.0
Marks = dict[str, list[list[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A spoken sentence.

    Attributes:
        line: The text.
        start_s: Second of its first sound.
        end_s: Second of its last one.
        sound: float32 mono at 48 kHz.
    """

    line: Line
    start_s: float
    end_s: float
    sound: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A finished sound track.

    Attributes:
        sound: (samples, 2), 48 kHz.
        sentences: In order.
        marks: What else is heard: its name → spans in seconds.
    """

    sound: Sound
    sentences: tuple[Said, ...]
    marks: Marks

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.sound) / RATE_HZ

    def openness(self, speaker: str, time_s: float) -> float:
        """How wide the speaker's mouth is open, 0–1: follows the loudness around that time."""
        for said in self.sentences:
            if said.line.speaker == speaker and said.start_s <= time_s < said.end_s:
                middle = round((time_s - said.start_s) * RATE_HZ)
                near = said.sound[max(0, middle - 1500) : middle + 1500]
                return float(min(1.0, np.sqrt(np.mean(near**2)) / 0.16))
        return 0.0


def record(sample: Sample) -> Track:
    """The sound track of a sample, always the same."""
    sentences = _levelled(_spoken(sample))
    duration_s = sentences[-1].end_s + sample.tail_s
    rng = np.random.default_rng(SEED)
    sound = room(rng, duration_s, sample.room_db)
    for said in sentences:
        add(sound, said.sound, said.start_s)
    marks: Marks = {"music": [], "applause": [], "noise": []}
    if sample.music:
        marks["music"] += [_add_music(sound, rng, sentences[0])]
    if sample.wave_after is not None:
        around = sentences[sample.wave_after : sample.wave_after + 2]
        marks["noise"] += [_add_wave(sound, rng, around[0].end_s, around[1].start_s)]
    if sample.applause_s:
        span = [duration_s - sample.applause_s - 0.2, duration_s - 0.2]
        add(sound, to_rms(applause(rng, sample.applause_s), APPLAUSE_DB), span[0])
        marks["applause"] += [[round(time_s, 3) for time_s in span]]
    return Track(sound=sound, sentences=sentences, marks=marks)


def _spoken(sample: Sample) -> tuple[Said, ...]:
    """The sentences one after the other, each starting on a whole millisecond."""
    spoken: list[Said] = []
    start_s = sample.lead_s
    for line in sample.lines:
        sound = say(line.en, SPEAKERS[line.speaker].voice, line.speed)
        end_s = round(start_s + len(sound) / RATE_HZ, 3)
        spoken.append(Said(line=line, start_s=start_s, end_s=end_s, sound=sound))
        start_s = round(end_s + line.pause_s, 3)
    return tuple(spoken)


def _levelled(spoken: tuple[Said, ...]) -> tuple[Said, ...]:
    """The sentences with every speaker at the same loudness."""
    meter = pyloudnorm.Meter(RATE_HZ)
    gains = {}
    for speaker in dict.fromkeys(said.line.speaker for said in spoken):
        heard = np.concatenate([said.sound for said in spoken if said.line.speaker == speaker])
        # A mono voice on both channels of a stereo file counts 3 dB louder.
        both = np.column_stack([heard, heard]).astype(np.float64)
        gains[speaker] = 10 ** ((SPEECH_LUFS - meter.integrated_loudness(both)) / 20)
    return tuple(
        replace(said, sound=(said.sound * gains[said.line.speaker]).astype(np.float32))
        for said in spoken
    )


def _add_music(sound: Sound, rng: np.random.Generator, first: Said) -> list[float]:
    """Music from the start on: loud up to the first sentence, soft under it, then gone."""
    end_s = first.end_s + 1.2
    points = (
        (0, -30),
        (0.3, 0),
        (first.start_s - 0.5, 0),
        (first.start_s - 0.05, DUCKED_DB),
        (first.end_s - 0.3, DUCKED_DB),
        (end_s, -60),
    )
    played = to_rms(music(rng, end_s), MUSIC_DB)
    add(sound, played * gain_curve(end_s, *points)[: len(played)], 0)
    return [0.0, round(end_s, 3)]


def _add_wave(
    sound: Sound, rng: np.random.Generator, after_s: float, before_s: float
) -> list[float]:
    """Fills a pause but for a little at both its ends."""
    span = [round(after_s + 0.4, 3), round(before_s - 0.4, 3)]
    add(sound, to_rms(storm_wave(rng, span[1] - span[0]), WAVE_DB), span[0])
    return span
