"""Long texts cut into pieces for a speech engine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.text.pieces import split_pieces

pytestmark = pytest.mark.unit

TALK = (
    "Когда я был ребёнком, больше всего мы боялись ядерной войны. Поэтому в нашем подвале стояла "
    "бочка, полная банок с едой и водой. Если бы началась война, нам следовало спуститься вниз, "
    "сесть на корточки и есть из этой бочки."
)


@given(st.text(alphabet="ая .,;—-!?…()\n", max_size=400), st.integers(1, 60))
def test_loses_nothing_and_keeps_the_limit(text: str, limit: int) -> None:
    """Without white space the pieces are the text; none is empty, padded or too long."""
    pieces = split_pieces(text, limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= limit and piece == piece.strip() for piece in pieces)


@given(st.lists(st.text(alphabet="абвг", min_size=1, max_size=10), max_size=60))
def test_words_stay_whole(words: list[str]) -> None:
    """Words shorter than the limit are never cut."""
    assert " ".join(split_pieces(" ".join(words), 12)).split() == words


def test_a_text_within_the_limit_stays_one() -> None:
    """No cut is made without need, whatever stops are inside."""
    assert split_pieces("Раз. Два, три.", 182) == ["Раз. Два, три."]


def test_is_cut_between_sentences_first() -> None:
    """Two pieces, the cut at the full stop nearest to the middle, not at a comma nearer to it."""
    first, second = split_pieces(TALK, 182)
    assert first.endswith("с едой и водой.")
    assert second.startswith("Если бы началась")


def test_a_long_sentence_is_cut_between_clauses() -> None:
    """The comma goes with the clause before it, a dash with the clause that it opens."""
    sentence = "если бы началась эта война, нам следовало бы спуститься вниз"
    assert split_pieces(sentence, 50) == [
        "если бы началась эта война,",
        "нам следовало бы спуститься вниз",
    ]
    dashed = "это был очень долгий и трудный путь — мы прошли его до конца"
    assert split_pieces(dashed, 50)[1].startswith("— мы")


def test_leaves_no_crumbs() -> None:
    """A comma after the first word is no place to cut a long sentence."""
    sentence = "Да, " + "слово " * 40
    assert min(map(len, split_pieces(sentence, 182))) > 100


def test_an_endless_word_is_cut_in_the_middle() -> None:
    """A word longer than the limit is the only thing that is cut inside."""
    assert split_pieces("а" * 300, 182) == ["а" * 150, "а" * 150]
