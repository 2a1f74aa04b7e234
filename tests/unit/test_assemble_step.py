"""The finished file of a run in which a segment could not be spoken."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from dubbing.errors import InputError
from dubbing.events import ignore
from dubbing.media.audio import read_audio
from dubbing.runs.store import Run
from dubbing.steps.assemble import _background, assemble
from dubbing.steps.documents import read_timeline
from dubbing.steps.job import Job
from dubbing.types import Audio
from tests.run_factory import DURATION_S, SPANS, make_run

pytestmark = pytest.mark.unit

RATE_HZ = 16_000
WHY = "speak: no sound"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose original hums in each segment and is silent between; the second segment, with
    which the third was to be spoken, has no clip.
    """
    at_s = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    hum = 0.2 * np.sin(2 * np.pi * 200 * at_s)
    voiced = np.any([(at_s >= s.start_s) & (at_s < s.end_s) for s in SPANS], axis=0)
    source = tmp_path / "Hum.wav"
    soundfile.write(source, np.where(voiced, hum, 0.0), RATE_HZ)
    made = make_run(tmp_path / "pipeline_artifacts", "Hum", source)
    made.note_failed({"segment 2": WHY})
    return made


class Still:
    """A separator that leaves everything."""

    info = SimpleNamespace(sample_rate_hz=44_100)

    def background(self, blocks: Iterable[Audio]) -> Iterable[Audio]:
        """See `Separator`."""
        return blocks


def test_a_full_disk_is_told_where_the_background_is_kept(run: Run, tmp_path: Path):
    """By the system's own error, which the sound library hides."""
    job = Job(run, ignore)
    job.separator = Still  # type: ignore[method-assign]
    bed = tmp_path / "background.wav"
    bed.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:
        _background(job, bed)
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize(("on_failure", "is_heard"), [("original", True), ("silent", False)])
def test_what_was_to_be_spoken_together_fails_together(run: Run, on_failure: str, is_heard: bool):
    """The second segment's reason is the third's too, and in both the original voice is heard, or
    none where that was asked for.
    """
    config = run.manifest.config.model_copy(update={"on_failure": on_failure})
    run._update(config=config, output="Hum_dubbed.wav")
    assemble(Job(run, ignore))
    rows = read_timeline(run)[1:3]
    assert [(row.status, row.reason) for row in rows] == [("untranslated", WHY)] * 2
    sound = read_audio(run.path("Hum_dubbed.wav"), RATE_HZ)
    for span in SPANS[1:3]:
        heard = sound[round((span.start_s + 0.1) * RATE_HZ) : round((span.end_s - 0.1) * RATE_HZ)]
        assert (np.abs(heard).max() > 0.1) == is_heard


@pytest.mark.parametrize("output", [None, "", "Hum", "Hum.txt"])
def test_an_output_that_cannot_be_is_refused_before_the_work(run: Run, output: str | None):
    """A manifest made by hand may name any, or none."""
    run._update(output=output)
    with pytest.raises(InputError, match=r"output|-o"):
        assemble(Job(run, ignore))
