"""Times for the words of a corrected transcript."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.retime import retimed
from dubbing.types import Span, Transcript, Word

pytestmark = pytest.mark.unit


def heard(*rows: tuple[str, float, float]) -> Transcript:
    return Transcript(
        words=tuple(Word(text=t, start_s=a, end_s=b, probability=0.4) for t, a, b in rows)
    )


SAID = heard(("The", 1.0, 1.2), ("lump", 1.2, 1.8), ("is", 2.0, 2.2), ("lit.", 2.2, 3.0))
SPEECH = [Span(start_s=1.0, end_s=1.8), Span(start_s=2.0, end_s=3.0)]


def test_unchanged_words_keep_what_the_recogniser_gave_them():
    """The wrong word's place goes to the right one; the others keep time and probability."""
    said = retimed("The lamp is lit.", SAID, SPEECH)
    assert said.words[0] == SAID.words[0]
    assert said.words[2:] == SAID.words[2:]
    assert said.words[1] == Word(text="lamp", start_s=1.2, end_s=1.8, probability=1.0)


def test_spelling_and_marks_are_no_change():
    """A capital or a comma is taken over; the time stays."""
    said = retimed("the lump, is LIT!", SAID, SPEECH)
    assert said.text == "the lump, is LIT!"
    assert [w.start_s for w in said.words] == [w.start_s for w in SAID.words]


def test_new_words_share_the_speech_by_length():
    """Two words of one and three letters in the place of one take a quarter and three quarters."""
    said = retimed("The a big is lit.", SAID, SPEECH)
    a, big = said.words[1:3]
    assert (a.start_s, a.end_s, big.end_s) == pytest.approx((1.2, 1.35, 1.8))


def test_no_word_begins_in_a_pause():
    """A wholly new text is spread over the speech, not over the pause in it."""
    said = retimed("abcd efghi", heard(), SPEECH)
    assert said.words[0].end_s == pytest.approx(1.8)
    assert said.words[1].start_s == pytest.approx(2.0)
    assert said.words[1].end_s == pytest.approx(3.0)


def test_word_put_between_two_that_touch():
    """Where there is no room a word has no length, but it has a place."""
    said = retimed("The lump there is lit.", heard(*[("The", 1, 1.2), ("lump", 1.2, 2)]), SPEECH)
    assert [w.text for w in said.words] == ["The", "lump", "there", "is", "lit."]
    middle = retimed("The big lump is lit.", SAID, SPEECH).words[1]
    assert (middle.start_s, middle.end_s) == (1.2, 1.2)


@given(st.lists(st.sampled_from(["The", "lump", "is", "lit.", "a", "lamp", "—"]), min_size=1))
def test_every_word_is_there_once_in_order_within_the_speech(texts: list[str]):
    """Whatever is written: the same words, none before the one before it, all inside."""
    said = retimed(" ".join(texts), SAID, SPEECH)
    assert [word.text for word in said.words] == texts
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(said.words))
    assert all(1.0 <= word.start_s <= word.end_s <= 3.0 for word in said.words)
