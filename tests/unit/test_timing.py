"""Measures of timing on spans that are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.quality.timing import (
    edge_errors,
    heard,
    overlap_s,
    share_in_silence,
    speech_mask,
    timeline_iou,
    windows,
    without,
)
from dubbing.types import Span

pytestmark = pytest.mark.unit


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


@st.composite
def rows(draw: st.DrawFn) -> list[Span]:
    """Ordered spans with gaps of any size, none included."""
    gaps = draw(st.lists(st.floats(0, 3), min_size=1, max_size=8))
    at, found = 0.0, []
    for gap in gaps:
        start_s = at + gap
        at = start_s + draw(st.floats(0.2, 5))
        found.append(span(start_s, at))
    return found


@given(rows())
def test_windows_hold_their_span_and_nothing_of_a_neighbour(spans: list[Span]):
    """Each window covers its span and at most half of the gap to the next."""
    found = windows(spans)
    for own, window in zip(spans, found, strict=True):
        assert window.start_s <= own.start_s
        assert window.end_s >= own.end_s
    for one, other in pairwise(found):
        assert one.end_s <= other.start_s + 1e-9


def test_late_dub_is_measured_late():
    """A dub that starts 0.3 s after the original and ends 0.2 s before it is measured so."""
    original = heard([span(1.0, 2.0), span(2.4, 4.0)], windows([span(0.95, 4.05)])[0])
    dub = heard([span(1.3, 3.8)], windows([span(0.95, 4.05)])[0])
    assert original == span(1.0, 4.0)
    errors = edge_errors(original, dub)
    assert errors.onset_s == pytest.approx(0.3)
    assert errors.end_s == pytest.approx(-0.2)


def test_neighbours_speech_is_not_heard():
    """Speech that only touches a window is not taken for the segment's own."""
    assert heard([span(0, 1.0)], span(0.97, 3)) is None
    assert heard([span(0, 1.0), span(1.5, 2)], span(0.97, 3)) == span(1.5, 2)


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([(0, 2), (2, 3)], 0),
        ([(0, 2), (1.5, 3)], 0.5),
        ([(0, 25), (7, 14), (14, 20)], 13),
        ([(0, 25), (7, 8), (9, 10)], 2),
        ([(0, 5), (1, 2), (4, 6)], 2),
        ([(0, 25), (7, 14), (10, 12)], 7),
        ([], 0),
    ],
)
def test_overlap_is_when_two_sound_at_once(spans: list[tuple[float, float]], seconds: float):
    """A time counts once, however many dubs sound in it."""
    assert overlap_s([span(*ends) for ends in spans]) == pytest.approx(seconds)


def test_speech_is_cut_out_where_a_segment_is_left_out():
    """Before, behind, on both sides, all of it, or nothing."""
    speech = [span(0, 2), span(3, 7), span(8, 9), span(10, 11)]
    found = without(speech, [span(1, 4), span(5, 6), span(7.5, 9.5)])
    assert found == [span(0, 1), span(4, 5), span(6, 7), span(10, 11)]


def test_iou_and_silence():
    """Half of the dub over the original, half in its silence: IoU 1/3, share 1/2."""
    original, dub = speech_mask([span(1, 2)], 4), speech_mask([span(1.5, 2.5)], 4)
    assert timeline_iou(original, dub) == pytest.approx(1 / 3, abs=0.01)
    assert share_in_silence(original, dub) == pytest.approx(1 / 2, abs=0.01)


def test_perfect_and_empty_tracks():
    """The same speech scores 1; no speech anywhere is no fault and no division by zero."""
    mask, nothing = speech_mask([span(1, 2)], 4), np.zeros(400, bool)
    assert timeline_iou(mask, mask) == 1
    assert share_in_silence(mask, mask) == 0
    assert timeline_iou(nothing, nothing) == 1
    assert share_in_silence(mask, nothing) == 0
