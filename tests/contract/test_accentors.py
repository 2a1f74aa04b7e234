"""What every registered accentor keeps; silero-stress also agrees with its own call."""

from __future__ import annotations

import re
from functools import cache
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dubbing.engines.base import Accentor
from dubbing.engines.registry import engine_info, engine_names, load_engine
from dubbing.stages.read import readable
from dubbing.text.stress import MARK, WORD, canonical, without_marks

pytestmark = pytest.mark.model

NAMES = engine_names("accentor")
TEXTS = (
    "Старый замок стоял на холме, а на двери висел новый замок.",
    "Мы должны были говорить об этом в прошлом году, когда вирус ещё спал.",
    "Что-нибудь когда-нибудь кто-то по-русски скажет. Он уже большая часть моей жизни…",
    "За́мок и замо́к, о́рган и орга́н, трёхсо́т и вы́ходить — всё это было.",
    "Да. Нет! Ну?",
    "Хлопок одной ладони — белый хлопок, атлас мира и синий атлас.",
    "",
)


@cache
def accentor(name: str) -> Accentor:
    if reason := pytest.importorskip("dubbing.engines.registry").why_unavailable(name):
        pytest.skip(reason)
    return cast(Accentor, load_engine(name))


@pytest.mark.parametrize("name", NAMES)
def test_letters_stay_and_marks_are_told(name: str):
    """Removing the marks gives the text; one entry for each that was added, with why."""
    for text, found in zip(TEXTS, accentor(name).accent(TEXTS), strict=True):
        assert without_marks(found.text) == without_marks(text)
        assert found.text == canonical(found.text)
        before, after = re.findall(WORD, text), re.findall(WORD, found.text)
        added = [b for a, b in zip(before, after, strict=True) if MARK in b and MARK not in a]
        assert [mark.word for mark in found.marks] == added
        assert all(0.5 < m.confidence <= 1 for m in found.marks)
        assert {m.by for m in found.marks} <= {"dictionary", "network", "homograph"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_marked_or_needs_no_mark_stays(name: str):
    """A person's marks, words with ё, words of one syllable."""
    (by_hand, *_), (short, *_) = (accentor(name).accent([TEXTS[i]]) for i in (3, 4))
    kept = [word for word in re.findall(WORD, TEXTS[3]) if MARK in word or "ё" in word]
    assert [word for word in re.findall(WORD, by_hand.text) if word in kept] == kept
    assert (short.text, short.marks) == (TEXTS[4], ())


@pytest.mark.parametrize("name", NAMES)
def test_homographs_go_by_their_sentence(name: str):
    """A castle on a hill, a lock on a door."""
    (found,) = accentor(name).accent([TEXTS[0]])
    assert "Ста́рый за́мок" in found.text and "но́вый замо́к" in found.text
    by = {mark.word: mark.by for mark in found.marks}
    assert by["за́мок"] == by["замо́к"] == "homograph"


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_marked_alike_in_any_company(name: str):
    """Alone, among others, and again."""
    engine = accentor(name)
    assert engine.accent(TEXTS) == [engine.accent([text])[0] for text in TEXTS]
    assert engine.accent([]) == []


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(text=st.text("абвеёиклмоуыэюязАЕМ+\u0301 -.,", max_size=60))
def test_any_text_keeps_its_letters(name: str, text: str):
    """Nonsense, too."""
    given_text = readable(text, "ru").text
    (found,) = accentor(name).accent([given_text])
    assert without_marks(found.text) == without_marks(given_text)


@pytest.mark.parametrize("name", NAMES)
def test_the_process_is_left_as_it_was(name: str):
    """Threads and gradients of torch, which is others' too."""
    before = torch.get_num_threads(), torch.is_grad_enabled()
    cast(Accentor, load_engine(name)).accent(TEXTS[:1])
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == before


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_what_the_pipeline_reads(name: str):
    """Its language and what it takes."""
    info = engine_info(name)
    assert info.languages == ("ru",) and info.memory_mb > 0 and info.packages


def test_silero_marks_as_its_own_call_does():
    """We call its parts, because its whole does not say how sure it is."""
    own = pytest.importorskip("silero_stress").load_accentor("ru")
    torch.set_grad_enabled(True)  # what it switches off
    for text, found in zip(TEXTS, accentor("silero-stress").accent(TEXTS), strict=True):
        plus = re.sub(f"(.){MARK}", r"+\1", text)
        marked = own(plus, put_yo=False, put_yo_homo=False, stress_single_vowel=False)
        assert found.text == canonical(marked)
