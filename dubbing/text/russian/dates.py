"""Figures of time in Russian text: years, days of months, centuries, rulers, in the case that
stands around them asks for.
"""

from __future__ import annotations

import re

from dubbing.text.russian.numerals import (
    ROMAN,
    START,
    before,
    behind,
    cardinal,
    ends_sentence,
    ordinal,
    roman_value,
)
from dubbing.text.russian.tables import (
    CENTURY_CASES,
    COUNTED,
    MONTHS,
    NO_RULERS,
    PLACES,
    QUEENS,
    RULERS,
    YEAR_CASES,
    YEARS_CASES,
)

_MONTH = "|".join(MONTHS)
_YEAR = r"(?:1\d|20)\d\d"
# What follows a year that stands without its word: "В 1965 мы …", "после 1945."
_AFTER_YEAR = (
    r"(?=\s*(?:[.!?…;:)»]|,(?!\d)|$)|\s+(?-i:[А-ЯЁ])"
    r"|\s+(?:я|ты|он|она|оно|мы|вы|они|это|когда|был[аои]?|мо[йяёи]|наш[аеи]?|его|её|их)\b)"
    r"(?![.,]\d)"
)


def read_times(text: str) -> str:
    """The text with every figure of a year, day, century or ruler in words."""
    text = _read_years(text)
    text = _read_days(text)
    text = _read_centuries(text)
    return re.sub(r"(?<![\w-])(?=[IVX]{2})[IVX]+(?![\w-])", _roman_alone, text)


def _read_years(text: str) -> str:
    """With the short forms behind years as words first, so that these decide the case."""
    text = re.sub(rf"{START}(\d{{1,4}})\s?г\.(?=\s+(?:до\s+)?н\.)", _year_word, text)
    text = re.sub(rf"{START}(\d{{4}})\s?г\.", _year_word, text)
    text = re.sub(r"(?<=\b[ВвКкСс]\s)(\d{3})\s?г\.", _year_word, text)
    text = re.sub(rf"{START}(\d{{4}})(\s—\s|\s+и\s+)(\d{{4}})\s?гг\.", _years_word, text)
    text = re.sub(rf"{START}((?:\d{{4}}|\d\d)-[ех])()()\s?гг\.", _years_word, text)
    words = "|".join(YEARS_CASES)
    text = re.sub(rf"{START}(\d{{4}})(\s—\s|\s+и\s+)(\d{{4}})\s+({words})\b", _years, text)
    text = re.sub(
        rf"\b([Сс]о?)\s+({_YEAR})\s+по\s+({_YEAR})(?!\d|[.,]\d)(\s?гг?\.)?",
        _from_to,
        text,
    )
    years = "|".join(YEAR_CASES)
    era = r"\d{1,2}(?=\s+(?:году\b|год\w*\s+(?:до\s+)?н(?:\.|ашей)))"
    text = re.sub(rf"{START}(\d{{3,4}}|{era})\s+({years})\b", _year, text)
    not_round = r"(?:19|20)(?:\d[1-9]|[1-9]0)"
    for year in (rf"{_YEAR}){_AFTER_YEAR}", rf"{not_round})(?=\s+(?!{COUNTED})[а-яё]+)"):
        alone = rf"\b(в|с|до|после|к)\s+({year}"
        text = re.sub(alone, _alone, text, flags=re.IGNORECASE)
    return text


def _read_days(text: str) -> str:
    """Of months; and places, floors, classes."""
    text = re.sub(
        rf"\b([Сс]о?)\s+(\d{{1,2}})\s+по\s+(?=\d{{1,2}}\s+(?:{_MONTH})\b)",
        lambda m: f"{m[1]} {ordinal(m[2], 'g', 'n')} по ",
        text,
    )
    text = re.sub(
        rf"{START}(?:(\d{{1,2}})(\s—\s|\s+(?:и|или|до|на)\s+))?(\d{{1,2}})\s+({_MONTH})\b"
        rf"(?:,?\s+({_YEAR}){_AFTER_YEAR})?",
        _date,
        text,
    )
    return re.sub(
        rf"{START}(\d{{1,2}})\s+({'|'.join(PLACES)})\b",
        lambda m: f"{ordinal(m[1], *PLACES[m[2]])} {m[2]}",
        text,
    )


def _read_centuries(text: str) -> str:
    """And world wars, chapters, rulers: what is written in Roman figures."""
    text = re.sub(rf"(?<![\w.]){ROMAN}\s?в\.", _century_word, text)
    centuries = "|".join(CENTURY_CASES)
    text = re.sub(
        rf"(?<![\w.]){ROMAN}(\s—\s|\s?[—–-]\s?|\s+и\s+){ROMAN}\s?(вв\.|века\b|веков\b|веках\b|веками\b)",
        _span,
        text,
    )
    text = re.sub(rf"(?<![\w.]){ROMAN}(\s+)({centuries})\b", _century, text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\w,.-])([12])(\s+)(миров(?:ая|ой|ую))\b", _century, text)
    text = re.sub(r"(?<!— )(?<![\w,.-])([1-9]|1\d|2[01])(\s+)(век[а-я]*)\b", _century, text)
    text = re.sub(
        rf"\b([Гг]лав|[Чч]аст|[Тт]ом|[Тт]ип|[Аа]кт)([а-яё]*\s){ROMAN}(?!\w)",
        lambda m: f"{m[1]}{m[2]}{cardinal(roman_value(m[3]))}",
        text,
    )
    return re.sub(rf"\b([А-ЯЁ][а-яё]+)\s{ROMAN}(?!\w)", _ruler, text)


def _year_word(match: re.Match[str]) -> str:
    if re.search(r"\b(?:во?|ко?|о|об|на)\s+$", before(match), re.IGNORECASE):
        word = "году"
    else:
        word = "год" if re.search(r"\bпо\s+$", before(match), re.IGNORECASE) else "года"
    return f"{match[1]} {word}" + ("." if ends_sentence(match) else "")


def _from_to(match: re.Match[str]) -> str:
    word = f" год{'.' if ends_sentence(match) else ''}" if match[4] else ""
    return f"{match[1]} {ordinal(match[2], 'g')} по {ordinal(match[3], 'n')}{word}"


def _years_word(match: re.Match[str]) -> str:
    if match[1].endswith("-е"):
        word = "годы"
    elif re.search(r"\b(?:во?|о|об|на)\s+$", before(match), re.IGNORECASE):
        word = "годах"
    else:
        word = "годы" if before(match).endswith("(") else "годов"
    end = "." if re.match(r"\s+(?![IVX]+\s?в)[А-ЯЁ]", behind(match)) else ""
    return f"{match[1]}{match[2]}{match[3]} {word}{end}"


def _year(match: re.Match[str]) -> str:
    case = YEAR_CASES[match[2]]
    if case == "p" and re.search(r"\bко?\s+$", before(match), re.IGNORECASE):
        case = "d"
    return f"{ordinal(match[1], case)} {match[2]}"


def _years(match: re.Match[str]) -> str:
    case = YEARS_CASES[match[4]]
    return f"{ordinal(match[1], case)}{match[2]}{ordinal(match[3], case)} {match[4]}"


def _alone(match: re.Match[str]) -> str:
    """A year without its word: "в 1965 мы", "после 1945."."""
    case = {"в": "p", "к": "d"}.get(match[1].lower(), "g")
    if case != "p" and match[2].endswith("00"):
        return match.group()  # "до 2000." may be a count
    return f"{match[1]} {ordinal(match[2], case)}"


def _date(match: re.Match[str]) -> str:
    """A day or two of a month, with the year or without: "с 5 на 6 мая"."""
    word = (re.findall(r"[а-яё]+\s+$", before(match).lower()) or [""])[-1].strip()
    case = {"к": "d", "ко": "d", "по": "n", "на": "n", "между": "i"}.get(word, "g")
    then = "n" if match[2] and "на" in match[2] else case
    first = f"{ordinal(match[1], case, 'n')}{match[2]}" if match[1] else ""
    year = f" {ordinal(match[5], 'g')} года" if match[5] else ""
    return f"{first}{ordinal(match[3], then, 'n')} {match[4]}{year}"


def _century(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1].isdigit() else roman_value(match[1])
    case, gender = CENTURY_CASES.get(match[3].lower(), ("", ""))
    if not case or (match[1].isdigit() and match[3] == "века" and number < 5):
        return match.group()  # "2 века" are two of them
    return f"{ordinal(number, case, gender)}{match[2]}{match[3]}"


def _century_word(match: re.Match[str]) -> str:
    word = "веке" if re.search(r"\b[Вв]\s+$", before(match)) else "века"
    return f"{match[1]} {word}" + ("." if ends_sentence(match) else "")


def _span(match: re.Match[str]) -> str:
    first, last, word = roman_value(match[1]), roman_value(match[3]), match[4]
    if word == "вв.":
        word = "веках" if re.search(r"\b[Вв]\s+$", before(match)) else "веков"
    word = "веков" if word == "века" else word
    case = {"веках": "p", "веками": "i"}.get(word, "g")
    joined = " и " if "и" in match[2] else " — "
    end = "." if match[4] == "вв." and re.match(r"\s+[А-ЯЁ]", behind(match)) else ""
    return f"{ordinal(first, case)}{joined}{ordinal(last, case)} {word}{end}"


def _ruler(match: re.Match[str]) -> str:
    """Of "Пётр I", "Людовика XIV", "Екатериной II": the name's ending decides."""
    name, number = match[1], roman_value(match[2])
    root = name.lower()
    if not root.startswith(RULERS) and (len(match[2]) == 1 or re.match(NO_RULERS, root)):
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
