"""Programs run for a flow: gone when the flow is cancelled, with all that they started."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO

from dubbing.flow.cancel import current

_stay = threading.Event()


def stay_in_group() -> None:
    """From now on this process's children stay in its group, to be killed with it. Otherwise each
    leads one, which a terminal's Ctrl-C does not reach.
    """
    _stay.set()


def _lead() -> bool:
    """Whether children lead groups, which Windows does not have."""
    return hasattr(os, "killpg") and not _stay.is_set()


def run_child(
    line: Sequence[str], *, given: bytes | None = None, timeout_s: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`subprocess.run` with captured output, whatever the exit status. The child is killed when
    `current()` is cancelled, after the time, and by any exception here (Ctrl-C too).

    Args:
        line: Program and arguments.
        given: What it reads from its standard input; None for nothing.
        timeout_s: How long it may take.

    Raises:
        CancelledError: The flow was cancelled.
        subprocess.TimeoutExpired: It took longer.
        OSError: There is no such program.
    """
    cancel = current()
    cancel.check()
    feeds = given is not None
    with _started(line, feeds=feeds) as process, cancel.stopping(lambda: _kill(process)):
        out, said = process.communicate(given, timeout_s)
    cancel.check()  # what it wrote before it was killed is no result
    return subprocess.CompletedProcess(line, process.returncode, out, said)


def feed_child(line: Sequence[str], pieces: Iterable[bytes]) -> subprocess.CompletedProcess[bytes]:
    """As `run_child`, with a standard input that is made while the child reads it. A child that
    ends early, or closes its input, gets no further pieces.

    Raises:
        CancelledError: The flow was cancelled.
        OSError: There is no such program.
    """
    cancel = current()
    cancel.check()
    with (
        ThreadPoolExecutor(2) as readers,
        _started(line, feeds=True) as process,
        cancel.stopping(lambda: _kill(process)),
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        out, said = readers.submit(process.stdout.read), readers.submit(process.stderr.read)
        _feed(process.stdin, pieces)  # after an error it is killed first: half is not the whole
        written = subprocess.CompletedProcess(line, process.wait(), out.result(), said.result())
    cancel.check()
    return written


@contextmanager
def _started(line: Sequence[str], *, feeds: bool) -> Iterator[subprocess.Popen[bytes]]:
    """The child inside; afterwards it has ended."""
    process = None
    try:
        with _ctrl_c_later():
            process = subprocess.Popen(
                line,
                stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0 if _lead() else None,
            )
        yield process
    finally:
        if process is not None:
            _kill(process)
            with _ended(), process:  # closes its pipes and waits for it
                pass


def _feed(child: IO[bytes], pieces: Iterable[bytes]) -> None:
    """Writes all pieces and closes, unless the child reads no more."""
    if all(_wrote(child, piece) for piece in pieces):
        with _ended():
            child.close()


def _wrote(child: IO[bytes], piece: bytes) -> bool:
    with _ended():
        child.write(piece)
        return True
    return False


@contextmanager
def _ended() -> Iterator[None]:
    """That a child has ended, or reads no more, is no error; Windows calls it EINVAL."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.EINVAL}:
            raise


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Ctrl-C inside is raised at the end: a child just being started would be nobody's to kill."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(signal.SIGINT, None)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends it and its children; nothing where it has ended."""
    if process.returncode is not None:  # its number may be another's by now
        return
    if _lead():
        with suppress(ProcessLookupError, PermissionError):  # the latter on macOS: it has ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
