"""Stretches of speech from what a detector found."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.segment import (
    FRAME_S,
    JOIN_PAUSE_S,
    MAX_STRETCH_S,
    LevelMeter,
    drop_false_hits,
    speech_spans,
    stretches,
)
from dubbing.types import Span

pytestmark = pytest.mark.unit


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def levels(seconds: float, db: float, *louder: tuple[float, float, float]) -> np.ndarray:
    frames = np.full(round(seconds / FRAME_S), db, np.float32)
    for start_s, end_s, level in louder:
        frames[round(start_s / FRAME_S) : round(end_s / FRAME_S)] = level
    return frames


def test_short_hit_in_loud_music_is_dropped():
    """Half a second of "speech" as loud as the music around it is no speech."""
    music = levels(40, -70, (0, 12, -18), (20, 38, -20))
    assert drop_false_hits([span(5, 5.5), span(20, 38)], music) == [span(20, 38)]


def test_short_answer_after_a_pause_is_kept():
    """A lone "Yes." stands out of the quiet around it and stays, however far from other speech."""
    quiet = levels(40, -70, (5, 5.5, -25), (20, 38, -20))
    assert len(drop_false_hits([span(5, 5.5), span(20, 38)], quiet)) == 2


def test_short_hit_next_to_speech_is_kept():
    """A short word over music that goes on under a talk is kept: it is not isolated."""
    music = levels(40, -20)
    assert len(drop_false_hits([span(5, 5.5), span(6.5, 12)], music)) == 2


def test_endless_speech_is_cut_where_it_is_quietest():
    """Speech without a detected pause is cut at its quietest moment in the middle."""
    sound = levels(24, -20, (11.0, 11.1, -45))
    cut = speech_spans([span(0, 24)], sound, 24)
    assert len(cut) == 2
    assert cut[0].end_s == pytest.approx(11.05, abs=0.05)


def test_speech_past_the_end_is_cut_off():
    """A detector's last frame may reach past the media's end; the spans do not."""
    assert speech_spans([span(1, 9.99), span(10.01, 10.02)], levels(10, -20), 9.9) == [span(1, 9.9)]


def test_long_talk_is_cut_at_its_longest_pause():
    """Of several pauses the longest becomes the cut."""
    speech = [span(0, 6), span(6.3, 11), span(12.0, 18)]
    first, second = stretches(speech, 30)
    assert first.end_s < 11.5 < second.start_s


spans = st.lists(st.tuples(st.floats(0.01, 5), st.floats(0.15, 14.8)), min_size=1, max_size=30).map(
    lambda pairs: _row(pairs)
)


def _row(pairs: list[tuple[float, float]]) -> list[Span]:
    row, at = [], 0.0
    for pause, length in pairs:
        row.append(span(at + pause, at + pause + length))
        at += pause + length
    return row


@given(spans)
def test_stretches_are_ordered_short_and_hold_all_speech(speech: list[Span]):
    """Whatever is detected: ordered, disjoint, at most 15 s, inside the media, nothing left out."""
    end_s = speech[-1].end_s + 0.01
    found = stretches(speech, end_s)
    assert all(a.end_s <= b.start_s for a, b in pairwise(found))
    assert all(s.duration_s <= MAX_STRETCH_S + 1e-9 and s.start_s >= 0 for s in found)
    assert found[-1].end_s <= end_s
    for one in speech:
        assert any(s.start_s <= one.start_s + 1e-9 and one.end_s <= s.end_s + 1e-9 for s in found)


@given(spans)
def test_stretches_part_at_long_pauses(speech: list[Span]):
    """No stretch holds a pause of 1.2 s or more."""
    found = stretches(speech, speech[-1].end_s)
    for a, b in pairwise(speech):
        if b.start_s - a.end_s >= JOIN_PAUSE_S:
            assert not any(s.start_s < a.end_s and b.start_s < s.end_s for s in found)


def test_level_meter_passes_sound_through_and_measures_it():
    """The meter changes nothing and reports -20 dB for a tenth of full scale, in any block size."""
    signal = np.full(1600, 0.1, np.float32)
    for size in (100, 160, 999):
        meter = LevelMeter(16_000)
        blocks = [signal[i : i + size] for i in range(0, len(signal), size)]
        passed = np.concatenate(list(meter.listen(blocks)))
        assert np.array_equal(passed, signal)
        assert meter.levels_db == pytest.approx(np.full(10, -20), abs=0.01)
