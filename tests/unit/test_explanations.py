"""Every sentence that a check can write has its words in the visitor's language."""

from __future__ import annotations

import ast
import re

import pytest

from dubbing.quality.verdict import segment_fault
from dubbing.text.completeness import faults
from dubbing.webui.components import explanations
from dubbing.webui.components.explanations import SENTENCES, explained
from tests.conftest import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def russian(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor reads Russian."""
    from dubbing.webui.i18n import number, translate

    monkeypatch.setattr(explanations, "t", lambda key, **v: translate("ru", key, **v))
    monkeypatch.setattr(explanations, "number", lambda value, digits: number(value, digits, "ru"))


def is_russian(text: str) -> bool:
    """Whether it has Cyrillic letters."""
    return re.search("[а-яё]", text) is not None


FINE = {
    "status": "fits",
    "is_heard": True,
    "rate": 1.0,
    "jump": 0.0,
    "onset_error_s": 0.0,
    "end_error_s": 0.0,
    "loudness_difference_lu": 0.0,
    "cer": None,
}


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "untranslated"},
        {"is_heard": False},
        {"onset_error_s": 0.9},
        {"onset_error_s": -0.9},
        {"end_error_s": 2.0},
        {"end_error_s": -2.0},
        {"rate": 1.5},
        {"jump": 0.4},
        {"jump": -0.4},
        {"loudness_difference_lu": 9.0},
        {"loudness_difference_lu": -9.0},
        {"cer": 0.8},
    ],
)
def test_every_fault_of_the_scorecard_is_told(facts: dict[str, object]) -> None:
    """The sentence is translated and keeps its number, with a comma."""
    fault, _ = segment_fault(**(FINE | facts))  # type: ignore[arg-type]
    told = explained(fault)
    assert is_russian(told)
    for value in re.findall(r"\d+\.\d+", fault):
        assert value.replace(".", ",") in told


def written_sentences() -> list[str]:
    """Every sentence that the completeness checks hold, with 7 for each value."""
    tree = ast.parse((ROOT / "dubbing/text/completeness.py").read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault"
    ]
    return [_text(call.args[1]) for call in calls]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(map(_part, node.values))


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    return "7 characters for 7" if ast.unparse(node.value) == "share" else "7"


@pytest.mark.parametrize("sentence", written_sentences())
def test_every_fault_of_a_translation_is_told(sentence: str) -> None:
    """No sentence of the checks is left in English."""
    assert is_russian(explained(sentence)), sentence


def test_a_real_fault_is_told() -> None:
    """What the checks say of a text, not only what stands in their code."""
    found = faults("There are 12 ships here.", "Здесь есть корабли.", "en", "ru")
    assert [explained(fault.explanation) for fault in found] == ["В переводе нет числа 12."]


def test_an_unknown_sentence_stays_as_it_is() -> None:
    """A run of a newer version is shown, not refused; and no sentence has two translations."""
    assert explained("the moon is missing") == "the moon is missing"
    assert len(set(SENTENCES.values())) == len(SENTENCES)
