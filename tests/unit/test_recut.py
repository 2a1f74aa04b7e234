"""Segments from recognised words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.transcribe import bounds, on_media_clock, recut, segments_of
from dubbing.text.sentences import ends_sentence
from dubbing.types import Span, Transcript, Word

pytestmark = pytest.mark.unit


def words(*rows: tuple[str, float, float]) -> Transcript:
    return Transcript(
        words=tuple(Word(text=t, start_s=a, end_s=b, probability=0.9) for t, a, b in rows)
    )


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


TEN = span(0, 10)


def test_cut_at_a_sentence_end_in_a_pause():
    """Two sentences with a small pause between become two segments, cut inside that pause."""
    said = words(("Good", 1.0, 1.3), ("evening.", 1.3, 2.1), ("Sit", 2.4, 2.6), ("down.", 2.6, 3.2))
    (first, text), (second, _) = recut([span(1, 2.1), span(2.4, 3.2)], said, TEN)
    assert text.text == "Good evening."
    assert 2.1 <= first.span.end_s <= second.span.start_s <= 2.4


def test_sentence_that_goes_on_is_joined():
    """A pause inside a sentence does not part it."""
    said = words(("the", 1.0, 1.3), ("lamp", 1.3, 2.1), ("went", 3.0, 3.2), ("out.", 3.2, 4))
    segments = recut([span(1, 2.1), span(3, 4)], said, TEN)
    assert [t.text for _, t in segments] == ["the lamp went out."]


def test_long_pause_parts_whatever_the_grammar():
    """A pause that a listener notices parts segments even inside a sentence."""
    said = words(("the", 1.0, 1.3), ("lamp", 1.3, 2.1), ("went", 4.0, 4.2), ("out.", 4.2, 5))
    assert len(recut([span(1, 2.1), span(4, 5)], said, TEN)) == 2


def test_speech_without_words_is_in_no_segment():
    """Applause taken for speech has no words: no segment, so its sound stays."""
    said = words(("Thank", 1.0, 1.3), ("you.", 1.3, 2.0))
    ((segment, _),) = recut([span(1, 2), span(5, 9)], said, TEN)
    assert segment.span.end_s < 2.5


def test_sloppy_word_time_does_not_move_the_cut():
    """A word timed into the pause still belongs to the speech it is nearest to."""
    said = words(("One.", 1.0, 2.3), ("Two.", 2.35, 4.0))
    (_, first), (_, second) = recut([span(1, 2), span(2.5, 4)], said, TEN)
    assert (first.text, second.text) == ("One.", "Two.")


@pytest.mark.parametrize("word", ["Mr.", "e.g.", "U.S.", "lamp", "lamp,"])
def test_abbreviation_ends_no_sentence(word: str):
    """A stop after an abbreviation is not the end of a sentence."""
    assert not ends_sentence(word)


def test_nothing_recognised_gives_no_segment():
    """No words anywhere: no segments, and no error here."""
    assert recut([span(1, 2)], Transcript(words=()), TEN) == []


def test_on_media_clock_moves_words():
    """A stretch's words are moved by its start."""
    moved = on_media_clock(words(("Hi.", 0.5, 0.9)), span(10, 12))
    assert (moved.words[0].start_s, moved.words[0].end_s) == (10.5, 10.9)


@given(st.lists(st.tuples(st.floats(0.12, 3), st.floats(0.2, 6), st.booleans()), min_size=1))
def test_every_word_is_in_one_segment(rows: list[tuple[float, float, bool]]):
    """Whatever the pauses and sentence ends: no word lost or doubled, segments ordered, ≤ 15 s."""
    speech, said, at = [], [], 0.0
    for index, (pause, length, ends) in enumerate(rows):
        at += pause
        speech.append(span(at, at + length))
        said.append((f"w{index}{'.' if ends else ''}", at, at + length))
        at += length
    cut = recut(speech, words(*said), span(0, at))
    assert [w.text for _, t in cut for w in t.words] == [t for t, _, _ in said]
    assert [s.id for s, _ in cut] == list(range(1, len(cut) + 1))
    assert all(a.span.end_s <= b.span.start_s for (a, _), (b, _) in pairwise(cut))
    assert all(s.span.duration_s <= 15 + 1e-9 for s, _ in cut)


def test_stretches_are_bounded_by_the_middle_of_the_pause():
    """Nothing of one stretch reaches into another, and together they hold the whole media."""
    assert bounds([span(1, 2), span(4, 6)], 10) == [span(0, 3), span(3, 10)]


def test_a_talk_is_its_stretches():
    """Segments of all stretches together, numbered through."""
    stretches = [span(1, 2), span(5, 6)]
    said = [words(("One.", 1, 2)), words(("Two.", 5, 6))]
    cut = segments_of(stretches, stretches, said, 10)
    assert [(s.id, t.text) for s, t in cut] == [(1, "One."), (2, "Two.")]
