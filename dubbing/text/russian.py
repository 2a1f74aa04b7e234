"""Russian text as a speech engine can read it aloud: words only.

Numbers agree in case and gender with what is listed in `russian_tables`: years, ordinals with an
ending, units, currencies. A bare number is read as a nominative cardinal, whatever stands around
it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import partial

from num2words import num2words

from dubbing.text.russian_tables import (
    ABBREVIATIONS,
    CURRENCIES,
    CYRILLIC_NAMES,
    LATIN_NAMES,
    LATIN_SOUNDS,
    LOOK_ALIKES,
    ORDINAL_ENDS,
    PLURAL_ENDS,
    SIGNS,
    UNITS,
    YEAR_CASES,
)

_NUMBER = r"(?<![\w,.])([1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:[.,](\d+))?"
_SCALES = r"(?:\s*(тыс|млн|млрд|трлн)\b\.?)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_MONEY = "".join(map(re.escape, CURRENCIES))
_VOWELS = "аеёиоуыэюя"
# "10,000" and "2,500,000" as in English; "3,141" is a fraction.
_GROUPED = re.compile(r"(?<![\w,.])[1-9]\d{0,2}(?:(?:,\d{3}){2,}|,\d00)(?![\d,.]*\d)")
_LONGEST_NUMBER = 15  # digits: beyond it is a code and read digit by digit


def speakable(text: str) -> str:
    """The text in Cyrillic letters, blanks and . , ! ? … — - only; every word is there in some
    form.
    """
    text = html.unescape(html.unescape(text)).replace("№", " номер ")  # which NFKC makes "No"
    text = unicodedata.normalize("NFKC", text)
    text = _expand_abbreviations(text)
    text = _read_numbers(text)
    for sign, words in SIGNS.items():
        text = text.replace(sign, words)
    text = re.sub(r"[^\W\d_]+", _read_word, text)
    return _tidy(text)


def _expand_abbreviations(text: str) -> str:
    for short, long in ABBREVIATIONS.items():
        # A stop that ends the sentence as well is kept where the next word begins a new one.
        pattern = re.compile(rf"(?<!\w){short}(?=(\s+[А-ЯЁA-Z]|\s*$)?)", re.IGNORECASE)
        text = pattern.sub(partial(_expanded, long), text)
    return text


def _expanded(long: str, match: re.Match[str]) -> str:
    ends = match.group(1) is not None and long.split()[-1] in {"далее", "подобное", "другие"}
    return long + ("." if ends else "")


# ---- numbers


def _read_numbers(text: str) -> str:
    text = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", r"\1 \2", text)
    text = _GROUPED.sub(lambda m: m.group().replace(",", ""), text)
    text = re.sub(r"(?<=\d)\s*[–—-]\s*(?=\d)", " — ", text)
    text = re.sub(r"(?:(?<=\s)|(?<=\()|^)[−-](?=\d)", "минус ", text)
    text = re.sub(rf"([{_MONEY}])\s?{_NUMBER}{_SCALES}", _read_money, text)
    text = re.sub(rf"{_NUMBER}{_SCALES}\s?([{_MONEY}])", _read_money_after, text)
    years = "|".join(YEAR_CASES)
    text = re.sub(rf"(?<![\w,.])(\d{{3,4}})\s+({years})\b", _read_year, text)
    text = re.sub(r"(?<![\w,.])(\d{3,4})\s?гг?\.", r"\1 года", text)
    text = re.sub(rf"(?<![\w,.])(\d{{3,4}})\s+({years})\b", _read_year, text)
    ends = "|".join(sorted([*ORDINAL_ENDS, *PLURAL_ENDS], key=len, reverse=True))
    text = re.sub(rf"(?<![\w,.])(\d{{1,9}})-({ends})\b(\s+год)?", _read_ordinal, text)
    text = re.sub(rf"{_NUMBER}\s?({_UNIT})(?![\w])\.?", _read_unit, text)
    text = re.sub(_NUMBER, _read_number, text)
    return re.sub(r"\d+", lambda m: f" {_cardinal(m.group(), None)} ", text)


def _read_number(match: re.Match[str]) -> str:
    glued = match.string[match.end() : match.end() + 1].isalpha()  # "3D", "10x"
    return _cardinal(match.group(1), match.group(2)) + (" " if glued else "")


def _cardinal(whole: str, fraction: str | None, *, feminine: bool = False) -> str:
    digits = re.sub(r"\D", "", whole)
    if len(digits) > _LONGEST_NUMBER or (fraction and len(fraction) > 6):
        return " ".join(str(num2words(int(d), lang="ru")) for d in digits + (fraction or ""))
    if fraction:
        return str(num2words(float(f"{digits}.{fraction}"), lang="ru"))
    zeros = len(digits) - len(digits.lstrip("0")) if len(digits) > 1 else 0
    words = str(num2words(int(digits), lang="ru", gender="f" if feminine else "m"))
    if digits.startswith("1") and len(digits) == 4:
        words = words.removeprefix("одна ")  # nobody says "one thousand nine hundred"
    return " ".join(["ноль"] * min(zeros, len(digits) - 1) + [words])


def _counted(whole: str, fraction: str | None, forms: tuple[str, str, str, bool]) -> str:
    """A number with a noun that agrees with it: one, few, many; a fraction takes the genitive."""
    one, few, many, feminine = forms
    if fraction:
        return f"{_cardinal(whole, fraction)} {few}"
    return f"{_cardinal(whole, None, feminine=feminine)} {_form(whole, one, few, many)}"


def _form(whole: str, one: str, few: str, many: str) -> str:
    last = int(re.sub(r"\D", "", whole)[-2:])
    if last % 10 == 1 and last != 11:
        return one
    return few if last % 10 in {2, 3, 4} and last not in {12, 13, 14} else many


def _read_money(match: re.Match[str]) -> str:
    sign, whole, fraction, scale = match.groups()
    return _money(sign, whole, fraction, scale)


def _read_money_after(match: re.Match[str]) -> str:
    whole, fraction, scale, sign = match.groups()
    return _money(sign, whole, fraction, scale)


def _money(sign: str, whole: str, fraction: str | None, scale: str | None) -> str:
    if scale:
        return f"{_counted(whole, fraction, UNITS[scale])} {CURRENCIES[sign][2]}"
    return _counted(whole, fraction, CURRENCIES[sign])


def _read_year(match: re.Match[str]) -> str:
    case = YEAR_CASES[match.group(2)]
    ordinal = num2words(int(match.group(1)), lang="ru", to="ordinal", case=case)
    return f"{ordinal} {match.group(2)}"


def _read_ordinal(match: re.Match[str]) -> str:
    number, end, following = int(match.group(1)), match.group(2), match.group(3) or ""
    if end in PLURAL_ENDS or (end == "е" and number % 10 == 0 and (number > 31 or following)):
        case = PLURAL_ENDS.get(end, "n")  # "60-е" are years, "20-е" without the word a day
        words = num2words(number, lang="ru", to="ordinal", case=case, plural=True)
    else:
        case, gender = ORDINAL_ENDS[end]
        words = num2words(number, lang="ru", to="ordinal", case=case, gender=gender)
    return f"{words}{following}"


def _read_unit(match: re.Match[str]) -> str:
    whole, fraction, unit = match.groups()
    # The unit's stop is dropped, but one that ends the sentence is not the unit's.
    following = match.string[match.end() :].lstrip()[:1]
    ends = match.group().endswith(".") and (not following or following.isupper())
    return _counted(whole, fraction, UNITS[unit]) + ("." if ends else "")


# ---- words


def _read_word(match: re.Match[str]) -> str:
    word = match.group()
    if re.fullmatch(r"[А-ЯЁ]{2,6}", word) and not set(word.lower()) & set(_VOWELS):
        return "-".join(CYRILLIC_NAMES.get(letter, letter) for letter in word.lower())
    if word == "США":
        return "сэ-шэ-а"
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
    if latin.isupper() and not re.search(r"[^AEIOUY][AEIOUY][^AEIOUY]", latin):
        return "-".join(LATIN_NAMES[letter] for letter in latin.lower())
    return _transliterated(latin)


def _transliterated(word: str) -> str:
    lower, read, at = word.lower(), "", 0
    if len(lower) > 3 and lower.endswith("e") and lower[-2] not in "aeiouy":
        lower = lower[:-1]  # a silent e
    while at < len(lower):
        for length in (4, 3, 2, 1):
            sound = LATIN_SOUNDS.get(lower[at : at + length])
            if sound is not None:
                break
        soft = lower[at] == "c" and length == 1 and lower[at + 1 : at + 2] in set("eiy")
        read += "с" if soft else (sound or "")
        at += length
    return read.capitalize() if word[0].isupper() else read


# ---- signs


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
