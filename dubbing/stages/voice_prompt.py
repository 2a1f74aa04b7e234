"""Which of a speaker's own words a voice is cloned from: the cleanest, not the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubbing.types import Audio, Segment, Transcript

MIN_CLIP_S = 2.0  # shorter pieces say little about a voice
ENOUGH_S = 15.0  # XTTS and the voice matcher gain nothing from more
GAP_S = 0.15  # between joined pieces
FRAME_S = 0.02


def clarity_db(samples: Audio, rate_hz: int) -> float:
    """How far speech stands above what sounds under it: 90th minus 10th percentile of the levels of
    20 ms frames, dB. Dry speech reaches 40, speech over music stays under 20.

    Args:
        samples: float32, shape (samples,), mono.
        rate_hz: Their rate.
    """
    frame = round(FRAME_S * rate_hz)
    whole = len(samples) // frame * frame
    if not whole:
        return 0.0
    power = np.square(samples[:whole].reshape(-1, frame)).mean(axis=1)
    low, high = np.percentile(10 * np.log10(power + 1e-10), (10, 90))
    return float(high - low)


def choose_prompt(
    segments: Sequence[Segment], transcripts: Sequence[Transcript], clarities_db: Sequence[float]
) -> list[int]:
    """Indexes, in order of time, of the segments whose sound makes one speaker's voice prompt.

    Segments are ranked by clarity and by how surely their words were recognised (10 % of
    confidence weighs as much as 3 dB), and taken until `ENOUGH_S` are together. Pieces under
    `MIN_CLIP_S` are taken only when there is nothing else.

    Args:
        segments: One speaker's segments; at least one.
        transcripts: Their transcripts, in the same order.
        clarities_db: Their `clarity_db`, in the same order.
    """
    long_enough = [i for i, s in enumerate(segments) if s.span.duration_s >= MIN_CLIP_S]
    candidates = long_enough or list(range(len(segments)))

    def score(index: int) -> float:
        words = transcripts[index].words
        sure = sum(word.probability for word in words) / len(words) if words else 0.0
        return clarities_db[index] + 30 * sure

    chosen: list[int] = []
    length_s = 0.0
    for index in sorted(candidates, key=score, reverse=True):
        chosen.append(index)
        length_s += segments[index].span.duration_s
        if length_s >= ENOUGH_S:
            break
    return sorted(chosen)


def join(clips: Sequence[Audio], rate_hz: int) -> Audio:
    """The clips in a row with short silences between, float32, shape (samples,)."""
    gap = np.zeros(round(GAP_S * rate_hz), np.float32)
    return np.concatenate([part for clip in clips for part in (clip, gap)][:-1])
