"""Which letters an engine has for a sound: Kokoro's own, and espeak-ng's, which Piper knows.

Kokoro-82M learned English, Spanish, French, Italian, Portuguese, Hindi, Japanese and Chinese, no
Russian: its Russian is made of the sounds that it knows from these. Which of its letters Whisper
base understands best was tried, letter by letter: `benchmarks/RESULTS.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dubbing.text.russian import speakable
from dubbing.text.russian.phonemes import Consonant, Phone, Place, SpokenWord, Vowel, phonemes

_PLACES: tuple[Place, ...] = ("stressed", "pretonic", "final", "weak")
_BEHIND = {"": "", "hard": "", "soft": "'", "hushing": "ж"}
_SOFT_ANYWAY = "йчщ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alphabet:
    """An engine's letters for the sounds of Russian.

    Attributes:
        consonants: By their Cyrillic letter.
        vowels: By their Cyrillic letter, with ' behind a soft consonant and ж behind ж ш ц where
            that makes a difference: stressed, before the stress, at the open end of a word, weak.
        stress: Stands before a stressed vowel.
        soft: Stands behind a palatalised consonant.
        soft_before: The vowels before which it does; elsewhere the consonant is written as hard.
            None: everywhere.
    """

    consonants: Mapping[str, str]
    vowels: Mapping[str, tuple[str, str, str, str]]
    stress: str
    soft: str
    soft_before: str | None = None

    def word(self, word: SpokenWord) -> str:
        """The word in these letters."""
        return "".join(map(self._phone, word.phones, (*word.phones[1:], None)))

    def _phone(self, phone: Phone, following: Phone | None) -> str:
        if isinstance(phone, Consonant):
            soft = phone.soft and phone.letter not in _SOFT_ANYWAY
            return self.consonants[phone.letter] + (self._softness(following) if soft else "")
        plain = self.vowels[phone.letter]
        row = self.vowels.get(phone.letter + _BEHIND[phone.after], plain)
        letter = row[_PLACES.index(phone.place)]
        return self.stress + letter if phone.place == "stressed" else letter

    def _softness(self, following: Phone | None) -> str:
        if self.soft_before is None:
            return self.soft
        is_vowel = isinstance(following, Vowel) and following.letter in self.soft_before
        return self.soft if is_vowel else ""


KOKORO = Alphabet(
    consonants=dict(zip("бвгджзйклмнпрстфхц", "bvɡdʒzjklmnprstfxʦ", strict=True))
    | {"ч": "ʧ", "ш": "ʃ", "щ": "ʃʲ"},
    vowels={
        "а": ("a", "a", "ə", "ə"),
        "а'": ("a", "ɪ", "ə", "ɪ"),
        "о": ("o", "a", "ə", "ə"),
        "э": ("ɛ", "ɛ", "ɛ", "ɛ"),
        "э'": ("ɛ", "ɪ", "e", "ɪ"),
        "эж": ("ɛ", "ᵻ", "ᵻ", "ᵻ"),
        "у": ("u", "u", "u", "u"),
        "ы": ("ɨ", "ᵻ", "ᵻ", "ᵻ"),
        "и": ("i", "i", "i", "i"),
    },
    stress="ˈ",
    soft="ʲ",
    soft_before="аоу",  # as in Japanese, which taught it the sign; else it says a vowel for it
)
# As espeak-ng 1.52 transcribes Russian whose stress it knows.
ESPEAK_IPA = Alphabet(
    consonants=dict(zip("бвгджзйкмнпрстфх", "bvɡdʒzjkmnprstfx", strict=True))
    | {"л": "ɭ", "ц": "ts", "ч": "tʃʲ", "ш": "ʃ", "щ": "ɕ"},
    vowels={
        "а": ("ɑ", "a", "a", "ʌ"),
        "а'": ("ɑ", "ʌ", "ʌ", "ʌ"),
        "о": ("o", "ʌ", "ʌ", "ʌ"),
        "о'": ("ɵ", "ʌ", "ʌ", "ʌ"),
        "э": ("ɛ", "ɛ", "ɛ", "ɛ"),
        "э'": ("e", "i", "i", "i"),
        "эж": ("ɛ", "y", "y", "y"),
        "у": ("u", "u", "u", "u"),
        "ы": ("y", "y", "y", "y"),
        "и": ("i", "i", "ɪ", "i"),
    },
    stress="ˈ",
    soft="ʲ",
)
# The same in espeak-ng's own letters, for text in [[…]].
ESPEAK_MNEMONICS = Alphabet(
    consonants=dict(zip("бвгджзйклмнпрстфх", "bvgdZzjklmnprstfx", strict=True))
    | {"ц": "ts", "ч": "tS;", "ш": "S", "щ": "S;"},
    vowels={
        "а": ("A", "a", "a#", "V"),
        "а'": ("A", "V", "V", "V"),
        "о": ("o", "V", "V", "V"),
        "э": ("E", "E", "E", "E"),
        "э'": ("e", "i", "i", "i"),
        "эж": ("E", "y", "y", "y"),
        "у": ("u", "u", "u", "u"),
        "ы": ("y", "y", "y", "y"),
        "и": ("i", "i", "I", "i"),
    },
    stress="'",
    soft=";",
)

# espeak-ng's IPA, parts tied by ^, → Kokoro's letters, of which a diphthong and an affricate have
# one each (github.com/hexgrad/misaki, EN_PHONES.md).
_TIED = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "ɔ^ɪ": "Y",
    "ə^l": "ᵊl",
    "d^ʒ": "ʤ",
    "t^ʃ": "ʧ",
    "d^z": "ʣ",
    "t^s": "ʦ",
    "^": "",
}
_UNREADABLE = re.compile(r"[^\W_а-яё\u0301]", re.IGNORECASE)
_ENGLISH = {"ɚ": "əɹ", "ɝ": "ɜɹ", "ɐ": "ə", "r": "ɹ", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ"}


def russian(text: str, alphabet: Alphabet, around: Callable[[str], str] = str) -> str:
    """A Russian text in an engine's letters, with its marks.

    Args:
        text: See `text.russian.phonemes.phonemes`; figures and foreign letters are put into
            Russian words first.
        alphabet: The engine's.
        around: What is done with each word's letters.
    """
    if _UNREADABLE.search(text):
        text = speakable(text)
    found = ""
    for item in phonemes(text):
        if not isinstance(item, str):
            found += " " + around(alphabet.word(item))
        else:
            found += f" {item}" if item == "—" else item
    return found.strip()


def kokoro_letters(ipa: str, language: str) -> str:
    """Kokoro's letters for phonemes of espeak-ng, in another language than Russian.

    Args:
        ipa: As `espeak_ng.phonemes` gives it.
        language: ISO 639-1 code.
    """
    table = _TIED | (_ENGLISH if language == "en" else {})
    return re.sub("|".join(map(re.escape, table)), lambda m: table[m[0]], ipa)
