"""Where visitors' clips lie: a folder of this process under the system's temporary one."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "dubbing-live-"
LOCK = "in-use.lock"
NEW_S = 60.0  # a folder without a lock that is younger is just being made

_log = logging.getLogger(__name__)


def claim_root(parent: Path | None = None) -> tuple[Path, FileLock]:
    """A new folder that only this user may open, and the lock that says it is in use: the operating
    system's, so it ends with the process. Before, what ended processes left is deleted.
    """
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*"):
        _remove_left(left)
    root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))  # 0700
    lock = FileLock(root / LOCK)
    lock.acquire(timeout=0)
    return root, lock


def remove(folder: Path) -> bool:
    """Deletes a folder with all that is in it; returns whether it is gone. What cannot be deleted
    now is told in the log.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return not folder.exists()
    except OSError as error:
        _log.warning("%s is not deleted yet: %s", folder, error.strerror)
        return False
    return True


def _remove_left(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir() or not _is_own(folder):
        return
    if not (folder / LOCK).exists() and time.time() - folder.stat().st_mtime < NEW_S:
        return
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    try:
        remove(folder)
    finally:
        lock.release()


def _is_own(folder: Path) -> bool:
    """Whether it is this user's; on Windows the temporary folder is."""
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
