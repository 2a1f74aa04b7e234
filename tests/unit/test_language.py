"""Which stretches are asked for their language, and when a recording is refused for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.languages import NAMES, language_name
from dubbing.stages.language import mean_probabilities, other_language, spread
from dubbing.types import Span

pytestmark = pytest.mark.unit


@given(st.lists(st.floats(0.1, 15), max_size=40), st.integers(1, 5))
def test_stretches_come_from_all_over_the_recording(lengths: list[float], most: int):
    """As many as wanted or as there are, in order, one from each part."""
    spans = [Span(start_s=20.0 * i, end_s=20.0 * i + n) for i, n in enumerate(lengths)]
    found = spread(spans, most)
    assert len(found) == min(most, len(spans))
    assert found == [span for span in spans if span in found]
    if len(spans) >= 2 * most and len(spans) % 2 == 0 and most % 2 == 0:
        halves = {span.start_s >= spans[len(spans) // 2].start_s for span in found}
        assert halves == {True, False}


def test_the_longest_of_each_part_is_taken():
    """A short stretch tells little."""
    lengths = [1, 9, 2, 3, 1, 8]
    spans = [Span(start_s=20.0 * i, end_s=20.0 * i + n) for i, n in enumerate(lengths)]
    assert spread(spans, 3) == [spans[1], spans[3], spans[5]]


def test_a_long_clip_counts_more_than_a_short_one():
    """The mean is weighted by length; nothing is told of nothing."""
    found = mean_probabilities([(3.0, {"de": 1.0}), (1.0, {"en": 0.8, "de": 0.2})])
    assert found == {"de": 0.8, "en": 0.2}
    assert mean_probabilities([]) == {}
    assert mean_probabilities([(2.0, {})]) == {}


@pytest.mark.parametrize(
    ("probabilities", "found"),
    [
        ({"de": 0.99}, "de"),
        ({"ru": 0.8, "en": 0.01}, "ru"),
        ({"en": 0.97}, None),
        ({"en": 0.34, "es": 0.66}, None),  # one stretch of three is English
        ({"cy": 0.3, "en": 0.01, "nn": 0.3}, None),  # nobody knows: singing, or an accent
        ({"la": 0.8, "en": 0.02}, None),  # nor here: what Whisper then says
        ({}, None),  # a recogniser that cannot tell
    ],
)
def test_only_what_is_surely_another_language_is_refused(
    probabilities: dict[str, float], found: str | None
):
    """English must be next to impossible, and another language likely."""
    assert other_language(probabilities, "en") == found


def test_languages_have_names():
    """Those that Whisper tells apart; a code that nobody knows stands for itself."""
    from whisper.tokenizer import LANGUAGES

    assert set(NAMES) == set(LANGUAGES)
    assert language_name("de") == "German"
    assert language_name("xx") == "xx"
