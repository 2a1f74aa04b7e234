"""Every word that the app says, in English and in Russian: `t(key)` over en.json and ru.json.

A text that depends on a number is an object of CLDR plural categories, chosen by `count`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import streamlit as st

LANGUAGES = ("ru", "en")

Text = str | dict[str, str]


@cache
def texts(language: str) -> dict[str, Text]:
    """Key → text of one language of the app."""
    loaded: dict[str, Text] = json.loads(
        Path(__file__).with_name(f"{language}.json").read_text(encoding="utf-8")
    )
    return loaded


def language() -> str:
    """The language of this visitor: chosen, or else in the link, or else the browser's."""
    wanted = (st.session_state.get("lang"), st.query_params.get("lang"))
    known = [code for code in wanted if code in LANGUAGES]
    return str(known[0]) if known else preferred(st.context.locale)


def preferred(locale: str | None) -> str:
    """The app's language for a browser's: Russian for Russian, else English."""
    return "ru" if (locale or "").lower().startswith("ru") else "en"


def t(key: str, /, **values: str | float) -> str:
    """The text of `key` in the visitor's language, with the values filled in.

    Args:
        key: A key of the JSON files.
        **values: What stands in the text's braces. Floats are written with two decimals; `count`
            chooses the plural.
    """
    return translate(language(), key, **values)


def translate(lang: str, key: str, /, **values: str | float) -> str:
    """As `t`, in a given language."""
    text = texts(lang)[key]
    if isinstance(text, dict):
        text = text[plural(lang, int(values["count"]))]
    return text.format(**{name: _written(lang, value) for name, value in values.items()})


def number(value: float, digits: int = 2, lang: str | None = None) -> str:
    """The number as it is written in the language: 1.25 in English, 1,25 in Russian."""
    written = f"{value:.{digits}f}"
    return written.replace(".", ",") if (lang or language()) == "ru" else written


def plural(lang: str, count: int) -> str:
    """The CLDR plural category of a whole number (unicode.org/cldr, rules for en and ru)."""
    if lang == "en":
        return "one" if count == 1 else "other"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}:
        return "few"
    return "many"


def _written(lang: str, value: str | float) -> str:
    return number(value, lang=lang) if isinstance(value, float) else str(value)
