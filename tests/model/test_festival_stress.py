"""Festival says what is marked: read out of Festival itself, not out of its sound."""

from __future__ import annotations

import importlib.util

import pytest

from dubbing.engines.festival import VOICE, FestivalSynthesizer
from dubbing.engines.stock_voices import Utterance
from dubbing.stages.read import readable
from tests.conftest import ROOT, lacking
from tests.unit.test_stress import BY_HAND

pytestmark = pytest.mark.model

spec = importlib.util.spec_from_file_location("stress", ROOT / "benchmarks" / "stress.py")
assert spec is not None and spec.loader is not None
benchmark = importlib.util.module_from_spec(spec)
spec.loader.exec_module(benchmark)


@pytest.fixture(autouse=True)
def here() -> None:
    if reason := FestivalSynthesizer.why_unavailable():
        lacking(reason)


def test_marks_by_hand_are_heeded():
    """Two readings of the same letters, in one text."""
    texts = [readable(f"Вот {word}, да.", "ru").text for word in BY_HAND]
    assert not benchmark.differing(
        [benchmark.written(text) for text in texts], benchmark.festival(texts)
    )
    (both,) = benchmark.festival(
        [readable("за́мок и замо́к, з+а город, когд+а-ниб+удь, трёхс+от", "ru").text]
    )
    assert [sorted(stressed) for stressed in both] == [[1], [], [2], [1], [1], [2, 4], [2]]


def _said(text: str) -> Utterance:
    return Utterance(base=VOICE, text=text, language="ru")


def test_a_mark_changes_nothing_but_the_stress():
    """The voice's own sign would make [ч] of the [ш] in these, and harden consonants."""
    engine = FestivalSynthesizer()
    for plain, marked in (("конечно", "коне́чно"), ("ядерная", "я́дерная"), ("моя", "моя́")):
        said, as_marked = (engine.say(_said(text)) for text in (plain, marked))
        assert len(said.samples) == len(as_marked.samples)
        assert (said.samples == as_marked.samples).all()


def test_stress_is_heard():
    """Another syllable is stressed: another sound."""
    engine = FestivalSynthesizer()
    castle, lock = (engine.say(_said(text)) for text in ("за́мок", "замо́к"))
    assert castle.samples.shape != lock.samples.shape or (castle.samples != lock.samples).any()
