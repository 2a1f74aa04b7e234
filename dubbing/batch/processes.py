"""Processes that end together: a worker and every program that it started."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess, parent_process
from time import monotonic
from types import FrameType

from dubbing.flow.children import stay_in_group

GRACE_S = 0.5  # between asking and killing: a closed batch is gone within two seconds
HAS_GROUPS = hasattr(os, "killpg")  # not on Windows


def lead_group() -> None:
    """Makes this process one whose children end with it: asked by SIGTERM, killed by its parent, or
    when its parent is gone. The terminal's Ctrl-C does not reach it; its parent decides.
    """
    if HAS_GROUPS:
        os.setpgid(0, 0)
    stay_in_group()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def go_quietly() -> None:
    """Lets SIGTERM end this process at once again: on its way out nothing is left to be unwound."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "a worker is started by multiprocessing"
    wait([parent.sentinel])
    _signal_group(os.getpid(), signal.SIGKILL if HAS_GROUPS else signal.SIGTERM)


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the block ends. Processes started inside never see it, so that none gets
    it before it leads its own group.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_all(processes: list[BaseProcess]) -> None:
    """Ends processes that lead groups, and all in those groups: politely, then by force."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = monotonic() + GRACE_S
    for process in processes:
        process.join(max(0.0, until - monotonic()))
    for process in processes:
        sweep(process)


def sweep(process: BaseProcess) -> None:
    """Kills a process and what is left of its group. The process may be dead already."""
    if HAS_GROUPS:
        _signal(process, signal.SIGKILL)
    process.kill()
    process.join()


def _signal(process: BaseProcess, number: int) -> None:
    if process.pid is not None:
        _signal_group(process.pid, number)


def _signal_group(leader: int, number: int) -> None:
    """Signals the group; only the process, while it does not lead one yet."""
    if HAS_GROUPS:
        with suppress(ProcessLookupError, PermissionError):  # the latter on macOS: it has ended
            os.killpg(leader, number)
            return
    with suppress(ProcessLookupError, PermissionError):
        os.kill(leader, number)
