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

import numpy as np
from numpy.typing import NDArray

from dubbing.stages.phrases import Utterance, anchors
from dubbing.stages.programme import Programme
from dubbing.types import PlacedPhrase, Placement, PlacementStatus, Segment, Span

GUARD_S = 0.05  # between two dubs
SLOWEST = 0.85  # slower drags …
BRISK = 1.20  # … faster is heard as hurried …
FASTEST = 1.25  # … and hard to follow
STEADY = 0.15  # between neighbours' rates a listener hears no jump up to here
ONSET_S = 0.02  # a dub starts this much before the original is detected: it fades in
PUNCTUAL_S = 0.08  # a later start is not seen; lips and voice part visibly beyond …
LATE_S = 0.25  # … (ITU-R BT.1359 gives 0.185 s as acceptable)
END_S = 0.30  # an end that far from the original's is not noticed
BREATH_S = 0.10  # a pause inside a clip is made shorter only where there is no time at all
MOST_RUSHED = 1e-3  # slowness: so that every text, however long, has a plan

# Prices, per second unless it says otherwise; only their ratios matter.
_UNPUNCTUAL, _LATE, _VERY_LATE, _EARLY = 1.0, 8.0, 80.0, 2.0
_UNFILLED = 0.5  # speech shorter or longer than the original's
_BRISK, _RUSHED = 4.0, 30.0  # per second of sound and unit of slowness
_UNSTEADY, _JUMP = 0.5, 200.0  # per unit of slowness
_PHRASE_EARLY, _PHRASE_LATE = 0.8, 0.3
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
        before = _Before(
            free_s=(done.end_s if done.natural_s > 0 else over_s) + GUARD_S,
            slowness=1 / spoken[-1].rate if spoken else None,
        )
    return placements


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What was planned before: where the timeline is free again, and how slow speech was."""

    free_s: float
    slowness: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """An utterance's unknowns: numbers of variables in the programme."""

    utterance: Utterance
    slowness: int
    starts: list[int]


def _plan_window(utterances: Sequence[Utterance], before: _Before, end_s: float) -> list[Placement]:
    programme = Programme()
    free_s = before.free_s
    previous: _Spoken | None = None
    spoken: dict[int, _Spoken] = {}
    for index, utterance in enumerate(utterances):
        if not utterance.phrases:
            free_s = max(free_s, utterance.segment.span.end_s + GUARD_S)
            continue
        following = utterances[index + 1] if index + 1 < len(utterances) else None
        current = _add(programme, utterance, _slot_end_s(following, end_s))
        programme.at_least({current.starts[0]: 1.0}, free_s)
        _end_before(programme, current, _wall_s(utterances[index + 1 :], end_s))
        if previous is not None:
            _follow(programme, previous, current)
        elif before.slowness is not None:
            _keep_pace(programme, current.slowness, before.slowness)
        spoken[index] = previous = current
    values = programme.solve()
    return [
        _placement(spoken[i], values) if i in spoken else _nothing(utterance.segment)
        for i, utterance in enumerate(utterances)
    ]


def _slot_end_s(following: Utterance | None, end_s: float) -> float:
    return end_s if following is None else following.segment.span.start_s - GUARD_S


def _wall_s(following: Sequence[Utterance], end_s: float) -> float:
    """What cannot wait for a long dub: the next original voice that is kept, or the media's end."""
    kept = (u.segment.span.start_s for u in following if not u.phrases)
    return min(next(kept, end_s), end_s)


def _add(programme: Programme, utterance: Utterance, slot_end_s: float) -> _Spoken:
    """The utterance's variables and wishes."""
    sound_s = utterance.sound_s
    wanted = float(np.clip(utterance.speech_s / sound_s, 1 / BRISK, 1 / SLOWEST))
    slowness = programme.variable(MOST_RUSHED, 1 / SLOWEST)
    programme.soft_at_least({slowness: 1.0}, 1 / BRISK, _BRISK * sound_s)
    programme.soft_at_least({slowness: 1.0}, 1 / FASTEST, _RUSHED * sound_s)
    programme.near({slowness: sound_s}, wanted * sound_s, _UNFILLED, _UNFILLED)
    starts = [programme.variable(0.0, np.inf) for _ in utterance.phrases]
    onset_s = utterance.islands[0].start_s
    programme.near({starts[0]: 1.0}, max(0.0, onset_s - ONSET_S), _EARLY, 0.0)
    programme.at_least({starts[0]: 1.0}, utterance.segment.span.start_s)
    for late_s, price in ((0.0, _UNPUNCTUAL), (PUNCTUAL_S, _LATE), (LATE_S, _VERY_LATE)):
        programme.soft_at_most({starts[0]: 1.0}, onset_s - ONSET_S + late_s, price)
    for phrase, start_s in anchors(utterance, wanted, slot_end_s).items():
        if phrase:
            programme.near({starts[phrase]: 1.0}, start_s, _PHRASE_EARLY, _PHRASE_LATE)
            over_s = max(i.end_s for i in utterance.islands if i.start_s < start_s)
            length_s = utterance.phrases[phrase - 1].duration_s
            programme.soft_at_most({starts[phrase - 1]: 1.0, slowness: length_s}, over_s, _OVERRUN)
    for index in range(1, len(starts)):
        past, present = utterance.phrases[index - 1], utterance.phrases[index]
        gap_s = present.start_s - past.end_s
        row = {starts[index]: 1.0, starts[index - 1]: -1.0, slowness: -past.duration_s}
        programme.at_least(row, 0.0)
        programme.soft_at_least(row, min(gap_s, BREATH_S), _NO_PAUSE)
        programme.soft_at_least(row, gap_s, _SHORT_PAUSE)
    end = {starts[-1]: 1.0, slowness: utterance.phrases[-1].duration_s}
    over_s = utterance.islands[-1].end_s
    programme.soft_at_least(end, over_s - END_S, _END)
    programme.soft_at_most(end, over_s + END_S, _END)
    programme.soft_at_most(end, over_s, _OVERRUN)
    return _Spoken(utterance=utterance, slowness=slowness, starts=starts)


def _end_before(programme: Programme, spoken: _Spoken, wall_s: float) -> None:
    length_s = spoken.utterance.phrases[-1].duration_s
    programme.at_most({spoken.starts[-1]: 1.0, spoken.slowness: length_s}, wall_s)


def _follow(programme: Programme, previous: _Spoken, current: _Spoken) -> None:
    """No overlap, and no jump of the rate."""
    length_s = previous.utterance.phrases[-1].duration_s
    programme.at_least(
        {current.starts[0]: 1.0, previous.starts[-1]: -1.0, previous.slowness: -length_s}, GUARD_S
    )
    row = {current.slowness: 1.0, previous.slowness: -1.0}
    programme.near(row, 0.0, _UNSTEADY, _UNSTEADY)
    _no_jump(programme, row, 0.0)


def _keep_pace(programme: Programme, slowness: int, before: float) -> None:
    programme.near({slowness: 1.0}, before, _UNSTEADY, _UNSTEADY)
    _no_jump(programme, {slowness: 1.0}, before)


def _no_jump(programme: Programme, row: dict[int, float], middle: float) -> None:
    """Rates differ by less than `STEADY` where their inverses differ by less than this, as long as
    neither is above `BRISK`: |a − b| = a·b·|1/a − 1/b|.
    """
    reach = STEADY / BRISK**2
    programme.soft_at_least(row, middle - reach, _JUMP)
    programme.soft_at_most(row, middle + reach, _JUMP)


def _placement(spoken: _Spoken, values: NDArray[np.float64]) -> Placement:
    utterance, span = spoken.utterance, spoken.utterance.segment.span
    slowness = float(values[spoken.slowness])
    placed = tuple(
        PlacedPhrase(clip=phrase, start_s=max(0.0, float(values[start])))
        for phrase, start in zip(utterance.phrases, spoken.starts, strict=True)
    )
    end_s = placed[-1].start_s + placed[-1].clip.duration_s * slowness
    status, reason = _status(utterance, placed[0].start_s, end_s, 1 / slowness)
    return Placement(
        segment_id=utterance.segment.id,
        start_s=placed[0].start_s,
        end_s=end_s,
        natural_s=utterance.phrases[-1].end_s,
        rate=1 / slowness,
        borrowed_s=max(0.0, end_s - span.end_s),
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
