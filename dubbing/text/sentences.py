"""Sentences of a text; nothing is lost."""

from __future__ import annotations

import re

# A stop after these ends no sentence. Lower case, without the last stop.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st vs etc e.g i.e approx sr sra sen gov gen lt col mt rev rep capt sgt
    т.е т.к т.д т.п т.н др пр г гг в вв н.э руб ул дж св акад
    """.split()
)
# A stop after these ends no sentence where a number follows: "No. 5", "рис. 2".
_NUMBERED = frozenset("no fig гл п рис стр".split())
# What begins a sentence rather than a name: "He lives in the U.S. It is big."
_OPENERS = frozenset(
    """
    a an and as at because but do every for he her here his how if in it just let my no not now of
    on our she so that then there these they this those today we well what when where who why yes
    you вот все вы для если и или их как когда мы на но об он она они оно по потом поэтому почему
    так там то ты что эта эти это этот я
    """.split()
)
# What may follow "and so on." when the sentence is over: then the abbreviation ends it as well.
_ENDING = frozenset(["etc", "т.д", "т.п", "др", "руб", "г", "гг"])
_PLACES = frozenset("u.k l.a d.c u.n e.u n.y b.c a.d".split())
_TITLES = frozenset("gen gov col mt rev rep capt sgt sen lt prof st dr".split())
_INITIALS = re.compile(r"(?:[^\W\d_a-zа-яё]\.)*(?!I$)[^\W\d_a-zа-яё]")
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+")
# Of recognised words, which stand alone.
_SENTENCE_END = (".", "?", "!", "…", '."', '?"', '!"', ".”", "?”", "!”")
_NOT_AN_END = ("Mr.", "Mrs.", "Ms.", "Dr.", "St.", "vs.", "e.g.", "i.e.", "U.S.")
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
    if not opening[:1].isalnum() or opening[0].islower():
        return True  # a mark is part of what stands before, or nothing follows
    found = _LAST_WORD.search(before)
    return found is not None and _belongs(found.group(1).lstrip("\"'“‘«(["), opening)


def _belongs(word: str, opening: str) -> bool:
    """Whether a word with a stop, and what begins with a capital or a figure, are one sentence."""
    short = word.casefold()
    if short in _NUMBERED:
        return opening[0].isdigit()
    if short == "долл":
        return opening.startswith("США")
    if short in _PLACES:
        return False
    if short in _TITLES and word.islower():
        return False
    if _INITIALS.fullmatch(word):
        return re.findall(r"\w+", opening)[0].casefold() not in _OPENERS
    return short in _ABBREVIATIONS and short not in _ENDING


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with this word."""
    return word.endswith(_SENTENCE_END) and not word.endswith(_NOT_AN_END)
