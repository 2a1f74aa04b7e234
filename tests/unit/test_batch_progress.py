"""What is shown while a batch runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dubbing import console
from dubbing.batch.dispatch import BatchEvent, VideoEnded, VideoEvent, VideoLost, VideoStarted
from dubbing.batch.task import Outcome
from dubbing.events import ItemDone, Notice, StageStarted

pytestmark = pytest.mark.unit

DONE = Outcome(name="b", status="done", output=Path("/O/b.mp4"), wall_s=12.34)
FAILED = Outcome(name="a", status="failed", message="a.mp4: [red] this is not a video")
EVENTS: list[BatchEvent] = [
    VideoStarted(name="a"),
    VideoStarted(name="b"),
    VideoEvent(name="b", event=StageStarted(stage="speak", total=4)),
    VideoEvent(name="b", event=ItemDone(stage="speak", done=1, total=4)),
    VideoLost(name="b", why="was killed (SIGKILL)"),
    VideoStarted(name="b"),
    VideoEvent(name="b", event=Notice(message="segment 3: too short")),
    VideoEnded(outcome=FAILED),
    VideoEnded(outcome=DONE),
    VideoEvent(name="b", event=ItemDone(stage="speak", done=4, total=4)),  # late
]
LINES = [
    "b: its process was killed (SIGKILL); another goes on with it",
    "b: segment 3: too short",
    "a: failed, a.mp4: [red] this is not a video",
    "b: done, 12.3 s",
]


def test_elsewhere_than_on_a_terminal_one_line_tells_of_each_video(
    capsys: pytest.CaptureFixture[str],
):
    """And of deaths and notices; nothing else."""
    with console.batch_progress(2) as listen:
        for event in EVENTS:
            listen(event)
    assert capsys.readouterr().err.splitlines() == LINES


def test_on_a_terminal_each_video_has_a_row(monkeypatch: pytest.MonkeyPatch):
    """With its stage; the lines stay above; what comes after a video's end does no harm."""
    screen = io.StringIO()
    monkeypatch.setattr(
        console, "err", Console(file=screen, force_terminal=True, width=100, color_system=None)
    )
    with console.batch_progress(2) as listen:
        for event in EVENTS[:4]:
            listen(event)
    assert "1/4" in screen.getvalue() and "speak" in screen.getvalue()
    with console.batch_progress(2) as listen:
        for event in EVENTS:
            listen(event)
    for line in LINES:
        assert line in screen.getvalue()
    assert "2/2" in screen.getvalue()
