"""Clips at another speed and in phrases: exact lengths, no click, nothing lost."""

import numpy as np
import pytest

from dubbing.media.stretch import stretch
from dubbing.stages.stretch import fitted
from dubbing.types import PlacedPhrase, Placement, Span, Speech

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("rate", [0.85, 0.97, 1.0, 1.1, 1.25, 1.7])
def test_stretch_hits_its_length_and_keeps_the_pitch(rate: float):
    """The length is right to the sample and a 200 Hz tone stays at 200 Hz."""
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(44_100) / 22_050).astype(np.float32)
    made = stretch(Speech(samples=tone, sample_rate_hz=22_050), rate)
    assert len(made) == round(len(tone) / rate)
    middle = made[len(made) // 4 : 3 * len(made) // 4]
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle)))))
    assert peak * 22_050 / len(middle) == pytest.approx(200, abs=3)


def test_stretch_does_not_move_the_onset():
    """Sound that starts at 1 s of a clip starts at 1 s / rate of the stretched one, to 20 ms."""
    clip = np.zeros(66_150, np.float32)
    clip[22_050:] = 0.3 * np.sin(2 * np.pi * 200 * np.arange(44_100) / 22_050)
    made = stretch(Speech(samples=clip, sample_rate_hz=22_050), 1.25)
    onset_s = np.flatnonzero(np.abs(made) > 0.1)[0] / 22_050
    assert onset_s == pytest.approx(1 / 1.25, abs=0.02)


def test_phrases_are_heard_where_they_were_placed_and_pauses_are_silent():
    """Two tones with a pause of 0.2 s in the clip are heard with one of 1 s, at twice the speed."""
    rate_hz = 22_050
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(rate_hz) / rate_hz).astype(np.float32)
    clip = np.concatenate([tone, np.zeros(rate_hz // 5, np.float32), tone])
    first, second = Span(start_s=0.0, end_s=1.0), Span(start_s=1.2, end_s=2.2)
    placement = Placement(
        segment_id=1,
        start_s=3.0,
        end_s=5.0,
        natural_s=2.2,
        rate=2.0,
        borrowed_s=0.0,
        phrases=(
            PlacedPhrase(clip=first, start_s=3.0, rate=2.0),
            PlacedPhrase(clip=second, start_s=4.5, rate=2.0),
        ),
        status="fits",
        reason="",
    )
    heard = fitted(Speech(samples=clip, sample_rate_hz=rate_hz), placement)
    assert len(heard) == pytest.approx(2 * rate_hz, abs=2)
    loud = np.sqrt(np.square(heard[: 2 * rate_hz].reshape(-1, rate_hz // 50)).mean(axis=1)) > 0.05
    assert loud[3:22].all() and not loud[30:70].any() and loud[78:97].all()
