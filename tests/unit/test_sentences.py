"""Sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.text.sentences import split_sentences

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "sentences",
    [
        ["Good evening.", "Sit down!", "Why?"],
        ["Mr. Brown met Dr. Low at 3.14 p.", "Then he left."],
        ["The U.S. team won.", "It rained."],
        ["Это т. е. сад.", "И т.д.", "Потом ночь."],
        ["Стоит 3 трлн. долл. США, и всё.", "Да."],
        ["Его написал А. С. Пушкин.", "Давно."],
        ["Он сказал: «Иди!» и ушёл.", "Тихо."],
        ["«Кто там?»", "Никто."],
        ["He said no.", "Then he left.", "No. 5 is alive."],
        ["So did I.", "Then it rained."],
        ["We live in the U.S.", "It is big.", "George W. Bush won."],
        ["I like vitamin C.", "It helps Sen. Obama and J.K. Rowling."],
        ["Я сказал им.", "Мы едим рис.", "Их 5 млн.", "Рост 180 см."],
        ["Дж. Буш победил.", "В п. 5 и на рис. 2 видно.", "Это план Б.", "Мы готовы."],
        ["He lives in the U.K.", "Scientists found it.", "One more rep.", "Rest now."],
        ["Ну... может быть.", "Нет?!", "Да…"],
    ],
)
def test_split_where_a_reader_would(sentences: list[str]):
    """Sentences end at their stops, not at abbreviations, initials, numbers or quotes."""
    assert split_sentences(" ".join(sentences)) == sentences


@given(st.text())
def test_nothing_is_lost(text: str):
    """The sentences joined are the text with its white space folded."""
    assert " ".join(split_sentences(text)) == " ".join(text.split())
