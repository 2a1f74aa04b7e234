"""The vocoder's mapping on vowels made of sines, where the right answer is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dubbing.engines.matching import VoiceMatcher
from dubbing.engines.matching_file import packed, unpacked
from dubbing.engines.matching_speaker import sound_of
from dubbing.engines.matching_vocoder import (
    ORDER,
    PITCH_FLOOR_HZ,
    QUICK,
    RATE_HZ,
    Floats,
    analyse,
    coded,
    pitch_and_envelope,
    trimmed,
    warped,
)
from dubbing.engines.matching_voice import (
    SHAPES,
    MatchedVoice,
    Timbre,
    mapped_pitch,
    matched,
    shapes,
    timbre,
)
from dubbing.errors import EngineError, InputError
from dubbing.types import Audio, Speech, VoicePrompt

pytestmark = pytest.mark.unit


def _vowel(f0_hz: float, formant_hz: float, seconds: float = 1.0) -> Audio:
    """Harmonics under one broad resonance, with a little vibrato."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * f0_hz * t + 0.5 * np.sin(2 * np.pi * 5 * t)
    numbers = np.arange(1, int(8000 / f0_hz))
    weights = 0.02 + np.exp(-(((numbers * f0_hz - formant_hz) / 400) ** 2))
    sound = (weights[:, None] * np.sin(numbers[:, None] * phase)).sum(axis=0)
    return np.float32(0.5 * sound / np.abs(sound).max())


def _timbre(pitch_hz: float, spread: float = 0.1) -> Timbre:
    flat = np.zeros(ORDER)
    return Timbre(mean=flat, spread=flat + 1, pitch=np.log(pitch_hz), pitch_spread=spread)


def _voice(source_hz: float, target_hz: float) -> MatchedVoice:
    return MatchedVoice(
        engine="test",
        base="vowel",
        warp=1.0,
        mapping="mean",
        source=_timbre(source_hz),
        target=_timbre(target_hz),
        equaliser=np.zeros((1 + SHAPES, 40), np.float32),
        characters_per_s=14.0,
        similarity=0.5,
        naturalness=3.0,
        base_naturalness=3.1,
    )


@pytest.mark.parametrize(("warp", "expected_hz"), [(0.8, 1500), (1.0, 1200), (1.25, 960)])
def test_warp_moves_a_formant_to_its_frequency_over_warp(warp: float, expected_hz: float) -> None:
    """Below 1 the formants move up, above 1 down."""
    bins = np.linspace(0, RATE_HZ / 2, 513)
    envelope = np.exp(-(((bins - 1200) / 300) ** 2))[None] + 1e-6
    moved = warped(envelope, warp)
    assert moved.shape == envelope.shape
    assert bins[moved[0].argmax()] == pytest.approx(expected_hz, abs=25)


@pytest.mark.parametrize("target_hz", [90.0, 240.0])
def test_pitch_reaches_the_target(target_hz: float) -> None:
    """The sound that comes out has the speaker's pitch and the base clip's length."""
    clip = _vowel(140, 1000)
    out = matched(analyse(clip), _voice(140, target_hz))
    f0 = analyse(out).f0
    assert np.median(f0[f0 > 0]) == pytest.approx(target_hz, rel=0.03)
    assert len(out) == pytest.approx(len(clip), abs=0.01 * RATE_HZ)


@pytest.mark.parametrize("f0_hz", [90.0, 140.0, 230.0, 400.0])
def test_pitch_is_the_same_in_every_fourth_sample(f0_hz: float) -> None:
    """Where DIO hears fewer samples, it hears the same melody."""
    clip = _vowel(f0_hz, 700)
    whole, fewer = analyse(clip).f0, analyse(clip, QUICK).f0
    both = (whole > 0) & (fewer > 0)
    assert both.sum() > 0.9 * (whole > 0).sum()
    apart = np.abs(fewer[both] / whole[both] - 1)
    assert np.quantile(apart, 0.95) < 0.01  # all but the ends


def test_pitch_spread_is_bounded_and_silence_stays() -> None:
    """A wild prompt does not make a wild voice; voiceless frames have no pitch."""
    source, target = _timbre(120, 0.1), _timbre(200, 5.0)
    f0 = np.array([0.0, 120.0, 120 * np.exp(0.1), 0.0])
    moved = mapped_pitch(f0, source, target)
    np.testing.assert_array_equal(moved[[0, 3]], 0)
    assert moved[1] == pytest.approx(200)
    assert np.log(moved[2] / moved[1]) == pytest.approx(0.25)
    assert (mapped_pitch(f0, source, _timbre(20)) >= np.where(f0 > 0, PITCH_FLOOR_HZ, 0)).all()


def test_timbre_moves_towards_the_target() -> None:
    """A brighter target gives a brighter sound."""
    clip = analyse(_vowel(140, 700))
    voice = _voice(140, 140)
    tilt = np.zeros(ORDER)
    tilt[1] = -1.0  # the first cosine term: less low, more high
    bright = replace(voice, target=replace(voice.target, mean=tilt))
    assert _centroid_hz(matched(clip, bright)) > _centroid_hz(matched(clip, voice)) + 50


def test_equaliser_lifts_its_bands() -> None:
    """A gain on the upper mel bands brightens the sound."""
    clip, voice = analyse(_vowel(140, 1000)), _voice(140, 140)
    gains = np.zeros((1 + SHAPES, 40), np.float32)
    gains[0, 21:] = 1.5
    lifted = matched(clip, replace(voice, equaliser=gains))
    assert _centroid_hz(lifted) > _centroid_hz(matched(clip, voice)) + 50


def test_the_equaliser_follows_the_sound() -> None:
    """A row that follows a shape brightens a sound on one side of the base's mean and darkens one
    on the other; where a sound is the mean, it does nothing.
    """
    clip, voice = analyse(_vowel(140, 1000)), _voice(140, 140)
    mean = coded(clip.envelope).mean(axis=0)
    gains = np.zeros((1 + SHAPES, 40), np.float32)
    gains[1, 21:] = 1.5
    aside = np.zeros(ORDER)
    aside[1] = 2.0

    def heard(centre: Floats) -> float:
        own = replace(voice.source, mean=centre)  # the target moves along: nothing else changes
        moved = replace(voice, source=own, target=own, equaliser=gains)
        assert shapes(clip, moved).shape == (len(clip.f0), 1 + SHAPES)
        return _centroid_hz(matched(clip, moved))

    plain = _centroid_hz(matched(clip, voice))
    assert heard(mean) == pytest.approx(plain, abs=3)
    assert heard(mean - aside) > plain + 50
    assert heard(mean + aside) < plain - 5


def test_the_same_input_gives_the_same_sound() -> None:
    """Mapping is a function: no state, no chance."""
    clip, voice = _vowel(140, 1000), _voice(140, 180)
    np.testing.assert_array_equal(matched(analyse(clip), voice), matched(analyse(clip), voice))


def test_trimming_leaves_ten_milliseconds_around_the_sound() -> None:
    """Silence goes, sound stays whole; pure silence gives an empty clip."""
    clip = _vowel(140, 1000, 0.5)
    padded = np.concatenate([np.zeros(4410, np.float32), clip, np.zeros(2205, np.float32)])
    left = trimmed(padded)
    assert len(clip) <= len(left) <= len(clip) + 0.04 * RATE_HZ
    assert len(trimmed(np.zeros(1000, np.float32))) == 0
    assert len(trimmed(np.zeros(0, np.float32))) == 0


def test_speaks_in_order_without_clipping() -> None:
    """Clips follow the texts, and a base voice at full scale stays within [-1, 1]."""

    def say(_: str, text: str) -> Speech:
        return Speech(samples=2 * _vowel(140, 1000, len(text) / 10), sample_rate_hz=RATE_HZ)

    clips = VoiceMatcher("test", say).synthesize(["a" * n for n in (9, 3, 6)], _voice(140, 180))
    assert [round(clip.duration_s, 1) for clip in clips] == [0.9, 0.3, 0.6]
    assert all(np.abs(clip.samples).max() <= 1 for clip in clips)


def test_a_silent_base_is_an_error() -> None:
    """No text is replaced by silence."""
    silent = Speech(samples=np.zeros(RATE_HZ, np.float32), sample_rate_hz=RATE_HZ)
    with pytest.raises(EngineError, match="no sound"):
        VoiceMatcher("test", lambda *_: silent).synthesize(["a"], _voice(140, 180))


@pytest.mark.parametrize(("seconds", "words"), [(0.0, "is empty"), (0.5, "no voice"), (3, "no")])
def test_refuses_a_prompt_without_a_voice(seconds: float, words: str) -> None:
    """A prompt that is empty or silent is the user's to mend."""
    silence = np.zeros(int(seconds * 16_000), np.float32)
    prompt = VoicePrompt(speaker="Ann", samples=silence, sample_rate_hz=16_000)
    with pytest.raises(InputError, match=words):
        VoiceMatcher("test", lambda *_: pytest.fail("not reached")).prepare(
            prompt, bases=["a"], text="b"
        )


def test_a_short_prompt_is_heard_again_and_again() -> None:
    """A "yes" is a voice too: it is repeated up to a second; what is long enough is as it is."""
    short, long = (
        VoicePrompt(speaker="Ann", samples=_vowel(140, 700, length_s), sample_rate_hz=RATE_HZ)
        for length_s in (0.3, 1.2)
    )
    heard = sound_of(short)
    assert 1 <= len(heard) / RATE_HZ < 1.3
    assert (heard.reshape(-1, len(short.samples)) == short.samples).all()
    np.testing.assert_array_equal(sound_of(long), long.samples)
    f0, envelope = pitch_and_envelope(heard)
    assert np.exp(timbre(f0, envelope, "Ann").pitch) == pytest.approx(140, rel=0.03)


def test_description_reads_well() -> None:
    """Base, warp, mapping, similarity and naturalness, in one line."""
    assert _voice(140, 180).description == (
        "test vowel, warp 1, mean: similarity 0.50, DNSMOS 3.00 (base 3.10)"
    )


@pytest.mark.parametrize(("naturalness", "natural"), [(2.81, True), (2.79, False), (None, False)])
def test_a_voice_that_buzzes_is_not_natural(naturalness: float | None, natural: bool) -> None:
    """At most 0.2 of DNSMOS may be lost against the base voice's 3.0; unmeasured is unknown."""
    voice = replace(_voice(140, 180), base_naturalness=3.0, naturalness=naturalness)
    assert voice.is_natural == natural


def test_a_natural_base_outweighs_a_little_likeness() -> None:
    """A point of DNSMOS is worth a tenth of similarity, no more."""
    plain, buzzing = (
        replace(_voice(140, 180), base_naturalness=score, similarity=similarity)
        for score, similarity in ((3.0, 0.60), (1.2, 0.70))
    )
    assert plain.worth > buzzing.worth
    assert replace(buzzing, similarity=0.85).worth > plain.worth


def test_a_kept_voice_comes_back_exactly() -> None:
    """Through JSON and back every number is the same; so is what it says."""
    voice = replace(_voice(140, 180.3), equaliser=_random(9, 40), source=_odd_timbre())
    back = unpacked(json.loads(json.dumps(packed(voice))), "test")
    for name in ("engine", "base", "warp", "mapping", "characters_per_s", "similarity"):
        assert getattr(back, name) == getattr(voice, name)
    clip = analyse(_vowel(140, 1000, 0.3))
    np.testing.assert_array_equal(matched(clip, back), matched(clip, voice))


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "festival"},
        {"equaliser": [[0.0] * 40]},
        {"warp": "wide"},
        {"warp": float("nan")},
        {"mapping": "all"},
        {"later": 1},
    ],
)
def test_a_damaged_or_foreign_voice_is_refused(change: dict[str, object]) -> None:
    """Nothing is guessed: the caller prepares anew."""
    with pytest.raises(ValueError, match=r"."):
        unpacked(packed(_voice(140, 180)) | change, "test")


def _random(*shape: int) -> Audio:
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def _odd_timbre() -> Timbre:
    return replace(_timbre(133.7), mean=_random(ORDER).astype(np.float64) / 3)


def _centroid_hz(samples: Audio) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((np.fft.rfftfreq(len(samples), 1 / RATE_HZ) * power).sum() / power.sum())
