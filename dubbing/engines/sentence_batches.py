"""What translators share: sentences by length, candidates by score, the pair of languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dubbing.errors import EngineError, UnsupportedLanguageError
from dubbing.types import Candidate

SMALLEST_ROOM = 16  # tokens
# A translation has at most so many tokens for each of its source's: Russian needs 1.2 on average;
# a model that repeats itself without end is stopped here.
MAX_GROWTH = 2


class Batch(NamedTuple):
    """Sentences of about one length.

    Attributes:
        numbers: Which sentences, by their places in the input.
        max_tokens: How long their translations may get. It depends on the sentence alone, not on
            its company: a sentence is translated the same in every batch.
    """

    numbers: tuple[int, ...]
    max_tokens: int


def batches(lengths: Sequence[int], *, sentences: int, tokens: int) -> list[Batch]:
    """The sentences in batches, the shortest first, so that little of a batch is padding.

    Args:
        lengths: Of each sentence, in tokens; a sentence of none is in no batch.
        sentences: The most that one batch holds.
        tokens: The most that one batch holds, counted with its padding, unless one sentence alone
            has more.
    """
    rooms: defaultdict[int, list[int]] = defaultdict(list)
    for number in sorted(range(len(lengths)), key=lambda n: lengths[n]):
        if lengths[number]:
            rooms[_room(lengths[number])].append(number)
    made = []
    for room, numbers in rooms.items():
        size = max(1, min(sentences, tokens // room))
        made += [
            Batch(tuple(numbers[start : start + size]), MAX_GROWTH * room)
            for start in range(0, len(numbers), size)
        ]
    return made


def _room(length: int) -> int:
    """The power of two that holds so many tokens."""
    return max(SMALLEST_ROOM, 1 << (length - 1).bit_length())


def ranked(name: str, hypotheses: Iterable[tuple[str, float]]) -> list[Candidate]:
    """The hypotheses as candidates, best first, without the empty and the repeated.

    Args:
        name: Of the engine.
        hypotheses: Text and log-probability per token.

    Raises:
        EngineError: None is left.
    """
    best: dict[str, float] = {}
    for text, score in hypotheses:
        if text := " ".join(text.split()):
            best[text] = max(min(score, 0.0), best.get(text, float("-inf")))
    if not best:
        raise EngineError(
            name, f"{name} gave no translation for a sentence: use another --translator"
        )
    candidates = [Candidate(text=text, score=score) for text, score in best.items()]
    return sorted(candidates, key=lambda candidate: -candidate.score)


def check_pair(name: str, pairs: Sequence[str], source: str, target: str) -> None:
    """Nothing, when the engine translates this pair of languages.

    Args:
        name: Of the engine.
        pairs: Those that it translates, "source-target".
        source: ISO 639-1 code.
        target: ISO 639-1 code.

    Raises:
        UnsupportedLanguageError: It does not.
    """
    if f"{source}-{target}" not in pairs:
        raise UnsupportedLanguageError(
            name,
            target,
            f"{name} translates {', '.join(pairs)} only, not {source}-{target}: choose another "
            "--translator, or supply a translation with --translation FILE (SRT, VTT or text)",
        )


def check_length(name: str, lengths: Sequence[int], most: int) -> None:
    """Nothing, when no sentence is longer than the model reads.

    Raises:
        EngineError: One is; it would lose its end.
    """
    if lengths and max(lengths) > most:
        raise EngineError(
            name,
            f"a sentence has {max(lengths)} tokens, and {name} reads {most} at most: "
            "supply a translation with --translation FILE",
        )
