"""Where a Russian speaker breathes: a pause put into a sentence where the original speaker pauses.

A synthetic voice pauses at marks only. A dubbing actor pauses with the person on the screen, where
the sentence allows it: best at a mark that is there anyway, else before a word that opens a phrase
(on syntagmas: Svetozarova 1982, "Интонационная система русского языка"), and only for a long pause
between other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dubbing.text.russian.numerals import cardinal
from dubbing.text.stress import without_marks

# Characters that a break may lie away from where the original pauses: about half a second.
REACH = 14.0
# What a break costs, in characters of distance: at a mark nothing, before an opening word little.
OPENING, PLAIN = 4.0, 8.0
LONG_PAUSE_S = 0.3  # a shorter one is not worth a break between words that belong together
SHORTEST = 8  # characters of a phrase

OPENS = frozenset(
    """
    и или но а да что чтобы который которая которое которые которого которой которых которым
    которыми которому которую где когда если хотя пока потому поэтому либо как чем
    для из-за после перед через благодаря без вместо кроме ради среди против вокруг около
    во в со с на по из от до при между под над о об к у за
    """.split()
)
# A clause goes on with its subject behind a phrase of time or place: "На закате; мы …".
_SUBJECTS = frozenset("я ты он она оно мы вы они".split())
# What follows belongs to these words: no breath behind them.
_LEANS = OPENS | frozenset(
    """
    не ни же бы ли я ты он она оно мы вы они мой моя моё мои наш наша наше наши ваш его её их свой
    этот эта это эти тот та те то так такой очень уже ещё еще только даже самый самая самое самые
    более менее несколько около почти просто один одна два три весь вся всё все каждый каждая
    каждое быть был была было были есть эту этой этом этих того том тех одну одной моей нашей
    """.split()
)
# Nor behind a part of a number: "двадцать; пять миллионов" would be two.
_NUMERALS = frozenset(
    word
    for number in (*range(20), *range(20, 100, 10), *range(100, 1000, 100))
    for case in "ngdip"
    for gender in "mf"
    for word in cardinal(number, case, gender).split()
) | frozenset(
    """
    тысяча тысячи тысяч тысячу тысячам тысячах миллион миллиона миллионов миллиард миллиарда
    миллиардов триллион триллиона триллионов целая целых
    """.split()
)
# Words of these endings lean on the noun behind them, for the most part.
_ADJECTIVE = re.compile(r"(?:[ыио]й|[ая]я|[ое]е|[ыи]е|[ыи]х|[ое]го|[ое]му|[ыи]ми?|[ую]ю|[ое]м)$")
_PARTICLES = frozenset("бы же ли б ж не ни то нибудь".split())
# Festival runs over many a comma without a pause, and over no semicolon: 0.23 s.
BREATH = ";"
_STOP = re.compile(r"[.!?:;…—–][\"»”)]*$")
_MARK = re.compile(r"[.,!?:;…—–][\"»”)]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of the original speaker.

    Attributes:
        share: How much of the speech lies before it, 0..1.
        length_s: How long it lasts.
    """

    share: float
    length_s: float


def phrase_count(text: str) -> int:
    """How many phrases a text has: it may pause at each mark."""
    return 1 + sum(1 for word in text.split()[:-1] if _MARK.search(word))


def breathe(text: str, pauses: Sequence[Pause]) -> str:
    """The same words, with a semicolon where the original pauses and the sentence allows a breath.

    Args:
        text: Russian, as a speech engine reads it; stress marks are no characters.
        pauses: Of the original, ascending.
    """
    words = text.split()
    if len(words) < 2:
        return text
    bare = [without_marks(word).lower() for word in words]
    ends = list(accumulate(len(word) + 1 for word in bare))
    breaks = {i for i in range(len(words) - 1) if _MARK.search(words[i])}
    taken: set[int] = set()
    for pause in pauses:
        ideal = pause.share * ends[-1]
        costs = {
            i: abs(ends[i] - ideal) + _price(bare, i, pause.length_s)
            for i in range(len(words) - 1)
            if i not in taken and (i in breaks or _is_free(ends, i, breaks))
        }
        best = min(costs, key=lambda i: costs[i], default=None)
        if best is None or costs[best] > REACH:
            continue
        taken.add(best)
        breaks.add(best)
        words[best] = words[best].rstrip(",") + ("" if _STOP.search(words[best]) else BREATH)
        bare[best] = without_marks(words[best]).lower()
    return " ".join(words)


def _price(words: Sequence[str], index: int, length_s: float) -> float:
    """What a breath behind this word costs; more than `REACH`: none is possible.

    Args:
        words: In small letters, without stress marks.
        index: Which of them.
        length_s: Of the original's pause.
    """
    word, following = words[index], words[index + 1]
    if _MARK.search(words[index]):
        return 0.0
    if word in _LEANS or word in _NUMERALS or following in _PARTICLES:
        return 2 * REACH
    if following in OPENS | _SUBJECTS:
        return OPENING
    return 2 * REACH if length_s < LONG_PAUSE_S or _ADJECTIVE.search(word) else PLAIN


def _is_free(ends: Sequence[int], index: int, breaks: set[int]) -> bool:
    """Whether the phrases that a new break makes are long enough."""
    edges = [0, ends[-1], *(ends[i] for i in breaks)]
    return all(abs(ends[index] - edge) >= SHORTEST for edge in edges)
