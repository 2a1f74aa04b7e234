"""The app's words: the same in both languages, and well formed."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest

from dubbing.config import LANGUAGES as DUB_LANGUAGES
from dubbing.languages import NAMES
from dubbing.types import PlacementStatus, TranslationSource
from dubbing.webui.i18n import LANGUAGES, Text, number, plural, preferred, texts, translate
from tests.conftest import ROOT

pytestmark = pytest.mark.unit

PLURALS = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}


def forms(text: Text) -> list[str]:
    """Every wording of a text."""
    return list(text.values()) if isinstance(text, dict) else [text]


def placeholders(text: Text) -> set[str]:
    """Names in the braces of a text."""
    return {name for form in forms(text) for _, name, _, _ in Formatter().parse(form) if name}


def test_both_languages_have_the_same_keys() -> None:
    """No text is missing in one of the languages."""
    assert list(texts("en")) == list(texts("ru"))


@pytest.mark.parametrize("key", texts("en"))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    """A translation drops no value and invents none."""
    assert placeholders(texts("en")[key]) == placeholders(texts("ru")[key])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_plural_texts_have_all_forms_of_their_language(lang: str) -> None:
    """A number never meets a text that lacks its form."""
    for text in texts(lang).values():
        assert isinstance(text, str) or set(text) == PLURALS[lang]


@pytest.mark.parametrize("key", texts("ru"))
def test_russian_texts_are_russian(key: str) -> None:
    """Every Russian text that has words of its own has Cyrillic letters."""
    for form in forms(texts("ru")[key]):
        own_words = re.sub(r"\{.*?\}|[^\w]", "", form)
        assert not own_words or re.search("[а-яё]", form, re.IGNORECASE), form


@pytest.mark.parametrize("key", texts("en"))
def test_english_texts_are_english(key: str) -> None:
    """No Russian is left in an English text."""
    assert not any(re.search("[а-яё]", form, re.IGNORECASE) for form in forms(texts("en")[key]))


@pytest.mark.parametrize(
    ("count", "russian"),
    [
        (1, "1 сегмент"),
        (2, "2 сегмента"),
        (5, "5 сегментов"),
        (11, "11 сегментов"),
        (21, "21 сегмент"),
        (112, "112 сегментов"),
        (0, "0 сегментов"),
    ],
)
def test_russian_plurals(count: int, russian: str) -> None:
    """Russian numbers take their proper form of the word."""
    assert translate("ru", "segments_count", count=count) == russian


def test_english_plurals() -> None:
    """Only one is singular."""
    assert [plural("en", count) for count in (0, 1, 2)] == ["other", "one", "other"]


def test_numbers_are_written_as_the_language_does() -> None:
    """Russian has a decimal comma, also inside a text."""
    assert number(1.25, lang="ru") == "1,25"
    assert translate("ru", "seconds", seconds=0.5) == "0,50 с"
    assert translate("en", "seconds", seconds=0.5) == "0.50 s"


@pytest.mark.parametrize(
    ("locale", "lang"), [("ru-RU", "ru"), ("ru", "ru"), ("en-GB", "en"), ("de", "en"), (None, "en")]
)
def test_first_language_follows_the_browser(locale: str | None, lang: str) -> None:
    """A Russian browser gets Russian, any other English."""
    assert preferred(locale) == lang


def test_every_value_that_is_shown_has_a_name() -> None:
    """Languages, statuses and sources of a translation are all in the texts."""
    statuses = [*PlacementStatus.__args__, "none"]
    wanted = [f"lang_{code}" for code in (*DUB_LANGUAGES, *NAMES)]
    wanted += [f"{kind}_{status}" for kind in ("status", "reason") for status in statuses]
    wanted += [f"source_{source}" for source in TranslationSource.__args__]
    assert set(wanted) <= set(texts("en"))


def test_every_key_that_the_code_names_exists_and_none_is_idle() -> None:
    """`t("key")` never fails, and no text is kept that nothing says."""
    files = [ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("dubbing/webui/**/*.py")]
    said, stems = set(), set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t":
                for part in ast.walk(node.args[0]):
                    collected = stems if isinstance(node.args[0], ast.JoinedStr) else said
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        collected.add(part.value)
    assert said <= set(texts("en"))
    idle = {k for k in texts("en") if k not in said and not k.startswith(tuple(stems))}
    assert not idle
