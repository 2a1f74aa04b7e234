"""Russian text as sounds: which phonemes a marked text is spoken with, for engines that take them.

The rules are those of the literary norm (Avanesov 1984, "Русское литературное произношение"):
palatalisation, iotation, assimilation of voice, devoicing at the end, and vowels that are reduced
by their distance from the stress, whose place the text gives. What an engine calls a sound is its
own affair: see `engines/phoneme_letters.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

ACUTE = "\u0301"  # stands behind the stressed vowel

Place = Literal["stressed", "pretonic", "final", "weak"]

_VOWELS = "аеёиоуыэюя"
_SOFTENS = "еёиюяь"
_IOTATED = {"е": "э", "ё": "о", "ю": "у", "я": "а"}
_ALWAYS_SOFT, _ALWAYS_HARD = "йчщ", "жшц"
_VOICELESS = dict(zip("бвгдзж", "пфктсш", strict=True))
_VOICED = {voiceless: voiced for voiced, voiceless in _VOICELESS.items()}
_VOICES, _DEVOICES = frozenset("бгдзж"), frozenset("пфктсшхцчщ")

# Words without a stress of their own: they lean on the next word, or on the one before.
_PROCLITICS = frozenset(
    """
    а без безо близ в во да для до за и из изо из-за из-под к ко на над надо не ни но о об обо от
    ото по под подо при про с со у
    """.split()
)
_ENCLITICS = frozenset("б бы ж же ли ль то ка таки либо нибудь".split())

# Spelling → how it is said; a stressed vowel is a capital here.
_RESPELLED = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"^(ни|кое)?чт([оО])(бы|либо|нибудь)?$", r"\1шт\2\3"),
        (r"^сегО", "севО"),
        (r"^(кон[еЕ]|ск[уУ]|нар[оО]|пуст[яЯ]|я[иИ])чн", r"\1шн"),
        (r"пом([оО])щн", r"пом\1шн"),
        (r"^бОг$", "бОх"),
        (r"т(ь?)ся$", "ца"),
        (r"(ч[уУ]|здр[аА])вств", r"\1ств"),
        (r"стлив", "слив"),
        (r"стн", "сн"),
        (r"здн", "зн"),
        (r"стск", "сск"),
        (r"[нН][тд]ск", "нск"),
        (r"[тд]ств", "цтв"),
        (r"[тд]ск", "цк"),
        (r"рдц", "рц"),
        (r"л(?=нц)", ""),
        (r"г(?=[кч])", "х"),
        (r"[сзж]ч|сщ", "щ"),
        (r"[тд]ч", "чч"),
        (r"[тд]ц", "цц"),
        (r"[сз]ш", "шш"),
        (r"[сз]ж", "жж"),
    )
)
# Beginnings of words from abroad whose consonant stays hard before е, with э where it does.
_HARD = tuple(
    (re.compile(said.replace("э", "е"), re.IGNORECASE), said)
    for said in """
    антэнн бизнэс дэтэктив интэрвью интэрнэт интэрфейс кафэ компьютэр критэри модэл мотэл мэнэдж
    отэл протэз синтэз стэнд тэзис тэмп тэнд тэннис шоссэ
    """.split()
)
_GENITIVE = re.compile(r"(?<=[оеОЕ])г(?=[оО](?:ся)?$)")  # "его", "большого"
_NO_GENITIVE = frozenset(
    "много немного намного дорого недорого строго нестрого убого полого отлого лого".split()
)
_TOKEN = re.compile(rf"[а-яё{ACUTE}]+(?:-[а-яё{ACUTE}]+)*|[.,!?…—;:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consonant:
    """A consonant.

    Attributes:
        letter: The Cyrillic letter of its hard sound.
        soft: Whether it is palatalised.
        long: Whether it is held.
    """

    letter: str
    soft: bool
    long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vowel:
    """A vowel.

    Attributes:
        letter: One of а и о у ы э, whatever it is reduced to.
        place: Where it stands to the stress; "final" is the open end of a word. Without a stress
            all are "pretonic", which reduces them least.
        after: What it follows: a soft consonant, a hard one, or one of ж ш ц, which hide that they
            once were soft; nothing at the beginning of a word.
    """

    letter: str
    place: Place
    after: Literal["soft", "hard", "hushing", ""]


Phone = Consonant | Vowel


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word as sounds; `leans`: it is said in one breath with the next one."""

    phones: tuple[Phone, ...]
    leans: bool = False


def phonemes(text: str) -> list[SpokenWord | str]:
    """The text's words as sounds, and the marks between them, in order.

    Args:
        text: Russian words and . , ! ? … — ; : as `text.russian.speakable` gives them, stressed
            vowels with U+0301 behind them. A word of several syllables without a mark is spoken
            without stress; one of a single syllable is stressed unless it is a clitic.
    """
    tokens = _TOKEN.findall(text.lower())
    found: list[SpokenWord | str] = []
    for word, following in zip(tokens, [*tokens, ""][1:], strict=True):
        if word in ".,!?…—;:":
            found.append(word)
            continue
        bare = word.replace(ACUTE, "")
        leans = bare in _PROCLITICS and following not in ".,!?…—;:"
        parts = _respelled(bare if leans else word)
        context = following[0] if leans else ""
        phones = [p for part in parts for p in part]
        found.append(SpokenWord(phones=tuple(_assimilated(phones, context)), leans=leans))
    return [_after_preposition(found, i) for i in range(len(found))]


def _after_preposition(found: Sequence[SpokenWord | str], index: int) -> SpokenWord | str:
    """The word with its first и said as ы where a hard consonant leans on it: "в Италии"."""
    word, before = found[index], found[index - 1] if index else ""
    if isinstance(word, str) or isinstance(before, str) or not before.leans:
        return word
    first, last = word.phones[0] if word.phones else None, before.phones[-1]
    hard = isinstance(last, Consonant) and not last.soft
    if hard and isinstance(first, Vowel) and first.letter == "и":
        return replace(word, phones=(replace(first, letter="ы", after="hard"), *word.phones[1:]))
    return word


def _respelled(token: str) -> Iterator[list[Phone]]:
    """The phones of each part of a word, before its sounds change each other."""
    parts = token.split("-")
    for number, part in enumerate(parts):
        is_clitic = (number > 0 or len(parts) == 1) and part in _ENCLITICS
        word = re.sub(rf"(\w){ACUTE}", lambda m: m[1].upper(), part).replace(ACUTE, "")
        if word == word.lower() and "ё" in word:
            head, _, tail = word.rpartition("ё")
            word = f"{head}Ё{tail}"
        vowels = [i for i, letter in enumerate(word) if letter in _VOWELS]
        if len(vowels) == 1 and word == word.lower() and not is_clitic and part not in _PROCLITICS:
            word = word[: vowels[0]] + word[vowels[0]].upper() + word[vowels[0] + 1 :]
        if word.lower() not in _NO_GENITIVE:
            word = _GENITIVE.sub("в", word)
        for pattern, said in _RESPELLED:
            word = pattern.sub(said, word)
        yield list(_phones(_hardened(word)))


def _hardened(word: str) -> str:
    for pattern, said in _HARD:
        if match := pattern.match(word):
            pairs = zip(match[0], said, strict=True)
            head = "".join(new.upper() if old.isupper() else new for old, new in pairs)
            return head + word[len(said) :]
    return word


def _phones(word: str) -> Iterator[Phone]:
    vowels = [i for i, letter in enumerate(word) if letter.lower() in _VOWELS]
    stressed = max((i for i in vowels if word[i].isupper()), default=None)
    for i, letter in enumerate(word.lower()):
        before, following = word[i - 1].lower() if i else "", word[i + 1 : i + 2].lower()
        if letter in _VOWELS:
            iotated = letter in _IOTATED and (not before or before in _VOWELS + "ьъ")
            if iotated or (before == "ь" and letter in "ио"):
                yield Consonant(letter="й", soft=True)
            yield _vowel(letter, before, _place(i, vowels, stressed, len(word)))
        elif letter not in "ьъ":
            soft = letter in _ALWAYS_SOFT or (
                letter not in _ALWAYS_HARD and following != "" and following in _SOFTENS
            )
            yield Consonant(letter=letter, soft=soft)


def _place(index: int, vowels: Sequence[int], stressed: int | None, length: int) -> Place:
    if index == stressed:
        return "stressed"
    if stressed is None or index == 0 or (stressed, index) in {(b, a) for a, b in pairwise(vowels)}:
        return "pretonic"
    return "final" if index == length - 1 else "weak"


def _vowel(letter: str, before: str, place: Place) -> Vowel:
    plain = _IOTATED.get(letter, letter)
    if before in _ALWAYS_HARD and before:
        return Vowel(letter="ы" if plain == "и" else plain, place=place, after="hushing")
    if letter in _IOTATED or letter == "и" or (before and before in _ALWAYS_SOFT + "ь"):
        return Vowel(letter=plain, place=place, after="soft")
    return Vowel(letter=plain, place=place, after="hard" if before else "")


def _assimilated(phones: Sequence[Phone], following: str) -> list[Phone]:
    """The sounds as they change each other, from the last to the first.

    Args:
        phones: Of one word.
        following: The first letter of the word that it leans on; empty: it stands alone, and its
            last consonant loses its voice.
    """
    made: list[Phone] = []
    for index in range(len(phones) - 1, -1, -1):
        phone = phones[index]
        if isinstance(phone, Consonant):
            after = made[0] if made else None
            letter = after.letter if isinstance(after, Consonant) else ""
            if index == len(phones) - 1:
                letter = following or "к"
            phone = replace(phone, letter=_voiced_as(phone.letter, letter))
            if isinstance(after, Consonant):
                if after.letter == phone.letter:
                    made[0] = replace(after, long=True)
                    continue
                if after.soft and _softens(phone.letter, after.letter):
                    phone = replace(phone, soft=True)
        made.insert(0, phone)
    return made


def _voiced_as(letter: str, following: str) -> str:
    if following in _VOICES:
        return _VOICED.get(letter, letter)
    return _VOICELESS.get(letter, letter) if following in _DEVOICES else letter


def _softens(letter: str, following: str) -> bool:
    """Whether a soft sound softens the one before: "снег", "здесь", "женщина"."""
    return (letter in "сзн" and following in "тднсз") or (letter == "н" and following in "чщ")
