"""Which of a speaker's own words a voice is cloned from: the cleanest, not the first, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dubbing.types import Audio, Segment, Transcript

MIN_CLIP_S = 2.0  # shorter pieces say little about a voice
SHORTEST_S, LONGEST_S = 6.0, 12.0  # of all pieces: XTTS hears 6 s, and gains nothing beyond 12
LEAST_S = 1.0  # of all pieces: engines refuse less
GAP_S = 0.15  # between joined pieces
FRAME_S = 0.02
SHORTLIST = 8  # pieces whose naturalness and voice are measured: 0.5 s of work each
MIN_CLARITY_DB = 20.0  # below, music or noise lies under the voice
MIN_VOICED = 0.4  # of the sounding frames; applause and hiss have none
MIN_DNSMOS = 2.5  # between "poor" and "fair"


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


def voiced_share(samples: Audio, rate_hz: int) -> float:
    """How many of the frames within 30 dB of the loudest have a pitch, 0..1, by WORLD's DIO.

    Args:
        samples: float32, shape (samples,), mono.
        rate_hz: Their rate.
    """
    import pyworld

    frame = round(FRAME_S * rate_hz)
    whole = len(samples) // frame * frame
    if not whole:
        return 0.0
    power = np.square(samples[:whole].reshape(-1, frame)).mean(axis=1)
    sounding = power > max(power.max() * 1e-3, 1e-9)
    f0, _ = pyworld.dio(samples[:whole].astype(np.float64), rate_hz, frame_period=1000 * FRAME_S)
    return float(np.mean(f0[: len(power)][sounding] > 0)) if sounding.any() else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A segment as a candidate for the reference.

    Attributes:
        index: Its place among the speaker's segments.
        duration_s: Its length.
        clarity_db: See `clarity_db`.
        sureness: Mean probability of its words, 0..1.
        overlapped: Whether somebody else speaks at the same time.
        voiced: See `voiced_share`; 0 until measured.
        dnsmos: Opinion score 1..5 by DNSMOS; None: not measured, and then it neither speaks for
            the piece nor against it.
    """

    index: int
    duration_s: float
    clarity_db: float
    sureness: float
    overlapped: bool = False
    voiced: float = 0.0
    dnsmos: float | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """What speaks against it, of what is known before its sound is measured closely."""
        checks = (
            (self.overlapped, "somebody else speaks too"),
            (self.duration_s < MIN_CLIP_S, f"shorter than {MIN_CLIP_S:g} s"),
            (self.duration_s > LONGEST_S, f"longer than {LONGEST_S:g} s"),
            (self.clarity_db < MIN_CLARITY_DB, "music or noise lies under it"),
        )
        return tuple(words for fails, words in checks if fails)

    @property
    def measured_faults(self) -> tuple[str, ...]:
        """What speaks against it, all told."""
        checks = (
            (self.voiced < MIN_VOICED, "little of it is voiced"),
            (
                self.dnsmos is not None and self.dnsmos < MIN_DNSMOS,
                "it does not sound clean (DNSMOS)",
            ),
        )
        return self.faults + tuple(words for fails, words in checks if fails)

    @property
    def reason(self) -> str:
        """Its figures and faults, for a person to read."""
        natural = "not measured" if self.dnsmos is None else f"{self.dnsmos:.2f}"
        figures = (
            f"{self.duration_s:.1f} s, {self.clarity_db:.0f} dB above what sounds under it, words "
            f"{self.sureness:.0%} sure, {self.voiced:.0%} voiced, DNSMOS {natural}"
        )
        faults = ", ".join(self.measured_faults)
        return f"{figures}; taken for want of better: {faults}" if faults else figures


def shortlist(
    segments: Sequence[Segment],
    transcripts: Sequence[Transcript],
    clarities_db: Sequence[float],
    overlapped: Sequence[bool] = (),
) -> list[Piece]:
    """The few segments that are worth measuring closely, best first: the least faults, then the
    clearest and most surely recognised (10 % of confidence weighs as much as 3 dB).

    Args:
        segments: One speaker's segments; at least one.
        transcripts: Their transcripts, in the same order.
        clarities_db: Their `clarity_db`, in the same order.
        overlapped: Whether somebody else speaks in them too, in the same order; empty: nowhere.
    """
    pieces = [
        Piece(
            index=index,
            duration_s=segment.span.duration_s,
            clarity_db=clarity,
            sureness=_sureness(transcript),
            overlapped=bool(overlapped) and overlapped[index],
        )
        for index, (segment, transcript, clarity) in enumerate(
            zip(segments, transcripts, clarities_db, strict=True)
        )
    ]
    ranked = sorted(pieces, key=lambda p: (len(p.faults), -p.clarity_db - 30 * p.sureness))
    return ranked[:SHORTLIST]


def choose_prompt(measured: Sequence[Piece]) -> list[Piece]:
    """The pieces, in order of time, that make one speaker's voice prompt: faultless ones first, by
    DNSMOS (half a point weighs as much as 5 dB of clarity), until `SHORTEST_S` are together.

    More faulty pieces than the first are taken only where the others make less than `LEAST_S`.

    Args:
        measured: The shortlist, with `voiced`, and with `dnsmos` of all or of none.
    """

    def order(piece: Piece) -> tuple[int, float]:
        worth = piece.clarity_db + 30 * piece.sureness + 10 * (piece.dnsmos or 0.0)
        return len(piece.measured_faults), -worth

    ranked = sorted(measured, key=order)
    least = len(ranked[0].measured_faults)
    chosen: list[Piece] = []
    for piece in ranked:
        length_s = sum(p.duration_s for p in chosen)
        if len(piece.measured_faults) > least and length_s >= LEAST_S:
            break
        if length_s < SHORTEST_S and (not chosen or length_s + piece.duration_s <= LONGEST_S):
            chosen.append(piece)
    return sorted(chosen, key=lambda piece: piece.index)


def _sureness(transcript: Transcript) -> float:
    words = transcript.words
    return sum(word.probability for word in words) / len(words) if words else 0.0


def join(clips: Sequence[Audio], rate_hz: int) -> Audio:
    """The clips in a row with short silences between, float32, shape (samples,)."""
    gap = np.zeros(round(GAP_S * rate_hz), np.float32)
    return np.concatenate([part for clip in clips for part in (clip, gap)][:-1])
