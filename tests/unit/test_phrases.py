"""Phrases of a clip, and which islands of the original's speech they stand for."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.phrases import Utterance, anchors, islands, phrases
from dubbing.types import Segment, Span, Speech

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def spans(*pairs: tuple[float, float]) -> tuple[Span, ...]:
    return tuple(Span(start_s=a, end_s=b) for a, b in pairs)


def clip(*lengths_s: float) -> Speech:
    """Noise and silence in turns, noise first."""
    random = np.random.default_rng(0)
    parts = [
        random.normal(size=round(length * RATE_HZ)) * (0.1 if index % 2 == 0 else 0.0)
        for index, length in enumerate(lengths_s)
    ]
    return Speech(samples=np.concatenate(parts).astype(np.float32), sample_rate_hz=RATE_HZ)


def test_a_clip_is_cut_at_its_longest_pauses():
    """A text of two phrases is cut at the pause of 0.3 s, not at the closure of 0.08 s; one of
    three phrases at both; one of a single phrase nowhere.
    """
    speech = clip(1.0, 0.3, 0.5, 0.08, 0.5)
    found = phrases(speech, 2)
    assert [(round(p.start_s, 2), round(p.end_s, 2)) for p in found] == [(0, 1.0), (1.3, 2.38)]
    assert len(phrases(speech, 3)) == 3
    assert len(phrases(speech, 1)) == 1


def test_a_crumb_is_no_phrase():
    """A sound of 0.1 s between pauses stays with a neighbour."""
    assert len(phrases(clip(1.0, 0.2, 0.1, 0.2, 1.0), 3)) == 2


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=9), st.integers(1, 6))
def test_phrases_hold_all_sound(lengths_s, most):
    """From the clip's first sample to its last, in order, with nothing but silence between, and no
    more than were asked for.
    """
    speech = clip(*lengths_s)
    found = phrases(speech, most)
    assert len(found) <= most
    assert found[0].start_s == 0
    assert found[-1].end_s == pytest.approx(speech.duration_s)
    between = [
        speech.samples[round(a.end_s * RATE_HZ) + 160 : round(b.start_s * RATE_HZ) - 160]
        for a, b in pairwise(found)
    ]
    assert all(not piece.any() for piece in between)


def test_islands_are_the_detected_speech_inside():
    """Speech is clipped to the segment; without any the whole segment stands in."""
    segment = Segment(id=1, span=Span(start_s=2, end_s=6))
    speech = spans((0, 2.5), (3, 4), (5, 9))
    assert islands(segment, speech) == spans((2, 2.5), (3, 4), (5, 6))
    assert islands(segment, spans((8, 9))) == (segment.span,)


def spoken(original: tuple[Span, ...], *lengths_s: float) -> Utterance:
    at, found = 0.0, []
    for length in lengths_s:
        found.append(Span(start_s=at, end_s=at + length))
        at += length + 0.2
    whole = Span(start_s=original[0].start_s, end_s=original[-1].end_s)
    return Utterance(segment=Segment(id=1, span=whole), islands=original, phrases=tuple(found))


def test_each_phrase_starts_with_its_island():
    """Three phrases as long as three islands are anchored to them in order."""
    original = spans((1, 2), (3, 5), (6, 7.5))
    found = anchors(spoken(original, 1.0, 2.0, 1.5), 1.0, 8.0)
    assert found == {0: 1, 1: 3, 2: 6}


def test_phrases_share_an_island_and_islands_a_phrase():
    """Two short phrases go on one long island; one long phrase runs over a short pause."""
    assert anchors(spoken(spans((1, 5), (6, 7)), 2.0, 2.0, 1.0), 1.0, 8.0) == {0: 1, 2: 6}
    assert anchors(spoken(spans((1, 2), (2.2, 4)), 3.0), 1.0, 8.0) == {0: 1}


@given(
    st.lists(st.tuples(st.floats(0.2, 4), st.floats(0.15, 2)), min_size=1, max_size=6),
    st.lists(st.floats(0.2, 5), min_size=1, max_size=6),
)
def test_anchors_are_islands_in_order_and_the_first_is_always_there(pieces, lengths_s):
    """Whatever the lengths: the first phrase starts the first island, later ones later islands."""
    at, original = 0.0, []
    for length, gap in pieces:
        original.append((at, at + length))
        at += length + gap
    found = anchors(spoken(spans(*original), *lengths_s), 1.0, at)
    starts = [start for start, _ in original]
    assert found[0] == starts[0]
    assert list(found.values()) == sorted(set(found.values()))
    assert set(found.values()) <= set(starts)
