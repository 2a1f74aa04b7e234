"""Sentences across segments, and their translations back in the segments."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.flow import Gather, run
from dubbing.stages.sentences import (
    LONGEST_SENTENCE,
    Assembler,
    Piece,
    Sentence,
    assemble,
    give_back,
)
from dubbing.text.sentences import split_sentences
from dubbing.types import Transcript, Word

pytestmark = pytest.mark.unit


def transcript(text: str, start_s: float, step_s: float = 0.5) -> Transcript:
    """Words of equal length, one after another without a pause."""
    return Transcript(
        words=tuple(
            Word(
                text=word,
                start_s=start_s + step_s * at,
                end_s=start_s + step_s * (at + 1),
                probability=1.0,
            )
            for at, word in enumerate(text.split())
        )
    )


def rows(sentences: list[Sentence]) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.segments) for sentence in sentences]


def test_sentences_inside_segments():
    """Sentences that end where segments end stay in their segments."""
    found = assemble([transcript("One. Two is here.", 0), transcript("Three.", 3)])
    assert rows(found) == [("One.", (0,)), ("Two is here.", (0,)), ("Three.", (1,))]


def test_a_sentence_is_ready_with_the_segment_that_ends_it():
    """Only what may go on in the next segment is held back, and a flow gets the same sentences."""
    segments = [
        (transcript("One.", 0), ""),
        (transcript("We took", 1), ""),
        (transcript("the boat.", 2), ""),
        (Transcript(words=()), ""),
        (transcript("And then", 5), "a"),
        (transcript("what?", 6), "b"),
        (transcript("I do not", 7), "b"),
    ]
    assembler = Assembler()
    taken = [rows(assembler.take(segment)) for segment in segments]
    assert taken == [
        [("One.", (0,))],
        [],
        [("We took the boat.", (1, 2))],
        [],
        [],
        [("And then", (4,)), ("what?", (5,))],
        [],
    ]
    assert rows(assembler.flush()) == [("I do not", (6,))]
    flowed = list(run(segments, [Gather(name="sentences", start=Assembler)]))
    assert flowed == assemble(*zip(*segments, strict=True))


def test_sentence_runs_over_a_border():
    """A sentence without a stop at the border goes on, and another one may begin behind it."""
    found = assemble(
        [
            transcript("It rained. We took the", 0),
            transcript("boat, and", 3),
            transcript("left. Ha!", 5),
        ]
    )
    assert rows(found) == [
        ("It rained.", (0,)),
        ("We took the boat, and left.", (0, 1, 2)),
        ("Ha!", (2,)),
    ]
    first, second, third = found[1].pieces
    assert first == Piece(segment=0, start_s=1.0, end_s=2.5, words=3)
    assert second == Piece(segment=1, start_s=3.0, end_s=4.0, words=2)
    assert third == Piece(segment=2, start_s=5.0, end_s=5.5, words=1)


def test_silent_segments_are_passed_over():
    """A segment in which nothing was recognised is no border."""
    found = assemble([transcript("We took", 0), Transcript(words=()), transcript("it.", 2)])
    assert rows(found) == [("We took it.", (0, 2))]
    assert assemble([Transcript(words=())]) == []


def test_a_long_pause_ends_a_sentence():
    """After more than two seconds of silence something new begins."""
    found = assemble([transcript("We took", 0), transcript("the boat.", 3.5)])
    assert rows(found) == [("We took", (0,)), ("the boat.", (1,))]


def test_another_speaker_begins_another_sentence():
    """No sentence has two speakers."""
    both = [transcript("We took", 0), transcript("the boat.", 1)]
    assert rows(assemble(both, ["a", "b"])) == [("We took", (0,)), ("the boat.", (1,))]
    assert rows(assemble(both, ["a", "a"])) == [("We took the boat.", (0, 1))]


def test_a_stop_at_the_border_ends_a_sentence_unless_it_is_an_abbreviation():
    """A recognised stop holds even before a small letter; that of "Mr." does not."""
    found = assemble(
        [transcript("We left.", 0), transcript("and Mr.", 1), transcript("Low too.", 2)]
    )
    assert rows(found) == [("We left.", (0,)), ("and Mr. Low too.", (1, 2))]


def test_text_without_stops_is_not_one_sentence():
    """Where the recogniser writes no stops, sentences end with segments after some length."""
    many = [transcript("and so on we go " * 10, 80.0 * at, 1.6) for at in range(12)]
    found = assemble(many)
    longest = max(len(t.text) for t in many)
    assert len(found) > 2
    assert all(len(sentence.text) <= LONGEST_SENTENCE + 1 + longest for sentence in found)


WORDS = st.sampled_from(["one", "Two", "three,", "end.", "Why?", "Mr.", "—", "so...", "new york."])
TALKS = st.lists(
    st.tuples(
        st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=6),
        st.floats(0, 3),
        st.sampled_from("ab"),
    ),
    max_size=6,
)


def talk(
    drawn: list[tuple[list[tuple[str, float]], float, str]],
) -> tuple[list[Transcript], list[str]]:
    """Transcripts one after another with pauses between them, and their speakers."""
    transcripts, at_s = [], 0.0
    for words, pause_s, _ in drawn:
        at_s += pause_s
        ends = [at_s, *(at_s + total for total in accumulate(length for _, length in words))]
        transcripts.append(
            Transcript(
                words=tuple(
                    Word(text=text, start_s=start, end_s=end, probability=1.0)
                    for (text, _), start, end in zip(words, ends, ends[1:], strict=False)
                )
            )
        )
        at_s = ends[-1]
    return transcripts, [speaker for *_, speaker in drawn]


@given(TALKS)
def test_every_word_is_in_one_sentence(drawn):
    """Nothing recognised is lost, doubled or moved, and pieces tell where it was."""
    transcripts, speakers = talk(drawn)
    sentences = assemble(transcripts, speakers)
    spoken = " ".join(t.text for t in transcripts if t.words)
    assert " ".join(sentence.text for sentence in sentences) == spoken
    for index, each in enumerate(transcripts):
        pieces = [p for s in sentences for p in s.pieces if p.segment == index]
        assert sum(piece.words for piece in pieces) == len(each.words)
        if pieces:
            assert pieces[0].start_s == each.words[0].start_s
            assert pieces[-1].end_s == each.words[-1].end_s
    for sentence in sentences:
        assert len({speakers[index] for index in sentence.segments}) == 1
        assert list(sentence.segments) == sorted(set(sentence.segments))


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_one_segment_is_split_as_its_text_is(words: list[str]):
    """Inside a segment sentences are those of `split_sentences`."""
    whole = transcript(" ".join(words), 0)
    assert [s.text for s in assemble([whole])] == split_sentences(whole.text)


def halves(first_s: float, second_s: float) -> list[Sentence]:
    """One sentence over two segments of these lengths."""
    pieces = (
        Piece(segment=0, start_s=0, end_s=first_s, words=3),
        Piece(segment=1, start_s=first_s + 1, end_s=first_s + 1 + second_s, words=3),
    )
    return [Sentence(text="one two three four five six", pieces=pieces)]


@pytest.mark.parametrize(
    ("first_s", "second_s", "texts"),
    [
        (2, 2, ["раз два три", "четыре пять шесть"]),
        (1, 5, ["раз", "два три четыре пять шесть"]),
        (9, 0.1, ["раз два три четыре пять", "шесть"]),
        (0, 0, ["раз два три", "четыре пять шесть"]),
    ],
)
def test_cut_in_proportion_to_time(first_s: float, second_s: float, texts: list[str]):
    """The longer a piece was spoken, the more words it gets; where words have no length, by their
    number.
    """
    sentences = halves(first_s, second_s)
    assert give_back(sentences, ["раз два три четыре пять шесть"], 2) == texts


def test_cut_behind_a_comma():
    """A comma near the right place is a better one, a comma far away is not."""
    near = give_back(halves(2, 2), ["раз два, три четыре пять шесть"], 2)
    assert near == ["раз два,", "три четыре пять шесть"]
    far = give_back(halves(2, 2), ["раз, два три четыре пять шесть семь восемь девять десять"], 2)
    assert far == ["раз, два три четыре пять шесть", "семь восемь девять десять"]


@pytest.mark.parametrize(
    ("translation", "whole"),
    [
        ("Каждый год там рождается 10 000 детей из бедных семей", "10 000"),
        ("Мы потратили на это 5 млн долларов за два года", "5 млн"),
        ("Это случилось 5 мая 2010 года в городе", "5 мая"),
        ("Это случилось 5 мая 2010 года в городе", "2010 года"),
        ("Каждый год рождаются дети из бедных семей", "из бедных"),
    ],
)
def test_no_cut_goes_through_a_number_or_behind_a_preposition(translation: str, whole: str):
    """Wherever the speaker pauses, neighbours that are read together stay in one segment."""
    for tenths in range(1, 100):
        texts = give_back(halves(tenths, 100 - tenths), [translation], 2)
        assert any(whole in text for text in texts)


def test_a_dash_is_no_word():
    """A sign alone cannot be spoken, so no segment is given just that."""
    assert give_back(halves(1, 9), ["Это — маяк"], 2) == ["Это —", "маяк"]
    assert give_back(halves(5, 5), ["— Да"], 2) == ["— Да", ""]


def test_too_few_words_go_to_the_first_pieces():
    """With one word for two segments, it is heard where the sentence begins, however short."""
    assert give_back(halves(1, 3), ["Спасибо."], 2) == ["Спасибо.", ""]
    assert give_back(halves(1, 3), [""], 2) == ["", ""]


def test_sentences_of_one_segment_are_joined():
    """Several sentences, and ends of sentences, share a segment in their order."""
    found = assemble([transcript("It rained. We took", 0), transcript("boats. Ha!", 3)])
    given_back = give_back(found, ["Шёл дождь.", "Мы взяли лодки.", "Ха!"], 3)
    assert given_back == ["Шёл дождь. Мы взяли", "лодки. Ха!", ""]


@given(TALKS, st.data())
def test_translations_come_back_word_by_word(drawn, data: st.DataObject):
    """The segments' texts together are the translations, and no segment that spoke stays empty
    while there are words enough.
    """
    transcripts, speakers = talk(drawn)
    sentences = assemble(transcripts, speakers)
    words = st.lists(st.sampled_from(["да", "нет,", "маяк.", "—", "по-русски", "2015"]), max_size=9)
    translated = [data.draw(words) for _ in sentences]
    texts = give_back(sentences, [" ".join(t) for t in translated], len(transcripts))
    assert len(texts) == len(transcripts)
    assert " ".join(texts).split() == [word for each in translated for word in each]
    for sentence, words_of_it in zip(sentences, translated, strict=True):
        if sum(word != "—" for word in words_of_it) >= len(sentence.pieces):
            assert all(texts[index] for index in sentence.segments)
