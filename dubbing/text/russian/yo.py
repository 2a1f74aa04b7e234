"""The letter ё where it was written as е."""

from __future__ import annotations

import re

# The dictionary knows the tool "тёсла" and neither the inventor, the unit nor the company.
_NAMES = frozenset({"тесла"})
_WORD = re.compile("[А-ЯЁа-яё]+")


def restore_yo(text: str) -> str:
    """The text with ё in every word that cannot be read otherwise ("ребенок"), by peyo's
    dictionary of such words; "все", which may be two words, stays.
    """
    from peyo import yoify  # its dictionary takes a moment to read

    # Word by word: in running text it leaves out what may be a short form, and we have none left.
    return _WORD.sub(lambda word: word[0] if word[0].lower() in _NAMES else yoify(word[0]), text)
