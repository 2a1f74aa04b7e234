"""One visitor's clip on its way to a dub."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dubbing.errors import CancelledError
from dubbing.events import Event
from dubbing.flow import Cancel
from dubbing.runs.store import Run
from dubbing.webui.live.order import Order
from dubbing.webui.live.progress import Progress
from dubbing.webui.live.snapshot import Snapshot, read_lines


class Job:
    """What the worker works on; pages see its snapshot.

    Attributes:
        id: Cannot be guessed; names it in the link.
        folder: Its own, private; deleted with it.
        order: What was asked for, without the bytes, which are in the folder.
        clip: The clip.
        reference: The sound whose voice is to be used, where it is not the clip's own.
        is_stopped: Whether somebody asked to end it.
        run: Its run folder; None before it is prepared.
        is_heard: Whether it has been recognised, so that the dub comes next.
        worked_s: How long the worker worked on it so far.
        last_s: When it ended or was last seen, on the monotonic clock.
        editing: Held while what a visitor wrote is put into the run.
    """

    def __init__(
        self,
        *,
        id_: str,
        folder: Path,
        order: Order,
        clip: Path,
        reference: Path | None,
        duration_s: float,
        expected_s: float,
    ) -> None:
        self.id = id_
        self.folder = folder
        self.order = order
        self.clip = clip
        self.reference = reference
        self.is_stopped = False
        self.run: Run | None = None
        self.is_heard = False
        self.worked_s = 0.0
        self.last_s = time.monotonic()
        self.editing = threading.Lock()
        self._lock = threading.Lock()
        self._cancel = Cancel()
        self._progress = Progress(expected_s)
        self._snapshot = Snapshot(
            id=id_,
            state="waiting",
            title=order.title,
            source=clip,
            duration_s=duration_s,
            target=order.target,
        )

    @property
    def snapshot(self) -> Snapshot:
        """How it is now, without its place in the queue."""
        with self._lock:
            left_s, share = self._progress.left_s(), self._progress.share()
            return replace(self._snapshot, left_s=left_s, share=share)

    def tell(self, **changes: Any) -> None:
        """Changes the snapshot's attributes."""
        with self._lock:
            self._snapshot = replace(self._snapshot, **changes)

    def stop(self) -> None:
        """Ends what is done for it now and all that would come, from any thread."""
        with self._lock:
            self.is_stopped = True
            cancel = self._cancel
        cancel.cancel()

    def cancel(self) -> Cancel:
        """A flag for the next piece of work, which may set it itself when it fails.

        Raises:
            CancelledError: The job is stopped.
        """
        with self._lock:
            if self.is_stopped:
                raise CancelledError
            self._cancel = Cancel()
            return self._cancel

    def listen(self, event: Event) -> None:
        """Takes an event of the pipeline, from any of its threads."""
        lines = read_lines(self.run) if self.run is not None else ()
        with self._lock:
            self._progress.hear(event)
            self._snapshot = replace(self._snapshot, steps=self._progress.steps, lines=lines)

    def refresh(self) -> None:
        """Reads the lines anew, and expects them all to be spoken."""
        assert self.run is not None, "only a prepared run has lines"
        lines = read_lines(self.run)
        with self._lock:
            self._progress.expect_lines(sum(line.joined_to is None for line in lines))
            self._snapshot = replace(self._snapshot, lines=lines)
