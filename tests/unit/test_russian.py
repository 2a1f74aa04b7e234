"""Russian text made ready for speech engines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.text.russian import speakable

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Около 10 000 человек", "Около десять тысяч человек"),
        ("в 1918 году", "в тысяча девятьсот восемнадцатом году"),
        ("1911 года", "тысяча девятьсот одиннадцатого года"),
        ("с 2001 г. тут", "с две тысячи первого года тут"),
        ("20-й этаж, 5-го мая", "двадцатый этаж, пятого мая"),
        ("25 % и 1%", "двадцать пять процентов и один процент"),
        ("2 т и 21 км", "две тонны и двадцать один километр"),
        ("11 кг", "одиннадцать килограммов"),
        ("3,5 кг", "три целых пять десятых килограмма"),
        ("$3 трлн", "три триллиона долларов"),
        ("5 €", "пять евро"),
        ("3 трлн. долл. США, и", "три триллиона долларов сэ-шэ-а, и"),
        ("5–7 км", "пять — семь километров"),
        ("№5 в 7:30", "номер пять в семь тридцать"),
        ("т. е. сад", "то есть сад"),
        ("сады и т.д. Потом", "сады и так далее. Потом"),
        ("DNA и TED", "ди-эн-эй и Тед"),
        ("R&D", "ар и ди"),
        ("НАТО, ФБР", "НАТО, эф-бэ-эр"),
        ("&lt; &lt; Помощь &gt; &gt;, да", "Помощь, да"),
        ("«Сад» (ночью)...", "Сад, ночью…"),
        ("Ещё ёлка — и всё.", "Ещё ёлка — и всё."),
        ("весит 3 кг. Много", "весит три килограмма. Много"),
        ("код 007", "код ноль ноль семь"),
        ("Cегодня Mы там", "Сегодня Мы там"),  # C and M are Latin
        ("PDFка в Googleом", "пи-ди-эфка в Гуглом"),
        ("5G и 4K", "пять джи и четыре кей"),
        ("3D, 10x", "три ди, десять кс"),
        ("10,000 и 2,500,000 раз", "десять тысяч и два миллиона пятьсот тысяч раз"),
        ("3,141 и 0,500", "три целых сто сорок одна тысячная и ноль целых пять десятых"),
        ("-20 градусов, и (−5)", "минус двадцать градусов, и, минус пять,"),
        ("Там 5 см. Потом см. сад", "Там пять сантиметров. Потом смотри сад"),
        ("в 1990-х", "в тысяча девятьсот девяностых"),
        ("60-е годы и 1960-е", "шестидесятые годы и тысяча девятьсот шестидесятые"),
        ("20-е мая и 20-е годы", "двадцатое мая и двадцатые годы"),
    ],
)
def test_read_as_a_russian_would(written: str, read: str):
    """Numbers, short forms, signs and foreign letters become the words that a reader says."""
    assert speakable(written) == read


@given(st.one_of(st.text(), st.text("0123456789 .,-:%кгмтАБвд№$€/млнDNAye\u00a0")))
def test_only_speakable_signs_remain(text: str):
    """Whatever comes in, only Cyrillic letters, blanks and plain punctuation come out."""
    assert re.fullmatch(r"[а-яёА-ЯЁ\s.,!?…—-]*", speakable(text))


words = st.text("абвгдежзиклмнопрстуфхцчшщыэюя", min_size=7, max_size=12)


@given(
    st.lists(words, min_size=1, max_size=8), st.sampled_from([" ", ", ", " — ", "; ", " («", ": "])
)
def test_no_russian_word_is_lost(row: list[str], between: str):
    """Plain words survive, in order, whatever punctuation stands between them."""
    assert re.findall(r"[а-яё]+", speakable(between.join(row))) == row


@given(st.integers(0, 10**15 - 1))
def test_every_number_is_read(number: int):
    """No number is dropped or leaves a digit."""
    read = speakable(f"их {number} там")
    assert read.startswith("их ") and read.endswith(" там") and len(read.split()) > 2
