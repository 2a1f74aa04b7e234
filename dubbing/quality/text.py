"""What became of the text between the transcript and the finished file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from dubbing.quality.report import TextScore
from dubbing.text.completeness import faults
from dubbing.text.sentences import split_sentences
from dubbing.types import PlacementStatus

# Below it silero-stress marks foreign names and rare words, some wrongly; it is 2 % of a talk's.
SURE_STRESS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenText:
    """The text of one segment, or of several that are spoken as one.

    Attributes:
        id: The segment.
        source: What was said.
        translation: What the dub is to say; empty when there is nothing to say.
        status: Of the placement.
        read: What the speech engine was given to read of it.
        stressed: The confidence, 0..1, of each stress mark that a machine has set.
    """

    id: int
    source: str
    translation: str
    status: PlacementStatus
    read: str
    stressed: tuple[float, ...] = ()


def text_score(
    rows: Sequence[SpokenText], languages: tuple[str, str], supplied: str | None
) -> TextScore:
    """Counts of what came in and what went out.

    Args:
        rows: In order.
        languages: (source, target), ISO 639-1.
        supplied: The whole supplied translation; None where its words cannot be compared.
    """
    spoken = [row for row in rows if row.status != "untranslated"]
    said = " ".join(row.source for row in rows)
    dubbed = " ".join(row.translation for row in spoken)
    unsure = {row.id: sum(c < SURE_STRESS for c in row.stressed) for row in spoken}
    return TextScore(
        segments=len(rows),
        sentences_in=len(split_sentences(said)),
        sentences_out=len(split_sentences(dubbed)),
        words_lost=None if supplied is None else words_lost(supplied, dubbed),
        characters=len(" ".join(dubbed.split())),
        untranslated=[row.id for row in rows if row.status == "untranslated"],
        rushed=[row.id for row in rows if row.status == "rushed"],
        faults=[r.id for r in spoken if faults(r.source, r.translation, *languages)],
        unsure_stress=[number for number, words in unsure.items() if words],
        unsure_words=sum(unsure.values()),
    )


def words_lost(wanted: str, found: str) -> int:
    """How many words of one text are not found in the other, in their order."""
    words, others = wanted.split(), found.split()
    if words == others:
        return 0
    matcher = difflib.SequenceMatcher(None, words, others, autojunk=False)
    return len(words) - sum(block.size for block in matcher.get_matching_blocks())
