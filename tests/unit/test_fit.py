"""Where speech is placed, and how it is stretched."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.fit import FASTEST, GUARD_S, MAX_LATE_S, SLOWEST, plan, stretch
from dubbing.types import Segment, Span, Speech

pytestmark = pytest.mark.unit


def segments(*spans: tuple[float, float]) -> list[Segment]:
    return [Segment(id=i, span=Span(start_s=a, end_s=b)) for i, (a, b) in enumerate(spans, start=1)]


def test_speech_as_long_as_the_original_is_not_touched():
    """A clip that fits exactly keeps its natural rate."""
    (placed,) = plan(segments((1, 4)), [3.0], 10)
    assert (placed.start_s, placed.rate, placed.status) == (1, 1.0, "fits")


def test_short_speech_is_slowed_no_further_than_the_cap():
    """A clip of half the time is slowed to 0.85 and then leaves silence."""
    (placed,) = plan(segments((1, 5)), [2.0], 10)
    assert placed.rate == SLOWEST


def test_pause_is_borrowed_before_speech_is_hurried():
    """Speech 30 % too long runs into the pause at a rate that nobody hears."""
    first, _ = plan(segments((1, 4), (6, 8)), [3.9, 2.0], 10)
    assert first.status == "borrowed"
    assert first.rate <= 1.10 + 1e-9
    assert first.borrowed_s > 0


def test_next_segment_waits_a_little_rather_than_words_being_rushed():
    """Where the pause is too short the next segment starts later, and says so."""
    _, second = plan(segments((1, 4), (4.2, 7)), [4.1, 2.0], 10)
    assert second.status == "late"
    assert 0 < second.start_s - 4.2 <= MAX_LATE_S


def test_too_much_text_is_kept_whole_and_said():
    """Twice as much text as time: faster than the cap, every word there, status "rushed"."""
    first, second = plan(segments((1, 4), (4.1, 7)), [7.0, 2.5], 10)
    assert first.status == "rushed"
    assert first.rate > FASTEST
    assert first.end_s <= second.start_s - GUARD_S + 1e-9


def test_nothing_to_speak_keeps_the_original():
    """A segment without text is marked, and the dub before it does not run into it."""
    first, empty = plan(segments((1, 4), (4.1, 7)), [6.0, 0.0], 10)
    assert empty.status == "untranslated"
    assert first.end_s <= 4.1


texts = st.lists(
    st.tuples(st.floats(0.05, 3), st.floats(0.5, 14), st.one_of(st.just(0.0), st.floats(0.2, 25))),
    min_size=1,
    max_size=20,
)


@given(texts)
def test_plan_never_overlaps_never_cuts_never_leaves_the_media(rows):
    """For any pauses and lengths: no overlap, whole clips, inside the media, caps or a status."""
    spans, at = [], 0.0
    for pause, length, _ in rows:
        spans.append((at + pause, at + pause + length))
        at += pause + length
    placed = plan(segments(*spans), [n for _, _, n in rows], at)
    spoken = [p for p in placed if p.natural_s > 0]
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(spoken))
    assert all(p.end_s <= at + 1e-6 for p in spoken)
    assert [p.natural_s for p in placed] == [n for _, _, n in rows]
    assert all(p.rate <= FASTEST + 1e-9 or p.status == "rushed" for p in spoken)
    assert all(p.rate >= SLOWEST - 1e-9 for p in spoken)


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
