"""Which base voice speaks for a speaker, and how it is brought near."""

from __future__ import annotations

import numpy as np
import pytest

from dubbing.engines.stock_voices import (
    PLAYED_ALONE,
    PLAYED_BESIDE,
    BaseVoice,
    bounded,
    nearest,
    played,
    trimmed,
)
from dubbing.types import Audio

pytestmark = pytest.mark.unit

MAN = BaseVoice(name="man", gender="male", pitch_hz=92.0, characters_per_s=13.0, pitches=(0.8, 1.9))
WOMAN = BaseVoice(
    name="woman", gender="female", pitch_hz=192.0, characters_per_s=13.0, pitches=(0.8, 1.9)
)
RECORDED = BaseVoice(name="recorded", gender="male", pitch_hz=140.0, characters_per_s=14.0)


def test_the_speakers_sex_decides_where_it_is_known():
    """A man with a woman's pitch is no woman; without a base of the sex the others are asked."""
    assert nearest("x", [MAN, WOMAN], 166.0, "male").base is MAN
    assert nearest("x", [MAN, WOMAN], 166.0, "female").base is WOMAN
    assert nearest("x", [MAN, WOMAN], 180.0).base is WOMAN
    assert nearest("x", [RECORDED], 200.0, "female").base is RECORDED


@pytest.mark.parametrize("pitch_hz", [80.0, 110.0, 150.0, 175.0])
def test_the_pitch_is_reached(pitch_hz: float):
    """By the engine for the most part, and by playing the clip faster a little."""
    voice = nearest("x", [MAN], pitch_hz)
    assert voice.base.pitch_hz * voice.pitch * voice.played == pytest.approx(pitch_hz, rel=0.01)
    assert PLAYED_BESIDE[0] <= voice.played <= PLAYED_BESIDE[1]


@pytest.mark.parametrize("pitch_hz", [60.0, 300.0])
def test_a_finished_sound_is_not_taken_too_far(pitch_hz: float):
    """Beyond three semitones naturalness falls: the rest of the way is left."""
    voice = nearest("x", [RECORDED], pitch_hz)
    assert voice.pitch == 1 and voice.played in PLAYED_ALONE


def test_an_unvoiced_prompt_has_the_first_voice_as_it_is():
    """Nothing is known, so nothing is changed."""
    voice = nearest("x", [MAN, WOMAN], None)
    assert (voice.base, voice.pitch, voice.played) == (MAN, 1.0, 1.0)


def test_played_faster_a_tone_is_higher_and_shorter():
    """By the same factor."""
    rate_hz = 24_000
    tone: Audio = np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz).astype(np.float32)
    faster = played(tone, 1.1)
    assert len(faster) == pytest.approx(rate_hz / 1.1, abs=2)
    peak = np.abs(np.fft.rfft(faster, rate_hz)).argmax()
    assert peak == pytest.approx(484, abs=2)
    assert played(tone, 1.0) is tone


def test_silence_around_a_clip_goes_and_peaks_are_bounded():
    """10 ms are kept; silence alone is nothing."""
    rate_hz = 24_000
    clip = np.concatenate([np.zeros(2400), np.full(4800, 1.5), np.zeros(2400)]).astype(np.float32)
    assert len(trimmed(clip, rate_hz)) == 4800 + 2 * 240
    assert not len(trimmed(np.zeros(2400, np.float32), rate_hz))
    assert np.abs(bounded(clip)).max() == pytest.approx(0.99)
