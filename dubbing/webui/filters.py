"""Which segments a visitor wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dubbing.types import PlacementStatus
from dubbing.webui.views import SegmentView

Kind = Literal["all", "problem", "edited"]
KINDS: tuple[Kind, ...] = ("all", "problem", "edited")
BAD: frozenset[PlacementStatus] = frozenset(["late", "rushed", "untranslated"])


def has_problem(segment: SegmentView) -> bool:
    """Whether something is wrong with it, or a check says that something may be."""
    found = (segment.fault, segment.faults, segment.warning)
    return segment.status in BAD or any(found)


def is_of(segment: SegmentView, kind: Kind) -> bool:
    """Whether the segment belongs to those of the kind."""
    if kind == "problem":
        return has_problem(segment)
    return kind == "all" or segment.source == "edited"


def matching(
    segments: Sequence[SegmentView], kind: Kind = "all", speaker: str | None = None, text: str = ""
) -> list[SegmentView]:
    """The segments that are of the kind, of the speaker, and say the text; in their order.

    Args:
        segments: All of them.
        kind: Of which kind.
        speaker: Key of a speaker; None for anyone.
        text: Looked for in transcript and translation, whatever its case; empty for any.
    """
    wanted = text.strip().casefold()
    return [
        segment
        for segment in segments
        if is_of(segment, kind)
        and speaker in {None, segment.speaker}
        and wanted in f"{segment.transcript}\n{segment.translation or ''}".casefold()
    ]
