"""What the command line shows: progress, tables, one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dubbing.events import Event, ItemDone, Listener, Notice, StageFinished, StageStarted
from dubbing.quality.report import Scorecard
from dubbing.runs.store import Run

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


@contextmanager
def progress() -> Iterator[Listener]:
    """A listener that draws bars on a terminal, and writes one plain line a stage elsewhere."""
    if not err.is_terminal:
        yield _plain
        return
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err) as bars:
        tasks: dict[str, Any] = {}

        def listen(event: Event) -> None:
            match event:
                case StageStarted(stage=stage, total=total):
                    tasks[stage] = bars.add_task(stage, total=total or 1)
                case ItemDone(stage=stage, done=done):
                    bars.update(tasks[stage], completed=done)
                case StageFinished(stage=stage):
                    bars.update(tasks[stage], completed=bars.tasks[tasks[stage]].total)
                case Notice(message=message):
                    bars.console.print(message, highlight=False)

        yield listen


def _plain(event: Event) -> None:
    match event:
        case StageFinished(stage=stage, wall_s=wall_s, made=made, kept=kept):
            line = f"{stage}: {made} made, {kept} kept, {wall_s:.1f} s"
        case Notice(message=message):
            line = message
        case _:
            return
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def show_json(document: object) -> None:
    """The document on standard output, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def run_document(run: Run) -> dict[str, Any]:
    """What `--json` tells of a run."""
    manifest = run.manifest
    scorecard = None
    if run.quality in manifest.artifacts:
        scorecard = run.read(run.quality, Scorecard).model_dump(mode="json")
    source = (run.root / manifest.source.path).resolve()
    output = None if manifest.output is None else str((run.root / manifest.output).resolve())
    return {
        "name": run.name,
        "folder": str(run.root.resolve()),
        "output": output,
        "source": {"path": str(source), "duration_s": manifest.source.duration_s},
        "config": manifest.config.model_dump(mode="json"),
        "engines": manifest.engines.model_dump(mode="json"),
        "stages": {stage: r.model_dump(mode="json") for stage, r in manifest.stages.items()},
        "scorecard": scorecard,
    }


def show_table(rows: list[dict[str, str]]) -> None:
    """Rows of the same keys as a table."""
    table = Table(*rows[0], show_lines=True)
    for row in rows:
        table.add_row(*row.values())
    out.print(table, highlight=False)


def show_run(run: Run) -> None:
    """Where the finished file is, and its scorecard."""
    if run.manifest.output is not None:
        out.print(f"[bold]{_short(run.root / run.manifest.output)}[/bold]", highlight=False)
    show_scorecard(run.name, run.read(run.quality, Scorecard))


def show_scorecard(name: str, card: Scorecard) -> None:
    """The scorecard as a table with what to look for."""
    table = Table("measure", "value", "wanted", title=name, title_justify="left")
    for row in _scorecard_rows(card):
        table.add_row(*row)
    out.print(table)
    out.print(card.verdict, highlight=False)


def _scorecard_rows(card: Scorecard) -> list[tuple[str, str, str]]:
    timing, sound = card.timing, card.sound
    untranslated = len(card.text.untranslated)
    return [
        ("segments spoken", f"{card.text.segments - untranslated} of {card.text.segments}", "all"),
        ("two dubs at once", f"{timing.overlap_s:.2f} s", "0 s"),
        ("onset error, 90th percentile", _number(timing.onset_error_p90_s, "s"), "<= 0.1 s"),
        ("onset error, worst", _number(timing.onset_error_max_s, "s"), "<= 0.3 s"),
        ("ends within 0.5 s", _share(timing.end_within_half_second), ">= 90 %"),
        ("isochrony: both speak / either", _share(timing.timeline_iou), ">= 90 %"),
        ("dub in original silence", _share(timing.dub_in_silence), "<= 5 %"),
        ("speech rate, 95th percentile", _number(timing.rate_p95, "x"), "<= 1.20 x"),
        ("rate jump between neighbours", _number(timing.rate_jump_max, "x"), "<= 0.15 x"),
        ("loudness, dub - original", _number(sound.loudness_difference_median_lu, "LU"), "<= 1 LU"),
        ("true peak", _number(sound.true_peak_dbtp, "dBTP"), "<= -1 dBTP"),
        ("digital silence", _share(sound.digital_silence), "0 %"),
        (f"voice likeness ({card.voice.encoder})", _number(card.voice.similarity, ""), "higher"),
    ]


def _number(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.2f} {unit}".strip()


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}".replace("%", " %")


def _short(path: Path) -> str:
    resolved = path.resolve()
    here = Path.cwd().resolve()
    return str(resolved.relative_to(here) if resolved.is_relative_to(here) else resolved)
