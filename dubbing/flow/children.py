"""Programs run for a flow: gone when the flow is cancelled, with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from dubbing.flow.cancel import current


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
    with subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0 if hasattr(os, "killpg") else None,
    ) as process:
        try:
            with cancel.stopping(lambda: _kill(process)):
                out, said = process.communicate(given, timeout_s)
        finally:
            _kill(process)
    cancel.check()  # what it wrote before it was killed is no result
    return subprocess.CompletedProcess(line, process.returncode, out, said)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends it and its children; nothing where it has ended."""
    if process.returncode is not None:  # its number may be another's by now
        return
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
