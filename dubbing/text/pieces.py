"""A long text in pieces that a speech engine can say in one go; nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from dubbing.text.sentences import split_sentences

_CLAUSE = re.compile(r"(?<=[,;:—–])\s|\s(?=[—–(])")
_BLANK = re.compile(r"\s")


def split_pieces(text: str, limit: int) -> list[str]:
    """The text in order, each piece at most `limit` characters long.

    A text that is too long is halved where it hurts least: between sentences, else clauses, else
    words, as near to the middle as can be; only a word longer than the limit is cut itself.
    Without white space, the joined pieces are the text. An empty text has no pieces.

    Args:
        text: White space in it is folded to blanks.
        limit: The most characters, ≥ 1.
    """
    folded = " ".join(text.split())
    if len(folded) <= limit:
        return [folded] if folded else []
    at = _cut(folded, limit)
    return [*split_pieces(folded[:at], limit), *split_pieces(folded[at:], limit)]


def _cut(text: str, limit: int) -> int:
    """Where to halve, 0 < place < len(text): the best kind of place that leaves no crumb."""
    middle, least = len(text) / 2, min(limit, len(text)) / 5
    for places in (_between_sentences(text), _places(_CLAUSE, text), _places(_BLANK, text)):
        fair = [at for at in places if least <= at <= len(text) - least]
        if fair:
            return min(fair, key=lambda at: abs(at - middle))
    return _places_or_middle(text)


def _places_or_middle(text: str) -> int:
    """The blank nearest to the middle, however small a piece that leaves; else the middle."""
    middle = len(text) // 2
    return min(_places(_BLANK, text), key=lambda at: abs(at - middle), default=middle)


def _between_sentences(text: str) -> Iterator[int]:
    lengths = [len(sentence) + 1 for sentence in split_sentences(text)]
    return accumulate(lengths[:-1])


def _places(kind: re.Pattern[str], text: str) -> Iterator[int]:
    return (match.end() for match in kind.finditer(text))
