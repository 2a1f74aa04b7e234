"""Candidates of sentences made into translations of segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.stages.sentences import assemble
from dubbing.stages.translate import given_back, soundest_first
from dubbing.types import Candidate, Transcript, Word

pytestmark = pytest.mark.unit


def spoken(text: str, at_s: float) -> Transcript:
    """The words at a steady pace of three a second."""
    return Transcript(
        words=tuple(
            Word(text=word, start_s=at_s + i / 3, end_s=at_s + (i + 1) / 3, probability=1)
            for i, word in enumerate(text.split())
        )
    )


def ways(*texts: str) -> list[Candidate]:
    return [Candidate(text=text, score=-0.1 * rank) for rank, text in enumerate(texts)]


def test_a_beam_that_kept_the_number_goes_first():
    """The favourite lost a number that the second has: the second is spoken."""
    found = soundest_first(
        "We sold 340 lamps.", ways("Мы продали лампы.", "Мы продали 340 ламп."), "en", "ru"
    )
    assert [c.text for c in found] == ["Мы продали 340 ламп.", "Мы продали лампы."]


def test_without_faults_the_favourite_stays():
    """Nothing is wrong with the favourite: it stays first, whatever the others are like."""
    found = ways("Свет горит всю ночь.", "Свет горел ночью.")
    assert soundest_first("The light burns all night.", found, "en", "ru") == found


def test_what_no_beam_has_kept_is_flagged():
    """A fault that stays is written at the segment where the sentence starts."""
    sentences = assemble([spoken("It rained.", 0), spoken("We sold 340 lamps.", 3)])
    made = given_back(
        sentences, [ways("Шёл дождь."), ways("Мы продали лампы.")], (1, 2), "en", "ru"
    )
    assert [bool(t.faults) for t in made] == [False, True]
    assert made[1].text == "Мы продали лампы."


def test_candidates_go_to_their_segments():
    """A segment of two sentences gets combined candidates, best first; one that has a single
    candidate keeps it in all.
    """
    sentences = assemble([spoken("It rained. We left.", 0)])
    made = given_back(
        sentences, [ways("Шёл дождь.", "Лил дождь."), ways("Мы ушли.")], (1,), "en", "ru"
    )
    assert [c.text for c in made[0].candidates] == ["Шёл дождь. Мы ушли.", "Лил дождь. Мы ушли."]
    assert made[0].text == made[0].candidates[0].text


def test_a_segment_without_words_gets_nothing():
    """No sentence, no text."""
    sentences = assemble([spoken("It rained.", 0), Transcript(words=())])
    made = given_back(sentences, [ways("Шёл дождь.")], (1, 2), "en", "ru")
    assert made[1].text == ""
    assert made[1].candidates == ()


def test_segments_that_get_no_word_are_joined():
    """A sentence with more segments than words in Russian: the last ones are spoken together with
    the one before, so that no English is heard in them.
    """
    parts = [spoken("I", 0), spoken("quite", 1), spoken("agree.", 2), spoken("But why?", 4)]
    two = [ways("Согласен вполне.", "Да."), ways("Но почему?")]
    made = given_back(assemble(parts), two, (7, 8, 9, 10), "en", "ru")
    assert [t.text for t in made] == ["Согласен", "вполне.", "", "Но почему?"]
    assert [t.joined_to for t in made] == [None, None, 8, None]
    one = [ways("Согласен."), ways("Но почему?")]
    made = given_back(assemble(parts), one, (7, 8, 9, 10), "en", "ru")
    assert [t.text for t in made] == ["Согласен.", "", "", "Но почему?"]
    assert [t.joined_to for t in made] == [None, 7, 7, None]


def test_what_has_no_translation_is_not_joined():
    """A sentence of which the engine made nothing is not covered by the one before it, nor by a
    segment on the other side of one without words.
    """
    sentences = assemble([spoken("We left. They", 0), spoken("slept.", 2)])
    made = given_back(sentences, [ways("Мы ушли."), ways("")], (1, 2), "en", "ru")
    assert [t.joined_to for t in made] == [None, None]
    sentences = assemble([spoken("I", 0), Transcript(words=()), spoken("agree.", 2)])
    made = given_back(sentences, [ways("Согласен.")], (1, 2, 3), "en", "ru")
    assert [t.joined_to for t in made] == [None, None, None]


sentence = st.lists(st.sampled_from(["а", "вот", "слово", "дождь,"]), min_size=1, max_size=12)


@given(st.lists(sentence, min_size=1, max_size=6))
def test_no_translated_word_is_lost(rows: list[list[str]]):
    """Whatever the sentences become, the segments together say it, in order."""
    transcripts = [spoken("Some words here" + "." * (i % 2), 2 * i) for i in range(len(rows))]
    sentences = assemble(transcripts)
    texts = [" ".join(rows[i]) for i in range(len(sentences))]
    made = given_back(
        sentences, [ways(text) for text in texts], range(1, len(rows) + 1), "en", "ru"
    )
    assert " ".join(t.text for t in made).split() == " ".join(texts).split()
