"""Pauses inside clauses that no mark divides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.text.phrasing import with_pauses

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (
            "У нас есть связь чтобы получить информацию от людей и донести её обратно к ним.",
            "У нас есть связь, чтобы получить информацию от людей, и донести её обратно к ним.",
        ),
        (
            "Мы вложили огромные средства в ядерное сдерживание нашей страны.",
            "Мы вложили огромные средства, в ядерное сдерживание нашей страны.",
        ),
        ("Дети и взрослые.", "Дети и взрослые."),
        ("Мы шли вдоль реки, и он молчал.", "Мы шли вдоль реки, и он молчал."),
    ],
)
def test_a_breath_before_what_opens_a_phrase(text: str, spoken: str):
    """Before a conjunction after a long run, before a preposition after a very long one; never in a
    short phrase, never twice.
    """
    assert with_pauses(text) == spoken


@given(st.text("абви но, .—", max_size=120))
def test_words_stay_as_they_are(text: str):
    """Without the commas the text is the same as before."""
    plain = " ".join(text.replace(",", "").split())
    assert " ".join(with_pauses(text).replace(",", "").split()) == plain
