"""What numbers are made of: cardinals, ordinals, Roman figures."""

from __future__ import annotations

import re
from itertools import pairwise

from num2words import num2words

START = r"(?<![\w,.])"  # in front of a number that is none's end
ROMAN = r"(?=[IVX])(X{0,3}(?:IX|IV|V?I{0,3}))"
_REACH = 60  # characters: two long words
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}


def cardinal(number: int, case: str = "n", gender: str = "m") -> str:
    """A cardinal number.

    Args:
        number: ≥ 0.
        case: Of num2words: n, g, d, a, i, p.
        gender: m, f, n.
    """
    words = str(num2words(number, lang="ru", case=case, gender=gender))
    if 1000 <= number < 2000:  # nobody says "one thousand nine hundred"
        words = re.sub(r"^(?:одна|одной|одну) (?=тысяч)", "", words)
    return words


def ordinal(number: int | str, case: str, gender: str = "m", *, plural: bool = False) -> str:
    """An ordinal number; the arguments as those of `cardinal`."""
    return str(
        num2words(int(number), lang="ru", to="ordinal", case=case, gender=gender, plural=plural)
    )


def before(match: re.Match[str]) -> str:
    """What stands before a match, as far as it decides how a number is read."""
    return match.string[max(0, match.start() - _REACH) : match.start()]


def behind(match: re.Match[str]) -> str:
    """What stands behind it."""
    return match.string[match.end() : match.end() + _REACH]


def ends_sentence(match: re.Match[str]) -> bool:
    """Whether a stop that belongs to a short form ends the sentence as well."""
    return re.match(r"\s+(?!США)[А-ЯЁA-Z]|\s*$", behind(match)) is not None


def roman_value(roman: str) -> int:
    """What a Roman figure that `ROMAN` matches stands for, in small letters too."""
    values = [_ROMAN_VALUES[letter] for letter in roman.upper()]
    return sum(-v if v < after else v for v, after in pairwise([*values, 0]))
