"""Whether the speech is in the language that it is to be dubbed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from dubbing.types import Span

STRETCHES = 3  # so that a quotation in another language is outvoted
# Both must hold. Whisper base gave English at most 0.023 in German, Spanish, Portuguese, French,
# Italian and Russian speech, the language itself 0.48 and more; and English at least 0.38 in
# English with strong accents and in 2 s of a talk.
MOST_OF_WANTED = 0.05
LEAST_OF_ANOTHER = 0.4
# What Whisper base names where it knows no language: 0.52 to 0.76 for a machine that spells English
# out in Spanish, Italian or Polish. Nobody gives talks in it.
NO_LANGUAGE = "la"


def spread(spans: Sequence[Span], most: int = STRETCHES) -> list[Span]:
    """Up to `most` spans from all over the recording: the longest of each part of it."""
    parts = min(most, len(spans))
    edges = [round(part * len(spans) / parts) for part in range(parts + 1)] if parts else []
    return [
        max(spans[first:end], key=lambda span: span.duration_s) for first, end in pairwise(edges)
    ]


def mean_probabilities(found: Iterable[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Codes of languages with their mean probability, by code.

    Args:
        found: Of each clip its length and the probability of each language in it. Whisper hears
            30 s at once, so that it has less to go by in a short clip: that counts less.
    """
    total: dict[str, float] = defaultdict(float)
    lengths = 0.0
    for length, probabilities in found:
        lengths += length
        for code, probability in probabilities.items():
            total[code] += length * probability
    return {code: round(total[code] / lengths, 4) for code in sorted(total)}


def other_language(probabilities: Mapping[str, float], wanted: str) -> str | None:
    """The language that is surely spoken instead of the one that is wanted; None when it may be
    that one, or nobody can tell.
    """
    found = max(probabilities, key=probabilities.__getitem__, default=wanted)
    is_absent = probabilities.get(wanted, 0.0) <= MOST_OF_WANTED
    is_there = probabilities.get(found, 0.0) >= LEAST_OF_ANOTHER and found != NO_LANGUAGE
    return found if is_absent and is_there else None
