"""A supplied translation laid onto the segments: by time, by order, whole sentences only.

Cues rarely match segments. So the cues are taken apart into sentences, each with an estimate of
when it begins. A dynamic programme goes through the talk and gives one or more sentences to one
segment, or to a few neighbours together where one sentence translates several, at the least cost
in seconds:

- how far a sentence begins from its segment, on a clock that runs only while somebody speaks;
- how much longer or shorter the text is than the source lets expect, and more text than can be
  spoken in the time;
- a fine for each segment that is joined to the one before it, a higher one where several
  sentences share a group, for then none but the first knows when to begin;
- a fine for a segment that no sentence speaks for, though a cue covers it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from dubbing.errors import InputError
from dubbing.text.sentences import split_sentences
from dubbing.text.supplied import Cue
from dubbing.types import Segment, Translation

Floats = NDArray[np.float64]

REACH_S = 60.0  # a sentence is looked for this far from where it should be
FAR_S = 5.0  # a cue this far from all speech belongs to another video
EARLY_SHARE = 0.2  # a sentence counts as begun here, for cue times are loose by a few tenths
PATIENCE = 2.0  # a second off in time weighs as much as two seconds off in length
JOIN_S = 1.0  # the fine for joining, and …
SHARE_S = 1.0  # … for each further sentence in a joined group
MOST_JOINED = 4
FULL_PER_S = 18.0  # characters: more than that cannot be spoken in a second without haste …
CROWDED = 6.0  # … and each second too short weighs as much as six
UNSPOKEN_S = 10.0  # the fine for leaving out a segment that a cue covers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    text: str
    at_s: float  # its beginning on the clock of speech


def align(
    cues: Sequence[Cue], segments: Sequence[Segment], sources: Sequence[str]
) -> list[Translation]:
    """One translation per segment, in order; together they hold all sentences once, in order.

    Args:
        cues: In order; timed or not.
        segments: In order, not overlapping; at least one.
        sources: What was recognised in each segment.

    Returns:
        A segment's text is empty where it is joined to one before it, or where no cue covers it.

    Raises:
        InputError: A cue lies where nobody speaks for a while; the message names it.
    """
    edges = np.array([0.0, *accumulate(s.span.duration_s for s in segments)])
    sentences = _timed_sentences(cues, segments, edges)
    wanted_s = _expected_lengths(sources, np.diff(edges))
    translations: list[Translation] = []
    taken = 0
    speakers = [segment.speaker for segment in segments]
    for joined, count in _assign(sentences, edges, wanted_s, _covered(cues, segments), speakers):
        first = segments[len(translations)].id
        text = " ".join(s.text for s in sentences[taken : taken + count])
        translations.append(Translation(text=text, source="supplied"))
        also = Translation(text="", source="supplied", joined_to=first if count else None)
        translations += [also] * (joined - 1)
        taken += count
    return translations


def _covered(cues: Sequence[Cue], segments: Sequence[Segment]) -> Floats:
    """The share of each segment during which a cue is shown, shape (segments,), 0..1."""
    if cues[0].span is None:
        return np.ones(len(segments))
    spans = [cue.span for cue in cues if cue.span is not None]
    shares = [sum(s.span.overlap_s(c) for c in spans) / s.span.duration_s for s in segments]
    limited: Floats = np.minimum(np.array(shares), 1.0)
    return limited


def _timed_sentences(
    cues: Sequence[Cue], segments: Sequence[Segment], edges: Floats
) -> list[_Sentence]:
    """The cues' sentences; a cue's time is shared out by characters."""
    if cues[0].span is None:
        texts = [sentence for cue in cues for sentence in split_sentences(cue.text)]
        return _shared_out(texts, 0.0, float(edges[-1]))
    timed: list[_Sentence] = []
    for cue in cues:
        assert cue.span is not None, "a file has times for all cues or for none"
        if min(_distance_s(cue, segment) for segment in segments) > FAR_S:
            raise InputError(
                f"nobody speaks within {FAR_S:.0f} s of cue {cue.number} of the translation, at "
                f"{cue.span.start_s:.1f} s ({' '.join(cue.text.split()[:4])} …): correct its time, "
                "or delete it"
            )
        start_s = _spoken_s(cue.span.start_s, segments, edges)
        end_s = _spoken_s(cue.span.end_s, segments, edges)
        timed += _shared_out(split_sentences(cue.text), start_s, end_s)
    return timed


def _distance_s(cue: Cue, segment: Segment) -> float:
    assert cue.span is not None
    return max(segment.span.start_s - cue.span.end_s, cue.span.start_s - segment.span.end_s)


def _spoken_s(time_s: float, segments: Sequence[Segment], edges: Floats) -> float:
    """How much speech there was by then: the clock that stands still in pauses."""
    index = bisect_left([s.span.end_s for s in segments], time_s)
    if index == len(segments):
        return float(edges[-1])
    return float(edges[index]) + max(0.0, time_s - segments[index].span.start_s)


def _shared_out(texts: Sequence[str], start_s: float, end_s: float) -> list[_Sentence]:
    ends = [0, *accumulate(len(text) for text in texts)]
    scale = (end_s - start_s) / max(1, ends[-1])
    return [
        _Sentence(text=text, at_s=start_s + scale * (before + EARLY_SHARE * (after - before)))
        for text, before, after in zip(texts, ends, ends[1:], strict=False)
    ]


def _expected_lengths(sources: Sequence[str], lengths_s: Floats) -> Floats:
    """The share of the text that each segment should get, as seconds of the talk's mean pace.
    Where nothing was recognised the segment's length stands in.
    """
    characters = np.array([len(source) for source in sources], float)
    if not characters.any():
        return lengths_s
    pace = characters.sum() / lengths_s[characters > 0].sum()
    return np.where(characters > 0, characters / pace, lengths_s)


_Choice = tuple[int, int]  # (segments joined, sentences taken)


def _assign(
    sentences: Sequence[_Sentence],
    edges: Floats,
    wanted_s: Floats,
    covered: Floats,
    speakers: Sequence[str],
) -> list[_Choice]:
    """How the segments are joined and how many sentences each group takes, in order.

    `costs[j]` holds the least cost at which the first j segments take the first i sentences, for
    the i that lie within `REACH_S` of that place: the work grows with the talk's length only.
    """
    begins = np.array([sentence.at_s for sentence in sentences])
    characters = np.array([0, *accumulate(len(sentence.text) for sentence in sentences)])
    pace = characters[-1] / wanted_s.sum()
    lows, highs = _bands(begins, edges)
    costs: list[Floats] = [np.zeros(1)]
    chosen: list[list[_Choice]] = []
    for end in range(1, len(edges)):
        ends = np.arange(lows[end], highs[end] + 1)
        best, choice = np.full(len(ends), np.inf), [(1, 0)] * len(ends)
        for joined in range(1, min(MOST_JOINED, end) + 1):
            start = end - joined
            if len(set(speakers[start:end])) > 1:
                break  # nobody speaks for somebody else
            starts = np.arange(lows[start], highs[start] + 1)
            group = _group_cost(
                begins, characters, pace, edges[[start, end]], wanted_s[start:end], starts, ends
            )
            if joined == 1:
                skipped = ends[:, None] == starts[None]
                group = np.where(skipped, UNSPOKEN_S * covered[start], group)
            total = costs[start][None] + group
            nearest = np.argmin(total, axis=1)
            for row in np.flatnonzero(total[np.arange(len(ends)), nearest] < best):
                best[row] = total[row, nearest[row]]
                choice[row] = (joined, int(ends[row] - starts[nearest[row]]))
        costs.append(best)
        chosen.append(choice)
    return _walk_back(chosen, lows, len(sentences))


def _bands(begins: Floats, edges: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Fewest and most sentences that may be taken by each edge, shape (edges,) each."""
    lows = np.searchsorted(begins, edges - REACH_S)
    highs = np.searchsorted(begins, edges + REACH_S)
    lows[0] = highs[0] = 0
    lows[-1] = highs[-1] = len(begins)
    return lows, highs


def _group_cost(
    begins: Floats,
    characters: NDArray[np.intp],
    pace: float,
    edges: Floats,
    wanted_s: Floats,
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
) -> Floats:
    """Cost of a group of segments taking sentences starts .. ends, shape (ends, starts)."""
    away: Floats = np.maximum(0.0, np.maximum(edges[0] - begins, begins - edges[1]))
    displaced = np.concatenate([[0.0], np.cumsum(away)])
    # The group is heard from its first segment on, so its first sentence should begin there.
    late = np.maximum(0, np.append(begins, np.inf)[starts] - edges[0] - wanted_s[0])
    cost: Floats = PATIENCE * (displaced[ends][:, None] - displaced[starts][None] + late[None])
    length = characters[ends][:, None] - characters[starts][None]
    cost += np.abs(length / pace - wanted_s.sum())
    cost += CROWDED * np.maximum(0, length / FULL_PER_S - (edges[1] - edges[0]))
    further = np.maximum(0, ends[:, None] - starts[None] - 1)
    cost += (len(wanted_s) - 1) * (JOIN_S + SHARE_S * further)
    cost[ends[:, None] <= starts[None]] = np.inf
    return cost


def _walk_back(chosen: list[list[_Choice]], lows: NDArray[np.intp], count: int) -> list[_Choice]:
    groups: list[_Choice] = []
    end, at = len(chosen), count
    while end:
        joined, taken = chosen[end - 1][at - lows[end]]
        groups.append((joined, taken))
        end, at = end - joined, at - taken
    return groups[::-1]
