"""The scorecard in words: faults of single segments, and the verdict on the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dubbing.quality.backcheck import ABOVE
from dubbing.quality.report import (
    BackCheck,
    Naturalness,
    SegmentScore,
    Sound,
    TextScore,
    Timing,
)
from dubbing.types import Loss, PlacementStatus

ONSET_S = 0.3  # beyond these a viewer notices; the same numbers as in the table of README.md
ONSET_P90_S = 0.1
END_S = 0.5
ENDS = 0.9  # the share of segments that should end within END_S
IOU = 0.9
IN_SILENCE = 0.05
NATURAL = 3.5  # of 5, by DistillMOS: recorded talks lie above
NATURAL_LOSS = 0.3  # what a dub may lose against its original
CER_MEAN = 0.15  # of clear speech the recogniser mishears 3 to 6 %
MISHEARD = 0.05  # the share of segments that may be misheard
RATE = 1.20
RATE_JUMP = 0.15
LOUDNESS_LU = 2.0
LOUDNESS_MEDIAN_LU = 1.0
PEAK_DBTP = -1.0
SHOWN = 3  # of the worst segments
NAMED = 5  # of those that are misheard


def segment_fault(
    *,
    status: PlacementStatus,
    is_heard: bool,
    rate: float,
    jump: float,
    onset_error_s: float | None,
    end_error_s: float | None,
    loudness_difference_lu: float | None,
    cer: float | None,
) -> tuple[str, float]:
    """The worst of a segment in words, and how many times its bound that is; ("", 0.0) when it
    lies within all bounds.

    Args:
        status: Of its placement.
        is_heard: Whether the dub speaks where the original does.
        rate: Speed against natural.
        jump: Rate minus that of the segment before it; 0 for the first.
        onset_error_s: Dub after original.
        end_error_s: Dub after original.
        loudness_difference_lu: Dub minus original.
        cer: Character error rate of the back-check, 0..1.
    """
    if status == "untranslated":
        return "is not dubbed", 10.0
    if not is_heard:
        return "is not heard", 10.0
    onset, end, loudness = onset_error_s or 0.0, end_error_s or 0.0, loudness_difference_lu or 0.0
    wrong = cer or 0.0
    found = [
        (f"starts {abs(onset):.2f} s {_late(onset)}", abs(onset) / ONSET_S),
        (f"ends {abs(end):.1f} s {_late(end)}", abs(end) / END_S),
        (f"is spoken {rate:.2f} times as fast as natural", 1 + (rate - RATE) / RATE_JUMP),
        (f"is {abs(jump):.2f} {_fast(jump)} than the one before it", abs(jump) / RATE_JUMP),
        (f"is {abs(loudness):.1f} LU {_loud(loudness)}", abs(loudness) / LOUDNESS_LU),
        (f"is hard to understand: {100 * wrong:.0f} % of it are misheard", wrong / ABOVE),
    ]
    fault, severity = max(found, key=lambda pair: pair[1])
    return (fault, round(severity, 3)) if severity > 1 else ("", 0.0)


def _late(error_s: float) -> str:
    return "late" if error_s > 0 else "early"


def _fast(jump: float) -> str:
    return "faster" if jump > 0 else "slower"


def _loud(difference_lu: float) -> str:
    return "louder than the original" if difference_lu > 0 else "quieter than the original"


def worst(rows: Sequence[SegmentScore]) -> list[SegmentScore]:
    """Up to three segments with a fault, the worst first."""
    faulty = [row for row in rows if row.fault]
    return sorted(faulty, key=lambda row: -row.severity)[:SHOWN]


def verdict(
    timing: Timing,
    sound: Sound,
    text: TextScore,
    natural: Naturalness | None,
    checked: BackCheck | None,
    rows: Sequence[SegmentScore] = (),
    losses: Sequence[Loss] = (),
) -> str:
    """A few plain sentences: "Good" only where every bound holds; else what a viewer will notice,
    and the worst segments. No judge that chooses a speaker's voice is asked.
    """
    faults = [
        *([f"the source is not whole ({'; '.join(map(str, losses))})"] if losses else []),
        *_text_faults(text),
        *_timing_faults(timing),
        *_sound_faults(sound),
        *_voice_faults(natural, checked, rows),
    ]
    if faults:
        whole = "Watchable, but " + "; ".join(faults) + "."
    else:
        whole = "Good: every word is there, on time, at a natural pace and as loud as the original."
    named = [f"{row.id} {row.fault}" for row in worst(rows)]
    return f"{whole} Worst segments: {'; '.join(named)}." if named else whole


def _text_faults(text: TextScore) -> Iterator[str]:
    if text.untranslated:
        yield f"{len(text.untranslated)} of {text.segments} segments are not dubbed"
    if text.words_lost:
        yield f"{text.words_lost} words of the supplied translation are not spoken"
    if text.faults:
        yield f"{len(text.faults)} translations seem to lack something"
    if text.rushed:
        yield f"{len(text.rushed)} segments spoken faster than the cap"


def _timing_faults(timing: Timing) -> Iterator[str]:
    if timing.unheard:
        yield f"{len(timing.unheard)} dubbed segments are not heard"
    if timing.overlap_s > 0:
        yield f"dubs overlap for {timing.overlap_s:.1f} s"
    if timing.onset_error_max_s is not None and timing.onset_error_max_s > ONSET_S:
        yield f"one segment starts {timing.onset_error_max_s:.2f} s off"
    elif timing.onset_error_p90_s is not None and timing.onset_error_p90_s > ONSET_P90_S:
        yield f"a tenth of the segments start {timing.onset_error_p90_s:.2f} s off or more"
    if timing.end_within_half_second is not None and timing.end_within_half_second < ENDS:
        yield f"{1 - timing.end_within_half_second:.0%} of the segments end over 0.5 s off"
    if timing.dub_in_silence > IN_SILENCE:
        yield f"{timing.dub_in_silence:.0%} of the dub falls where the original pauses"
    if timing.timeline_iou < IOU:
        yield f"both speak together only {timing.timeline_iou:.0%} of the time"
    if timing.rate_p95 is not None and timing.rate_p95 > RATE:
        yield f"one segment in 20 is {timing.rate_p95:.2f} times as fast as natural or more"
    if timing.rate_jump_max is not None and timing.rate_jump_max > RATE_JUMP:
        yield f"the pace jumps by up to {timing.rate_jump_max:.2f} between neighbours"


def _sound_faults(sound: Sound) -> Iterator[str]:
    median, most = sound.loudness_difference_median_lu, sound.loudness_difference_max_lu
    if median is not None and median > LOUDNESS_MEDIAN_LU:
        yield f"half of the segments are {median:.1f} LU off in loudness or more"
    if most is not None and most > LOUDNESS_LU:
        yield f"one segment is {most:.1f} LU off in loudness"
    if sound.true_peak_dbtp > PEAK_DBTP:
        yield f"peaks reach {sound.true_peak_dbtp:.1f} dBTP"
    if sound.digital_silence > 0:
        yield f"{sound.digital_silence:.1%} of what sounds in the original is dead silence"
    if round(sound.muted_music_s, 1) > 0:
        yield f"{sound.muted_music_s:.1f} s of loud music are gone"


def _voice_faults(
    natural: Naturalness | None, checked: BackCheck | None, rows: Sequence[SegmentScore]
) -> Iterator[str]:
    before, after = (natural.original, natural.dub) if natural else (None, None)
    if before is not None and after is not None and after < min(before - NATURAL_LOSS, NATURAL):
        yield f"it sounds less natural ({after:.1f} against {before:.1f} of 5)"
    if checked and checked.cer_mean is not None and checked.cer_mean > CER_MEAN:
        yield f"a recogniser mishears {checked.cer_mean:.0%} of what is said"
    if checked and checked.misheard is not None and checked.misheard > MISHEARD:
        yield f"{checked.misheard:.0%} of the segments are hard to understand{_named(rows)}"


def _named(rows: Sequence[SegmentScore]) -> str:
    """Those that are misheard, the worst first."""
    wrong = [(row.cer, row.id) for row in rows if row.cer is not None and row.cer > ABOVE]
    ids = [str(i) for _, i in sorted(wrong, reverse=True)]
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f" ({', '.join(ids[:NAMED])}{more})" if ids else ""
