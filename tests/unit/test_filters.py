"""Which segments a filter lets through."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.types import Span
from dubbing.webui.filters import has_problem, matching
from dubbing.webui.views import SegmentView

pytestmark = pytest.mark.unit


def segment(number: int, **facts: object) -> SegmentView:
    """A segment without fault, but for the facts."""
    usual: dict[str, object] = {
        "id": number,
        "span": Span(start_s=number, end_s=number + 1),
        "speaker": "speaker-1",
        "words": None,
        "text": "All is well",
        "translation": "Всё хорошо",
        "source": "engine",
        "joined_to": None,
        "slot_s": 1.0,
        "length_s": 1.0,
        "rate": 1.0,
        "late_s": 0.0,
        "borrowed_s": 0.0,
        "status": "fits",
        "chunk": Path("a.wav"),
        "dub": Path("b.wav"),
    }
    return SegmentView(**(usual | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "late"},
        {"status": "rushed"},
        {"status": "untranslated"},
        {"fault": "starts 0.35 s late"},
        {"faults": ("the number 7 is not in the translation",)},
        {"warning": "it had not ended after 9.0 s"},
    ],
)
def test_each_kind_of_trouble_is_a_problem(facts: dict[str, object]) -> None:
    """Bad placement, a fault of the scorecard, of the translation, of the voice."""
    assert has_problem(segment(1, **facts))


@pytest.mark.parametrize("status", ["fits", "borrowed", "joined", None])
def test_a_segment_without_trouble_is_none(status: str | None) -> None:
    """Using the pause, being spoken with another and not being placed yet are no faults."""
    assert not has_problem(segment(1, status=status))


def test_filters_work_together_and_keep_the_order() -> None:
    """Kind, speaker and text must all hold."""
    rows = [
        segment(1, status="late"),
        segment(2, source="edited", speaker="speaker-2"),
        segment(3, status="late", speaker="speaker-2", text="A lighthouse"),
        segment(4, translation="Маяк"),
    ]

    def ids(**wanted: object) -> list[int]:
        return [s.id for s in matching(rows, **wanted)]  # type: ignore[arg-type]

    assert ids() == [1, 2, 3, 4]
    assert ids(kind="problem") == [1, 3]
    assert ids(kind="edited") == [2]
    assert ids(speaker="speaker-2") == [2, 3]
    assert ids(kind="problem", speaker="speaker-2", text="LIGHT") == [3]
    assert ids(text=" маяк ") == [4]
    assert ids(text="nothing says this") == []
