"""Figures of time in Russian text: years, days of months, centuries, rulers, in the case that
stands around them asks for.
"""

from __future__ import annotations

import re

from dubbing.text.russian.numerals import (
    ROMAN,
    START,
    before,
    cardinal,
    ends_sentence,
    ordinal,
    roman_value,
)
from dubbing.text.russian.tables import (
    CENTURY_CASES,
    MONTHS,
    QUEENS,
    RULERS,
    YEAR_CASES,
    YEARS_CASES,
)

_MONTH = "|".join(MONTHS)
_YEAR = r"(?:1\d|20)\d\d"
# What follows a year that stands without its word: "В 1965 мы …", "после 1945."
_AFTER_YEAR = (
    r"(?=\s*(?:[.!?…;:)»]|,(?!\d)|$)"
    r"|\s+(?:я|ты|он|она|оно|мы|вы|они|это|когда|был[аои]?|мо[йяёи]|наш[аеи]?|его|её|их)\b)"
    r"(?![.,]\d)"
)


def read_times(text: str) -> str:
    """The text with every figure of a year, day, century or ruler in words."""
    # First the short forms behind years as words with their endings.
    text = re.sub(rf"{START}(\d{{4}})\s?г\.(?=\s+до\s+н)", r"\1 года", text)
    text = re.sub(rf"{START}(\d{{4}})\s?г\.", _year_word, text)
    text = re.sub(rf"{START}(\d{{4}})(\s—\s|\s+и\s+)(\d{{4}})\s?гг\.", r"\1\2\3 годах", text)
    text = re.sub(rf"{START}((?:\d{{4}}|\d\d)-е)\s?гг\.", r"\1 годы", text)
    text = re.sub(rf"{START}((?:\d{{4}}|\d\d)-х)\s?гг\.", r"\1 годов", text)
    words = "|".join(YEARS_CASES)
    text = re.sub(rf"{START}(\d{{4}})(\s—\s|\s+и\s+)(\d{{4}})\s+({words})\b", _years, text)
    text = re.sub(
        rf"\b([Сс]о?)\s+({_YEAR})\s+по\s+({_YEAR})(?!\d|[.,]\d)",
        lambda m: f"{m[1]} {ordinal(m[2], 'g')} по {ordinal(m[3], 'n')}",
        text,
    )
    text = re.sub(
        rf"\b([Сс]о?)\s+(\d{{1,2}})\s+по\s+(?=\d{{1,2}}\s+(?:{_MONTH})\b)",
        lambda m: f"{m[1]} {ordinal(m[2], 'g', 'n')} по ",
        text,
    )
    text = re.sub(
        rf"{START}(?:(\d{{1,2}})\s—\s)?(\d{{1,2}})\s+({_MONTH})\b"
        rf"(?:,?\s+({_YEAR}){_AFTER_YEAR})?",
        _date,
        text,
    )
    years = "|".join(YEAR_CASES)
    text = re.sub(rf"{START}(\d{{3,4}})\s+({years})\b", _year, text)
    text = re.sub(
        rf"\b(в|с|до|после|к)\s+({_YEAR}){_AFTER_YEAR}", _alone, text, flags=re.IGNORECASE
    )
    centuries = "|".join(CENTURY_CASES)
    text = re.sub(
        rf"(?<![\w.]){ROMAN}(\s—\s|\s?[–-]\s?){ROMAN}\s(?:вв\.|века\b|веков\b)", _span, text
    )
    text = re.sub(rf"(?<![\w.]){ROMAN}(\s+)({centuries})\b", _century, text)
    text = re.sub(r"(?<!— )(?<![\w,.-])([1-9]|1\d|2[01])(\s+)(век[а-я]*)\b", _century, text)
    text = re.sub(
        rf"\b([Гг]лав|[Чч]аст|[Тт]ом|[Тт]ип|[Аа]кт)([а-яё]*\s){ROMAN}(?!\w)",
        lambda m: f"{m[1]}{m[2]}{cardinal(roman_value(m[3]))}",
        text,
    )
    text = re.sub(rf"\b([А-ЯЁ][а-яё]+)\s{ROMAN}(?!\w)", _ruler, text)
    return re.sub(r"(?<![\w-])(?=[IVX]{2})[IVX]+(?![\w-])", _roman_alone, text)


def _year_word(match: re.Match[str]) -> str:
    if re.search(r"\b(?:во?|ко?|о|об|на)\s+$", before(match), re.IGNORECASE):
        word = "году"
    else:
        word = "год" if re.search(r"\bпо\s+$", before(match), re.IGNORECASE) else "года"
    return f"{match[1]} {word}" + ("." if ends_sentence(match) else "")


def _year(match: re.Match[str]) -> str:
    case = YEAR_CASES[match[2]]
    if case == "p" and re.search(r"\bко?\s+$", before(match), re.IGNORECASE):
        case = "d"
    return f"{ordinal(match[1], case)} {match[2]}"


def _years(match: re.Match[str]) -> str:
    case = YEARS_CASES[match[4]]
    return f"{ordinal(match[1], case)}{match[2]}{ordinal(match[3], case)} {match[4]}"


def _alone(match: re.Match[str]) -> str:
    case = {"в": "p", "к": "d"}.get(match[1].lower(), "g")
    if case != "p" and match[2].endswith("00"):
        return match.group()  # "до 2000." may be a count
    return f"{match[1]} {ordinal(match[2], case)}"


def _date(match: re.Match[str]) -> str:
    case = "d" if re.search(r"\bко?\s+$", before(match), re.IGNORECASE) else "g"
    case = "n" if re.search(r"\bпо\s+$", before(match), re.IGNORECASE) else case
    first = f"{ordinal(match[1], case, 'n')} — " if match[1] else ""
    year = f" {ordinal(match[4], 'g')} года" if match[4] else ""
    return f"{first}{ordinal(match[2], case, 'n')} {match[3]}{year}"


def _century(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1].isdigit() else roman_value(match[1])
    case, gender = CENTURY_CASES.get(match[3], ("", ""))
    if not case or (match[1].isdigit() and match[3] == "века" and number < 5):
        return match.group()  # "2 века" are two of them
    return f"{ordinal(number, case, gender)}{match[2]}{match[3]}"


def _span(match: re.Match[str]) -> str:
    first, last = roman_value(match[1]), roman_value(match[3])
    return f"{ordinal(first, 'g')} — {ordinal(last, 'g')} веков"


def _ruler(match: re.Match[str]) -> str:
    """Of "Пётр I", "Людовика XIV", "Екатериной II": the name's ending decides."""
    name, number = match[1], roman_value(match[2])
    root = name.lower()
    if len(match[2]) == 1 and not root.startswith(RULERS):
        return match.group()
    if root.startswith(QUEENS):
        ends = {"а": "n", "я": "n", "ы": "g", "и": "g", "е": "d", "у": "a", "ю": "a"}
        return f"{name} {ordinal(number, ends.get(root[-1], 'i'), 'f')}"
    ends = {"а": "g", "я": "g", "у": "d", "ю": "d", "е": "p", "м": "i"}
    return f"{name} {ordinal(number, ends.get(root[-1], 'n'))}"


def _roman_alone(match: re.Match[str]) -> str:
    if not re.fullmatch(ROMAN, match.group()):
        return match.group()
    return cardinal(roman_value(match.group()))
