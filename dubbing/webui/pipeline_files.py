"""Which files of a run lie between its stages. Knows no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dubbing.errors import RunError
from dubbing.events import STAGES, Stage
from dubbing.runs.store import Run, open_run
from dubbing.steps.documents import read_segments

Kind = Literal["text", "json", "sound", "media"]
KINDS: dict[str, Kind] = {
    ".json": "json",
    ".wav": "sound",
    ".srt": "text",
    ".vtt": "text",
    ".txt": "text",
}

FIRST_LINES = 24
FIRST_BYTES = 16_000  # lines of a document may be long; more is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file that is there.

    Attributes:
        stage: Which stage left it.
        name: As seen from the run's folder.
        path: Where it lies.
        size: In bytes.
    """

    stage: Stage
    name: str
    path: Path
    size: int

    @property
    def kind(self) -> Kind:
        """How it can be looked into."""
        return KINDS.get(self.path.suffix.lower(), "media")


def stage_files(root: Path, segment_id: int | None = None) -> dict[Stage, list[RunFile]]:
    """What each stage of a run left, in their order; of the files that every segment has, one.

    Args:
        root: The run's folder.
        segment_id: Whose; by default the first one's that is spoken.

    Raises:
        RunError: There is no run of this version.
    """
    run = open_run(root)
    number = segment_id or _first_spoken(run)
    language = run.manifest.config.target
    names: dict[Stage, list[str]] = {
        "segment": [run.speech, run.turns],
        "transcribe": [run.language, run.segments, run.chunk(number), run.transcription(number)],
        "translate": [run.translation(number)],
        "speak": [_voice(run, number), run.speech_clip(number), run.speech_clip(number, "json")],
        "assemble": [
            run.timeline,
            run.dubbed(number),
            run.subtitles(language, "srt"),
            run.manifest.output or "",
        ],
        "evaluate": [run.quality],
    }
    return {stage: _there(run, stage, names[stage]) for stage in STAGES}


def source_file(root: Path) -> RunFile | None:
    """The file that a run was made from; None where it is gone."""
    run = open_run(root)
    path = run.path(run.manifest.source.path).resolve()
    if not path.is_file():
        return None
    return RunFile(stage="segment", name=path.name, path=path, size=path.stat().st_size)


def first_lines(path: Path) -> tuple[str, bool]:
    """The first lines of a text file, and whether there are more.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(FIRST_BYTES)
        is_cut = bool(file.read(1))
    lines = head.decode("utf-8", errors="ignore").splitlines()
    return "\n".join(lines[:FIRST_LINES]), is_cut or len(lines) > FIRST_LINES


def _first_spoken(run: Run) -> int:
    try:
        numbers = [segment.id for segment in read_segments(run)]
    except RunError:  # not that far yet
        return 1
    spoken = [n for n in numbers if run.dubbed(n) in run.manifest.artifacts]
    return next(iter([*spoken, *numbers]), 1)


def _voice(run: Run, segment_id: int) -> str:
    try:
        speakers = {segment.id: segment.speaker for segment in read_segments(run)}
    except RunError:
        return ""
    return run.voice(speakers.get(segment_id, ""))


def _there(run: Run, stage: Stage, names: list[str]) -> list[RunFile]:
    paths = [(name, run.path(name)) for name in names if name]
    return [
        RunFile(
            stage=stage,
            name=path.resolve().name if name.startswith("..") else name,
            path=path.resolve(),
            size=path.stat().st_size,
        )
        for name, path in paths
        if path.is_file()
    ]
