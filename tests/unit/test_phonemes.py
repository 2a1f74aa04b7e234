"""Russian text as sounds, and in the letters of engines."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.engines.phoneme_letters import (
    ESPEAK_IPA,
    ESPEAK_MNEMONICS,
    KOKORO,
    Alphabet,
    kokoro_letters,
    russian,
)
from dubbing.text.russian.phonemes import Consonant, SpokenWord, Vowel, phonemes

pytestmark = pytest.mark.unit

# As espeak-ng 1.52 transcribes the words where its data heeds stress marks.
ESPEAK_SAYS = {
    "за\u0301мок": "zˈɑmʌk",
    "замо\u0301к": "zamˈok",
    "году\u0301": "ɡʌdˈu",
    "должны\u0301": "dʌɭʒnˈy",
    "приве\u0301т": "prʲivʲˈet",
    "себя\u0301": "sʲibʲˈɑ",
    "объясни\u0301ть": "ʌbjʌsʲnʲˈitʲ",
    "густо\u0301й": "ɡustˈoj",
    "никогда\u0301": "nʲikʌɡdˈɑ",
}


EVERY_SOFT = replace(KOKORO, soft_before=None)  # shows each palatalisation


@pytest.mark.parametrize(("word", "said"), ESPEAK_SAYS.items())
def test_words_sound_as_espeak_ng_has_them(word: str, said: str):
    """Reduction, palatalisation and stress, against a transcriber that shares no code."""
    assert russian(word, ESPEAK_IPA) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("его\u0301", "jɪvˈo"),
        ("большо\u0301го", "balʲʃˈovə"),
        ("мно\u0301го", "mnˈoɡə"),
        ("что", "ʃtˈo"),
        ("коне\u0301чно", "kanʲˈɛʃnə"),
        ("со\u0301лнце", "sˈonʦᵻ"),
        ("поздно", "pazna"),  # no mark, two syllables: no stress
        ("боя\u0301ться", "bajˈaʦə"),
        ("сча\u0301стье", "ʃʲˈasʲtʲje"),
        ("лёгкий", "lʲˈoxkʲij"),
        ("вокза\u0301л", "vaɡzˈal"),
        ("го\u0301род", "ɡˈorət"),
        ("интерне\u0301т", "intɛrnˈɛt"),
        ("семья\u0301", "sʲɪmʲjˈa"),
        ("бульо\u0301н", "bulʲjˈon"),
    ],
)
def test_spelling_gives_way_to_the_norm(text: str, said: str):
    """What is said otherwise than it is written."""
    assert russian(text, EVERY_SOFT) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("в году\u0301", "v ɡadˈu"),
        ("в па\u0301рке", "f pˈarkʲe"),
        ("с до\u0301мом", "z dˈoməm"),
        ("в Ита\u0301лии", "v ᵻtˈalʲii"),
        ("не зна\u0301ю", "nʲɪ znˈaju"),
        ("кто же?", "ktˈo ʒᵻ?"),
        ("да — нет…", "da — nʲˈɛt…"),
    ],
)
def test_small_words_lean_on_their_neighbours(text: str, said: str):
    """A preposition has no stress and takes on the voice of what follows; и becomes ы."""
    assert russian(text, EVERY_SOFT) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("мять", "mʲˈat"), ("лёгкий", "lʲˈoxkij"), ("семья́", "sɪmjˈa"), ("конь", "kˈon")],
)
def test_kokoro_hears_of_softness_before_back_vowels_only(text: str, said: str):
    """Elsewhere it says a vowel for the sign: "очени" for "очень"."""
    assert russian(text, KOKORO) == said


def test_every_word_has_the_stress_that_its_mark_says():
    """One stressed vowel where one is marked, whatever else there is; ё needs no mark."""
    for word in phonemes("перестаёте за\u0301мок замо\u0301к а\u0301втомоби́ль"):
        assert isinstance(word, SpokenWord)
        stressed = [p for p in word.phones if isinstance(p, Vowel) and p.place == "stressed"]
        assert len(stressed) == 1


def test_figures_and_latin_letters_are_not_lost():
    """An engine that is given them unread says them all the same."""
    assert russian("5 PDF", KOKORO) == russian("пять пи-ди-эф", KOKORO)


def test_espeaks_letters_stand_in_brackets():
    """Each word by itself, marks between."""
    found = russian("Да, за\u0301мок!", ESPEAK_MNEMONICS, lambda word: f"[[{word}]]")
    assert found == "[[da]], [[z'AmVk]]!"


def test_english_diphthongs_are_single_letters():
    """What espeak-ng writes with a tie is one of Kokoro's letters."""
    assert kokoro_letters("ðə wˈe^ɪ t^ʃˈe^ɪnd^ʒ", "en") == "ðə wˈA ʧˈAnʤ"


@pytest.mark.parametrize("alphabet", [KOKORO, ESPEAK_IPA, ESPEAK_MNEMONICS])
@given(text=st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя \u0301-.,!?", max_size=40))
def test_no_text_is_too_odd(alphabet: Alphabet, text: str):
    """Any Cyrillic text is spelled, and a word that has a letter with a sound has letters."""
    assert isinstance(russian(text, alphabet), str)
    for word in phonemes(text):
        if isinstance(word, SpokenWord):
            assert all(isinstance(phone, (Consonant, Vowel)) for phone in word.phones)
    if re.search("[аоуэыи]", text):
        assert russian(text, alphabet)
