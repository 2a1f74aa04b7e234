"""Pauses of the dub where the original speaker pauses and the sentence allows it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.text.phrasing import Pause, breathe

pytestmark = pytest.mark.unit


def pause(share: float, length_s: float = 0.5) -> Pause:
    return Pause(share=share, length_s=length_s)


@pytest.mark.parametrize(
    ("text", "share", "spoken"),
    [  # before a conjunction, near enough to where the original pauses
        (
            "Каждый вечер он протирал линзу мягкой тряпкой и зажигал лампу.",
            0.7,
            "Каждый вечер он протирал линзу мягкой тряпкой; и зажигал лампу.",
        ),
        (  # a mark is there already: it becomes one at which every voice pauses
            "Луна была полной, и каждый лист блестел серебром.",
            0.4,
            "Луна была полной; и каждый лист блестел серебром.",
        ),
        (  # the clause's subject comes after a phrase of its own
            "Мальчишкой я проводил там каждое лето.",
            0.42,
            "Мальчишкой; я проводил там каждое лето.",
        ),
        (  # two words that can be parted
            "Сегодня самый большой риск глобальной катастрофы не выглядит так.",
            0.45,
            "Сегодня самый большой риск; глобальной катастрофы не выглядит так.",
        ),
        (  # an adjective is not parted from its noun
            "Сегодня самый большой риск глобальной катастрофы не выглядит так.",
            0.57,
            "Сегодня самый большой риск глобальной катастрофы не выглядит так.",
        ),
        ("Никто не мог бы посмотреть.", 0.45, "Никто не мог бы посмотреть."),
        ("Дети и взрослые.", 0.3, "Дети и взрослые."),  # phrases would be too short
    ],
)
def test_a_breath_where_the_original_pauses(text: str, share: float, spoken: str):
    """At marks, before words that open a phrase, else between words that can be parted."""
    assert breathe(text, [pause(share)]) == spoken


def test_a_short_pause_parts_no_words_that_belong_together():
    """0.2 s are answered before a conjunction only, 0.4 s between other words too."""
    text = "Мой дед работал смотрителем маяка много долгих лет."
    assert breathe(text, [pause(0.65, 0.2)]) == text
    assert breathe(text, [pause(0.65, 0.4)]) != text


def test_without_pauses_nothing_changes():
    """A text is read as it stands when the original does not pause."""
    assert breathe("Они нашли людей и предотвратили новые инфекции.", []) == (
        "Они нашли людей и предотвратили новые инфекции."
    )


@given(
    st.text("абви но, .—", max_size=120),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.2, 2)), max_size=6),
)
def test_words_stay_as_they_are(text: str, drawn):
    """Whatever the pauses: without commas and semicolons the text is the same as before."""
    pauses = [pause(share, length_s) for share, length_s in sorted(drawn)]
    plain = " ".join(re.sub("[,;]", " ", text).split())
    assert " ".join(re.sub("[,;]", " ", breathe(text, pauses)).split()) == plain


@pytest.mark.parametrize("share", [k / 20 for k in range(1, 20)])
def test_no_breath_goes_through_a_number(share: float) -> None:
    """With a pause inside it "twenty-five million" would be heard as two numbers."""
    text = "Это стоит двадцать пять миллионов долларов в каждый год"
    breathed = breathe(text, [Pause(share=share, length_s=0.5)])
    assert "двадцать пять миллионов долларов" in breathed
