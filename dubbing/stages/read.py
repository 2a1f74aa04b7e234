"""What a speech engine is given to read: words only, names as they are said, ё and stress marks."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from dubbing.text.names import Name, spell_out
from dubbing.text.notes import without_notes
from dubbing.text.russian import speakable as speakable_russian
from dubbing.text.stress import MARK, WORD, canonical
from dubbing.types import MarkedText, MarkSource, StressMark


def readable(text: str, language: str, names: Sequence[Name] = ()) -> MarkedText:
    """The text as an engine can read it aloud in its language, with the marks that people have set;
    notes such as "(Laughter)" are not read.

    Args:
        text: A translation.
        language: ISO 639-1 code.
        names: How some words are said; Russian only.
    """
    text = without_notes(html.unescape(text))
    if language != "ru":
        return MarkedText(text=" ".join(text.split()))
    written = canonical(text)
    read = speakable_russian(spell_out(written, names))
    named = {word for name in names for word in _marked(name.spoken)} - set(_marked(written))
    return MarkedText(text=read, marks=tuple(_given(word, named) for word in _marked(read)))


def _given(word: str, named: set[str]) -> StressMark:
    by: MarkSource = "names" if word in named else "user"
    return StressMark(word=word, confidence=1.0, by=by)


def _marked(text: str) -> list[str]:
    return [word for word in re.findall(WORD, text) if MARK in word]


def accented(given: MarkedText, found: MarkedText) -> MarkedText:
    """People's marks and an accentor's as one.

    Args:
        given: The text that the accentor was given, with people's marks.
        found: What it made of that: the same words, more of them marked.
    """
    people, machine = iter(given.marks), iter(found.marks)
    pairs = zip(re.findall(WORD, given.text), re.findall(WORD, found.text), strict=True)
    marks = (
        next(people if MARK in before else machine) for before, after in pairs if MARK in after
    )
    return MarkedText(text=found.text, marks=tuple(marks))
