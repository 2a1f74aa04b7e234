"""A visitor's own copy of a run, in a private folder that is deleted when it is not used any more.

Files are hard links to the original's where the file system allows it. That is safe because nothing
in a run folder is ever written in place: `dubbing.runs.store` writes beside a file and renames.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

from dubbing.runs.store import Run, open_run

PREFIX = "dubbing-edit-"
KEPT_S = 3600.0  # after the last use
SWEEP_S = 60.0


def private_folder() -> Path:
    """A new empty folder that only this user can enter; deleted `KEPT_S` after its last use, or
    when the process ends.
    """
    _sweeper()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # mode 0700
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def touch(folder: Path) -> None:
    """Says that the folder is in use."""
    os.utime(folder)


def sweep(now_s: float) -> None:
    """Deletes the folders that were not used for `KEPT_S`, those of dead processes among them.

    Args:
        now_s: The time, in seconds of the epoch.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _age_s(folder, now_s) > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays theirs


def _age_s(folder: Path, now_s: float) -> float:
    try:
        return now_s - folder.stat().st_mtime
    except FileNotFoundError:  # deleted meanwhile
        return 0.0


@cache
def _sweeper() -> threading.Thread:
    """The thread that deletes; one for the process."""

    def work() -> None:
        while True:
            sweep(time.time())
            time.sleep(SWEEP_S)

    thread = threading.Thread(target=work, name="edit sweeper", daemon=True)
    thread.start()
    return thread


def copy_run(original: Path, folder: Path) -> Run:
    """A copy of a run and of its finished file, which still finds the source video.

    Args:
        original: The run's folder.
        folder: Where the copy is made, a folder of its own that is not there yet.

    Raises:
        RunError: The original is damaged.
        OSError: The copy cannot be written.
    """
    run = open_run(original)
    manifest = run.manifest
    root = folder / original.name
    shutil.copytree(
        original, root, copy_function=_linked, ignore=shutil.ignore_patterns(".*"), symlinks=False
    )
    changes: dict[str, object] = {
        "source": manifest.source.model_copy(
            update={"path": _absolute(original, manifest.source.path)}
        )
    }
    if manifest.translation is not None:
        changes["translation"] = _absolute(original, manifest.translation)
    if manifest.output is not None:
        finished = original / manifest.output
        output = f"../{finished.name}"
        changes["output"] = output
        changes["artifacts"] = {
            output if name == manifest.output else name: record
            for name, record in manifest.artifacts.items()
        }
        if finished.is_file():
            _linked(str(finished), str(root / output))
    copy = Run(root, manifest.model_copy(update=changes))
    copy.save()
    return copy


def _absolute(root: Path, relative: str) -> str:
    return str((root / relative).resolve())


def _linked(source: str, target: str) -> str:
    """Copies a file: a second name for it where possible, else its bytes."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
    return target
