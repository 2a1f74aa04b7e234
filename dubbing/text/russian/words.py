"""Words that are not plain Russian: short forms, foreign letters, names with figures in them."""

from __future__ import annotations

import re
import unicodedata

from dubbing.text.russian.tables import (
    CYRILLIC_NAMES,
    LATIN_NAMES,
    LATIN_SOUNDS,
    LATIN_WORDS,
    LOOK_ALIKES,
    SPELLED,
)

_VOWELS = "аеёиоуыэюя"


def read_words(text: str) -> str:
    """The text with every word in Cyrillic letters as it is said."""
    return re.sub(r"[^\W\d_]+", _read_word, text)


def _read_word(match: re.Match[str]) -> str:
    word = match.group()
    if word == "США":
        return "сэ-шэ-а"  # not "эс-ша-а"
    consonants = re.fullmatch(r"[А-ЯЁ]{2,6}", word) and not set(word.lower()) & set(_VOWELS)
    if consonants or word in SPELLED:
        return "-".join(CYRILLIC_NAMES[letter] for letter in word.lower())
    if re.fullmatch(r"[а-яёА-ЯЁ]+", word):
        return word
    alike = word.translate(LOOK_ALIKES)
    if re.search(r"[а-яё]", word, re.IGNORECASE) and re.fullmatch(r"[а-яё]+", alike, re.IGNORECASE):
        return alike
    return "".join(map(_read_part, re.findall(r"[а-яё]+|[^а-яё]+", word, re.IGNORECASE)))


def _read_part(part: str) -> str:
    """Letters of one script: "PDF" and "ка" of "PDFка"."""
    if re.match(r"[а-яё]", part, re.IGNORECASE):
        return part
    latin = unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode()
    if not latin:
        return " "  # another script: no engine here can read it
    if len(latin) > 1 or latin in "xyz":
        known = LATIN_WORDS.get(latin.lower())
        if known is not None:
            return known.capitalize() if latin[0].isupper() and "-" not in known else known
    if latin.isupper() and not re.search(r"[^AEIOUY][AEIOUY][^AEIOUY]", latin):
        return "-".join(LATIN_NAMES[letter] for letter in latin.lower())
    return _transliterated(latin)


def _transliterated(word: str) -> str:
    lower, read, at = re.sub("^mc(?=[a-z]{3})", "mak", word.lower()), "", 0
    if len(lower) > 3 and lower.endswith("e") and lower[-2] not in "aeiouy":
        lower = re.sub("c$", "s", lower[:-1])  # a silent e
    while at < len(lower):
        for length in range(min(4, len(lower) - at), 0, -1):
            sound = LATIN_SOUNDS.get(lower[at : at + length])
            if sound is not None:
                break
        soft = lower[at] == "c" and length == 1 and lower[at + 1 : at + 2] in set("eiy")
        first = at == 0 and lower[at] == "e" and length == 1
        read += "с" if soft else "э" if first else (sound or "")
        at += length
    return read.capitalize() if word[0].isupper() else read
