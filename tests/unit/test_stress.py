"""Stress marks and ё: how they are written, and that they reach the engine."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.engines import espeak_ng, festival, xtts
from dubbing.stages.read import accented, readable
from dubbing.text.names import Name
from dubbing.text.phrasing import Pause, breathe
from dubbing.text.russian import speakable
from dubbing.text.russian.yo import restore_yo
from dubbing.text.stress import MARK, canonical, shown, without_marks
from dubbing.types import MarkedText, StressMark

pytestmark = pytest.mark.unit

# Twenty words, each marked where no machine would mark it by itself or where two readings exist.
BY_HAND = """
    за́мок замо́к о́рган орга́н му́ка мука́ а́тлас атла́с хло́пок хлопо́к тво́рог творо́г по́том пото́м
    бо́льшая больша́я доро́га дорога́ я́дерная вы́ходить
""".split()


@pytest.mark.parametrize("word", BY_HAND)
def test_a_mark_by_hand_reaches_the_engine(word: str):
    """Either way of writing it, whether composed or not, down to what Festival is given."""
    for written in (word, with_plus(word), unicodedata.normalize("NFD", word)):
        reading = readable(f"Вот {written}, да.", "ru")
        assert reading.text == f"Вот {word}, да."
        assert reading.marks == (StressMark(word=word, confidence=1.0, by="user"),)
        assert festival._readable(reading.text) == f"Вот {with_plus(word)}, да."


def with_plus(word: str) -> str:
    return re.sub(f"(.){MARK}", r"+\1", word)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("з+амок", "за́мок"),
        ("З+АМОК", "ЗА́МОК"),
        ("МОСКВ+А", "МОСКВА́"),
        ("п+о полю", "по́ полю"),
        ("«+ядерная»", "«я́дерная»"),
        ("когд+а-ниб+удь", "когда́-нибу́дь"),
        ("зáмок", "за́мок"),  # a Latin letter with its accent
        ("ÓРГАН", "О́РГАН"),
        ("реб+ёнок", "ребёнок"),
        ("ё\u0301лка", "ёлка"),
        ("ќот", "кот"),
        ("к\u0301от", "кот"),
        ("2 + 2", "2 + 2"),
        ("2+2", "2+2"),
        ("C++", "C++"),
        ("C++а", "C++а"),
        ("Disney+", "Disney+"),
        ("Disney+ и Apple+", "Disney+ и Apple+"),
        ("США+ЕС", "США+ЕС"),
        ("витамины С+Е", "витамины С+Е"),
        ("2 +один", "2 +один"),
        ("два + один", "два + один"),
        ("+7 495", "+7 495"),
        ("Bogotá", "Bogotá"),
    ],
)
def test_what_is_a_mark_and_what_is_a_plus(written: str, kept: str):
    """A plus sign inside a word, before a vowel, is a mark; elsewhere it is what it was."""
    assert canonical(written) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2 + 2", "два плюс два"),
        ("язык C++", "язык си-плюс-плюс"),
        ("на Disney+ сейчас", "на Дисни плюс сейчас"),
        ("за́мок + дом", "за́мок плюс дом"),
        ("5 ле́т и 22 мину́ты", "пять ле́т и двадцать две мину́ты"),
        ("в 1965 году́", "в тысяча девятьсот шестьдесят пятом году́"),
        ("В 1990 г. прошло два го́да", "В тысяча девятьсот девяностом году прошло два го́да"),
        ("3 года́, два года и два го́да", "три года́, два года и два го́да"),
        ("Д’Арта́ньян", "Дарта́ньян"),
        ("Ники́та &amp; о́н", "Ники́та и о́н"),
        ("100 $ за за́мок", "сто долларов за за́мок"),
    ],
)
def test_marks_beside_numbers_and_signs(written: str, read: str):
    """What is read in words agrees with its neighbours as if they had no marks, which they keep."""
    assert speakable(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ребенок и его щенок.", "Ребёнок и его щенок."),
        ("Еще зеленый самолет летел.", "Ещё зелёный самолёт летел."),
        ("Все это все.", "Все это все."),  # may be "всё"
        ("Небо, берет, осел, узнает.", "Небо, берет, осел, узнает."),
        ("Ещё ёлка.", "Ещё ёлка."),
        ("трехсо́т", "трёхсо́т"),
        ("Никола Тесла на Tesla", "Никола Тесла на Тесла"),
        ("самоле́т", "самоле́т"),  # as somebody wants it
    ],
)
def test_yo_where_there_is_no_other_reading(written: str, read: str):
    """A dictionary of certain words; what may be read either way stays."""
    assert speakable(written) == read


letters = st.text("абвеёиклмоуыэюяАЕМ+\u0301\u0308\u0306 -.,2Gé'", max_size=40)


@given(st.one_of(letters, st.text()))
def test_without_the_marks_it_is_the_text_with_yo(text: str):
    """Whatever is written: marks change no letter, but for an е that somebody has marked."""
    read, plain = readable(text, "ru").text, readable(shown(text), "ru").text
    assert restore_yo(plain) == plain
    assert read == canonical(read)
    assert with_ye(without_marks(read)) == with_ye(plain)
    if MARK not in read:
        assert read == plain


@given(st.one_of(letters, st.text()))
def test_marks_are_written_in_one_way(text: str):
    """Nothing more is to be done to what was done once; people are shown no mark."""
    assert canonical(canonical(text)) == canonical(text)
    assert not re.search(f"[аеиоуыэюя]{MARK}", shown(text))


def with_ye(text: str) -> str:
    return text.replace("ё", "е").replace("Ё", "Е")


def test_subtitles_show_no_marks():
    """And every plus that is one."""
    assert shown("з+амок на Disney+ и за́мок: 2 + 2") == "замок на Disney+ и замок: 2 + 2"


@pytest.mark.parametrize("at", [0.3, 0.5, 0.7])
def test_a_breath_is_where_it_is_without_marks(at: float):
    """Words are looked up and counted without their marks."""
    marked = "Мы до́лго шли́ по́ лесу́ и́ наконе́ц вы́шли к о́зеру кото́рое бы́ло си́ним"
    pauses = [Pause(share=at, length_s=0.6)]
    breathed = breathe(marked, pauses)
    assert without_marks(breathed) == breathe(without_marks(marked), pauses)
    assert ";" in breathed


@pytest.mark.parametrize("plain", [espeak_ng._plain, xtts._plain])
def test_engines_that_heed_no_marks_leave_them_out(plain):
    """In Russian; the accents of other languages are letters."""
    assert plain("за́мок, café, está") == "замок, café, está"
    assert plain("esta\u0301") == "esta\u0301"


def test_people_come_before_the_machine():
    """Their marks and its own, in order, each with its source."""
    names = (Name(written="Тесла", spoken="Те́сла"),)
    people = readable("Никола Тесла купил за́мок", "ru", names)
    machine = MarkedText(
        text=people.text.replace("Никола", "Нико́ла").replace("купил", "купи́л"),
        marks=(
            StressMark(word="Нико́ла", confidence=0.6, by="network"),
            StressMark(word="купи́л", confidence=1.0, by="dictionary"),
        ),
    )
    both = accented(people, machine)
    assert both.text == "Нико́ла Те́сла купи́л за́мок"
    assert [(m.word, m.by) for m in both.marks] == [
        ("Нико́ла", "network"),
        ("Те́сла", "names"),
        ("купи́л", "dictionary"),
        ("за́мок", "user"),
    ]
