"""The scorecard: what was measured on the finished file, per segment and as a whole."""

from __future__ import annotations

from dubbing.runs.manifest import Document
from dubbing.types import PlacementStatus


class SegmentScore(Document):
    """One segment as it is heard in the finished file. None where it cannot be measured.

    Attributes:
        id: The segment.
        status: Of its placement.
        rate: Speed of its speech against natural.
        onset_error_s: Start of the dub's speech after the original's.
        end_error_s: End of the dub's speech after the original's.
        loudness_difference_lu: Dub minus original.
        similarity: Cosine of the speaker embeddings of dub and original, -1..1; from 1 s on.
    """

    id: int
    status: PlacementStatus
    rate: float
    onset_error_s: float | None
    end_error_s: float | None
    loudness_difference_lu: float | None
    similarity: float | None


class Timing(Document):
    """Timing of the whole file, untranslated segments left out.

    Attributes:
        overlap_s: Time in which two dubs would sound at once.
        onset_error_median_s: Median of the segments' absolute onset errors.
        onset_error_p90_s: 90th percentile of the same.
        onset_error_max_s: Greatest of the same.
        end_within_half_second: Share of segments whose end lies within 0.5 s of the original's.
        timeline_iou: Time in which both tracks speak over time in which either does.
        dub_in_silence: Share of the dub's speech in the original's silence.
        rate_p95: 95th percentile of the speech rates.
        rate_jump_max: Greatest difference of rate between neighbours.
    """

    overlap_s: float
    onset_error_median_s: float | None
    onset_error_p90_s: float | None
    onset_error_max_s: float | None
    end_within_half_second: float | None
    timeline_iou: float
    dub_in_silence: float
    rate_p95: float | None
    rate_jump_max: float | None


class Sound(Document):
    """Sound of the dubbed track.

    Attributes:
        loudness_difference_median_lu: Median of the segments' absolute differences.
        loudness_difference_max_lu: Greatest of the same.
        true_peak_dbtp: Highest true peak (ITU-R BS.1770-4).
        digital_silence: Share of 10 ms frames below -90 dBFS where the original is not.
    """

    loudness_difference_median_lu: float | None
    loudness_difference_max_lu: float | None
    true_peak_dbtp: float
    digital_silence: float


class VoiceScore(Document):
    """Likeness of the voice.

    Attributes:
        encoder: The speaker encoder that measured it.
        similarity: Mean cosine over the segments; None when no segment is long enough.
    """

    encoder: str
    similarity: float | None


class TextScore(Document):
    """What became of the text.

    Attributes:
        segments: How many segments, those that are spoken together counted as one.
        untranslated: Segments that have no translation and keep the original voice.
        rushed: Segments spoken faster than the cap.
    """

    segments: int
    untranslated: list[int]
    rushed: list[int]


class Scorecard(Document):
    """quality.json."""

    schema_version: int = 1
    verdict: str
    timing: Timing
    sound: Sound
    voice: VoiceScore
    text: TextScore
    segments: list[SegmentScore]


def verdict(timing: Timing, sound: Sound, text: TextScore) -> str:
    """One or two plain sentences: what is good, and what a viewer will notice."""
    faults = []
    if text.untranslated:
        faults.append(f"{len(text.untranslated)} of {text.segments} segments have no translation")
    if text.rushed:
        faults.append(f"{len(text.rushed)} segments spoken faster than 1.25 times")
    if timing.onset_error_max_s is not None and timing.onset_error_max_s > 0.3:
        faults.append(f"one segment starts {timing.onset_error_max_s:.2f} s off")
    if timing.overlap_s > 0:
        faults.append(f"dubs overlap for {timing.overlap_s:.1f} s")
    if sound.true_peak_dbtp > -1:
        faults.append(f"peaks reach {sound.true_peak_dbtp:.1f} dBTP")
    if sound.digital_silence > 0.001:
        faults.append(f"{sound.digital_silence:.1%} of the track is dead silence")
    if not faults:
        return "Good: every word is there, on time, at a natural pace and as loud as the original."
    return "Watchable, but " + "; ".join(faults) + "."
