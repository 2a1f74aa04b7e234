"""A supplied translation laid onto segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.errors import InputError
from dubbing.stages.align import align
from dubbing.text.sentences import split_sentences
from dubbing.text.supplied import Cue
from dubbing.types import Segment, Span

pytestmark = pytest.mark.unit


def segments(*spans: tuple[float, float]) -> list[Segment]:
    return [Segment(id=i, span=Span(start_s=a, end_s=b)) for i, (a, b) in enumerate(spans, 1)]


def cue(number: int, start_s: float, end_s: float, text: str) -> Cue:
    return Cue(number=number, text=text, span=Span(start_s=start_s, end_s=end_s))


THREE = segments((1, 4), (5, 8), (10, 14))
SOURCES = ["One two three four.", "Five six seven eight.", "Nine ten eleven and twelve."]
RUSSIAN = ["Раз два три четыре.", "Пять шесть семь восемь.", "Девять десять одиннадцать и так."]


def test_cue_per_segment_is_the_identity():
    """Cues that match segments stay where they are."""
    cues = [
        cue(i + 1, s.span.start_s, s.span.end_s, t)
        for i, (s, t) in enumerate(zip(THREE, RUSSIAN, strict=True))
    ]
    assert [t.text for t in align(cues, THREE, SOURCES)] == RUSSIAN


def test_one_long_cue_is_shared_out():
    """A cue over all segments is taken apart at its sentences."""
    made = align([cue(1, 1, 14, " ".join(RUSSIAN))], THREE, SOURCES)
    assert [t.text for t in made] == RUSSIAN


def test_cue_edges_that_cut_into_neighbours_do_no_harm():
    """Cues shifted by 0.4 s still find their segments."""
    cues = [
        cue(i + 1, s.span.start_s - 0.4, s.span.end_s - 0.4, t)
        for i, (s, t) in enumerate(zip(THREE, RUSSIAN, strict=True))
    ]
    assert [t.text for t in align(cues, THREE, SOURCES)] == RUSSIAN


def test_several_cues_in_one_segment():
    """Two short cues inside a segment become its text, in order."""
    cues = [
        cue(1, 1, 2.5, "Раз два."),
        cue(2, 2.5, 4, "Три четыре."),
        cue(3, 5, 8, RUSSIAN[1]),
        cue(4, 10, 14, RUSSIAN[2]),
    ]
    assert align(cues, THREE, SOURCES)[0].text == "Раз два. Три четыре."


def test_plain_text_goes_by_order_and_length():
    """A text without times is laid out over the talk by sentence."""
    made = align([Cue(number=1, text=" ".join(RUSSIAN), span=None)], THREE, SOURCES)
    assert [t.text for t in made] == RUSSIAN


def test_sentence_for_two_segments_joins_them():
    """A sentence that translates two segments starts at the first, which the second joins."""
    long = "Раз два три четыре и пять шесть семь восемь вместе одной фразой."
    made = align([cue(1, 1, 8, long), cue(2, 10, 14, RUSSIAN[2])], THREE, SOURCES)
    assert [t.text for t in made] == [long, "", RUSSIAN[2]]
    assert [t.joined_to for t in made] == [None, 1, None]


def test_segment_without_any_cue_stays_untranslated():
    """Subtitles for a part of the talk leave the rest alone: not joined, not filled."""
    made = align([cue(1, 1, 4, RUSSIAN[0]), cue(2, 10, 14, RUSSIAN[2])], THREE, SOURCES)
    assert [t.text for t in made] == [RUSSIAN[0], "", RUSSIAN[2]]
    assert made[1].joined_to is None


def test_cue_where_nobody_speaks_is_named():
    """A cue far from all speech is an error that names it, not text that lands anywhere."""
    cues = [cue(1, 1, 4, RUSSIAN[0]), cue(2, 60, 64, "Титры фильма, совсем другие слова.")]
    with pytest.raises(InputError, match=r"cue 2 .* at 60\.0 s \(Титры фильма, совсем другие"):
        align(cues, THREE, SOURCES)


@st.composite
def talks(draw) -> tuple[list[Cue], list[Segment], list[str]]:
    lengths = draw(
        st.lists(st.tuples(st.floats(0.1, 4), st.floats(0.6, 14)), min_size=1, max_size=25)
    )
    spans, at = [], 0.0
    for pause, length in lengths:
        spans.append((at + pause, at + pause + length))
        at += pause + length
    sources = [draw(st.sampled_from(["", "Some words here.", "x" * 80])) for _ in spans]
    texts = draw(
        st.lists(
            st.sampled_from(["Да.", "Это сад. Ночь.", "Длинная фраза " * 9 + "тут."]),
            min_size=1,
            max_size=25,
        )
    )
    if draw(st.booleans()):
        return (
            [Cue(number=i, text=t, span=None) for i, t in enumerate(texts, 1)],
            segments(*spans),
            sources,
        )
    edges = sorted(
        draw(
            st.lists(
                st.floats(spans[0][0], at),
                min_size=len(texts) + 1,
                max_size=len(texts) + 1,
                unique=True,
            )
        )
    )
    cues = [
        cue(i, a, b, t)
        for i, (a, b, t) in enumerate(zip(edges, edges[1:], texts, strict=False), 1)
        if b - a > 1e-3
    ]
    return cues, segments(*spans), sources


@given(talks())
def test_every_sentence_lands_once_in_order(talk):
    """For any cues and segments: one translation each, all sentences whole, once, in order."""
    cues, rows, sources = talk
    if not cues:
        return
    made = align(cues, rows, sources)
    assert len(made) == len(rows)
    given_sentences = [s for c in cues for s in split_sentences(c.text)]
    assert " ".join(t.text for t in made if t.text) == " ".join(given_sentences)
    for index, translation in enumerate(made):
        if translation.joined_to is not None:
            head = next(i for i, row in enumerate(rows) if row.id == translation.joined_to)
            assert head < index and made[head].text
            assert all(made[i].joined_to == translation.joined_to for i in range(head + 1, index))
