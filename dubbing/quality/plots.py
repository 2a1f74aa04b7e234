"""Plots of a measured dub: timeline, rates, loudness, and the matrix of voices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dubbing.errors import InputError
from dubbing.quality.measure import Evidence
from dubbing.quality.report import Scorecard
from dubbing.quality.timing import FRAME_S
from dubbing.quality.verdict import RATE
from dubbing.types import Span

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("png", "svg")
ROW_S = 60.0  # the timeline's lines: a minute each
ORIGINAL, DUB, BOUND = "#4c6a92", "#d9822b", "#b03030"
DPI = 110


def write_plots(card: Scorecard, evidence: Evidence, folder: Path, kind: str = "png") -> list[Path]:
    """Writes timeline, rates, loudness and similarity into a folder; returns the files.

    Args:
        card: The scorecard.
        evidence: What it was computed from.
        folder: Made when it is not there.
        kind: One of `KINDS`.

    Raises:
        InputError: The kind is another, or the folder cannot be made.
    """
    if kind not in KINDS:
        raise InputError(f"plots are written as {' or '.join(KINDS)}, not {kind!r}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}); name a folder") from error
    drawn: dict[str, Callable[[], Figure]] = {
        "timeline": lambda: timeline(evidence),
        "rates": lambda: rates(card),
        "loudness": lambda: loudness(evidence),
        "similarity": lambda: similarity(evidence),
    }
    paths = []
    for name, draw in drawn.items():
        path = folder / f"{name}.{kind}"
        draw().savefig(path, format=kind, dpi=DPI)
        paths.append(path)
    return paths


def timeline(evidence: Evidence) -> Figure:
    """Where the original speaks and where the dub does, a minute a line."""
    spans = [*evidence.original_speech, *evidence.dub_speech]
    rows = int(max((s.end_s for s in spans), default=1.0) // ROW_S) + 1
    figure = _figure(10, 1 + 0.5 * rows)
    axes = figure.subplots()
    for speech, colour, at, label in (
        (evidence.original_speech, ORIGINAL, 0.0, "original"),
        (evidence.dub_speech, DUB, 0.35, "dub"),
    ):
        for row in range(rows):
            bars = [(s - row * ROW_S, e - s) for s, e in _inside(speech, row)]
            axes.broken_barh(
                bars, (row + at, 0.3), facecolors=colour, label=label if row == 0 else None
            )
    axes.set(xlim=(0, ROW_S), xlabel="seconds", ylabel="minute", title="Speech")
    axes.set_yticks([row + 0.325 for row in range(rows)], [str(row) for row in range(rows)])
    axes.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _inside(speech: Sequence[Span], row: int) -> list[tuple[float, float]]:
    first, last = row * ROW_S, (row + 1) * ROW_S
    return [
        (max(s.start_s, first), min(s.end_s, last))
        for s in speech
        if s.start_s < last and s.end_s > first
    ]


def rates(card: Scorecard) -> Figure:
    """How fast each segment is spoken, and how many characters a second that is."""
    spoken = [row for row in card.segments if row.status != "untranslated"]
    figure = _figure(10, 4)
    upper, lower = figure.subplots(2, sharex=True)
    ids = [row.id for row in spoken]
    upper.step(ids, [row.rate for row in spoken], where="mid", color=DUB)
    upper.axhline(RATE, color=BOUND, linewidth=0.8, linestyle="--")
    upper.set(ylabel="rate", title="Speed against natural; characters a second")
    lower.bar(ids, [row.characters_per_second or 0.0 for row in spoken], color=ORIGINAL)
    lower.set(xlabel="segment", ylabel="characters/s")
    return figure


def loudness(evidence: Evidence) -> Figure:
    """The level of both tracks, second by second."""
    figure = _figure(10, 3.5)
    axes = figure.subplots()
    for levels, colour, label in (
        (evidence.original_db, ORIGINAL, "original"),
        (evidence.dub_db, DUB, "dub"),
    ):
        axes.plot(_per_second(levels), color=colour, linewidth=0.9, label=label)
    axes.set(xlabel="seconds", ylabel="RMS, dBFS", title="Level")
    axes.legend(loc="lower right")
    return figure


def _per_second(levels_db: NDArray[np.float32]) -> NDArray[np.float64]:
    frames = round(1 / FRAME_S)
    whole = levels_db[: len(levels_db) // frames * frames].reshape(-1, frames)
    power = (10 ** (whole.astype(np.float64) / 10)).mean(axis=1)
    level: NDArray[np.float64] = 10 * np.log10(power + 1e-12)
    return level


def similarity(evidence: Evidence) -> Figure:
    """Cosines of all originals and all dubs, by `Evidence.encoder`: a voice is kept where the block
    between originals and dubs is as bright as the two others.
    """
    ids = [i for i in evidence.originals if i in evidence.dubs]
    figure = _figure(6, 5.5)
    axes = figure.subplots()
    axes.set_title(f"Voices ({evidence.encoder})")
    if not ids:
        axes.text(0.5, 0.5, "no segment is long enough", ha="center")
        return figure
    vectors = np.stack([evidence.originals[i] for i in ids] + [evidence.dubs[i] for i in ids])
    image = axes.imshow(vectors @ vectors.T, vmin=0.0, vmax=1.0, cmap="viridis")
    axes.axhline(len(ids) - 0.5, color="white", linewidth=0.8)
    axes.axvline(len(ids) - 0.5, color="white", linewidth=0.8)
    middles = [(len(ids) - 1) / 2, len(ids) + (len(ids) - 1) / 2]
    axes.set_xticks(middles, ["original", "dub"])
    axes.set_yticks(middles, ["original", "dub"], rotation=90, va="center")
    figure.colorbar(image, label="cosine")
    return figure


def _figure(width: float, height: float) -> Figure:
    """A figure of its own: nothing of pyplot's global state."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
