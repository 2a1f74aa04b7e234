"""Whether a man or a woman speaks, by the real encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.events import ignore
from dubbing.media.audio import read_audio
from dubbing.quality.voice import JUDGE, everybody, sex_of
from dubbing.runs.manifest import SegmentsDoc
from dubbing.runs.store import list_runs, open_run
from dubbing.steps.gender import MEN_BELOW_HZ, WOMEN_ABOVE_HZ, heard_gender, listed_gender
from dubbing.steps.job import Job
from dubbing.types import Audio
from tests.conftest import SAMPLES
from tests.run_factory import make_library

pytestmark = pytest.mark.model

RATE_HZ = 16_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Of a finished run."""
    return Job(open_run(list_runs(make_library(tmp_path))[0]), ignore)


def _played(clip: Audio, pitch_hz: float, wanted_hz: float) -> Audio:
    """The clip at another pitch, formants and all."""
    return np.float32(soxr.resample(clip, pitch_hz / wanted_hz * RATE_HZ, RATE_HZ))


def test_a_pitch_between_is_told_by_the_voice(job: Job):
    """A man and a woman, both at a pitch that either may have."""
    for name, gender in (("Clip_Man", "male"), ("Clip_Woman", "female")):
        clip = read_audio(SAMPLES / f"{name}.mp4", RATE_HZ)
        heard, pitch_hz = heard_gender(job, clip, RATE_HZ)
        assert heard == gender and pitch_hz is not None
        (vector,) = ResemblyzerEncoder().embed([clip])
        assert sex_of(vector, "resemblyzer") == gender


def test_a_clear_pitch_asks_no_encoder(job: Job, monkeypatch: pytest.MonkeyPatch):
    """Far below and far above nothing is loaded; silence tells nothing."""
    monkeypatch.setattr(job, "encoder", lambda items: pytest.fail("asked"))
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    for hz, gender in ((MEN_BELOW_HZ - 20, "male"), (WOMEN_ABOVE_HZ + 20, "female")):
        buzz = (0.3 * np.sign(np.sin(2 * np.pi * hz * time))).astype(np.float32)
        assert heard_gender(job, buzz, RATE_HZ)[0] == gender
    assert heard_gender(job, np.zeros(RATE_HZ, np.float32), RATE_HZ) == ("unknown", None)


def test_every_stranger_is_told_by_the_others():
    """Each of the twelve, left out, is nearer to the others of the same sex by the encoder that is
    asked; by one that no voice is fitted to most are.
    """
    for encoder, least in (("resemblyzer", 11), (JUDGE, 9)):
        right = 0
        for person in everybody():
            own = np.array(person.vectors[encoder])
            nearness = {
                sex: np.mean(
                    [
                        np.dot(other.vectors[encoder], own)
                        for other in everybody()
                        if other.sex == sex and other.name != person.name
                    ]
                )
                for sex in ("female", "male")
            }
            right += max(nearness, key=lambda sex: nearness[sex]) == person.sex
        assert right >= least, encoder


def test_what_a_person_lists_counts(job: Job):
    """A gender that was corrected in segments.json is the one; without the file it is unknown."""
    run = job.run
    doc = run.read(run.segments, SegmentsDoc)
    corrected = [row.model_copy(update={"gender": "female"}) for row in doc.speakers]
    run.put_document(run.segments, "any", doc.model_copy(update={"speakers": corrected}))
    assert {listed_gender(job, row.id) for row in doc.speakers} == {"female"}
    run.path(run.segments).unlink()
    assert listed_gender(job, doc.speakers[0].id) == "unknown"
