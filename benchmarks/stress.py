"""How many words of a Russian text each engine stresses otherwise than silero-stress, by itself and
with our marks.

    python benchmarks/stress.py SUBTITLES.srt [--json]

The stress is read out of the engine itself, not out of its sound. A word counts when it has two
syllables or more and silero-stress, or its ё, says which is stressed; a part of a compound may
stay without ("когда-нибудь"), a word may not. To add an engine, write a function that gives the
stressed syllables of every word that it is given, and one row of `ENGINES`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from dubbing.engines.festival import STRESS, VOICE, _readable
from dubbing.engines.phoneme_letters import ESPEAK_MNEMONICS, KOKORO, Alphabet, russian
from dubbing.engines.silero_stress import SileroAccentor
from dubbing.stages.read import readable
from dubbing.text.stress import MARK, VOWELS, without_marks
from dubbing.text.supplied import read_translation

Stressed = frozenset[int]
"""The stressed syllables of a word, from 1."""


class Word(NamedTuple):
    """A word, plain, and which of its syllables are stressed."""

    text: str
    stressed: Stressed


def written(text: str) -> list[Word]:
    """The words between blanks with the stress that their marks, or else their ё, give them."""
    return [
        Word(without_marks(word).strip(".,!?…"), frozenset(_marked(word)))
        for word in text.split()
        if re.search("[а-яё]", word, re.IGNORECASE)
    ]


def _marked(word: str) -> list[int]:
    """Syllables with a mark; of a part of a compound that has none, those with ё."""
    found: list[int] = []
    syllable = 0
    for part in word.lower().split("-"):
        sign = MARK if MARK in part else "ё"
        for i, letter in enumerate(part):
            syllable += letter in VOWELS
            if sign in (letter, part[i + 1 : i + 2] if sign == MARK else ""):
                found.append(syllable)
    return sorted(set(found))


# ---- Festival

# What it prints of a text: one line for each word, its name and then 1 or 0 for each syllable.
_WORDS_OF = """
(define (words_of text)
  (let ((utt (eval (list 'Utterance 'Text text))))
    (Initialize utt) (Text utt) (Token_POS utt) (Token utt) (POS utt) (Phrasify utt) (Word utt)
    (mapcar
      (lambda (word)
        (format t "%s" (item.name word))
        (mapcar (lambda (syl) (format t " %s" (item.feat syl "stress")))
                (item.daughters (item.relation word 'SylStructure)))
        (format t "\\n"))
      (utt.relation.items utt 'Word))))
"""


def festival(texts: Sequence[str]) -> list[list[Stressed]]:
    """What Festival's Russian voice stresses in each word of each text."""
    given = [_readable(text) for text in texts]
    calls = "".join(f'(words_of "{text}")\n(format t "\\n")\n' for text in given)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "words.scm")
        script.write_text(f'(voice_{VOICE})\n(load "{STRESS}")\n{_WORDS_OF}{calls}', "utf-8")
        done = subprocess.run(
            [_program(), "-b", str(script)], capture_output=True, check=True, text=True
        )
    blocks = done.stdout.split("\n\n")[: len(given)]
    found = [[_syllables(line) for line in block.splitlines()] for block in blocks]
    for text, said in zip(given, found, strict=True):
        if len(text.split()) != len(said):
            raise RuntimeError(f"Festival made {len(said)} words of {text!r}")
    return found


def _program() -> str:
    program = shutil.which("festival")
    if program is None:
        raise SystemExit("festival is missing: apt-get install festival festvox-ru")
    return program


def _syllables(line: str) -> Stressed:
    _, *marks = line.split()
    return frozenset(number for number, mark in enumerate(marks, start=1) if mark == "1")


# ---- engines that are given phonemes


def given_in(alphabet: Alphabet) -> Reader:
    """What an engine is told to stress, in its own letters of each word."""
    vowels = sorted({v for row in alphabet.vowels.values() for v in row}, key=len, reverse=True)
    mark, letters_of = re.escape(alphabet.stress), "|".join(map(re.escape, vowels))
    syllable = re.compile(f"{mark}?(?:{letters_of})")

    def stressed(word: str) -> Stressed:
        letters = russian(word, alphabet, str)
        syllables = syllable.findall(letters)
        return frozenset(
            n for n, said in enumerate(syllables, start=1) if said.startswith(alphabet.stress)
        )

    return lambda texts: [[stressed(word) for word in text.split()] for text in texts]


# ---- all


Reader = Callable[[Sequence[str]], list[list[Stressed]]]
"""How an engine stresses the words, between blanks, of each text that it is given."""

ENGINES: dict[str, Reader] = {
    "festival": festival,
    "kokoro": given_in(KOKORO),
    "espeak": given_in(ESPEAK_MNEMONICS),
}


def differing(wanted: Sequence[Sequence[Word]], said: Sequence[Sequence[Stressed]]) -> list[str]:
    """The words that are stressed otherwise, in order; see the top of this file."""
    return [
        word.text
        for words, found in zip(wanted, said, strict=True)
        for word, stressed in zip(words, found, strict=True)
        if counts(word) and not (stressed and stressed <= word.stressed)
    ]


def counts(word: Word) -> bool:
    """Whether it can be stressed wrongly, and the right stress is known."""
    return bool(word.stressed) and sum(letter in VOWELS for letter in word.text.lower()) > 1


def measured(marked: Sequence[str], reader: Reader) -> dict[str, Any]:
    """How many words an engine stresses otherwise than the marks say, given them or not: counts,
    shares, and the words that it gets wrong by itself.
    """
    wanted = [written(text) for text in marked]
    total = sum(counts(word) for words in wanted for word in words)
    alone = differing(wanted, reader([without_marks(text) for text in marked]))
    heeding = differing(wanted, reader(marked))
    return {
        "words": total,
        "without_marks": len(alone),
        "with_marks": len(heeding),
        "share_without_marks": len(alone) / total,
        "share_with_marks": len(heeding) / total,
        "wrong_without_marks": alone,
        "wrong_with_marks": heeding,
    }


def always_first(texts: Sequence[str]) -> list[list[Stressed]]:
    """A voice that heeds no mark."""
    return [[frozenset({1}) for _ in written(text)] for text in texts]


CANARIES = {
    "festival.share_with_marks": lambda: {"festival": measured(["Вода́, песо́к."], always_first)},
}


def main() -> None:
    """Prints a line for each engine, or one JSON document."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("subtitles", type=Path, help="SRT, VTT or text, in Russian")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args()
    cues = read_translation(options.subtitles)
    given = [readable(cue.text, "ru").text for cue in cues]
    marked = [found.text for found in SileroAccentor().accent(given)]
    document = {name: measured(marked, reader) for name, reader in ENGINES.items()}
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for name, found in document.items():
        for how in ("without_marks", "with_marks"):
            count, share = found[how], found[f"share_{how}"]
            wrong = " ".join(found[f"wrong_{how}"][:12])
            print(
                f"{name}, {how.replace('_', ' ')}: {count} of {found['words']}, {share:.1%} {wrong}"
            )


if __name__ == "__main__":
    main()
