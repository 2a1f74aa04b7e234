"""Stress marks in Russian text: how people write them, and the one way in which they are kept.

Inside the program a mark is U+0301, the combining acute, directly behind the stressed vowel; all
else is NFC. "ё" is stressed by itself and takes no mark. People write "за́мок", "з+амок" as
dictionaries for speech engines do, or "зáмок" with a Latin letter.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "\u0301"
WORD = rf"(?:[^\W\d_]{MARK}?)+"  # a regular expression; the parts of "что-то" are two words
VOWELS = "аеёиоуыэюя"

_SMALL = f"[{VOWELS}]"
_CAPITAL = f"[{VOWELS.upper()}]"
_CONSONANT = f"(?!{_CAPITAL})[А-ЯЁ]"
_ANY = f"[{VOWELS}{VOWELS.upper()}]"
_LETTER = "[А-Яа-яЁё]"
# A plus sign marks the vowel behind it inside a word; in capitals only behind a consonant, for
# "США+ЕС" is a sum. One in front of a word counts where the word has another vowel and no number
# stands before it: "+озеро", but "два +а" and "2 +один".
_PLUS = re.compile(
    rf"(?:(?<={_LETTER})\+(?={_SMALL})|(?<={_CONSONANT})\+(?={_CAPITAL}[А-ЯЁ])"
    rf"|(?<=[А-ЯЁ]{_CONSONANT})\+(?={_CAPITAL}\b)"
    rf"|(?<=[а-яё]-)\+(?={_SMALL})|(?<![\w+)])(?<!\d\s)\+(?={_ANY}[а-яё]*{_SMALL}))(\w)"
)
_VELARS = str.maketrans("ѓќЃЌ", "гкГК")  # what NFC makes of a misplaced mark
_MISPLACED = re.compile(f"(?<![аеиоуыэюяАЕИОУЫЭЮЯ]){MARK}")
_YE = str.maketrans("ёЁ", "еЕ")
_LATIN = re.compile(rf"(?<={_LETTER})[áéóýÁÉÓÝ]+|[áéóýÁÉÓÝ]+(?={_LETTER})")
_LOOK_ALIKES = str.maketrans("aeoyAEOY", "аеоуАЕОУ")


def canonical(text: str) -> str:
    """The text with every stress mark written as U+0301 behind its vowel, NFC otherwise; marks on
    anything but a Russian vowel, and on "ё", are left out.
    """
    text = unicodedata.normalize("NFC", text).translate(_VELARS)
    text = _LATIN.sub(_from_latin, _MISPLACED.sub("", text))
    text = _PLUS.sub(lambda m: m[1] + MARK, text)
    return _MISPLACED.sub("", text)


def _from_latin(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFD", match[0]).translate(_LOOK_ALIKES)


def without_marks(text: str) -> str:
    """The text, as `canonical` gives it, without its marks; accents of other languages stay."""
    return re.sub(f"(?<={_ANY}){MARK}", "", text)


def shown(text: str) -> str:
    """What a person wrote, without the marks, for people to read."""
    return without_marks(canonical(text))


def marked_at(word: str) -> list[int]:
    """Which letters of a word are marked, counted without the marks, from 0."""
    return [found.start() - i - 1 for i, found in enumerate(re.finditer(MARK, word))]


def with_marks(word: str, places: list[int]) -> str:
    """The word, as yet without marks, with its letters at these places marked; a marked "ё" is the
    "е" that somebody has marked before it was made "ё".
    """
    return "".join(
        letter.translate(_YE) + MARK if i in places else letter for i, letter in enumerate(word)
    )
