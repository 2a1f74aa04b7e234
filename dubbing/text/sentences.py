"""Sentences of a text; nothing is lost."""

from __future__ import annotations

import re

# A stop after these ends no sentence. Lower case, without the last stop.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st vs etc e.g i.e u.s no fig approx sr sra т.е т.к т.д т.п т.н др пр г
    гг в вв н.э руб долл коп тыс млн млрд трлн им ул стр рис см
    """.split()
)
# What may follow "and so on." when the sentence is over: then the abbreviation ends it as well.
_ENDING = frozenset(["etc", "т.д", "т.п", "др", "долл", "руб", "г", "гг"])
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+")
# Of recognised words, which stand alone.
_SENTENCE_END = (".", "?", "!", "…", '."', '?"', '!"', ".”", "?”", "!”")
_NOT_AN_END = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.", "vs.", "e.g.", "i.e.", "U.S.", "No.")
_LAST_WORD = re.compile(r"(\S+)\.[\"'”’»)\]]*\s*$")


def split_sentences(text: str) -> list[str]:
    """The sentences in order. Joined by blanks they are the text with its white space folded."""
    sentences: list[str] = []
    rest = " ".join(text.split())
    start = 0
    for match in _BREAK.finditer(rest):
        if _goes_on(rest[start : match.end()], rest[match.end() :]):
            continue
        sentences.append(rest[start : match.end()].strip())
        start = match.end()
    if rest[start:]:
        sentences.append(rest[start:])
    return sentences


def _goes_on(before: str, after: str) -> bool:
    """Whether the sentence goes on behind a mark that could end it."""
    opening = after.lstrip("\"'“‘«([-–—")
    if not opening[:1].isalnum():
        return True  # a dash or another mark, or nothing: part of what stands before
    if opening[:1].islower():
        return True
    found = _LAST_WORD.search(before)
    if found is None:
        return False
    word = found.group(1).lstrip("\"'“‘«([").casefold()
    if len(word) == 1 and word.isalpha() and before.rstrip()[-2].isupper():
        return True  # an initial
    if word == "долл" and opening.startswith("США"):
        return True
    return word in _ABBREVIATIONS and word not in _ENDING


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with this word."""
    return word.endswith(_SENTENCE_END) and not word.endswith(_NOT_AN_END)
