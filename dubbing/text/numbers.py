"""Numbers in a text, in figures or in words, as values that another language can be asked for.

Two readings are kept apart. What is *stated* is certain and has to come back in a translation:
figures ("10,000", "$3 trillion") and number words from ten on ("a thousand times"). What is
*readable* is all that may be meant as a number, generously: "twice", "a decade",
"тридцатилетний", "XX". A number is lost where it is stated here and not readable there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dubbing.text.number_words import tables

Readings = frozenset[float]

_LEAST_WORD = 10.0  # smaller ones come back as a pronoun, a dual or a prefix as often as not
_GROUPED = r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?!\d)"
_TOKEN = re.compile(rf"(?P<figure>{_GROUPED}|\d+(?:[.,]\d+)?)|(?P<word>[^\W\d_]+)|(?P<mark>\S)")
# What may touch a figure, with its factor; other letters make it part of a name: H1N1, 4K, mp3.
_SUFFIX = re.compile(
    r"(?P<scale>[kK]|[mM]|bn|B|tn)(?!\w)|(?:s|st|nd|rd|th|x|х|km|kg|cm|mm|g|am|pm|[%°])(?!\w)"
)
_FACTORS = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "bn": 1e9, "B": 1e9, "tn": 1e12}
_AFTERNOON = re.compile(r"(?::\d\d)?\s?p\.?m\b", re.IGNORECASE)
_AFTER_FIGURE = (0.5, 1e3, 1e6, 1e9, 1e12)
_MEASURES = {10.0, 12.0, 100.0, 1e3}  # "two decades" are twenty years
_ROMAN = re.compile(r"\b(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
_DIGITS = "one|two|three|four|five|six|seven|eight|nine"


def _year(match: re.Match[str]) -> str:
    """The figure of a year said as "nineteen oh five"."""
    hundreds = 10 + _TEENS.split("|").index(match.group(1).casefold())
    return f"{hundreds}0{1 + _DIGITS.split('|').index(match.group(2).casefold())}"


# Written as figures before they are read: a half multiplies or adds then, a year is one number.
_AS_FIGURES: dict[str, tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]] = {
    "en": (
        (rf"\b({_TEENS}) oh ({_DIGITS})\b", _year),
        (r"\band a half\b", "½"),
        (r"\bhalf an hour\b", "30 minutes"),
        (r"\bhalf an? (?=[mbt]illion|hundred|thousand)", "0.5 "),
    ),
    "ru": ((r"\bс половиной\b", "½"),),
    "pt": ((r"\be mei[ao]\b", "½"), (r"\bmeio (?=milhão|bilhão)", "0.5 ")),
}


@dataclass(frozen=True, slots=True)
class _Number:
    readings: Readings
    certain: bool
    figure: bool = False


def stated(text: str, language: str, *, figures_only: bool = False) -> list[Readings]:
    """The numbers that the text states for certain, in order, each with its possible values.

    0 and 1 are left out, for "one" is seldom a count, and so are figures inside names ("H1N1",
    "24/7").

    Args:
        text: In `language`.
        language: ISO 639-1 code; number words are known for en, ru and pt.
        figures_only: Leave out numbers in words.
    """
    return [
        number.readings
        for number in _numbers(text, language)
        if number.certain and (number.figure or not figures_only) and max(number.readings) > 1
    ]


def readable(text: str, language: str) -> Readings:
    """Every value that some figure or word of the text may stand for."""
    found = {value for number in _numbers(text, language) for value in number.readings}
    sure, loose, stems = tables(language)
    for word in re.findall(r"[^\W\d_]+", _folded(text)):
        found |= {table[word] for table in (sure, loose) if word in table}
        inside = set(_inside(word, stems))
        found |= inside | {m * few for m in inside & _MEASURES for few in found if few < 100}
    if language != "en":  # where "I" is a word
        found |= {_roman(roman) for roman in _ROMAN.findall(text) if roman}
    return frozenset(found)


def knows_words(language: str) -> bool:
    """Whether number words of this language can be read."""
    return bool(tables(language)[0])


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _inside(word: str, stems: dict[str, float]) -> Iterator[float]:
    """Values of the number that a compound begins with: "двадцатипятилетний" gives 20 and 25."""
    stem = max((s for s in stems if word.startswith(s)), key=len, default="")
    if stem:
        yield stems[stem]
        yield from (stems[stem] + unit for unit in _inside(word[len(stem) :], stems) if unit < 10)


def _roman(letters: str) -> float:
    values = [_ROMAN_VALUES[letter] for letter in letters]
    following = [*values[1:], 0]
    return float(sum(-v if v < after else v for v, after in zip(values, following, strict=True)))


# ---- reading


def _numbers(text: str, language: str) -> Iterator[_Number]:
    for pattern, figure in _AS_FIGURES.get(language, ()):
        text = re.sub(pattern, figure, text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text)  # twenty-five
    sure, loose, _ = tables(language)
    run: list[_Number] = []
    for token in _TOKEN.finditer(text):
        word = _folded(token.group())
        if token["figure"]:
            yield from _composed(run, language)
            run = [_figure(token, text, language)]
        elif word in sure or word in loose or word == "½":
            value = 0.5 if word == "½" else sure.get(word) or loose.get(word, 0.0)
            if run and run[0].figure and value not in _AFTER_FIGURE:
                yield from _composed(run, language)
                run = []
            run.append(_Number(frozenset([value]), certain=word in sure))
        elif not _links(word, run, language) and not _is_suffix(token, text):
            yield from _composed(run, language)
            run = []
    yield from _composed(run, language)


def _links(word: str, run: Sequence[_Number], language: str) -> bool:
    """Whether a word joins the parts of one number: "a hundred and ten", "vinte e cinco"."""
    if language == "pt":
        return word == "e" and bool(run)
    hundreds = bool(run) and not run[0].figure and max(run[-1].readings) >= 100
    return language == "en" and word == "and" and hundreds


def _is_suffix(token: re.Match[str], text: str) -> bool:
    return text[token.start() - 1 : token.start()].isdigit() and bool(
        _SUFFIX.match(text, token.start())
    )


def _figure(token: re.Match[str], text: str, language: str) -> _Number:
    before, after = text[: token.start()], text[token.end() :]
    values = set(_figure_values(token.group(), language))
    suffix = _SUFFIX.match(after)
    if suffix and suffix["scale"]:
        factor = _FACTORS[suffix["scale"]]
        values |= {value * factor for value in values}  # "5m" may be metres as well
    if re.fullmatch(r"\d\d00", token.group()) and after[:1] == "s":
        values.add(int(token.group()) // 100 + 1)  # the 1800s are the nineteenth century
    if _AFTERNOON.match(after):
        values |= {value + 12 for value in values}
    in_name = re.search(r"([^\W\d_]-?|\d[/:]|№\s?)$", before) or re.match(r"[/:]\d|-[A-Z]\b", after)
    touched = after[:1].isalpha() and not suffix
    return _Number(frozenset(values), certain=not in_name and not touched, figure=True)


def _figure_values(figure: str, language: str) -> Iterator[float]:
    digits = re.sub(r"\D", "", figure)
    yield float(digits) if re.fullmatch(rf"{_GROUPED}|\d+", figure) else _decimal(figure)
    if re.fullmatch(r"\d+[.,]\d{3}", figure):
        yield _decimal(figure)  # the other convention
    if re.search(r"\s", figure) and language == "en":
        yield from (float(part) for part in figure.split())  # English does not group by blanks
    if re.fullmatch(r"(1\d|20)\d\d", figure):
        yield float(figure[2:])  # the 1930s are "30-е"


def _decimal(figure: str) -> float:
    return float(re.sub(r"[\s'’]", "", figure).replace(",", "."))


# ---- putting together


def _composed(run: Sequence[_Number], language: str) -> Iterator[_Number]:
    """The numbers that a run of number words makes, a figure only as its first part."""
    if run and run[0].figure:
        following = [max(number.readings) for number in run[1:]]
        half = 0.5 if 0.5 in following else 0.0
        factor = math.prod(scale for scale in following if scale >= 1000)
        yield replace(run[0], readings=frozenset((v + half) * factor for v in run[0].readings))
        return
    total, part, last, certain = 0.0, 0.0, float("inf"), False
    for number in run:
        value = max(number.readings)
        if value >= 1000:
            total = total + (part or 1) * value if value < last else ((total + part) or 1) * value
            part, last = 0.0, value
        elif value == 0.5 and total and not part:
            total += value * last  # dois milhões e meio
        elif language == "en" and value == 100 and 1 <= part < 100:
            part *= 100
        elif _fits(part, value):
            part += value
        elif language == "en" and 10 <= part < 100 and 10 <= value < 100:
            part = part * 100 + value  # nineteen eighteen
        else:
            yield _in_words(total + part, certain=certain)
            total, part, last, certain = 0.0, value, float("inf"), False
        certain |= number.certain
    if run:
        yield _in_words(total + part, certain=certain)


def _fits(part: float, value: float) -> bool:
    """Whether a smaller number goes on a greater one, as 5 on 20, or 20 on 300."""
    if part == 0 or value == 0.5:
        return True
    return (value < 100 and part % 100 == 0) or (value < 10 and part % 10 == 0 and part % 100 > 10)


def _in_words(value: float, *, certain: bool) -> _Number:
    return _Number(frozenset([value]), certain=certain and value >= _LEAST_WORD)
