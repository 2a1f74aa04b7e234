"""Where the timeline's two tracks take their sound from."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.webui.library import list_folders, read_run
from dubbing.webui.tracks import dub_clips, original_clips, read_tracks
from dubbing.webui.views import RunView
from tests.run_factory import DURATION_S, make_legacy, make_run, make_video

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path) -> RunView:
    """A finished run of 8 s."""
    made = make_run(tmp_path / "runs", "Lamp", make_video(tmp_path / "Lamp.mp4"))
    return read_run(list_folders([made.root.parent])[0])


def test_whole_files_come_first(run: RunView) -> None:
    """The original's file and the finished one, from the start."""
    assert [(c.path, c.start_s) for c in original_clips(run)] == [(run.source, 0.0)]
    assert [(c.path, c.start_s) for c in dub_clips(run)] == [(run.output, 0.0)]


def test_where_they_are_gone_the_segments_stand_for_them(run: RunView) -> None:
    """Each cut piece lies at its segment's start."""
    assert run.source is not None and run.output is not None
    run.source.unlink()
    run.output.unlink()
    assert [c.start_s for c in original_clips(run)] == [s.span.start_s for s in run.segments]
    assert [c.start_s for c in dub_clips(run)] == [0.5, 3.0]


def test_tracks_have_peaks_and_music(run: RunView) -> None:
    """The original's tone sounds on where nobody speaks: that is shown as music."""
    tracks = read_tracks(original_clips(run), dub_clips(run), DURATION_S, run.speech)
    assert len(tracks.original) == len(tracks.dub) > 1000
    assert [round(m.start_s, 1) for m in tracks.music] == [7.0]
    unknown = read_tracks(original_clips(run), (), DURATION_S, None)
    assert (unknown.dub, unknown.music) == ((), ())


def test_an_old_run_is_drawn_from_its_chunks(tmp_path: Path) -> None:
    """Chunks without sound are left out."""
    root = make_legacy(tmp_path / "runs")
    old = read_run(list_folders([root.parent])[0])
    assert [clip.start_s for clip in original_clips(old)] == [0.0, 2.5]
    assert [clip.start_s for clip in dub_clips(old)] == [0.0]
