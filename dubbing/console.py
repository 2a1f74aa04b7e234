"""What the command line shows: progress, tables, one JSON document."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from dubbing.batch.dispatch import (
    BatchEvent,
    BatchListener,
    VideoEnded,
    VideoEvent,
    VideoLost,
    VideoStarted,
)
from dubbing.batch.plan import LeftOut
from dubbing.batch.task import Outcome, Task
from dubbing.events import (
    FLOWING,
    Event,
    ItemDone,
    ItemFailed,
    Listener,
    Notice,
    StageFinished,
    StageStarted,
)
from dubbing.flow import Eta
from dubbing.judge import Judged
from dubbing.quality.report import Scorecard, read_scorecard
from dubbing.quality.table import table_rows
from dubbing.runs.store import Run
from dubbing.steps.documents import read_losses

# Control characters, and those that turn the direction of writing, but for tabs and line ends: a
# terminal obeys them, and names of files and texts of subtitles may hold any.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text as a terminal may show it: control characters are written out, as Python does."""
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The same, with tabs and line ends written out too."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


class PlainConsole(Console):
    """A console whose own styles are all that a terminal obeys. Names and messages are shown as
    they are: "[final]" in a file's name is no style.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(soft_wrap=True, markup=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """See `Console`: what every text that is printed goes through, in tables too."""
        return super().render_str(plain(text), **options)


out = PlainConsole()
err = PlainConsole(stderr=True)


@contextmanager
def progress() -> Iterator[Listener]:
    """A listener that draws bars on a terminal, and writes one plain line a stage elsewhere."""
    if not err.is_terminal:
        yield _plain
        return
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn())
    left = TextColumn("{task.fields[left]}")
    with Progress(*columns, TimeElapsedColumn(), left, console=err) as bars:
        tasks: dict[str, Any] = {}
        eta = Eta(FLOWING, 0)

        def listen(event: Event) -> None:
            nonlocal eta
            match event:
                case StageStarted(stage=stage, total=total):
                    tasks[stage] = bars.add_task(stage, total=1 if total == 0 else total, left="")
                    if stage == FLOWING[0]:
                        eta = Eta(FLOWING, total or 0)
                case ItemDone(stage=stage, done=done):
                    bars.update(tasks[stage], completed=done)
                case StageFinished(stage=stage, kept=kept):
                    if stage not in tasks:  # all of it was there: it never began
                        tasks[stage] = bars.add_task(stage, total=kept or 1, left="")
                    whole = bars.tasks[tasks[stage]].total or bars.tasks[tasks[stage]].completed
                    bars.update(tasks[stage], total=whole, completed=whole)
                case Notice() | ItemFailed():
                    bars.console.print(_told(event), highlight=False, markup=False)
            eta.hear(event)
            for name in tasks.keys() & {FLOWING[0]}:
                bars.update(tasks[name], left=_left(eta.left_s()))

        yield listen


def _left(seconds: float | None) -> str:
    """How long the stages that work at the same time still take together."""
    return f"about {seconds:.0f} s left to speech" if seconds else ""


def _plain(event: Event) -> None:
    match event:
        case StageFinished(stage=stage, wall_s=wall_s, made=made, kept=kept):
            line = f"{stage}: {made} made, {kept} kept, {wall_s:.1f} s"
        case Notice() | ItemFailed():
            line = _told(event)
        case _:
            return
    sys.stderr.write(one_line(line) + "\n")
    sys.stderr.flush()


def _told(event: Notice | ItemFailed) -> str:
    if isinstance(event, Notice):
        return event.message
    then = "it is tried again" if event.again else "it is given up"
    return f"{event.stage}: item {event.number} failed, {then}: {event.message}"


@contextmanager
def batch_progress(total: int) -> Iterator[BatchListener]:
    """A listener that draws a row for each video that is worked on, and writes one plain line for
    each that ends elsewhere than on a terminal.

    Args:
        total: How many videos there are.
    """
    if not err.is_terminal:
        yield _plain_batch
        return
    name = TextColumn("{task.description:<24.24}", markup=False)
    columns = (name, TextColumn("{task.fields[stage]:>10}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err) as bars:
        whole = bars.add_task("videos", total=total, stage="")
        rows: dict[str, Any] = {}

        def listen(event: BatchEvent) -> None:
            match event:
                case VideoStarted(name=name):
                    rows[name] = bars.add_task(name, total=1, stage="")
                case VideoEvent(name=name) if name not in rows:
                    pass  # told by a cluster's machine when the video's end was already known
                case VideoEvent(name=name, event=StageStarted(stage=stage, total=items)):
                    bars.reset(rows[name], total=items or 1, stage=stage)
                case VideoEvent(name=name, event=ItemDone(done=done)):
                    bars.update(rows[name], completed=done)
                case VideoEnded(outcome=outcome):
                    bars.remove_task(rows.pop(outcome.name))
                    bars.advance(whole)
                case VideoLost(name=name):
                    bars.remove_task(rows.pop(name))
            if line := _batch_line(event):
                bars.console.print(line, highlight=False, markup=False)

        yield listen


def _plain_batch(event: BatchEvent) -> None:
    if line := _batch_line(event):
        sys.stderr.write(one_line(line) + "\n")
        sys.stderr.flush()


def _batch_line(event: BatchEvent) -> str:
    """What is told of a video where no bar can show it; empty for what is not worth a line."""
    match event:
        case VideoEvent(name=name, event=Notice(message=message)):
            return f"{name}: {message}"
        case VideoLost(name=name, why=why):
            return f"{name}: its process {why}; another goes on with it"
        case VideoEnded(outcome=outcome):
            told = outcome.message or f"{outcome.wall_s:.1f} s"
            return f"{outcome.name}: {outcome.status}, {told}"
    return ""


def show_left_out(files: Sequence[LeftOut]) -> None:
    """A line on standard error for each file of a folder that is not dubbed."""
    for file in files:
        sys.stderr.write(one_line(f"{file.path}: left out, {file.why}") + "\n")


def show_batch(tasks: Sequence[Task], outcomes: Sequence[Outcome], wall_s: float) -> None:
    """A row for each video, how many are done, and where unforeseen errors came from."""
    table = Table("video", "state", "seconds", "finished file, or what went wrong")
    for row in outcomes:
        told = row.message if row.output is None else _short(row.output)
        table.add_row(row.name, row.status, f"{row.wall_s:.1f}", told)
    out.print(table, highlight=False, markup=False)
    done = sum(row.status == "done" for row in outcomes)
    out.print(f"{done} of {len(tasks)} done in {wall_s:.0f} s", highlight=False)
    for row in outcomes:
        if row.trace:
            err.print(f"{row.name}\n{row.trace}", highlight=False, markup=False)


def batch_document(
    tasks: Sequence[Task], outcomes: Sequence[Outcome], wall_s: float, unused: Sequence[LeftOut]
) -> dict[str, Any]:
    """What `batch --json` tells: a row for each video, and what was left out."""
    rows = [
        {
            "name": task.name,
            "source": str(task.source),
            "translation": None if task.translation is None else str(task.translation),
            "folder": str(task.artifacts / task.name),
            "status": row.status,
            "output": None if row.output is None else str(row.output),
            "seconds": row.wall_s,
            "attempts": row.attempts,
            "message": row.message,
            "trace": row.trace,
        }
        for task, row in zip(tasks, outcomes, strict=True)
    ]
    done = sum(row.status == "done" for row in outcomes)
    return {
        "videos": rows,
        "done": done,
        "failed": len(rows) - done,
        "seconds": round(wall_s, 3),
        "left_out": [{"path": str(file.path), "why": file.why} for file in unused],
    }


def show_json(document: object) -> None:
    """The document on standard output, and nothing else."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    sys.stdout.write(_UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def run_document(run: Run) -> dict[str, Any]:
    """What `--json` tells of a run."""
    manifest = run.manifest
    scorecard = None
    if run.quality in manifest.artifacts:
        read = read_scorecard(run.path(run.quality))
        scorecard = read.model_dump(mode="json") if read else None
    source = (run.root / manifest.source.path).resolve()
    output = None if manifest.output is None else str((run.root / manifest.output).resolve())
    return {
        "name": run.name,
        "folder": str(run.root.resolve()),
        "output": output,
        "source": {
            "path": str(source),
            "duration_s": manifest.source.duration_s,
            "audio_track": manifest.source.audio_track + 1,
            "audio_tracks": manifest.source.audio_tracks,
            "losses": [{**asdict(loss), "message": str(loss)} for loss in read_losses(run)],
        },
        "config": manifest.config.model_dump(mode="json"),
        "engines": manifest.engines.model_dump(mode="json"),
        "stages": {stage: r.model_dump(mode="json") for stage, r in manifest.stages.items()},
        "failed": manifest.failed,
        "scorecard": scorecard,
    }


def judged_document(judged: Judged) -> dict[str, Any]:
    """What `evaluate --json` tells of a run; of one of the first version's just the scorecard."""
    known = {} if judged.run is None else run_document(judged.run)
    card = judged.card.model_dump(mode="json")
    plots = [str(path) for path in judged.plots]
    return {"name": judged.name, **known, "scorecard": card, "plots": plots}


def show_table(rows: list[dict[str, str]]) -> None:
    """Rows of the same keys as a table."""
    table = Table(*rows[0], show_lines=True)
    for row in rows:
        table.add_row(*row.values())
    out.print(table, highlight=False, markup=False)


def show_run(run: Run) -> None:
    """Where the finished file is, and its scorecard."""
    if run.manifest.output is not None:
        out.print(_short(run.root / run.manifest.output), style="bold", highlight=False)
    show_scorecard(run.name, run.read(run.quality, Scorecard))
    for what, why in run.manifest.failed.items():
        out.print(f"{what} could not be dubbed, {why}", highlight=False, markup=False)


def show_scorecard(name: str, card: Scorecard) -> None:
    """The scorecard as a table with what to look for, and its verdict."""
    table = Table("measure", "value", "wanted", title=name, title_justify="left")
    for row in table_rows(card):
        table.add_row(*row)
    out.print(table)
    out.print(card.verdict, highlight=False)


def show_side_by_side(name: str, card: Scorecard, other_name: str, other: Scorecard) -> None:
    """Two scorecards in one table, and both verdicts."""
    table = Table("measure", name, other_name, "wanted")
    theirs = {row.measure: row for row in table_rows(other)}
    for row in table_rows(card):
        same = theirs.pop(row.measure, None)
        table.add_row(row.measure, row.value, same.value if same else "-", row.wanted)
    for row in theirs.values():
        table.add_row(row.measure, "-", row.value, row.wanted)
    out.print(table)
    for title, shown in ((name, card), (other_name, other)):
        out.print(f"{title}: {shown.verdict}", highlight=False)


def _short(path: Path) -> str:
    resolved = path.resolve()
    here = Path.cwd().resolve()
    return str(resolved.relative_to(here) if resolved.is_relative_to(here) else resolved)
