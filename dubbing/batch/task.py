"""One video of a batch, and what became of it: written once, wherever it is run."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal, TypeAlias

from dubbing.config import DubbingConfig
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import DubbingError
from dubbing.events import Listener
from dubbing.pipeline import dub
from dubbing.prepare import default_output


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A video to dub. All paths are absolute: the process that does it may run anywhere.

    Attributes:
        name: Of its run folder; no other task of the batch has it.
        source: The video.
        translation: A translation to speak; None: the engine's.
        config: What to make, with a profile other than "auto".
        artifacts: Where run folders lie.
        outputs: Where finished files are put.
        overwrite: Whether an output, or a run made from another file, may be replaced.
    """

    name: str
    source: Path
    translation: Path | None
    config: DubbingConfig
    artifacts: Path
    outputs: Path
    overwrite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a task.

    Attributes:
        name: The task's.
        status: Whether there is a finished file.
        output: The finished file; None when it failed.
        wall_s: How long the last attempt took.
        message: Why it failed, one sentence; empty when it did not.
        trace: Where, for an error that nobody foresaw; else empty.
        attempts: How many processes worked on it.
    """

    name: str
    status: Literal["done", "failed"]
    output: Path | None = None
    wall_s: float = 0.0
    message: str = ""
    trace: str = ""
    attempts: int = 1


Work: TypeAlias = Callable[[Task, LoadedEngines, Listener], Outcome]


def work(task: Task, engines: LoadedEngines, listen: Listener) -> Outcome:
    """Dubs a task's video, or goes on with a run that is there; an error becomes the outcome, so
    that one bad video does not end the batch.
    """
    started = monotonic()
    try:
        output = default_output(task.source, task.name, task.outputs)
        dub(
            task.source,
            config=task.config,
            output=output,
            artifacts=task.artifacts,
            name=task.name,
            translation=task.translation,
            overwrite=task.overwrite,
            listen=listen,
            engines=engines,
        )
    except DubbingError as error:
        return _failed(task, started, str(error), "")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _failed(task, started, f"{error.strerror or error}{where}", traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - told with its trace; the other videos go on
        message = f"an error that nobody foresaw, {type(error).__name__}: {error}"
        return _failed(task, started, message, traceback.format_exc())
    wall_s = round(monotonic() - started, 3)
    return Outcome(name=task.name, status="done", output=output, wall_s=wall_s)


def _failed(task: Task, started: float, message: str, trace: str) -> Outcome:
    wall_s = round(monotonic() - started, 3)
    return Outcome(name=task.name, status="failed", wall_s=wall_s, message=message, trace=trace)
