"""When and how fast each segment's speech is heard: a linear programme over the whole talk.

What is wished for has a price per second, so that the cheapest plan keeps what is heard the least
of: a rate near the voice's own and near its neighbours' rates; onsets and ends where the original
has them; phrases where the original speaks, pauses where it pauses. Two things have no price: no
word is ever cut, and no two dubs ever overlap. What that costs is in the placement's status and
reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dubbing.stages.phrases import Utterance, anchors
from dubbing.stages.programme import Programme
from dubbing.types import PlacedPhrase, Placement, PlacementStatus, Segment, Span

GUARD_S = 0.05  # between two dubs
SLOWEST = 0.85  # slower drags …
BRISK = 1.20  # … faster is heard as hurried …
FASTEST = 1.25  # … and hard to follow
STEADY = 0.15  # between neighbouring segments' rates a listener hears no jump up to here …
LIVELY = 0.25  # … and between the phrases of one, where speakers vary more than that
ONSET_S = 0.02  # a dub starts this much before the original is detected: it fades in
PUNCTUAL_S = 0.08  # a later start is not seen; lips and voice part visibly beyond …
LATE_S = 0.25  # … (ITU-R BT.1359 gives 0.185 s as acceptable)
END_S = 0.15  # an end that far from the original's is not noticed
BREATH_S = 0.08  # a pause inside a clip is made shorter only where there is no time at all
MOST_RUSHED = 1e-3  # slowness: so that every text, however long, has a plan

# Prices, per second unless it says otherwise; only their ratios matter.
_UNPUNCTUAL, _LATE, _VERY_LATE, _EARLY = 1.0, 8.0, 80.0, 2.0
_UNFILLED = 0.5  # speech shorter or longer than the original's
_BRISK, _RUSHED = 4.0, 30.0  # per second of sound and unit of slowness
_UNSTEADY, _JUMP = 0.1, 200.0  # per unit of slowness
_PHRASE_EARLY, _PHRASE_LATE = 1.2, 0.3
_END, _OVERRUN = 1.5, 2.0
_SHORT_PAUSE, _NO_PAUSE = 0.2, 20.0

_WINDOW = 120  # utterances planned together; rates at a window's edge are passed on
_OVERLAP = 20


def units(segments: Sequence[Segment], joins: Sequence[int | None]) -> list[Segment]:
    """What is spoken as one: each segment together with those that are joined to it.

    Args:
        segments: In order.
        joins: For each segment the id of the one before it that speaks for it; None if it speaks
            for itself.
    """
    joined: list[Segment] = []
    for segment, head in zip(segments, joins, strict=True):
        if head is None:
            joined.append(segment)
        else:
            span = Span(start_s=joined[-1].span.start_s, end_s=segment.span.end_s)
            joined[-1] = replace(joined[-1], span=span)
    return joined


def plan(utterances: Sequence[Utterance], end_s: float) -> list[Placement]:
    """One placement per utterance, in order.

    Args:
        utterances: Ordered, their spans not overlapping.
        end_s: The media's length.

    Returns:
        Placements that never overlap and never run past `end_s`. Each holds every phrase of its
        clip, in order.
    """
    placements: list[Placement] = []
    before = _Before(free_s=0.0, slowness=None)
    while len(placements) < len(utterances):
        first = len(placements)
        window = utterances[first : first + _WINDOW + _OVERLAP]
        last = first + len(window) == len(utterances)
        limit_s = end_s if last else utterances[first + len(window)].segment.span.start_s
        planned = _plan_window(window, before, limit_s)
        placements += planned if last else planned[:_WINDOW]
        spoken = [p for p in placements if p.natural_s > 0]
        done = placements[-1]
        over_s = window[len(placements) - first - 1].segment.span.end_s
        wall_s = _wall_s(utterances[len(placements) :], end_s)
        before = _Before(
            free_s=_free_after(done.end_s if done.natural_s > 0 else over_s, wall_s),
            slowness=1 / spoken[-1].rate if spoken else None,
        )
    return placements


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What was planned before: where the timeline is free again, and how slow speech was."""

    free_s: float
    slowness: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase:
    """A phrase's unknowns: numbers of variables in the programme."""

    clip: Span
    start: int
    slowness: int

    def end(self) -> dict[int, float]:
        """When it ends, as a linear expression."""
        return {self.start: 1.0, self.slowness: self.clip.duration_s}

    def after(self, previous: _Phrase) -> dict[int, float]:
        """The time between the previous phrase's end and its start."""
        return {self.start: 1.0, **{v: -factor for v, factor in previous.end().items()}}


def _plan_window(utterances: Sequence[Utterance], before: _Before, end_s: float) -> list[Placement]:
    programme = Programme()
    free_s = before.free_s
    previous: list[_Phrase] = []
    spoken: dict[int, list[_Phrase]] = {}
    for index, utterance in enumerate(utterances):
        if not utterance.phrases:
            kept_s = utterance.segment.span.end_s
            free_s = max(free_s, _free_after(kept_s, _wall_s(utterances[index + 1 :], end_s)))
            continue
        following = utterances[index + 1] if index + 1 < len(utterances) else None
        current = _add(programme, utterance, _slot_end_s(following, end_s))
        programme.at_least({current[0].start: 1.0}, free_s)
        programme.at_most(current[-1].end(), _wall_s(utterances[index + 1 :], end_s))
        if previous:
            programme.at_least(current[0].after(previous[-1]), GUARD_S)
            _keep_pace(programme, current[0], previous[-1])
            mean_before = {variable: -share for variable, share in _mean(previous).items()}
            _no_jump(programme, _mean(current) | mean_before, 0.0, STEADY)
        elif before.slowness is not None:
            _no_jump(programme, _mean(current), before.slowness, STEADY)
        spoken[index] = previous = current
    values = programme.solve()
    return [
        _placement(utterance, spoken[i], values) if i in spoken else _nothing(utterance.segment)
        for i, utterance in enumerate(utterances)
    ]


def _mean(found: Sequence[_Phrase]) -> dict[int, float]:
    """The slowness of phrases taken together, as a linear expression."""
    sound_s = sum(phrase.clip.duration_s for phrase in found)
    return {phrase.slowness: phrase.clip.duration_s / sound_s for phrase in found}


def _slot_end_s(following: Utterance | None, end_s: float) -> float:
    return end_s if following is None else following.segment.span.start_s - GUARD_S


def _wall_s(following: Sequence[Utterance], end_s: float) -> float:
    """What cannot wait for a long dub: the next original voice that is kept, or the media's end."""
    kept = (u.segment.span.start_s for u in following if not u.phrases)
    return min(next(kept, end_s), end_s)


def _free_after(over_s: float, wall_s: float) -> float:
    """When the next dub may begin: after the guard, or half of what there is until the wall."""
    return over_s + min(GUARD_S, max(0.0, wall_s - over_s) / 2)


def _add(programme: Programme, utterance: Utterance, slot_end_s: float) -> list[_Phrase]:
    """The utterance's variables and wishes."""
    found = [
        _Phrase(
            clip=clip,
            start=programme.variable(0.0, np.inf),
            slowness=programme.variable(MOST_RUSHED, 1 / SLOWEST),
        )
        for clip in utterance.phrases
    ]
    for phrase in found:
        length_s = phrase.clip.duration_s
        programme.soft_at_least({phrase.slowness: 1.0}, 1 / BRISK, _BRISK * length_s)
        programme.soft_at_least({phrase.slowness: 1.0}, 1 / FASTEST, _RUSHED * length_s)
    heard = {phrase.slowness: phrase.clip.duration_s for phrase in found}
    wanted = float(np.clip(utterance.speech_s / utterance.sound_s, 1 / BRISK, 1 / SLOWEST))
    programme.near(heard, wanted * utterance.sound_s, _UNFILLED, _UNFILLED)
    _wish_onset(programme, utterance, found[0])
    for previous, phrase in pairwise(found):
        gap_s = phrase.clip.start_s - previous.clip.end_s
        programme.at_least(phrase.after(previous), 0.0)
        programme.soft_at_least(phrase.after(previous), min(gap_s, BREATH_S), _NO_PAUSE)
        programme.soft_at_least(phrase.after(previous), gap_s, _SHORT_PAUSE)
        _keep_pace(programme, phrase, previous)
    _wish_islands(programme, utterance, found, anchors(utterance, wanted, slot_end_s))
    return found


def _wish_onset(programme: Programme, utterance: Utterance, first: _Phrase) -> None:
    onset_s = utterance.islands[0].start_s
    row = {first.start: 1.0}
    programme.at_least(row, utterance.segment.span.start_s)
    programme.soft_at_least(row, max(0.0, onset_s - ONSET_S), _EARLY)
    for late_s, price in ((0.0, _UNPUNCTUAL), (PUNCTUAL_S, _LATE), (LATE_S, _VERY_LATE)):
        programme.soft_at_most(row, onset_s - ONSET_S + late_s, price)


def _wish_islands(
    programme: Programme, utterance: Utterance, found: Sequence[_Phrase], wished: dict[int, float]
) -> None:
    """Phrases start with their islands, and what is before a pause is over when it begins."""
    for index, start_s in wished.items():
        if index:
            programme.near({found[index].start: 1.0}, start_s, _PHRASE_EARLY, _PHRASE_LATE)
            over_s = max(i.end_s for i in utterance.islands if i.start_s < start_s)
            programme.soft_at_most(found[index - 1].end(), over_s, _OVERRUN)
    end, over_s = found[-1].end(), utterance.islands[-1].end_s
    programme.near(end, over_s - END_S, _END, 0.0)
    programme.soft_at_most(end, over_s + END_S, _END)
    programme.soft_at_most(end, over_s, _OVERRUN)


def _keep_pace(programme: Programme, phrase: _Phrase, previous: _Phrase) -> None:
    _no_jump(programme, {phrase.slowness: 1.0, previous.slowness: -1.0}, 0.0, LIVELY)


def _no_jump(programme: Programme, row: dict[int, float], middle: float, most: float) -> None:
    """Rates differ by less than `most` where their inverses differ by less than this, as long as
    neither is above `BRISK`: |a − b| = a·b·|1/a − 1/b|.
    """
    reach = most / BRISK**2
    programme.near(row, middle, _UNSTEADY, _UNSTEADY)
    programme.soft_at_least(row, middle - reach, _JUMP)
    programme.soft_at_most(row, middle + reach, _JUMP)


def _placement(
    utterance: Utterance, found: Sequence[_Phrase], values: NDArray[np.float64]
) -> Placement:
    placed = tuple(
        PlacedPhrase(
            clip=phrase.clip,
            start_s=max(0.0, float(values[phrase.start])),
            rate=1 / float(values[phrase.slowness]),
        )
        for phrase in found
    )
    rate = utterance.sound_s / sum(p.clip.duration_s / p.rate for p in placed)
    start_s, end_s = placed[0].start_s, placed[-1].end_s
    status, reason = _status(utterance, start_s, end_s, rate)
    return Placement(
        segment_id=utterance.segment.id,
        start_s=start_s,
        end_s=end_s,
        natural_s=utterance.phrases[-1].end_s,
        rate=rate,
        borrowed_s=max(0.0, end_s - utterance.segment.span.end_s),
        phrases=placed,
        status=status,
        reason=reason,
    )


def _status(
    utterance: Utterance, start_s: float, end_s: float, rate: float
) -> tuple[PlacementStatus, str]:
    late_s = start_s - utterance.islands[0].start_s
    if rate > FASTEST + 1e-6:
        return "rushed", "more text than time: every word is kept, faster than the cap"
    if late_s > LATE_S:
        return "late", f"starts {late_s:.2f} s late: the speech before it is long"
    if late_s > PUNCTUAL_S:
        return "late", f"starts {late_s:.2f} s late, which is hardly seen: it follows long speech"
    if end_s > utterance.segment.span.end_s:
        return "borrowed", "runs into the pause after it"
    return "fits", "inside the original's time"


def failed_placement(segment: Segment, why: str) -> Placement:
    """The placement of a segment that could not be dubbed."""
    return replace(_nothing(segment), reason=why)


def joined_placement(segment: Segment, head: int) -> Placement:
    """The placement of a segment that is spoken with another."""
    return replace(
        _nothing(segment), status="joined", reason=f"spoken together with segment {head}"
    )


def _nothing(segment: Segment) -> Placement:
    return Placement(
        segment_id=segment.id,
        start_s=segment.span.start_s,
        end_s=segment.span.start_s,
        natural_s=0.0,
        rate=1.0,
        borrowed_s=0.0,
        phrases=(),
        status="untranslated",
        reason="no translation for this segment: the original voice is kept",
    )
