"""What of a finished file is measured, where the original's voice lies under the dub."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.config import Mix
from dubbing.events import ignore
from dubbing.quality.report import SegmentScore
from dubbing.steps.assemble import assemble
from dubbing.steps.evaluate import examine
from dubbing.steps.job import Job
from dubbing.types import Audio
from tests.run_factory import DURATION_S, SPANS, make_run

pytestmark = pytest.mark.unit

RATE_HZ = 16_000
CLIP_S = 1.2  # of a segment of 2 s


def hum(pitch_hz: float, length_s: float) -> Audio:
    """A voice of one pitch with all its harmonics up to 4 kHz."""
    at_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    waves = [np.sin(2 * np.pi * hz * at_s) for hz in np.arange(pitch_hz, 4000, pitch_hz)]
    return np.float32(0.3 * sum(waves) / np.max(np.abs(sum(waves))))


def first_segment(folder: Path, mix: Mix) -> SegmentScore:
    """Of a dub whose first segment alone is spoken, higher than the original, and too short."""
    at_s = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    voiced = np.any([(at_s >= s.start_s) & (at_s < s.end_s) for s in SPANS], axis=0)
    folder.mkdir()
    soundfile.write(folder / "Hum.wav", np.where(voiced, hum(110, DURATION_S), 0), RATE_HZ)
    run = make_run(folder / "pipeline_artifacts", "Hum", folder / "Hum.wav")
    length_s = SPANS[0].duration_s
    sounds = {run.chunk(1): hum(110, length_s), run.speech_clip(1): hum(260, CLIP_S)}
    for name, sound in sounds.items():
        run.put(name, "made", lambda path, sound=sound: soundfile.write(path, sound, RATE_HZ))
    config = run.manifest.config.model_copy(update={"mix": mix})
    run._update(config=config, output="Hum_dubbed.wav")
    assemble(Job(run, ignore))
    return examine(Job(run, ignore))[0].segments[0]


def test_the_original_under_a_voiceover_is_not_taken_for_the_dub(tmp_path: Path):
    """With either mix the same clip ends as early, is as loud and has the same voice."""
    alone, over = (first_segment(tmp_path / mix, mix) for mix in ("dub", "voiceover"))
    assert alone.end_error_s is not None and alone.end_error_s < -0.4
    assert over.end_error_s == pytest.approx(alone.end_error_s, abs=0.03)
    assert over.loudness_difference_lu == pytest.approx(alone.loudness_difference_lu, abs=0.2)
    assert over.similarity == pytest.approx(alone.similarity, abs=0.03)
