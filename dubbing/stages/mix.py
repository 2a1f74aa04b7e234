"""The new sound track: the original outside speech, room tone or the lowered original under the
dub.

Everything streams: memory does not grow with the talk.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from dubbing.config import Mix
from dubbing.media.levels import loudness_lufs, oversampled_peaks, to_ratio
from dubbing.stages.phrases import islands
from dubbing.stages.room_tone import RoomTone
from dubbing.stages.segment import FRAME_S, PAD_S
from dubbing.types import Audio, PlacementStatus, Segment, Span

FADE_S = 0.05
SHORTEST_KEPT_S = 0.2  # of the original between two words: less is a flicker
TAIL_S = 0.12  # the room's answer to the last word goes with the voice …
DIES_AWAY_DB = -42.0  # … but what is louder than this when it should be over is no answer
MAX_GAIN_DB = 20.0  # beyond, a whisper's noise would be lifted with it
VOICEOVER_DB = -15.0  # the original under a Russian documentary voice
CEILING_DBTP = -2.5  # AAC added up to 1.1 dB, and the finished file must stay under -1 dBTP
LOOK_AHEAD_S = 0.02


class Placed(Protocol):
    """What matters here of a placement, in memory or on disk."""

    @property
    def status(self) -> PlacementStatus:
        """How it was placed."""

    @property
    def heard(self) -> Sequence[Span]:
        """When its phrases are heard, on the media's clock."""


def matching_gain_db(dub: Audio, dub_rate_hz: int, original: Audio, original_rate_hz: int) -> float:
    """The gain that makes a mono dub as loud as the mono original, dB, at most `MAX_GAIN_DB`."""
    wanted = loudness_lufs(original, original_rate_hz) - loudness_lufs(dub, dub_rate_hz)
    return float(np.clip(wanted, -2 * MAX_GAIN_DB, MAX_GAIN_DB))


def replaced_regions(
    segments: Sequence[Segment],
    placements: Sequence[Placed],
    speech: Sequence[Span],
    levels_db: NDArray[np.float32],
    silenced: Collection[int] = (),
) -> list[Span]:
    """Where the original voice is taken out: ordered, disjoint.

    That is wherever the original speaks in a dubbed segment, or its dub does; in between the
    original's sound is kept where the pause is long enough to hear it.

    Args:
        segments: In order.
        placements: One per segment.
        speech: The original's, detected, of the whole talk.
        levels_db: Of the original, each 10 ms; see `segment.LevelMeter`.
        silenced: Ids of segments without a dub whose original voice is not to be heard either.
    """
    starts_s = [span.start_s for span in speech]
    spans: list[Span] = []
    kept: list[float] = []
    for segment, placement in zip(segments, placements, strict=True):
        if placement.status == "untranslated" and segment.id not in silenced:
            kept.append(segment.span.start_s)
            continue
        # Before the first word lies `PAD_S` of what was there before, music perhaps: the dub may
        # begin in it, but takes nothing of it.
        spoken = islands(segment, speech)
        spans += [
            Span(start_s=i.start_s, end_s=i.end_s + PAD_S + _tail_s(i, starts_s, levels_db))
            for i in spoken
        ]
        spans += [
            Span(start_s=max(p.start_s, spoken[0].start_s), end_s=p.end_s)
            for p in placement.heard
            if p.end_s > spoken[0].start_s
        ]
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start_s):
        # The tail must not reach into a segment that keeps the original voice.
        following = min((s for s in kept if s > span.start_s), default=span.end_s)
        end_s = min(span.end_s, following)
        if merged and _is_flicker(merged[-1].end_s, span.start_s, kept):
            merged[-1] = Span(start_s=merged[-1].start_s, end_s=max(merged[-1].end_s, end_s))
        else:
            merged.append(Span(start_s=span.start_s, end_s=end_s))
    return merged


def _is_flicker(from_s: float, to_s: float, kept: Sequence[float]) -> bool:
    """Whether what lies between two regions is too short to be heard: a voice that is kept, whose
    segment starts there, is as soon as there is time to fade it in and out.
    """
    voiced = any(from_s <= start_s < to_s for start_s in kept)
    return to_s - from_s < (2 * FADE_S if voiced else SHORTEST_KEPT_S)


def _tail_s(island: Span, starts_s: Sequence[float], levels_db: NDArray[np.float32]) -> float:
    """How long the room answers a stretch of speech: 0 where laughter, music or the like follows.

    Args:
        island: The speech.
        starts_s: Where any speech starts, ascending.
        levels_db: Of the original, each 10 ms.
    """
    following = bisect_left(starts_s, island.end_s)
    next_s = starts_s[following] if following < len(starts_s) else math.inf
    over_s = island.end_s + PAD_S + TAIL_S
    until_s = min(over_s + TAIL_S, next_s - PAD_S)
    after = levels_db[round(over_s / FRAME_S) : max(0, round(until_s / FRAME_S))]
    return 0.0 if len(after) and np.median(after) > DIES_AWAY_DB else TAIL_S


def keep_gain(
    regions: Sequence[Span], start: int, length: int, rate_hz: int
) -> NDArray[np.float32]:
    """How much of the original is heard at each sample: 1 outside the regions, 0 inside, with
    fades of `FADE_S` just outside them. Shape (length,).
    """
    if not regions:
        return np.ones(length, np.float32)
    times = [t for r in regions for t in (r.start_s - FADE_S, r.start_s, r.end_s, r.end_s + FADE_S)]
    gains = [1.0, 0.0, 0.0, 1.0] * len(regions)
    at = np.arange(start, start + length) / rate_hz
    return np.interp(at, times, gains).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A dub on the timeline: `samples`, float32, shape (samples,), mono, heard from sample
    `start`, with the gains `sides` left and right.
    """

    start: int
    samples: Audio = field(repr=False)
    sides: tuple[float, float] = (1.0, 1.0)


def mix(
    blocks: Iterable[Audio],
    clips: Iterable[Clip],
    regions: Sequence[Span],
    tone: RoomTone,
    *,
    manner: Mix,
    rate_hz: int,
    background: Iterable[Audio] = (),
) -> Iterator[Audio]:
    """The new sound track, block by block, limited to `CEILING_DBTP`.

    Args:
        blocks: The original: float32, shape (samples, 2).
        clips: The dubs in order of time, at `rate_hz`; read only when their time comes.
        regions: Where the original voice is taken out, ordered, disjoint.
        tone: Learned from the same original.
        manner: What lies under the dub.
        rate_hz: Rate of everything.
        background: The original without its voices, for that manner: blocks as long as the
            original's, within a sample at its end.
    """
    limiter = Limiter(rate_hz)
    for block in _summed(blocks, clips, regions, tone, manner, rate_hz, background):
        yield limiter.process(block)
    yield limiter.finish()


def _summed(
    blocks: Iterable[Audio],
    clips: Iterable[Clip],
    regions: Sequence[Span],
    tone: RoomTone,
    manner: Mix,
    rate_hz: int,
    background: Iterable[Audio],
) -> Iterator[Audio]:
    waiting, beds = iter(clips), iter(background)
    following = next(waiting, None)
    sounding: list[Clip] = []
    at = 0
    for block in blocks:
        end = at + len(block)
        keep = keep_gain(regions, at, len(block), rate_hz)[:, None]
        if manner == "voiceover":
            out = block * (keep + (1 - keep) * np.float32(to_ratio(VOICEOVER_DB)))
        elif manner == "background":
            out = block * keep + _as_long(next(beds, block[:0]), block) * (1 - keep)
        else:  # two signals that are not alike keep their power by squares
            out = block * keep + tone.play(at, len(block)) * np.sqrt(1 - keep * keep)
        while following is not None and following.start < end:
            sounding.append(following)
            following = next(waiting, None)
        for clip in sounding:
            _add(out, at, clip)
        sounding = [clip for clip in sounding if clip.start + len(clip.samples) > end]
        yield out
        at = end


def _as_long(bed: Audio, block: Audio) -> Audio:
    return np.pad(bed[: len(block)], ((0, max(0, len(block) - len(bed))), (0, 0)))


def _add(out: Audio, at: int, clip: Clip) -> None:
    first, last = max(at, clip.start), min(at + len(out), clip.start + len(clip.samples))
    heard = clip.samples[first - clip.start : last - clip.start, None]
    out[first - at : last - at] += heard * np.array(clip.sides, np.float32)


def limited(sound: Audio, rate_hz: int) -> Audio:
    """A mono clip that fits between −1 and 1: as it is where it does, else by a `Limiter`."""
    if not len(sound) or np.abs(sound).max() <= 1.0:
        return sound
    limiter = Limiter(rate_hz)
    both = np.repeat(sound[:, None], 2, axis=1)
    return np.concatenate([limiter.process(both), limiter.finish()])[:, 0]


class Limiter:
    """Holds true peaks under `CEILING_DBTP` by turning down smoothly, 20 ms ahead of each peak."""

    def __init__(self, rate_hz: int) -> None:
        self._ahead = round(LOOK_AHEAD_S * rate_hz)
        # What was taken in but not given out: two look-aheads, the first only as context.
        self._held = np.zeros((2 * self._ahead, 2), np.float32)
        self._skip = self._ahead  # zeros from before the beginning

    def process(self, block: Audio) -> Audio:
        """The next samples that are certain; comes one look-ahead late. Shape (samples, 2)."""
        held = np.concatenate([self._held, block])
        keep = 2 * self._ahead
        out = (held * self._gain(held)[:, None])[self._ahead : len(held) - self._ahead]
        self._held = held[len(held) - keep :]
        skipped = min(self._skip, len(out))
        self._skip -= skipped
        return np.clip(out[skipped:], -1.0, 1.0)

    def finish(self) -> Audio:
        """The last samples."""
        return self.process(np.zeros((self._ahead, 2), np.float32))

    def _gain(self, samples: Audio) -> NDArray[np.float32]:
        peaks = oversampled_peaks(samples)
        ceiling = to_ratio(CEILING_DBTP)
        if not len(peaks) or peaks.max() <= ceiling:
            return np.ones(len(samples), np.float32)
        wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
        # The mean of minima over a window that holds the peak is never above what the peak needs.
        lowest = minimum_filter1d(wanted, self._ahead | 1)
        smooth: NDArray[np.float32] = uniform_filter1d(lowest, self._ahead | 1).astype(np.float32)
        return smooth
