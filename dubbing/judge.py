"""Finds a run, ours or the first version's, and measures it; plots on request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dubbing.errors import InputError, RunError
from dubbing.events import Listener
from dubbing.pipeline import examine_run, run_steps
from dubbing.quality.plots import KINDS, write_plots
from dubbing.quality.report import Scorecard
from dubbing.runs.legacy import is_legacy, read_legacy
from dubbing.runs.store import Run, open_run
from dubbing.steps.legacy import examine_legacy


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A measured run.

    Attributes:
        name: Of the run.
        card: Its scorecard.
        run: The run itself; None for one of the first version's.
        plots: The files that were drawn.
    """

    name: str
    card: Scorecard
    run: Run | None
    plots: tuple[Path, ...] = ()


def judge(
    name: str, artifacts: Path, plots: Path | None, plot_kind: str, listen: Listener
) -> Judged:
    """Measures a run: ours by its last step, which writes quality.json where it is stale; one of
    the first version's by the same measures, without writing anything into its folder.

    Args:
        name: The run's folder, or its name in `artifacts`.
        artifacts: Where run folders lie.
        plots: Where plots are drawn; None: nowhere.
        plot_kind: "png" or "svg".
        listen: Gets every event.

    Raises:
        RunError: There is no such run, or it is not finished.
    """
    legacy = next((f for f in (Path(name), artifacts / name) if is_legacy(f)), None)
    if legacy is not None:
        old = read_legacy(legacy)
        card, evidence = examine_legacy(old)
        files = write_plots(card, evidence, plots, plot_kind) if plots else []
        name = f"{old.name} (first version)"
        return Judged(name=name, card=card, run=None, plots=tuple(files))
    run = find_run(name, artifacts)
    run_steps(run, ["evaluate"], listen)
    files = write_plots(*examine_run(run, listen), plots, plot_kind) if plots else []
    card = run.read(run.quality, Scorecard)
    return Judged(name=run.name, card=card, run=run, plots=tuple(files))


def check_plots(plots: Path | None, kind: str) -> None:
    """Nothing, when plots can be drawn there.

    Raises:
        InputError: They cannot; said before anything is measured.
    """
    if kind not in KINDS:
        raise InputError(f"plots are written as {' or '.join(KINDS)}, not {kind!r}")
    if plots is not None and plots.exists() and not plots.is_dir():
        raise InputError(f"{plots} is a file; name a folder for the plots")


def find_run(name: str, artifacts: Path) -> Run:
    """The run of a folder, or of a name.

    Raises:
        RunError: There is none.
    """
    for folder in (Path(name), artifacts / name):
        if (folder / "manifest.json").is_file():
            return open_run(folder)
    raise RunError(f"there is no run {name!r} here or in {artifacts}; `segment VIDEO` makes one")
