"""Numbers in Russian text, in words that agree with what stands around them.

What stands before and behind a number decides its case and gender: a preposition ("около 90" →
"девяноста"), the ending of the noun ("с 5 детьми" → "пятью", "22 минуты" → "двадцать две"), a
word of time ("к 2030 году"), an ending of its own ("5-го"). Where nothing decides, it is a
nominative cardinal.
"""

from __future__ import annotations

import re

from num2words import num2words

from dubbing.text.russian.dates import read_times
from dubbing.text.russian.numerals import START, before, behind, cardinal, ends_sentence, ordinal
from dubbing.text.russian.tables import (
    CENTS,
    CURRENCIES,
    DATIVE_BEFORE,
    GENITIVE_BEFORE,
    LABELS,
    MONTHS,
    NO_NOUNS,
    ORDINAL_ENDS,
    PLURAL_ENDS,
    PREPOSITIONAL_BEFORE,
    SCALES,
    UNITS,
)

_NUMBER = rf"{START}([1-9]\d{{0,2}}(?:[ \u00a0\u202f]\d{{3}})+(?!\d)|\d+)(?:[.,](\d+))?"
_SCALE = r"(?:\s*(тыс|млн|млрд|трлн)\b\.?)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_MONEY = "".join(map(re.escape, CURRENCIES))
_LONGEST_NUMBER = 15  # digits: beyond it is a code and read digit by digit

# "10,000", "12,345" and "2.500.000" as in English and German; "3,141" is a fraction.
_GROUPED = re.compile(
    rf"{START}[1-9]\d{{0,2}}(?:(?:,\d{{3}}){{2,}}|(?:\.\d{{3}}){{2,}}|[,.]\d00"
    r"|(?<=\d\d),\d{3}(?!\s?(?:[%‰°]|процент|градус|секунды)))(?![\d,.]*\d)"
)
# Parts with a name of their own: of one in n and a case, of one in g, of more, of more in g.
_PARTS = {
    3: ("треть", "трети", "трети", "третей"),
    4: ("четверть", "четверти", "четверти", "четвертей"),
}


def read_numbers(text: str) -> str:
    """The text with every figure in words."""
    for step in (_prepared, _read_money, read_times, _read_ordinals, _read_counted):
        text = step(text)
    return re.sub(r"\d+", lambda m: f" {_figure(m.group())} ", text)


def _prepared(text: str) -> str:
    """One way to write groups of digits, ranges, negative numbers and clock times."""
    text = re.sub(
        r"(?<![\d.])(0?[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.((?:19|20)\d\d)(?:\s?г(?:\.|ода))?(?!\d)",
        lambda m: f"{int(m[1])} {MONTHS[int(m[2]) - 1]} {m[3]} года",
        text,
    )
    text = _GROUPED.sub(lambda m: re.sub("[,.]", "", m.group()), text)
    text = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", r"\1 \2", text)
    text = re.sub(r"(?<![\d:])(\d{1,3}):(\d{1,3})(?![\d:])", r"\1 — \2", text)
    text = re.sub(r"(\d)\s?([AaPp])\.?\s?[Mm]\b(\.)?", _hour, text)
    text = re.sub(r"(?<=\d)\s?[xх]\s?(?=\d)", " на ", text)
    text = re.sub(  # a version
        r"(?<=[A-Za-z]\s)(\d{1,2})\.(\d{1,2})(?![\d.,]*\d)"
        r"(?!\s?[%°]|\s(?:тыс|млн|млрд|трлн|милли|трилли|процент|раз|долл|балл|зв[её]зд|секунд|час"
        r"|метр|кило))",
        lambda m: f"{_figure(m[1])} {_figure(m[2])}",
        text,
    )
    text = re.sub(r"(?<=\s)-(?=\s\d)", "минус", text) if "=" in text else text
    text = re.sub(r"(?<=\d)\s*[–—-]\s*(?=\d)", " — ", text)
    return re.sub(r"(?:(?<=\s)|(?<=\()|^)[−-](?=\d)", "минус ", text)


def _hour(match: re.Match[str]) -> str:
    found = re.search(r"(\d{1,2})(?:\s\d\d)?$", before(match) + match[1])
    hour = int(found[1]) % 12 if found else 0
    names = ("ночи", "утра") if match[2] in "Aa" else ("дня", "вечера")
    end = "." if match[3] and ends_sentence(match) else ""
    return f"{match[1]} {names[hour > 3]}{end}"


# ---- in words


def _figure(
    whole: str,
    fraction: str | None = None,
    case: str = "n",
    *,
    feminine: bool = False,
    halves: bool = True,
) -> str:
    """A number by itself: "полтора", "три с половиной" where `halves`, else "три целых пять
    десятых"; too long a one digit by digit.
    """
    digits = re.sub(r"\D", "", whole)
    if len(digits) > _LONGEST_NUMBER or (fraction and len(fraction) > 6):
        return " ".join(cardinal(int(digit)) for digit in digits + (fraction or ""))
    gender = "f" if feminine else "m"
    if halves and fraction == "5" and int(digits):
        if int(digits) == 1:
            return "полутора" if case == "g" else "полторы" if feminine else "полтора"
        return f"{cardinal(int(digits), case, gender)} с половиной"
    if fraction:
        return str(num2words(float(f"{digits}.{fraction}"), lang="ru"))
    zeros = len(digits) - len(digits.lstrip("0")) if len(digits) > 1 else 0
    return " ".join(["ноль"] * min(zeros, len(digits) - 1) + [cardinal(int(digits), case, gender)])


def _counted(
    whole: str, fraction: str | None, forms: tuple[str, str, str, bool], case: str = "n"
) -> str:
    """A number with a noun that agrees with it: one, few, many.

    Args:
        whole: Its digits, in groups or not.
        fraction: Those behind the comma.
        forms: As in `UNITS`.
        case: "n" or "g": "двух процентов".
    """
    one, few, many, feminine = forms
    number = _figure(whole, fraction, case, feminine=feminine)
    last = int(re.sub(r"\D", "", whole)[-2:])
    single = last % 10 == 1 and last != 11
    several = last % 10 in {2, 3, 4} and last not in {12, 13, 14}
    if fraction == "5" and last:
        noun = few if case == "n" and (single or several) else many
    elif fraction:
        noun = few
    elif case == "g":
        noun = few if single else many
    else:
        noun = one if single else few if several else many
    return f"{number} {noun}"


# ---- what decides


def _case_before(earlier: str) -> str:
    """Whether it is "g", which the words before a number ask for, or else "n"."""
    found = re.search(r"([а-яё-]+)\s+(?:\d[\d\s.,]*%?\s*(?:—|или|и)\s*)?$", earlier, re.IGNORECASE)
    return "g" if found and found[1].lower() in GENITIVE_BEFORE else "n"


def _case(match: re.Match[str]) -> str:
    """The case of a number by the words before and behind it."""
    earlier, after = before(match), behind(match)
    if _case_before(earlier) == "g" or _opens_range(earlier, after):
        return "g"
    word = (re.findall(r"[а-яё-]+", earlier.lower()) or [""])[-1]
    noun = re.match(r"\s+(?:[а-яё]+(?:ых|их|ыми|ими|ым|им)\s+)?([а-яё]{3,})", after)
    if noun is None:
        return "n"
    if noun[1].endswith(("ами", "ями", "ьми")):
        return "i"
    if noun[1].endswith(("ах", "ях")) and word in PREPOSITIONAL_BEFORE:
        return "p"
    return "d" if noun[1].endswith(("ам", "ям")) and word in DATIVE_BEFORE else "n"


def _opens_range(earlier: str, after: str) -> bool:
    """Whether the number is the first of "с 5 до 7", "с 20% до 30%"."""
    return bool(
        re.search(r"\bсо?\s+$", earlier, re.IGNORECASE)
        and re.match(r"[\s%]*(?:[а-яё]+\s+)?до\s", after)
    )


def _gender(digits: str, match: re.Match[str]) -> tuple[str, str]:
    """(gender, case) of a number that nothing before it decides, by the noun behind it."""
    found = re.match(r"\s+([а-яё]{3,})", behind(match))
    agrees = found is not None and re.search(r"(?<!1)[12]$", digits)
    if found is None or not agrees or found[1] in NO_NOUNS or _is_name(digits, before(match)):
        return "m", "n"
    word = (re.findall(r"[а-яё]+", before(match).lower()) or [""])[-1]
    return (_after_two if digits.endswith("2") else _after_one)(found[1], word)


def _is_name(digits: str, earlier: str) -> bool:
    """Whether a number counts nothing: "шаг 1", "Формула-1", a year without its word."""
    if re.search(rf"(?:-|\b(?:{'|'.join(LABELS)})\s+)$", earlier, re.IGNORECASE):
        return True
    dated = re.search(r"\b(?:в|с|к|до|после|около)\s+$", earlier, re.IGNORECASE)
    return dated is not None and re.fullmatch(r"(?:19|20)\d\d", digits) is not None


def _after_two(noun: str, word: str) -> tuple[str, str]:
    verb = re.search("[шгр]ли$|(?<!^м)или$", noun)
    night = noun == "ночи" and word in {"в", "к"}
    feminine = noun.endswith(("ы", "и", "ые", "ие")) and not verb and not night
    return ("f" if feminine else "m"), "n"


def _after_one(noun: str, word: str) -> tuple[str, str]:
    if re.match("человека|реб[её]нка|доллара|взгляда|класса", noun):
        return "m", "g"
    if re.search("[^иоеь]е$", noun) and word in PREPOSITIONAL_BEFORE:
        return "m", "p"  # or feminine, which the ending does not tell
    if noun.endswith(("у", "ю")):
        return ("m", "n") if word in DATIVE_BEFORE else ("f", "a")
    if noun.endswith(("о", "е", "мя")):
        return "n", "n"
    return ("f" if noun.endswith(("а", "я")) else "m"), "n"


# ---- money and units


def _read_money(text: str) -> str:
    words = "|".join(SCALES)
    text = re.sub(r"\b(?:US\s?|HK|CA?|AU?|NZ)(?=\$)", "", text)
    text = re.sub(
        rf"(?<=[{_MONEY}])\s?\d{{1,3}}(?:,\d{{3}})+(?!\d)", lambda m: m[0].replace(",", ""), text
    )
    text = re.sub(
        rf"([{_MONEY}]\s?\d[\d., ]*?)\s?({words})(?:[аи]|ов)?\b(?:\s+(?:долларов|евро|фунтов)\b)?",
        lambda m: f"{m[1]} {SCALES[m[2]]}",
        text,
    )
    text = re.sub(
        rf"(\d)\s({words})(?:[аи]|ов)?(?=\s?[{_MONEY}])",
        lambda m: f"{m[1]} {SCALES[m[2]]}",
        text,
    )
    text = re.sub(
        rf"([{_MONEY}])\s?{_NUMBER.removeprefix(START)}{_SCALE}",
        lambda m: _money(m, m[1], m[2], m[3], m[4]),
        text,
    )
    return re.sub(
        rf"{_NUMBER}{_SCALE}\s?([{_MONEY}])", lambda m: _money(m, m[4], m[1], m[2], m[3]), text
    )


def _money(
    match: re.Match[str], sign: str, whole: str, fraction: str | None, scale: str | None
) -> str:
    case = _case(match)
    case = case if case == "g" else "n"
    if scale:
        end = "." if match.group().endswith(".") and ends_sentence(match) else ""
        return f"{_counted(whole, fraction, UNITS[scale], case)} {CURRENCIES[sign][2]}{end}"
    if fraction and len(fraction) == 2:
        cents = _counted(fraction, None, CENTS[sign], case).removeprefix("ноль ")
        units = _counted(whole, None, CURRENCIES[sign], case)
        return f"{units} {cents}" if int(fraction) else units
    return _counted(whole, fraction, CURRENCIES[sign], case)


def _read_counted(text: str) -> str:
    """Numbers with a unit, fractions, and the rest."""
    text = re.sub(
        rf"(\d[.,]\d+)\s({'|'.join(SCALES)})(?:[аи]|ов)?\b",
        lambda m: f"{m[1]} {SCALES[m[2]]}",
        text,
    )
    text = re.sub(rf"{_NUMBER}{_SCALE}\s?({_UNIT})(?![\w/])\.?", _with_unit, text)
    text = re.sub(r"(?<![\w/.,])(\d)\s?[/⁄]\s?(\d{1,2})(?![\d/])", _slashed, text)
    return re.sub(_NUMBER, _bare, text)


def _with_unit(match: re.Match[str]) -> str:
    whole, fraction, scale, unit = match.groups()
    case = "g" if _case(match) == "g" else "n"
    # The unit's stop is dropped, but one that ends the sentence is not the unit's.
    end = "." if match.group().endswith(".") and ends_sentence(match) else ""
    if scale:
        return f"{_counted(whole, fraction, UNITS[scale], case)} {UNITS[unit][2]}{end}"
    return _counted(whole, fraction, UNITS[unit], case) + end


def _slashed(match: re.Match[str]) -> str:
    part, whole = int(match[1]), int(match[2])
    if not 0 < part < whole or whole not in {2, 3, 4, 5, 6, 7, 8, 10}:
        return match.group()
    word = (re.findall(r"[а-яё]+\s+$", before(match).lower()) or [""])[-1].strip()
    case = _case_before(before(match))
    if case == "n" and word in {"на", "в", "за"} and part == 1:
        case = "a"
    if whole in _PARTS:
        noun = _PARTS[whole][2 * (part > 1) + (case == "g")]
    else:
        noun = ordinal(whole, case, "f") if part == 1 else ordinal(whole, "g", plural=True)
    return f"{cardinal(part, case, 'f')} {noun}"


def _bare(match: re.Match[str]) -> str:
    whole, fraction = match.groups()
    digits = re.sub(r"\D", "", whole)
    after = behind(match)
    glued = " " if after[:1].isalpha() else ""  # "3D", "10x"
    case = _case(match)
    if fraction:
        noun = re.match(r"\s+([а-яё]{3,})", after)
        feminine = noun is not None and noun[1].endswith(("ы", "и"))
        # "пять с половиной часов", but "5,5 часа" agrees with "пять десятых".
        halves = noun is None or int(digits) < 5 or noun[1][-1] not in "аяыи"
        return _figure(whole, fraction, case, feminine=feminine, halves=halves) + glued
    if re.match("0.", digits) or len(digits) > _LONGEST_NUMBER:
        return _figure(whole) + glued
    if case == "n":
        gender, case = _gender(digits, match)
    else:
        gender = (
            "f" if re.search("(?<!1)1$", digits) and re.match(r"\s+[а-яё]+[ыи]\b", after) else "m"
        )
    return cardinal(int(digits), case, gender) + glued


# ---- ordinals and compounds


def _read_ordinals(text: str) -> str:
    text = re.sub(r"(?<=\d)\s?%-(?=н[а-яё]{2,3}\b)", "-процент", text)
    text = re.sub(rf"{START}(\d{{1,3}})-(х|ти|ми|мя|ю)\b", _oblique, text)
    text = re.sub(rf"{START}(\d{{1,4}})-([а-яё]{{4,}})", _compound, text)
    ends = "|".join(sorted([*ORDINAL_ENDS, *PLURAL_ENDS], key=len, reverse=True))
    grouped = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,4}|\d{1,9})"
    return re.sub(rf"{START}{grouped}-({ends})\b(\s+год)?", _with_ending, text)


def _with_ending(match: re.Match[str]) -> str:
    number = int(re.sub(r"\D", "", match[1]))
    end, following = match[2], match[3] or ""
    if end in PLURAL_ENDS or (end == "е" and number % 10 == 0 and (number > 31 or following)):
        case = PLURAL_ENDS.get(end, "n")  # "60-е" are years, "20-е" without the word a day
        return ordinal(number, case, plural=True) + following
    case, gender = ORDINAL_ENDS[end]
    return ordinal(number, case, gender) + following


_IN_COMPOUNDS = {"ста": "сто", "девяноста": "девяносто", "одного": "одно"}


def _oblique(match: re.Match[str]) -> str:
    """Of "2-х", "5-ти", "с 5-ю": a cardinal, unless the ending is an ordinal's."""
    number, end = int(match[1]), match[2]
    few = number % 10 in {2, 3, 4} and not 11 < number < 15
    with_ = re.search(r"\bсо?\s+$", before(match), re.IGNORECASE)
    plain = {"х": few, "ю": with_ and number > 4, "ми": number in {7, 8}}
    if not plain.get(end, True):
        return match.group()
    return cardinal(number, "i" if end in {"мя", "ю"} else "g")


def _compound(match: re.Match[str]) -> str:
    """Of "10-летний" and "40-летие": "десятилетний", "сорокалетие"."""
    number = int(match[1])
    parts = cardinal(number, "g").split()
    if number % 1000 == 0 and number:
        parts[-1] = "тысяче"
    return "".join(_IN_COMPOUNDS.get(part, part) for part in parts) + match[2]
