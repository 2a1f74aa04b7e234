"""Several translators on the same sentences, side by side."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from dubbing.engines.base import Translator
from dubbing.engines.registry import check_pair, engine_info, load_engine, why_unavailable
from dubbing.errors import EngineUnavailableError, InputError
from dubbing.runs.store import Run, atomic
from dubbing.stages.sentences import assemble
from dubbing.steps.documents import read_segments, read_transcript
from dubbing.text.completeness import faults

COLUMNS = ("sentence", "engine", "source", "translation", "characters", "seconds", "faults")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sentence by one engine.

    Attributes:
        sentence: Its number in the talk, from 1.
        engine: The translator's name.
        source: The sentence.
        translation: The engine's best candidate.
        characters: Length of the translation.
        seconds: The engine's time for the whole talk, spread over its sentences by their length.
        faults: What the completeness check found, joined by "; ".
    """

    sentence: int
    engine: str
    source: str
    translation: str
    characters: int
    seconds: float
    faults: str


def compare_translators(run: Run, engines: Sequence[str]) -> list[Row]:
    """The run's sentences by each engine, ordered by sentence, then by engine as given.

    Args:
        run: Its folder.
        engines: Their names; blanks around them and repetitions do not count.

    Raises:
        InputError: A name is no translator, or cannot run here; nothing is translated then.
        RunError: The run is not transcribed yet.
    """
    names = list(dict.fromkeys(name.strip() for name in engines))
    for name in names:
        _check(run, name)
    segments = read_segments(run)
    transcripts = [read_transcript(run, segment.id) for segment in segments]
    assembled = assemble(transcripts, [segment.speaker for segment in segments])
    sentences = [sentence.text for sentence in assembled]
    rows = [row for name in names for row in _by(run, name, sentences)]
    return sorted(rows, key=lambda row: row.sentence)


def _check(run: Run, name: str) -> None:
    if engine_info(name).kind != "translator":
        raise InputError(f"{name} is no translator; see `python -m dubbing engines`")
    if reason := why_unavailable(name):
        raise EngineUnavailableError(name, reason)
    check_pair(name, run.manifest.config.source, run.manifest.config.target)


def _by(run: Run, name: str, sentences: Sequence[str]) -> list[Row]:
    config = run.manifest.config
    translator = cast(Translator, load_engine(name))
    started = time.monotonic()
    found = translator.translate(sentences, source=config.source, target=config.target)
    per_character = (time.monotonic() - started) / max(1, sum(map(len, sentences)))
    rows = []
    for number, (source, candidates) in enumerate(zip(sentences, found, strict=True), start=1):
        text = candidates[0].text
        wrong = faults(source, text, config.source, config.target)
        rows.append(
            Row(
                sentence=number,
                engine=name,
                source=source,
                translation=text,
                characters=len(text),
                seconds=round(per_character * len(source), 4),
                faults="; ".join(fault.explanation for fault in wrong),
            )
        )
    return rows


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """The rows as CSV in UTF-8 with a mark that spreadsheets recognise."""
    with (
        atomic(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)


def totals(rows: Sequence[Row]) -> list[dict[str, str]]:
    """One row per engine: sentences, characters, seconds, sentences with faults."""
    found = []
    for name in dict.fromkeys(row.engine for row in rows):
        own = [row for row in rows if row.engine == name]
        found.append(
            {
                "engine": name,
                "sentences": str(len(own)),
                "characters": str(sum(row.characters for row in own)),
                "seconds": f"{sum(row.seconds for row in own):.2f}",
                "with faults": str(sum(bool(row.faults) for row in own)),
            }
        )
    return found
