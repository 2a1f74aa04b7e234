"""Russian stress by silero-stress, with its weights inside the package: a dictionary of exceptions,
a network that sees one word, and one that reads the sentence around a homograph ("за́мок", "замо́к").

Its own call gives a marked sentence and nothing about how sure it is; what is called here are the
parts that it is made of, so the version is pinned exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_threads import limited_torch
from dubbing.errors import EngineUnavailableError
from dubbing.text.stress import MARK, VOWELS, WORD, with_marks, without_marks
from dubbing.types import MarkedText, MarkSource, StressMark

if TYPE_CHECKING:
    from torch import Tensor

SURE = 0.5  # the network's own bound: below it a word stays without a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Which letter of a word is stressed, counted from 0, how sure that is, and by what."""

    letter: int
    confidence: float
    by: MarkSource


class SileroAccentor:
    """silero-stress: 94 % of homographs right by its authors; 0.02 s a sentence on one core."""

    info = EngineInfo(
        name="silero-stress",
        kind="accentor",
        summary="silero-stress: a dictionary and two small networks, homographs by their sentence",
        licence="MIT",
        packages=("silero-stress", "torch"),
        languages=("ru",),
        memory_mb=560,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages are installed."""
        for module in ("silero_stress", "torch"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return None

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError(self.info.name, reason)
        with _torch_as_before():
            from silero_stress import load_accentor

            loaded = load_accentor("ru")
        self._words: Any = loaded.accentor
        self._homographs: Any = loaded.homosolver

    def accent(self, texts: Sequence[str]) -> list[MarkedText]:
        """See `Accentor`."""
        import torch

        with limited_torch(1), torch.no_grad():  # on two threads it takes five times as long
            return [self._accented(text) for text in texts]

    def _accented(self, text: str) -> MarkedText:
        plain = without_marks(text)
        open_to_us = [
            word
            for word, before in zip(re.finditer(WORD, plain), re.findall(WORD, text), strict=True)
            if _wants_mark(before)
        ]
        found = self._by_sentence(plain, {word.start(): word[0] for word in open_to_us})
        rest = [word for word in open_to_us if word.start() not in found]
        by_word = self._by_word([word[0].lower() for word in rest])
        found |= zip((word.start() for word in rest), by_word, strict=True)
        return _marked(text, plain, {at: one for at, one in found.items() if one is not None})

    def _by_sentence(self, plain: str, wanted: dict[int, str]) -> dict[int, _Found | None]:
        """Homographs among the words that are wanted, by where they begin."""
        solver, found, asked = self._homographs, dict[int, _Found | None](), dict[int, str]()
        for at, _, _, lower, tagged, _ in solver._find_and_tag_homos(plain):
            if at not in wanted or tagged is None:
                continue
            phrases = solver.compiled_phrases.get(lower)
            known = phrases and solver._predict_with_pattern(phrases, tagged)
            if known:
                found[at] = _Found(letter=known.index("+"), confidence=1.0, by="homograph")
            elif lower in solver.homodict:
                asked[at] = tagged
        chances = self._second_of_two(list(asked.values()))
        for at, chance in zip(asked, chances, strict=True):
            variant = sorted(solver.homodict[wanted[at].lower()])[chance > 0.5]
            sure = max(chance, 1 - chance)
            found[at] = _Found(letter=variant.index("+"), confidence=sure, by="homograph")
        return found

    def _second_of_two(self, tagged: Sequence[str]) -> list[float]:
        """For each homograph, between its tags in its sentence, the chance that it is the second of
        its two readings in the order of the alphabet.
        """
        import torch

        if not tagged:
            return []
        tokenizer = self._homographs.tokenizer
        sentences = [torch.tensor(tokenizer(sentence)) for sentence in tagged]
        starts = [_first(ids, tokenizer.homo_start_id) for ids in sentences]
        ends = [_first(ids, tokenizer.homo_end_id) for ids in sentences]
        padded = torch.nn.utils.rnn.pad_sequence(
            sentences, batch_first=True, padding_value=tokenizer.pad_token_id
        )
        logits = self._homographs.model(padded, torch.tensor(starts), torch.tensor(ends))
        return [float(chance) for chance in torch.sigmoid(logits).reshape(-1)]

    def _by_word(self, words: Sequence[str]) -> list[_Found | None]:
        """Words by themselves, in small letters; None where the network is not sure enough."""
        if not words:
            return []
        chances, best, _, _ = self._words._get_model_preds(list(words))
        found: list[_Found | None] = []
        for word, row, vowel in zip(words, chances, best.tolist(), strict=True):
            if word in self._words.exceptions:
                letter, _ = self._words.exceptions[word]
                found.append(_Found(letter=letter, confidence=1.0, by="dictionary"))
                continue
            vowels, confidence = _vowels(word), min(1.0, float(row[vowel]))
            known = vowel < len(vowels) and confidence > SURE
            found.append(
                _Found(letter=vowels[vowel], confidence=confidence, by="network") if known else None
            )
        return found


def _first(ids: Tensor, wanted: int) -> int:
    return ids.tolist().index(wanted)


def _vowels(word: str) -> list[int]:
    return [i for i, letter in enumerate(word.lower()) if letter in VOWELS]


def _wants_mark(word: str) -> bool:
    return MARK not in word and "ё" not in word.lower() and len(_vowels(word)) > 1


def _marked(text: str, plain: str, found: dict[int, _Found]) -> MarkedText:
    """The text with the marks that were found, by where the words begin in the plain text."""
    marks: list[StressMark] = []
    starts = iter([word.start() for word in re.finditer(WORD, plain)])

    def mark(word: re.Match[str]) -> str:
        one = found.get(next(starts))
        if one is None:
            return word[0]
        marked = with_marks(word[0], [one.letter])
        marks.append(StressMark(word=marked, confidence=round(one.confidence, 3), by=one.by))
        return marked

    return MarkedText(text=re.sub(WORD, mark, text), marks=tuple(marks))


@contextmanager
def _torch_as_before() -> Iterator[None]:
    """silero-stress sets torch to one thread and switches gradients off, for the whole process."""
    import torch

    threads, gradients = torch.get_num_threads(), torch.is_grad_enabled()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_grad_enabled(gradients)
