"""Whether a man or a woman speaks, by the real encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.events import ignore
from dubbing.media.audio import read_audio
from dubbing.quality.voice import everybody, sex_of
from dubbing.runs.manifest import SegmentsDoc, SpeakerDoc
from dubbing.runs.store import list_runs, open_run
from dubbing.steps.gender import MEN_BELOW_HZ, WOMEN_ABOVE_HZ, heard_gender, listed_gender
from dubbing.steps.job import Job
from tests.conftest import SAMPLES
from tests.run_factory import make_library

pytestmark = pytest.mark.model

RATE_HZ = 16_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Of a finished run."""
    return Job(open_run(list_runs(make_library(tmp_path))[0]), ignore)


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
    """Of the twelve eleven at least are nearer to the others of their sex, by the encoder that is
    asked.
    """
    vectors = {person.name: np.array(person.vectors["resemblyzer"]) for person in everybody()}

    def nearness(name: str, sex: str) -> float:
        others = [vectors[p.name] for p in everybody() if p.sex == sex and p.name != name]
        return float(np.mean([vectors[name] @ other for other in others]))

    right = [
        person.name
        for person in everybody()
        if max(("female", "male"), key=lambda sex: nearness(person.name, sex)) == person.sex
    ]
    assert len(right) >= 11


def test_what_a_person_lists_counts(job: Job):
    """A gender that was corrected in segments.json is the one; without the file it is unknown."""
    run = job.run
    doc = run.read(run.segments, SegmentsDoc)
    row = SpeakerDoc(id="speaker-1", name="Ann", gender="female", pitch_hz=120.0)
    run.put_document(run.segments, "any", doc.model_copy(update={"speakers": [row]}))
    assert listed_gender(job, "speaker-1") == "female"
    assert listed_gender(job, "speaker-2") == "unknown"
    run.path(run.segments).unlink()
    assert listed_gender(job, "speaker-1") == "unknown"
