"""The back-check on texts whose distance is known."""

from __future__ import annotations

import pytest

from dubbing.quality.backcheck import MARGIN_S, back_check, cer, cuts, fold
from dubbing.types import Span

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "language", "folded"),
    [
        ("В 2014 году — ура!", "ru", "в две тысячи четырнадцатом году ура"),
        ("Ещё за\u0301мок, за\u0300мок", "ru", "еще замок замок"),
        ("É já, não?", "pt", "é já não"),
        ("L'été, déjà.", "fr", "l été déjà"),
        (" … ", "ru", ""),
    ],
)
def test_texts_are_compared_as_letters_and_blanks(text: str, language: str, folded: str) -> None:
    """Case, stress, punctuation and figures make no difference; letters with accents do."""
    assert fold(text, language) == folded


@pytest.mark.parametrize(
    ("heard", "rate"),
    [
        ("Маяк у моря.", 0.0),
        ("маяк у горя", 0.091),
        ("", 1.0),
        ("совсем другое и во много раз длиннее того, что было сказано", 1.0),
    ],
)
def test_errors_are_counted_in_characters_and_capped(heard: str, rate: float) -> None:
    """One of eleven is 0.09; more wrong than there was to say is 1."""
    assert cer("Маяк у моря", heard, "ru") == rate


def test_a_number_in_figures_is_heard_as_its_words() -> None:
    """A recogniser writes 2014 for what was spoken in words."""
    assert cer("в две тысячи четырнадцатом году", "В 2014 году", "ru") == 0


def test_nothing_to_say_cannot_be_misheard() -> None:
    """It has no rate, so that it counts nowhere."""
    assert cer("…", "что-то", "ru") is None


def test_segments_far_above_the_median_are_named() -> None:
    """Not those that are as bad as the run is; only above 0.3 they count as misheard."""
    found = back_check("base", {1: 0.02, 2: 0.04, 3: 0.06, 7: 0.28, 9: 1.0})
    assert (found.segments, found.cer_median, found.cer_mean) == (5, 0.06, 0.28)
    assert (found.misheard, found.outliers) == (0.2, [7, 9])
    assert back_check("base", {1: 0.5, 2: 0.55, 3: 0.6}).outliers == []


def test_without_segments_there_is_nothing_to_count() -> None:
    """No share and no mean of nothing."""
    found = back_check("base", {})
    assert (found.segments, found.cer_mean, found.misheard, found.outliers) == (0, None, None, [])


def test_clips_have_a_margin_that_holds_no_neighbour() -> None:
    """Up to the middle of a gap, inside the media; where two dubs overlap there is none."""
    spans = [Span(start_s=0.05, end_s=2), Span(start_s=2.1, end_s=4), Span(start_s=3.9, end_s=6)]
    first, second, third = cuts(spans, 6.1)
    assert (first.start_s, first.end_s) == (0, pytest.approx(2.05))
    assert (second.start_s, second.end_s) == (pytest.approx(2.05), 4)
    assert (third.start_s, third.end_s) == (3.9, 6.1)
    (alone,) = cuts([Span(start_s=1, end_s=2)], 9)
    assert alone == Span(start_s=1 - MARGIN_S, end_s=2 + MARGIN_S)
    assert cuts([], 9) == []
