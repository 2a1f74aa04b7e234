"""Number words of the languages that are dubbed from and into.

Each table maps words in lower case (ё as е) to their values. The first of a language holds words
that are certain to be numbers. Those of the second, ordinals and plurals, may be one or be part of
one. The third holds beginnings of words that can stand for a figure on their own: "decade".
"""

from __future__ import annotations

from functools import lru_cache

from num2words import num2words

Table = dict[str, float]

_TO_TWENTY_AND_TENS = (*range(21), *range(30, 100, 10))
_HUNDREDS = range(100, 1000, 100)


def _counted(words: str) -> Table:
    """The words of "dez|onze|…" by their place, from 0; one place may hold several words."""
    return {
        word: float(value) for value, each in enumerate(words.split("|")) for word in each.split()
    }


_ENGLISH = {
    **{num2words(n): float(n) for n in _TO_TWENTY_AND_TENS},
    "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_ENGLISH_LOOSE = {
    **{num2words(n, to="ordinal"): float(n) for n in _TO_TWENTY_AND_TENS},
    **{num2words(n)[:-1] + "ies": float(n) for n in range(20, 100, 10)},
    "hundredth": 100, "thousandth": 1e3, "millionth": 1e6, "hundreds": 100, "thousands": 1e3,
    "millions": 1e6, "billions": 1e9, "trillions": 1e12,
}  # fmt: skip
_ENGLISH_STEMS = {
    "once": 1, "twice": 2, "doubl": 2, "both": 2, "couple": 2, "pair": 2, "triple": 3,
    "tenfold": 10, "decade": 10, "dozen": 12, "centur": 100, "hundred": 100, "noon": 12,
    "midnight": 12, "half": 0.5,
}  # fmt: skip

_PORTUGUESE = {
    **_counted(
        "zero|um uma|dois duas|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze|"
        "catorze quatorze|quinze|dezesseis dezasseis|dezessete dezassete|dezoito|"
        "dezenove dezanove|vinte"
    ),
    "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80,
    "noventa": 90, "cem": 100, "cento": 100, "mil": 1e3, "milhão": 1e6, "bilhão": 1e9,
    "bilião": 1e12, "trilhão": 1e12,
    **{
        f"{stem}{ending}": 100.0 * hundreds
        for hundreds, stem in enumerate(
            "duzent trezent quatrocent quinhent seiscent setecent oitocent novecent".split(), 2
        )
        for ending in ("os", "as")
    },
}  # fmt: skip
_PORTUGUESE_LOOSE = {
    "milhões": 1e6, "bilhões": 1e9, "biliões": 1e12, "trilhões": 1e12, "segundo": 2, "segunda": 2,
    "terceiro": 3, "terceira": 3, "quarto": 4, "quarta": 4, "quinto": 5, "quinta": 5,
}  # fmt: skip
_PORTUGUESE_STEMS = {
    "ambos": 2, "ambas": 2, "par": 2, "dobr": 2, "duplo": 2, "dupla": 2, "tripl": 3, "década": 10,
    "dezena": 10, "dúzia": 12, "centena": 100, "século": 100, "milhar": 1e3, "mei": 0.5,
    "metade": 0.5,
}  # fmt: skip

_RUSSIAN_LOOSE = {
    "тыс": 1e3, "млн": 1e6, "млрд": 1e9, "трлн": 1e12, "полтора": 1.5, "полторы": 1.5,
    "полутора": 1.5,
}  # fmt: skip
_RUSSIAN_SCALES = {
    "тысяч": (1e3, ("", "а", "и", "е", "у", "ей", "ью", "ам", "ами", "ах")),
    "миллион": (1e6, ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")),
    "миллиард": (1e9, ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")),
    "триллион": (1e12, ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")),
}
# Standing alone the other forms are as a rule plurals: "миллионы людей".
_RUSSIAN_SINGLE = ("тысяча", "тысячу", "миллион", "миллиард", "триллион")
# Beside the genitives of the cardinals, which begin compounds: "двадцатилетний".
_RUSSIAN_STEMS = {
    "оба": 2, "обе": 2, "обои": 2, "двое": 2, "двои": 2, "двой": 2, "дважды": 2, "вдвое": 2,
    "удво": 2, "пар": 2, "трое": 3, "трои": 3, "трой": 3, "трижды": 3, "втрое": 3, "утрои": 3,
    "полтораст": 150, "половин": 0.5, "вполовин": 0.5, "полпроцент": 0.5,
    "полгода": 6, "десят": 10, "дюжин": 12, "полдень": 12, "полночь": 12, "сутки": 24,
    "суток": 24, "полчас": 30, "получас": 30, "сотн": 100, "сотен": 100, "столет": 100, "век": 100,
    "стопроцент": 100, "тысячелет": 1e3, "полмиллион": 5e5, "полумиллион": 5e5,
    "полмиллиард": 5e8,
}  # fmt: skip


@lru_cache(maxsize=1)
def _russian() -> tuple[Table, Table, Table]:
    """All cases of cardinals and ordinals, made by num2words."""
    sure: Table = {}
    loose = {s + end: v for s, (v, ends) in _RUSSIAN_SCALES.items() for end in ends}
    stems = dict(_RUSSIAN_STEMS)
    for number in (*_TO_TWENTY_AND_TENS, *_HUNDREDS):
        for case in "ngdaip":
            for gender in "mfn":
                sure[_spelled(number, case=case, gender=gender)] = float(number)
                loose[_spelled(number, to="ordinal", case=case, gender=gender)] = float(number)
            loose[_spelled(number, to="ordinal", case=case, plural=True)] = float(number)
        stems[_spelled(number, case="g")] = float(number)
    sure |= {word: loose.pop(word) for word in _RUSSIAN_SINGLE}
    return sure, loose | _RUSSIAN_LOOSE, stems


def _spelled(number: int, **how: object) -> str:
    return str(num2words(number, lang="ru", **how)).replace("ё", "е")


def tables(language: str) -> tuple[Table, Table, Table]:
    """The three tables of a language; empty for one that is not known."""
    if language == "ru":
        return _russian()
    if language == "en":
        return _ENGLISH, _ENGLISH_LOOSE, _ENGLISH_STEMS
    if language == "pt":
        return _PORTUGUESE, _PORTUGUESE_LOOSE, _PORTUGUESE_STEMS
    return {}, {}, {}
