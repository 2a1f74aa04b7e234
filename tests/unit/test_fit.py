"""Where speech is placed: wishes with a price, and what no price can buy."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubbing.stages.fit import BRISK, FASTEST, GUARD_S, LATE_S, SLOWEST, STEADY, plan, units
from dubbing.stages.phrases import Utterance
from dubbing.types import Placement, Segment, Span

pytestmark = pytest.mark.unit


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def utterance(
    number: int, islands: list[tuple[float, float]], lengths_s: list[float], pause_s: float = 0.2
) -> Utterance:
    """A segment whose original speaks on the islands, and a clip of so long phrases."""
    phrases, at = [], 0.0
    for length in lengths_s:
        phrases.append(span(at, at + length))
        at += length + pause_s
    return Utterance(
        segment=Segment(id=number, span=span(islands[0][0], islands[-1][1])),
        islands=tuple(span(*island) for island in islands),
        phrases=tuple(phrases),
    )


def utterances(*rows: tuple[float, float, float]) -> list[Utterance]:
    """One island and one phrase each: (start, end, length of the clip; 0: nothing to speak)."""
    return [
        utterance(i, [(a, b)], [length] if length else [])
        for i, (a, b, length) in enumerate(rows, 1)
    ]


def test_speech_as_long_as_the_original_is_not_touched():
    """A clip that fits exactly keeps its natural rate and starts with the original."""
    (placed,) = plan(utterances((1, 4, 3.0)), 10)
    assert placed.rate == pytest.approx(1.0, abs=0.01)
    assert placed.start_s == pytest.approx(1.0, abs=0.03)
    assert placed.status == "fits"


def test_short_speech_is_slowed_no_further_than_the_cap():
    """A clip of half the time is slowed to 0.85 at most and then leaves silence."""
    (placed,) = plan(utterances((1, 5, 2.0)), 10)
    assert placed.rate == pytest.approx(SLOWEST)


def test_pause_is_borrowed_before_speech_is_hurried():
    """Speech 40 % too long runs into the pause behind it rather than over the cap."""
    first, _ = plan(utterances((1, 4, 4.2), (6, 8, 2.0)), 10)
    assert first.status == "borrowed"
    assert first.rate <= BRISK + 1e-6
    assert first.borrowed_s > 0


def test_next_segment_waits_a_little_rather_than_words_being_rushed():
    """Where the pause is too short the next segment starts later, hardly seen, and says so."""
    first, second = plan(utterances((1, 4, 4.0), (4.1, 7, 2.0)), 10)
    assert first.rate <= FASTEST + 1e-6
    assert second.status == "late"
    assert 0 < second.start_s - 4.1 <= LATE_S + 1e-6


def test_too_much_text_is_kept_whole_and_said():
    """Twice as much text as time: faster than the cap, every word there, status "rushed"."""
    first, second = plan(utterances((1, 4, 7.0), (4.1, 7, 2.5)), 10)
    assert first.status == "rushed"
    assert first.rate > FASTEST
    assert first.end_s <= second.start_s - GUARD_S + 1e-6


def test_nothing_to_speak_keeps_the_original():
    """A segment without text is marked, and the dub before it does not run into it."""
    first, empty = plan(utterances((1, 4, 6.0), (4.1, 7, 0.0)), 10)
    assert empty.status == "untranslated"
    assert first.end_s <= 4.1 + 1e-6


@pytest.mark.parametrize("end_s", [10.0, 2.05])
def test_a_crumb_between_kept_segments_is_planned(end_s: float):
    """However little room there is, nothing overlaps what is kept, and the plan is made."""
    rows = [(0, 2, 0), (2, 2.05, 0.4), *([(2.05, 4, 0)] if end_s > 4 else [])]
    placed = plan(utterances(*rows), end_s)[1]
    assert 2 <= placed.start_s < placed.end_s <= 2.05 + 1e-6


def test_phrases_pause_where_the_original_pauses():
    """Two phrases as long as the original's two islands start with them, a second apart."""
    (placed,) = plan([utterance(1, [(1, 3), (4, 6)], [2.0, 2.0])], 10)
    assert [p.start_s for p in placed.phrases] == [
        pytest.approx(1.0, abs=0.05),
        pytest.approx(4.0, abs=0.05),
    ]


def test_neighbours_change_speed_gently():
    """Between a crowded and an empty segment the rate changes by no more than a listener hears."""
    placed = plan(utterances((1, 5, 4.8), (6, 10, 2.0), (11, 15, 4.8)), 20)
    rates = [p.rate for p in placed]
    assert all(abs(a - b) <= STEADY + 1e-6 for a, b in pairwise(rates))


def test_joined_segments_are_one_unit():
    """The segments that one text speaks for reach from the first one's start to the last's end."""
    segments = [Segment(id=i, span=span(i, i + 0.5)) for i in range(1, 5)]
    assert [(u.id, u.span.end_s) for u in units(segments, [None, 1, None, None])] == [
        (1, 2.5),
        (3, 3.5),
        (4, 4.5),
    ]


rows = st.lists(
    st.tuples(
        st.floats(0.05, 3),
        st.lists(st.tuples(st.floats(0.3, 6), st.floats(0.15, 1.5)), min_size=1, max_size=4),
        st.lists(st.floats(0.2, 8), max_size=5),
    ),
    min_size=1,
    max_size=25,
)


def talk(drawn) -> tuple[list[Utterance], float]:
    made, at = [], 0.0
    for number, (pause, pieces, lengths) in enumerate(drawn, 1):
        at += pause
        islands = []
        for length, gap in pieces:
            islands.append((at, at + length))
            at += length + gap
        at = islands[-1][1]
        made.append(utterance(number, islands, lengths))
    return made, at


@settings(deadline=None)
@given(rows)
def test_plan_never_overlaps_never_cuts_never_leaves_the_media(drawn):
    """For any talk: no overlap, all phrases in order, inside the media, never before the original's
    segment, over the cap only where the status says so.
    """
    spoken_of, end_s = talk(drawn)
    placed = plan(spoken_of, end_s)
    spoken = [p for p in placed if p.natural_s > 0]
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(spoken))
    assert all(p.end_s <= end_s + 1e-6 for p in spoken)
    for before, after in zip(spoken_of, placed, strict=True):
        assert tuple(p.clip for p in after.phrases) == before.phrases
        assert after.start_s >= before.segment.span.start_s - 1e-6
        assert after.rate <= FASTEST + 1e-6 or after.status == "rushed"
        assert after.rate >= SLOWEST - 1e-6
        assert _pauses_s(after) >= -1e-6


def _pauses_s(placement: Placement) -> float:
    """The shortest pause between two phrases."""
    gaps = [b.start_s - a.end_s for a, b in pairwise(placement.phrases)]
    return min(gaps, default=0.0)


@given(st.floats(2, 6), st.floats(0.1, 2), st.floats(0.0, 2))
def test_more_room_is_never_answered_with_more_speed(length_s, pause_s, more_s):
    """Monotone in slack: a longer pause behind a segment does not make its speech faster."""
    tight, _ = plan(utterances((1, 4, length_s), (4 + pause_s, 8 + pause_s, 3.0)), 20)
    wide_s = pause_s + more_s
    wide, _ = plan(utterances((1, 4, length_s), (4 + wide_s, 8 + wide_s, 3.0)), 20)
    assert wide.rate <= tight.rate + 1e-6


def test_a_talk_of_hours_is_planned_in_windows_with_the_same_promises():
    """1000 segments: more than one window; at their borders too nothing overlaps or jumps."""
    made = [
        utterance(n, [(8.0 * n, 8.0 * n + 3), (8.0 * n + 3.4, 8.0 * n + 7)], [2.5 + n % 3, 3.0])
        for n in range(1, 1001)
    ]
    started = time.process_time()
    placed = plan(made, 8010.0)
    assert time.process_time() - started < 20  # a guard against growth; benchmarks/ measures it
    assert all(a.end_s + GUARD_S <= b.start_s + 1e-6 for a, b in pairwise(placed))
    assert all(abs(a.rate - b.rate) <= STEADY + 0.01 for a, b in pairwise(placed))
