"""Whether a man or a woman speaks: by the pitch where that tells, else by the voice."""

from __future__ import annotations

from dubbing.media.audio import resample
from dubbing.media.pitch import median_pitch_hz
from dubbing.quality.voice import sex_of
from dubbing.runs.manifest import SegmentsDoc
from dubbing.steps.job import Job
from dubbing.types import Audio, Gender

PITCH_RATE_HZ = 8000  # a fifth of the time at 24 kHz, the same median within 0.3 Hz
# Hardly a woman speaks below, hardly a man above: about two standard deviations from the others'
# average (Traunmüller and Eriksson 1995, "The frequency range of the voice fundamental in the
# speech of male and female adults").
MEN_BELOW_HZ, WOMEN_ABOVE_HZ = 130.0, 210.0


def heard_gender(job: Job, samples: Audio, rate_hz: int) -> tuple[Gender, float | None]:
    """The speaker's gender, and their median pitch in Hz; None where hardly anything is voiced.

    Args:
        job: Its encoder is asked where the pitch does not tell.
        samples: The speaker's speech: float32, shape (samples,), mono.
        rate_hz: Their rate.
    """
    pitch_hz = median_pitch_hz([resample(samples, rate_hz, PITCH_RATE_HZ)], PITCH_RATE_HZ)
    if pitch_hz is None:
        return "unknown", None
    if pitch_hz < MEN_BELOW_HZ:
        return "male", pitch_hz
    if pitch_hz > WOMEN_ABOVE_HZ:
        return "female", pitch_hz
    encoder = job.encoder(1)
    (vector,) = encoder.embed([resample(samples, rate_hz, encoder.info.sample_rate_hz)])
    return sex_of(vector, encoder.info.name), pitch_hz


def listed_gender(job: Job, speaker: str) -> Gender:
    """The speaker's gender in segments.json, where a person may have corrected it; unknown where
    there is no such file yet.
    """
    run = job.run
    if not run.path(run.segments).is_file():
        return "unknown"
    rows = run.read(run.segments, SegmentsDoc).speakers
    return next((row.gender for row in rows if row.id == speaker), "unknown")
