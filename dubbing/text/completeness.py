"""Whether a translation says all that its source says, as far as that shows without a model.

Each check looks for one way in which translations come out damaged, above all the commonest one
of sentence models that are given too much: a sentence is left out and what remains reads well.
The sentences of the source are laid onto the clauses of the translation by their lengths, as Gale
and Church (1993, "A program for aligning sentences in bilingual corpora") align corpora; where it
is cheaper to leave a sentence without a counterpart, it has none.

What does not show: a wrong word, a lost name, a clause of a few words. Names are not looked for,
since many of them are translated ("World Bank", "WHO"), nor can the checks tell that a translation
is good.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from dubbing.text.negation import is_negated, may_be_negated
from dubbing.text.numbers import knows_words, readable, stated
from dubbing.text.sentences import split_sentences

FaultKind = Literal[
    "empty",
    "untranslated",
    "damaged",
    "broken_off",
    "dropped",
    "added",
    "length",
    "number",
    "question",
    "negation",
    "repeated",
]

# Characters of a translation per character of its source: en-ru between machine translations of a
# talk (1.05) and human ones of news (1.11 in NTREX-128); en-pt from software messages (1.1).
RATIOS = {("en", "ru"): 1.06, ("ru", "en"): 0.94, ("en", "pt"): 1.08, ("pt", "en"): 0.93}
# Variance of a translation's length: per character of the source, and of any text however short
# ("Sure." may become "Само собой."). Software messages, en-ru and en-pt, have 2 to 3.5 per
# character; Gale and Church found 6.8 in paragraphs of a bank's reports.
VARIANCE_PER_CHARACTER = 2.0
LEAST_VARIANCE = 25.0
# What it costs to leave a sentence without a counterpart, or to add one: the negative logarithm
# of how often that happens, as Gale and Church have it (0.0099 in both ways together: 5.3).
UNMATCHED = 5.0
# What it costs where the ends of sentences do not meet: a comma for a stop, or a stop inside.
UNEVEN = 0.7
MOST_CLAUSES = 24  # that one sentence may become
# A single sentence off by so many standard deviations has lost or gained a part of itself. Being
# longer is more often innocent: a word explained, a short form written out.
TOO_SHORT = 2.8
TOO_LONG = 4.0

_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+(?=[—–-]\s)|\s+(?=(?:и|а|но|или|and|but|or|e|mas|ou)\s)")
_STOP = re.compile(r"[.!?…][\"'”’»)\]]*$")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[\da-fA-F]{1,5});")
# The replacement character, tokens and signs that a model made, UTF-8 read as Latin-1 (Ð, Ñ).
_GARBAGE = re.compile(r"\ufffd|⁇|▁|[<>]|[ÐÑ][\u0080-\u00bf]|\bâ€")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CYRILLIC = frozenset(["ru", "uk", "be", "bg", "sr", "mk"])
_MANY_LATIN_WORDS = 5  # in a row in a Cyrillic text: more than a title or a name has


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a translation seems to have lost, doubled or broken.

    Attributes:
        kind: What kind of fault.
        explanation: One plain sentence for a person; it quotes figures, never the text.
    """

    kind: FaultKind
    explanation: str


@dataclass(frozen=True, slots=True)
class _Pair:
    source: str
    translation: str
    source_language: str
    target_language: str


def faults(
    source: str, translation: str, source_language: str, target_language: str
) -> list[Fault]:
    """What is wrong with a translation, in the order of the checks; empty: nothing shows.

    Works on a sentence as on a paragraph. Languages other than English, Russian and Portuguese
    are checked for less: their number words and negations are not known.

    Args:
        source: What was said.
        translation: Its translation.
        source_language: ISO 639-1 code.
        target_language: ISO 639-1 code.
    """
    pair = _Pair(
        " ".join(source.split()), " ".join(translation.split()), source_language, target_language
    )
    if not _WORD.search(pair.source):
        return []
    if not _WORD.search(pair.translation):
        return [Fault("empty", "there is no word in the translation")]
    checks = (_untranslated, _damaged, _broken_off, _sentences, _numbers, _questions, _negations)
    return [fault for check in (*checks, _repetitions) for fault in check(pair)]


# ---- the text itself


def _untranslated(pair: _Pair) -> Iterator[Fault]:
    words = _WORD.findall(pair.translation)
    if pair.target_language in _CYRILLIC and pair.source_language not in _CYRILLIC:
        row = re.search(rf"(?:\b[A-Za-z'’]+\b[ ,]*){{{_MANY_LATIN_WORDS}}}", pair.translation)
        no_cyrillic = not re.search(r"[а-яё]", pair.translation.casefold())
        # A name or a short form alone may stay as it is: "NASA", "Linux."
        if row or (no_cyrillic and any(word.islower() and word.isalpha() for word in words)):
            yield Fault("untranslated", "the translation holds words of the source language")
    elif len(words) >= 4 and pair.source.casefold() == pair.translation.casefold():
        yield Fault("untranslated", "the translation is the source itself")


def _damaged(pair: _Pair) -> Iterator[Fault]:
    if _ENTITY.search(pair.translation) and not _ENTITY.search(pair.source):
        yield Fault("damaged", "the translation holds HTML entities")
    if _GARBAGE.search(pair.translation) and not _GARBAGE.search(pair.source):
        yield Fault("damaged", "the translation holds signs that are no text")


def _broken_off(pair: _Pair) -> Iterator[Fault]:
    """A source that ends with a stop, and a translation that does not, or trails off in dots."""
    if not _STOP.search(pair.source):
        return
    if not _STOP.search(pair.translation):
        yield Fault("broken_off", "the translation breaks off without a full stop")
    elif _trails(pair.translation) and not _trails(pair.source):
        yield Fault("broken_off", "the translation ends in dots, its source does not")


def _trails(text: str) -> bool:
    return text.rstrip("\"'”’»)]").endswith(("...", "…"))


# ---- sentences without a counterpart


def _sentences(pair: _Pair) -> Iterator[Fault]:
    ratio = RATIOS.get((pair.source_language, pair.target_language), 1.0)
    lengths = [len(sentence) + 1 for sentence in split_sentences(pair.source)]
    if len(lengths) == 1:
        yield from _length(pair, ratio)
        return
    dropped, added = _unmatched([ratio * length for length in lengths], _clauses(pair.translation))
    for number in dropped:
        yield Fault(
            "dropped", f"a sentence is left out, it seems number {number + 1} of {len(lengths)}"
        )
    if added:
        yield Fault("added", "the translation says more than its source")


def _length(pair: _Pair, ratio: float) -> Iterator[Fault]:
    off = _deviations(len(pair.translation), ratio * len(pair.source))
    share = f"{len(pair.translation)} characters for {len(pair.source)}"
    if off < -TOO_SHORT:
        yield Fault("length", f"the translation is too short: {share}")
    elif off > TOO_LONG:
        yield Fault("length", f"the translation is too long: {share}")


def _deviations(length: float, expected: float) -> float:
    return (length - expected) / math.sqrt(VARIANCE_PER_CHARACTER * expected + LEAST_VARIANCE)


@dataclass(frozen=True, slots=True)
class _Clause:
    length: int
    ends_sentence: bool


def _clauses(text: str) -> list[_Clause]:
    found: list[_Clause] = []
    for sentence in split_sentences(text):
        pieces = [piece for piece in _CLAUSE.split(sentence) if piece]
        found += [_Clause(len(piece) + 1, piece is pieces[-1]) for piece in pieces]
    return found


def _unmatched(expected: Sequence[float], clauses: Sequence[_Clause]) -> tuple[list[int], bool]:
    """The indices of sentences that no clause stands for, and whether there are clauses that stand
    for no sentence.

    The cheapest way through both texts, in order: each sentence becomes a row of clauses or
    nothing, and rows of clauses may stand for nothing.

    Args:
        expected: How long each sentence's translation should be, in characters.
        clauses: Of the translation.
    """
    costs = {(0, 0): 0.0}
    came: dict[_Place, tuple[_Place, str]] = {}
    for place in product(range(len(expected) + 1), range(len(clauses) + 1)):
        for then, cost, how in _moves(place, expected, clauses):
            if costs[place] + cost < costs.get(then, math.inf):
                costs[then], came[then] = costs[place] + cost, (place, how)
    way = []
    place = (len(expected), len(clauses))
    while place != (0, 0):
        place, how = came[place]
        way.append((place[0], how))
    dropped = sorted(sentence for sentence, how in way if how == "dropped")
    return dropped, any(how == "added" for _, how in way)


_Place = tuple[int, int]  # (sentences, clauses) that are behind


def _moves(
    place: _Place, expected: Sequence[float], clauses: Sequence[_Clause]
) -> Iterator[tuple[_Place, float, str]]:
    """Where the way may go on from a place, at what cost and how."""
    sentence, first = place
    if sentence < len(expected):
        yield (sentence + 1, first), UNMATCHED, "dropped"
    length, stops = 0, 0
    for last in range(first, min(len(clauses), first + MOST_CLAUSES)):
        length += clauses[last].length
        yield (sentence, last + 1), UNMATCHED, "added"
        if sentence < len(expected):
            uneven = stops + (not clauses[last].ends_sentence)
            off = _deviations(length, expected[sentence])
            yield (sentence + 1, last + 1), off**2 / 2 + UNEVEN * uneven, "matched"
        stops += clauses[last].ends_sentence


# ---- what a sentence means


def _numbers(pair: _Pair) -> Iterator[Fault]:
    """Numbers of the source that are not in the translation, and figures that are new there."""
    words = knows_words(pair.target_language) and knows_words(pair.source_language)
    there = readable(pair.translation, pair.target_language)
    for readings in stated(pair.source, pair.source_language):
        # Where number words are not known, a small figure may well be there in words.
        if not readings & there and (words or max(readings) > 100):
            yield Fault("number", f"the number {max(readings):.15g} is not in the translation")
    here = readable(pair.source, pair.source_language)
    for readings in stated(pair.translation, pair.target_language, figures_only=True):
        if not readings & here and (words or max(readings) > 100):
            yield Fault("number", f"the number {max(readings):.15g} is not in the source")


def _questions(pair: _Pair) -> Iterator[Fault]:
    if not _STOP.search(pair.source):
        return  # speech recognised without punctuation says nothing about questions
    sources, targets = split_sentences(pair.source), split_sentences(pair.translation)
    asked = sum(_asks(sentence) for sentence in sources)
    answered = sum(_asks(sentence) for sentence in targets)
    # Questions may be joined or parted ("Why? Where?"); with as many sentences they are not.
    even = len(sources) == len(targets)
    if asked > answered and (even or not answered):
        yield Fault("question", "a question of the source is none in the translation")
    if answered > asked and (even or not asked):
        yield Fault("question", "the translation asks what the source does not")


def _asks(sentence: str) -> bool:
    return sentence.rstrip("\"'”’»)]!").endswith("?")


def _negations(pair: _Pair) -> Iterator[Fault]:
    """Only what is certain: statements that stand one against one, a negated verb on one side, no
    sign of a negation on the other.
    """
    sources, targets = split_sentences(pair.source), split_sentences(pair.translation)
    if len(sources) != len(targets):
        return
    for number, (source, target) in enumerate(zip(sources, targets, strict=True), 1):
        if "?" in source + target:
            continue  # "Why don't you come?" invites
        here, there = pair.source_language, pair.target_language
        if is_negated(source, here) and not may_be_negated(target, there):
            yield Fault("negation", f"sentence {number} is no longer negated")
        if is_negated(target, there) and not may_be_negated(source, here):
            yield Fault("negation", f"sentence {number} is negated, in the source it is not")


# ---- repetition

_LONG_ROW = 5  # words: once more somewhere in a text, such a row is seldom chance
_SHORT_ROWS = ((1, 4), (2, 3), (3, 2), (4, 2))  # words in the row, times one after another


def _repetitions(pair: _Pair) -> Iterator[Fault]:
    source, target = _folded_words(pair.source), _folded_words(pair.translation)
    if _most(target, _LONG_ROW) > _most(source, _LONG_ROW - 1):
        yield Fault("repeated", "the translation repeats itself more than its source")
        return
    for words, times in _SHORT_ROWS:
        if _stutters(target, words, times) and not _stutters(source, words, 2):
            yield Fault("repeated", f"{words} words stand {times} times one after another")
            return


def _folded_words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _most(words: Sequence[str], row: int) -> int:
    """How often the commonest row of that many words occurs, at least 1."""
    rows = Counter(tuple(words[at : at + row]) for at in range(len(words) - row + 1))
    return max(rows.values(), default=1)


def _stutters(words: Sequence[str], row: int, times: int) -> bool:
    width = row * times
    return any(
        list(words[at : at + width]) == list(words[at : at + row]) * times
        for at in range(len(words) - width + 1)
    )
