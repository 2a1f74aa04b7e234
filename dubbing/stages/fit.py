"""When and how fast each segment's speech is heard.

Order of means, from the least heard to the most: a rate close to natural, the pause after the
segment, a rate up to the cap, a later start. No word is ever cut and no two dubs ever overlap; what
that costs is in the placement's status and reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubbing.types import Audio, Placement, PlacementStatus, Segment, Span, Speech

GUARD_S = 0.05  # between two dubs
SLOWEST = 0.85  # slower drags, faster than FASTEST is hard to follow
FASTEST = 1.25
UNHEARD = 1.10  # up to here a listener does not notice, so no pause is spent
MAX_LATE_S = 0.25  # lips and voice part visibly beyond (ITU-R BT.1359 gives 0.185 s as acceptable)


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


def plan(segments: Sequence[Segment], natural_s: Sequence[float], end_s: float) -> list[Placement]:
    """One placement per segment, in order.

    Args:
        segments: Ordered, not overlapping.
        natural_s: Length of each segment's speech as spoken; 0 where there is nothing to speak.
        end_s: The media's length.

    Returns:
        Placements that never overlap and never run past `end_s`.
    """
    placements: list[Placement] = []
    free_s = 0.0  # where the timeline is free again
    for index, (segment, length_s) in enumerate(zip(segments, natural_s, strict=True)):
        if length_s <= 0:
            placements.append(_nothing(segment))
            free_s = segment.span.end_s + GUARD_S
            continue
        last = index + 1 == len(segments)
        next_s = end_s + GUARD_S if last else segments[index + 1].span.start_s
        # A dub may wait for this one; an original voice or the media's end cannot.
        lateness_s = 0.0 if last or natural_s[index + 1] <= 0 else MAX_LATE_S
        placement = _place(segment, length_s, free_s, next_s, lateness_s)
        placements.append(placement)
        free_s = placement.end_s + GUARD_S
    return placements


def _place(
    segment: Segment, natural_s: float, free_s: float, next_s: float, lateness_s: float
) -> Placement:
    """The first of the means above that makes the speech fit between `free_s` and `next_s`."""
    span = segment.span
    start_s = max(span.start_s, free_s)
    late_s = start_s - span.start_s

    def placed(room_s: float, slowest: float, status: PlacementStatus, reason: str) -> Placement:
        rate = max(slowest, natural_s / room_s)
        borrowed_s = max(0.0, start_s + natural_s / rate - span.end_s)
        if late_s > 0 and status in {"fits", "borrowed"}:
            status, reason = "late", f"starts {late_s:.2f} s late: the speech before it is long"
        return Placement(
            segment_id=segment.id,
            start_s=start_s,
            natural_s=natural_s,
            rate=rate,
            borrowed_s=borrowed_s,
            status=status,
            reason=reason,
        )

    own_s, slot_s = span.end_s - start_s, next_s - GUARD_S - start_s
    if own_s > 0 and natural_s / own_s <= UNHEARD:
        return placed(own_s, SLOWEST, "fits", "as long as the original")
    if slot_s > 0 and natural_s / slot_s <= UNHEARD:
        return placed(slot_s, UNHEARD, "borrowed", "runs into the pause after it")
    if slot_s > 0 and natural_s / slot_s <= FASTEST:
        return placed(slot_s, UNHEARD, "borrowed", "fills the pause after it, spoken faster")
    room_s = slot_s + lateness_s
    if natural_s / room_s <= FASTEST:
        return placed(room_s, FASTEST, "borrowed", "delays the next segment")
    reason = "more text than time: every word is kept, faster than the cap"
    return placed(room_s, FASTEST, "rushed", reason)


def joined_placement(segment: Segment, head: int) -> Placement:
    """The placement of a segment that is spoken with another."""
    return replace(
        _nothing(segment), status="joined", reason=f"spoken together with segment {head}"
    )


def _nothing(segment: Segment) -> Placement:
    return Placement(
        segment_id=segment.id,
        start_s=segment.span.start_s,
        natural_s=0.0,
        rate=1.0,
        borrowed_s=0.0,
        status="untranslated",
        reason="no translation for this segment: the original voice is kept",
    )


def stretch(speech: Speech, rate: float) -> Audio:
    """The speech `rate` times faster at the same pitch: exactly round(samples / rate) samples.

    Args:
        speech: What to change.
        rate: Above 1 is faster, > 0.

    Returns:
        float32, shape (samples,).
    """
    length = round(len(speech.samples) / rate)
    if length == len(speech.samples):
        return speech.samples
    from python_stretch.Signalsmith import Stretch

    stretcher = Stretch()
    stretcher.preset(1, speech.sample_rate_hz)
    stretcher.setTimeFactor(len(speech.samples) / length)
    processed = np.asarray(stretcher.process(np.ascontiguousarray(speech.samples[None])))
    stretched = processed[0].astype(np.float32)
    # The library rounds its own way: at most one sample too long or too short.
    exact: Audio = np.pad(stretched[:length], (0, max(0, length - len(stretched))))
    return exact
