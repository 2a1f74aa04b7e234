"""What the command line tells of a run while it runs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dubbing import console
from dubbing.events import FLOWING, Event, ItemDone, ItemFailed, Notice, StageFinished, StageStarted

pytestmark = pytest.mark.unit

EVENTS: tuple[Event, ...] = (
    StageStarted(stage="speak", total=None),
    ItemDone(stage="speak", done=1, total=None),
    ItemFailed(stage="speak", number=2, message="no sound", again=True),
    ItemFailed(stage="speak", number=2, message="no sound", again=False),
    Notice(message="the voice is low"),
    StageFinished(stage="speak", wall_s=1.25, made=1, kept=3),
)
TOLD = (
    "speak: item 2 failed, it is tried again: no sound",
    "speak: item 2 failed, it is given up: no sound",
    "the voice is low",
)


def test_a_file_gets_one_plain_line_for_each_thing_to_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Failures, notices and the end of each stage; no line for each item."""
    with console.progress() as listen:
        for event in EVENTS:
            listen(event)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [*TOLD, "speak: 1 made, 3 kept, 1.2 s"]


def test_a_terminal_gets_bars_also_where_the_number_of_items_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The bar of a stage that ends is full, with as many items as it had."""
    terminal = io.StringIO()
    shown = Console(file=terminal, force_terminal=True, width=100)
    monkeypatch.setattr(console, "err", shown)
    with console.progress() as listen:
        for event in EVENTS:
            listen(event)
    said = terminal.getvalue()
    assert "left" not in said
    assert all(line in said for line in TOLD)
    assert "1/1" in said


def test_a_terminal_shows_a_stage_that_had_nothing_to_do_as_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Recognition does not begin where all of it is on disk; its end is told all the same."""
    terminal = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=terminal, force_terminal=True, width=100))
    with console.progress() as listen:
        listen(StageFinished(stage="transcribe", wall_s=0.0, made=0, kept=7))
        listen(StageStarted(stage="assemble", total=1))
    assert "transcribe" in terminal.getvalue()
    assert "7/7" in terminal.getvalue()


def test_a_terminal_is_told_how_long_it_takes_until_all_is_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From what the stages that work together took so far: the slowest one's items, then the last
    one of them through the stages behind it.
    """
    terminal = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=terminal, force_terminal=True, width=120))
    with console.progress() as listen:
        for stage in FLOWING:
            listen(StageStarted(stage=stage, total=4 if stage == "transcribe" else None))
        listen(ItemDone(stage="transcribe", done=1, total=4, work_s=5.0))
        listen(ItemDone(stage="translate", done=1, total=None, work_s=0.0))
        listen(ItemDone(stage="speak", done=1, total=None, work_s=2.0))
    assert "about 17 s left to speech" in terminal.getvalue()
