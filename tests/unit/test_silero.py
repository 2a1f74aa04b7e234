"""Starts of speech heard forwards and backwards, on spans that are known."""

from __future__ import annotations

import pytest

from dubbing.engines.silero import _earlier_starts
from dubbing.types import Span

pytestmark = pytest.mark.unit


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def test_start_after_music_is_where_it_is_heard_backwards():
    """After a long time without speech the start that only the backward pass hears counts."""
    assert _earlier_starts([span(13.6, 15)], [span(12, 14.9)]) == [span(12, 15)]


@pytest.mark.parametrize(
    ("found", "backward"),
    [
        ([span(13.6, 15)], [span(13.4, 14.9)]),
        ([span(1, 2), span(4.5, 6)], [span(0.9, 5.9)]),
        ([span(13.6, 15)], [span(5, 9), span(13.5, 15)]),
        ([span(13.6, 15)], []),
    ],
    ids=["no more than blur", "soon after other speech", "another span", "nothing heard"],
)
def test_other_starts_stay(found: list[Span], backward: list[Span]):
    """Everywhere else the forward pass, which times starts better, decides."""
    assert _earlier_starts(found, backward) == found


def test_moved_start_never_reaches_the_speech_before():
    """A start that is moved stops where the speech before ended."""
    moved = _earlier_starts([span(1, 2), span(8, 9)], [span(0.5, 8.5)])
    assert moved == [span(1, 2), span(2, 9)]
