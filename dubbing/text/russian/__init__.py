"""Russian text as a speech engine can read it aloud: words only, with ё, and with the stress marks
that a person has set.
"""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from functools import partial

from dubbing.text.russian.numbers import read_numbers
from dubbing.text.russian.numerals import before, ends_sentence
from dubbing.text.russian.tables import (
    ABBREVIATIONS,
    CYRILLIC_NAMES,
    LETTERED,
    LOOK_ALIKES,
    NAMES,
    NUMBERED,
    POWERS,
    SHARES,
    SIGNS,
)
from dubbing.text.russian.words import read_words
from dubbing.text.russian.yo import restore_yo
from dubbing.text.stress import MARK, WORD, canonical, marked_at, with_marks, without_marks

# Marks of secondary stress, soft hyphens and other signs inside words that nobody says.
_UNSAID = re.compile("[\u0300\u00ad\u200b-\u200f\u2060\ufeff]")
_APOSTROPHE = "['’ʼ]"
_WRITTEN = re.compile(rf"{WORD}(?:{_APOSTROPHE}{WORD})*")
_READ = re.compile("[А-Яа-яЁё]+")
_INITIAL = r"([А-ЯЁ])\.\s?"
# Words that begin a sentence and are nobody's surname.
_OPENERS = frozenset(
    """
    А Без В Во Вот Все Вы Где Да Для До Если Ещё И Из Или Их К Как Когда Кто Мы На Не Нет Но О Об
    Он Она Они Оно От По Потом Поэтому При С Сейчас Так Там Тогда То Ты У Что Эта Эти Это Этот Я
    """.split()
)


def speakable(text: str) -> str:
    """The text in Cyrillic letters, stress marks, blanks and . , ! ? … — - only; every word is
    there in some form. The marks are those of the text; see `dubbing.text.stress`.
    """
    written = canonical(_without_unsaid(html.unescape(html.unescape(text))))
    return _marked_as(written, restore_yo(_words_only(without_marks(written))))


def _without_unsaid(text: str) -> str:
    return _UNSAID.sub("", unicodedata.normalize("NFC", text))


def _marked_as(written: str, read: str) -> str:
    """`read`, whose words are those of `written` but for what was written in figures and signs,
    with the marks of `written`.
    """
    if MARK not in written:
        return read
    given = [found[0].translate(LOOK_ALIKES) for found in _WRITTEN.finditer(written)]
    places = [marked_at(_letters(word)) for word in given]
    plain = [without_marks(_letters(word)).lower().replace("ё", "е") for word in given]
    found = list(_READ.finditer(read))
    alike = [word[0].lower().replace("ё", "е") for word in found]
    matcher = difflib.SequenceMatcher(None, plain, alike, autojunk=False)
    pairs = [(a + i, b + i) for a, b, size in matcher.get_matching_blocks() for i in range(size)]
    marks = {found[j].start(): places[i] for i, j in pairs}
    return _READ.sub(lambda word: with_marks(word[0], marks.get(word.start(), [])), read)


def _letters(word: str) -> str:
    return re.sub(_APOSTROPHE, "", word)


def _words_only(text: str) -> str:
    text = _normalised(text)
    text = _read_initials(_read_links(text))
    for written, read in NUMBERED.items():
        text = re.sub(rf"(?<![\w.])(?<!т\. ){written}\.\s?(?=\d)", f"{read} ", text)
    text = read_numbers(text)
    text = _expand_abbreviations(text)
    for sign, words in SIGNS.items():
        text = text.replace(sign, words)
    return _tidy(read_words(text))


def _normalised(text: str) -> str:
    """One sign for one thing."""
    text = text.replace("№", " номер ")
    text = re.sub(r"\b(к?м)([²³])", lambda m: f"{'кв' if m[2] == '²' else 'куб'}. {m[1]}", text)
    text = re.sub(r"(?<=\d)\s?½", ",5", text)
    text = re.sub(r"(?<=\d)\s?([⅓⅔¼¾⅛])", lambda m: f" и {SHARES[m[1]]}", text)
    text = re.sub(r"(?<=\w)[²³]", lambda m: POWERS[m[0]], text)
    text = re.sub(
        r"(?<=\w)[⁰¹²³⁴-⁹]+",
        lambda m: f" в степени {unicodedata.normalize('NFKC', m[0])} ",
        text,
    )
    text = re.sub(f"[{''.join(SHARES)}]", lambda m: f" {SHARES[m[0]]} ", text)
    text = unicodedata.normalize("NFKC", text)
    text = re.sub("[\u2010\u2011]", "-", text)
    text = re.sub(rf"(?<=[^\W\d_]){_APOSTROPHE}([^\W\d_])", lambda m: m[1].lower(), text)
    text = re.sub(r"~\s?(?=\d)", "примерно ", text)
    text = re.sub(r"<\s?(?=\d)", " меньше ", text)
    text = re.sub(r">\s?(?=\d)", " больше ", text)
    names = "|".join(map(re.escape, NAMES))
    return re.sub(rf"(?<![\w/])(?:{names})(?![\w/])", lambda m: NAMES[m[0]], text)


def _read_links(text: str) -> str:
    text = re.sub(r"\bhttps?://(?:www\.)?|\bwww\.", "", text)
    domains = "com|org|net|edu|gov|info|ru|io|uk|tv"
    return re.sub(rf"(?<=[A-Za-z0-9])\.(?=(?:{domains})\b)", " точка ", text)


def _read_initials(text: str) -> str:
    """Names such as "А. С. Пушкин" without stops, which would end a sentence."""
    text = re.sub(
        rf"(?<![\w.]){_INITIAL}{_INITIAL}(?=[А-ЯЁ][а-яё])",
        lambda m: f"{_letter(m[1])} {_letter(m[2])} ",
        text,
    )
    return re.sub(
        r"(?<=[а-яё] )([А-ЯЁ])\.\s(?=([А-ЯЁ][а-яё]+))",
        lambda m: m[0] if m[2] in _OPENERS or not _follows_name(m) else f"{_letter(m[1])} ",
        text,
    )


def _follows_name(match: re.Match[str]) -> bool:
    found = re.search(r"(?<!\w)([А-ЯЁ][а-яё]+) $", before(match))
    return found is not None and found[1].lower() not in LETTERED


def _letter(letter: str) -> str:
    return CYRILLIC_NAMES.get(letter.lower(), letter).capitalize()


def _expand_abbreviations(text: str) -> str:
    for short, long in ABBREVIATIONS.items():
        pattern = re.compile(rf"(?<!\w){short}", re.IGNORECASE)
        text = pattern.sub(partial(_expanded, long), text)
    return text


def _expanded(long: str, match: re.Match[str]) -> str:
    ends = {"далее", "подобное", "другие", "прочее", "эры", "долларов", "рублей"}
    return long + ("." if long.split()[-1] in ends and ends_sentence(match) else "")


def _tidy(text: str) -> str:
    text = re.sub(r"[–−―]", "—", text)
    text = re.sub(r"\.{2,}", "…", text)
    text = re.sub(r"[;:()\[\]{}]", ",", text)
    text = re.sub(r"[^а-яёА-ЯЁ\s.,!?…—-]", " ", text)
    text = re.sub(r"(?<![а-яёА-ЯЁ])-|-(?![а-яёА-ЯЁ])", " — ", text)
    text = re.sub(r"\s+([.,!?…])", r"\1", " ".join(text.split()))
    text = re.sub(r",(?:\s*,)+", ",", text)
    text = re.sub(r",\s*([.!?…])", r"\1", text)
    text = re.sub(r"([.!?…]),", r"\1", text)
    text = re.sub(r"([,.!?…])(?=[а-яёА-ЯЁ])", r"\1 ", text)
    return " ".join(text.split()).lstrip(",—. ").strip()
