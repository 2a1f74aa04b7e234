"""Plots of a scorecard: images of the kind that was asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dubbing.errors import InputError
from dubbing.quality.measure import Evidence
from dubbing.quality.plots import loudness, similarity, timeline, write_plots
from dubbing.types import Span
from tests.conftest import ROOT
from tests.run_factory import scorecard

pytestmark = pytest.mark.unit


def evidence(segments: int = 2) -> Evidence:
    vectors = {i: np.eye(256, dtype=np.float32)[i] for i in range(1, segments + 1)}
    return Evidence(
        original_speech=[Span(start_s=1, end_s=4), Span(start_s=58, end_s=63)],
        dub_speech=[Span(start_s=1, end_s=5)],
        original_db=np.full(7000, -30, np.float32),
        dub_db=np.full(7000, -40, np.float32),
        encoder="campplus",
        originals=vectors,
        dubs=vectors,
    )


@pytest.mark.parametrize(("kind", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_four_images_are_written(tmp_path: Path, kind: str, magic: bytes):
    """Timeline, rates, loudness and similarity, each a file of its kind, in a new folder."""
    paths = write_plots(scorecard(), evidence(), tmp_path / "new" / "plots", kind)
    assert [p.name for p in paths] == [
        f"{name}.{kind}" for name in ("timeline", "rates", "loudness", "similarity")
    ]
    for path in paths:
        content = path.read_bytes()
        assert content.startswith(magic)
        assert len(content) > 5000


def test_timeline_cuts_speech_at_the_minute():
    """Speech over the border of two minutes is drawn in both: 2 s in one, 3 s in the next."""
    (axes,) = timeline(evidence()).axes
    bars = [path.get_extents() for c in axes.collections for path in c.get_paths()]
    lengths = sorted(round(bar.width, 3) for bar in bars)
    assert lengths == [2, 3, 3, 4]


def test_loudness_is_the_level_of_each_second():
    """70 s of steady sound: 70 points at its level, for both tracks."""
    (axes,) = loudness(evidence()).axes
    original, dub = (line.get_ydata() for line in axes.lines)
    assert len(original) == 70
    assert original == pytest.approx(-30, abs=0.01)
    assert dub == pytest.approx(-40, abs=0.01)


def test_matrix_holds_originals_and_dubs():
    """Two segments give four rows; each dub equals its own original here."""
    axes = similarity(evidence()).axes[0]
    matrix = np.asarray(axes.images[0].get_array())
    assert matrix.shape == (4, 4)
    assert matrix[0, 2] == 1
    assert matrix[0, 3] == 0
    assert axes.get_title() == "Voices (campplus)"


def test_no_voice_is_said_in_the_plot(tmp_path: Path):
    """A run without a long enough segment still gets all four images."""
    assert len(write_plots(scorecard(), evidence(0), tmp_path)) == 4


def test_another_kind_or_a_file_for_a_folder_is_refused(tmp_path: Path):
    """One sentence for each."""
    with pytest.raises(InputError, match="png or svg"):
        write_plots(scorecard(), evidence(), tmp_path, "gif")
    (tmp_path / "taken").touch()
    with pytest.raises(InputError, match="name a folder"):
        write_plots(scorecard(), evidence(), tmp_path / "taken")


def test_matplotlib_is_imported_only_to_draw():
    """The command line loads it for `--plots` alone, and never its global state."""
    ask = (
        "import sys, dubbing.cli; assert 'matplotlib' not in sys.modules\n"
        "from tests.unit.test_plots import *\nimport tempfile\n"
        "write_plots(scorecard(), evidence(), Path(tempfile.mkdtemp()))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
