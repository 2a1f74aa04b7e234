"""Reads the layout of the project's first version, so that its dubs are measured like ours.

    NAME/splited_audio_robust/NAME_timings.json   [{"chunk_name", "start_time", "end_time"}, …]
    NAME/splited_audio_robust/*.wav               the original's chunks
    NAME/dubbed_audio/*.wav                       their dubs, played from start_time on
    NAME/transcriptions/*.txt, translations/*.txt

Nothing is written into such a folder.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubbing.errors import RunError
from dubbing.types import Span

CHUNKS = "splited_audio_robust"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyChunk:
    """One row of the timings.

    Attributes:
        number: From the chunk's name.
        span: Where it lies in the original.
        sound: The original's sound; None where the file is not there.
        dub: The dub; None where the file is not there.
        source: What was said; empty where it is not there.
        translation: What the dub says; empty where it is not there.
    """

    number: int
    span: Span
    sound: Path | None
    dub: Path | None
    source: str
    translation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyRun:
    """Such a folder.

    Attributes:
        name: The folder's name.
        root: The folder.
        chunks: Ordered by their starts; they may overlap.
    """

    name: str
    root: Path
    chunks: tuple[LegacyChunk, ...]


def is_legacy(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return (folder / CHUNKS).is_dir()


def read_legacy(folder: Path) -> LegacyRun:
    """The run in such a folder.

    Raises:
        RunError: Its timings are missing or damaged.
    """
    files = sorted((folder / CHUNKS).glob("*_timings.json"))
    if not files:
        raise RunError(f"{folder / CHUNKS} holds no *_timings.json: it cannot be measured")
    try:
        rows = json.loads(files[0].read_text("utf-8"))
        chunks = [_chunk(folder, row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RunError(f"{files[0]} is damaged ({error}); copy it again") from error
    if not chunks:
        raise RunError(f"{files[0]} names no chunk: there is nothing to measure")
    ordered = sorted(chunks, key=lambda chunk: chunk.span.start_s)
    return LegacyRun(name=folder.resolve().name, root=folder, chunks=tuple(ordered))


def _chunk(folder: Path, row: dict[str, Any]) -> LegacyChunk:
    name = str(row["chunk_name"])
    return LegacyChunk(
        number=int(re.findall(r"\d+", Path(name).stem)[-1]),
        span=Span(start_s=float(row["start_time"]), end_s=float(row["end_time"])),
        sound=_file(folder / CHUNKS / name),
        dub=_file(folder / "dubbed_audio" / name),
        source=_text(folder / "transcriptions" / name),
        translation=_text(folder / "translations" / name),
    )


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None


def _text(chunk: Path) -> str:
    path = chunk.with_suffix(".txt")
    return path.read_text("utf-8").strip() if path.is_file() else ""
