"""The letter ё where it was written as е."""

from __future__ import annotations

import re

_WORD = re.compile("[А-ЯЁа-яё]+")


def restore_yo(text: str) -> str:
    """The text with ё in every word that cannot be read otherwise ("ребенок"), by peyo's
    dictionary of such words; "все", which may be two words, stays.
    """
    from peyo import yoify  # its dictionary takes a moment to read

    # Word by word: in running text it leaves out what may be a short form, and we have none left.
    return _WORD.sub(lambda match: yoify(match[0]), text)
