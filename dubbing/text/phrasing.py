"""Where a Russian speaker takes a breath inside a clause that no mark divides.

Synthetic voices pause at marks only and read forty characters and more in one go. People make
phrases of a few words, and pause before a conjunction or a preposition that opens
the next (Svetozarova 1982, "Интонационная система русского языка", on syntagmas).
"""

from __future__ import annotations

import re

BEFORE = 14  # characters since the last mark or pause, at least (a short preposition: twice) …
AFTER = 15  # … and to the next: shorter phrases sound chopped

_CONJUNCTIONS = frozenset(
    """
    и или но а да что чтобы который которая которое которые которого которой которых которым
    которыми которому которую где когда если хотя пока потому поэтому либо
    для из-за после перед через благодаря без вместо кроме ради среди против вокруг около
    """.split()
)
# Shorter prepositions belong to the verb before them more often than not.
_PREPOSITIONS = frozenset("в во с со при".split())
_MARK = re.compile(r"[.,!?:;…—–]$")


def with_pauses(text: str) -> str:
    """The same words with a comma wherever a speaker would breathe and the text has no mark.

    A phrase is opened by a conjunction, or by a preposition.
    """
    words = text.split()
    after = _characters_to_next_mark(words)
    spoken: list[str] = []
    run = 0
    for index, word in enumerate(words):
        least = BEFORE if word.lower() in _CONJUNCTIONS else 2 * BEFORE
        if run >= least and after[index] >= AFTER and _opens(words, index):
            spoken[-1] += ","
            run = 0
        spoken.append(word)
        run = 0 if _MARK.search(word) else run + len(word) + 1
    return " ".join(spoken)


def _opens(words: list[str], index: int) -> bool:
    """Whether a phrase begins with this word: "и для" is opened by the first of the two."""
    here, before = words[index].lower(), words[index - 1].lower()
    return here in _CONJUNCTIONS | _PREPOSITIONS and before not in _CONJUNCTIONS | _PREPOSITIONS


def _characters_to_next_mark(words: list[str]) -> list[int]:
    """For each word, how many characters there are from its start to the next mark."""
    lengths: list[int] = []
    run = 0
    for word in reversed(words):
        run = len(word) + (0 if _MARK.search(word) else run + 1)
        lengths.append(run)
    return lengths[::-1]
