"""What is to be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubbing.quality.hearing import Track
from dubbing.quality.report import Cost
from dubbing.quality.text import SpokenText
from dubbing.runs.manifest import PlacementDoc
from dubbing.types import Loss, Segment, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A dub, and what it was made from.

    Attributes:
        original: The original sound.
        dub: The finished dub, as a player decodes it.
        voice: What the dub says, without what lies under it; None where that holds no speech, so
            that the finished dub tells as much.
        segments: What is spoken as one, ordered by their starts; see `fit.units`.
        placements: One per segment, in the same order.
        texts: One per segment, in the same order.
        languages: (source, target), ISO 639-1.
        supplied: The whole supplied translation; None where its words cannot be compared.
        end_s: The media's length.
        cost: What the dub cost, where it is known.
        left_out: Segments of which no sound is there.
        losses: What the source lacks against what it declares.
    """

    original: Track
    dub: Track
    voice: Track | None = None
    segments: Sequence[Segment]
    placements: Sequence[PlacementDoc]
    texts: Sequence[SpokenText]
    languages: tuple[str, str]
    supplied: str | None
    end_s: float
    cost: Cost | None
    left_out: Sequence[int] = ()
    losses: Sequence[Loss] = ()

    @property
    def spoken(self) -> list[tuple[Segment, PlacementDoc]]:
        """The segments that are dubbed, with their placements."""
        pairs = zip(self.segments, self.placements, strict=True)
        return [(s, p) for s, p in pairs if p.status != "untranslated"]

    @property
    def kept(self) -> list[Span]:
        """Where the original's voice stays, or silence."""
        pairs = zip(self.segments, self.placements, strict=True)
        return [s.span for s, p in pairs if p.status == "untranslated"]


def placed(placement: PlacementDoc) -> Span:
    """Where a dub is heard."""
    return Span(start_s=placement.start_s, end_s=placement.end_s)
