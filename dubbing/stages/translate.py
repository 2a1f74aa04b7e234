"""An engine's candidates made into the segments' translations: the soundest is taken, nothing is
lost between segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dubbing.stages.sentences import Sentence, give_back
from dubbing.text.completeness import faults
from dubbing.types import Candidate, Translation


def soundest_first(
    source: str, candidates: Sequence[Candidate], source_language: str, target_language: str
) -> list[Candidate]:
    """The candidates with the least damaged one first, the others in the engine's order.

    A sentence model's favourite may have lost a number or a clause that its next beam has kept.
    """
    counts = [len(faults(source, c.text, source_language, target_language)) for c in candidates]
    best = counts.index(min(counts))
    return [candidates[best], *candidates[:best], *candidates[best + 1 :]]


def given_back(
    sentences: Sequence[Sentence],
    candidates: Sequence[Sequence[Candidate]],
    ids: Sequence[int],
    source_language: str,
    target_language: str,
) -> list[Translation]:
    """One translation per segment, from those of the sentences. Where a sentence has fewer words
    than segments, the last of them are joined to the one before.

    Args:
        sentences: All that have a word in the segments that matter, in order.
        candidates: For each sentence, one or more, the one to be spoken first.
        ids: Of the segments, which the sentences' pieces count from 0; those without a sentence
            get no text.
        source_language: ISO 639-1 code.
        target_language: ISO 639-1 code.
    """
    wrong: list[list[str]] = [[] for _ in ids]
    for sentence, found in zip(sentences, candidates, strict=True):
        for fault in faults(sentence.text, found[0].text, source_language, target_language):
            wrong[sentence.segments[0]].append(fault.explanation)
    ranks = [
        _of_rank(rank, sentences, candidates, len(ids))
        for rank in range(max(map(len, candidates), default=1))
    ]
    translated = [s for s, found in zip(sentences, candidates, strict=True) if found[0].text]
    heads = _heads(translated, [way.text for way in ranks[0]])
    return [
        Translation(
            text=ways[0].text,
            source="engine",
            joined_to=ids[heads[segment]] if segment in heads else None,
            candidates=tuple(dict.fromkeys(way for way in ways if way.text)),
            faults=tuple(wrong[segment]),
        )
        for segment, ways in enumerate(zip(*ranks, strict=True))
    ]


def _heads(sentences: Sequence[Sentence], texts: Sequence[str]) -> dict[int, int]:
    """For each segment that got no word of its sentence, the one before it that speaks for it."""
    heads: dict[int, int] = {}
    for sentence in sentences:
        for before, segment in pairwise(sentence.segments):
            head = heads.get(before, before)
            if not texts[segment] and texts[head] and segment == before + 1:
                heads[segment] = head
    return heads


def _of_rank(
    rank: int,
    sentences: Sequence[Sentence],
    candidates: Sequence[Sequence[Candidate]],
    segment_count: int,
) -> list[Candidate]:
    """Each segment's text when every sentence takes its candidate of that rank, or its last; with
    the mean of the scores.
    """
    chosen = [found[min(rank, len(found) - 1)] for found in candidates]
    texts = give_back(sentences, [candidate.text for candidate in chosen], segment_count)
    scores: list[list[float]] = [[] for _ in range(segment_count)]
    for sentence, candidate in zip(sentences, chosen, strict=True):
        for segment in sentence.segments:
            scores[segment].append(candidate.score)
    means = [sum(row) / len(row) if row else 0.0 for row in scores]
    return [Candidate(text=t, score=round(m, 4)) for t, m in zip(texts, means, strict=True)]
