"""All jobs of the process: one is worked on, some wait, each ends in time."""

from __future__ import annotations

import atexit
import logging
import math
import secrets
import tempfile
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from dubbing.errors import CancelledError
from dubbing.webui.at_work import AT_WORK
from dubbing.webui.live.clip import check_clip, check_reference, check_size
from dubbing.webui.live.folders import claim_root, remove
from dubbing.webui.live.job import Job
from dubbing.webui.live.order import Answer, Order, write_consent
from dubbing.webui.live.refusal import Refusal, refusal_of
from dubbing.webui.live.snapshot import ENDED, Snapshot, State

WAITING = 4  # jobs that may wait
KEPT = 24  # jobs on disk, at most about 40 MB each
KEEP_S = 30 * 60.0
SWEEP_S = 10.0
PACE = 1.5  # seconds of work per second of a clip until one was measured; the first loads engines
WITHOUT_FILES = ("failed", "cancelled")
REFERENCE = ".reference"  # a clip's name begins with a letter, so that it is never the clip

_log = logging.getLogger(__name__)


class Work(Protocol):
    """What is done with a job: it tells the job how far it is, and works under its `cancel`."""

    def hear(self, job: Job) -> bool:
        """Recognises the clip; returns whether the dub can be made without asking the visitor."""

    def revise(self, job: Job, answer: Answer) -> None:
        """Puts in what the visitor wrote.

        Raises:
            Refusal: It cannot be used; the visitor is asked again.
        """

    def dub(self, job: Job) -> None:
        """Makes the dub."""


class LiveJobs:
    """Takes clips, dubs one at a time in a thread of its own, and deletes them in time.

    Args:
        work: What is done with them.
        waiting: How many may wait.
        keep_s: How long a job stays after its end, or after it was last seen.
        parent: Where the private folder is made; by default the system's temporary folder.
    """

    def __init__(
        self,
        work: Work,
        *,
        waiting: int = WAITING,
        keep_s: float = KEEP_S,
        parent: Path | None = None,
    ) -> None:
        self.keep_s = keep_s
        self._work = work
        self._most_waiting = waiting
        self._root, self._root_lock = claim_root(parent)
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._pace = PACE
        self._closing = threading.Event()
        for task, name in ((self._run, "live dub"), (self._sweep_always, "live sweeper")):
            threading.Thread(target=task, name=name, daemon=True).start()
        atexit.register(self.close)

    # ---- what pages call

    def submit(self, order: Order) -> str:
        """Takes a clip; returns the job's id.

        Raises:
            Refusal: The clip cannot be used, nobody agreed, or there is no room.
        """
        if not order.consent:
            raise Refusal("no_consent")
        check_size(order.clip)
        self._check_room()
        folder = Path(tempfile.mkdtemp(dir=self._root))  # 0700, as all above it
        try:
            job = self._job(folder, order)
            with self._changed:
                self._check_room()
                self._jobs[job.id] = job
                self._queue.append(job)
                self._changed.notify_all()
        except BaseException:
            remove(folder)
            raise
        return job.id

    def look(self, id_: str) -> Snapshot | None:
        """How a job is now; None where there is none of that id, or none any more."""
        with self._changed:
            job = self._jobs.get(id_)
            if job is None:
                return None
            job.last_s = time.monotonic()
            return self._placed(job)

    def answer(self, id_: str, answer: Answer) -> None:
        """Puts in what the visitor wrote, and sends the job on.

        Raises:
            Refusal: It cannot be used, or nobody asked.
        """
        job = self._checking(id_)
        with job.editing:
            self._checking(id_)
            try:
                self._work.revise(job, answer)
            except Exception as error:
                raise refusal_of(error, job.folder) from error
            job.tell(checked=True)
            self._send_on(job)

    def hear_again(self, id_: str) -> None:
        """Sends a job on that was stopped for want of a translation model that is here now.

        Raises:
            Refusal: Nobody asked.
        """
        job = self._checking(id_)
        with job.editing:
            self._checking(id_)
            job.is_heard = False
            self._send_on(job)

    def cancel(self, id_: str) -> None:
        """Ends a job, in whichever state; its files are deleted as soon as nothing uses them."""
        job = self._jobs.get(id_)
        if job is None:
            return
        job.stop()
        with self._changed:
            if job in self._queue:
                self._queue.remove(job)
            elif job is self._running or job.snapshot.state in ENDED:
                return
        self._end(job, "cancelled")

    def forget(self, id_: str) -> None:
        """Ends a job and deletes its files now."""
        self.cancel(id_)
        job = self._jobs.get(id_)
        if job is not None and job is not self._running and remove(job.folder):
            self._jobs.pop(id_, None)

    def close(self) -> None:
        """Ends everything and deletes all files."""
        self._closing.set()
        for id_ in list(self._jobs):
            self.cancel(id_)
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._running is None, timeout=5)
        remove(self._root)
        self._root_lock.release()
        atexit.unregister(self.close)

    # ---- taking

    def _job(self, folder: Path, order: Order) -> Job:
        """The job, its files written and checked."""
        clip = folder / f"{order.title}{_suffix(order.name)}"
        clip.write_bytes(order.clip)
        duration_s = check_clip(clip)
        reference = None if order.reference is None else folder / REFERENCE
        if order.reference is not None and reference is not None:
            reference.write_bytes(order.reference)
            check_reference(reference)
        write_consent(folder, order, clip)
        return Job(
            id_=secrets.token_urlsafe(),
            folder=folder,
            order=replace(order, clip=b"", reference=None),
            clip=clip,
            reference=reference,
            duration_s=duration_s,
            expected_s=self._pace * duration_s,
        )

    def _check_room(self) -> None:
        """Nothing, when another job may come.

        Raises:
            Refusal: Too many wait, or the files of too many are kept.
        """
        with self._changed:
            if len(self._queue) >= self._most_waiting:
                raise Refusal("queue_full")
            with_files = [
                job for job in self._jobs.values() if job.snapshot.state not in WITHOUT_FILES
            ]
            if len(with_files) >= KEPT:
                left_s = self.keep_s - max(map(self._idle_s, with_files))
                raise Refusal("store_full", minutes=str(max(1, math.ceil(left_s / 60))))

    def _checking(self, id_: str) -> Job:
        job = self._jobs.get(id_)
        if job is None or job.snapshot.state != "checking":
            raise Refusal("not_checking")
        return job

    def _send_on(self, job: Job) -> None:
        """Its visitor has waited once already: it comes next."""
        with self._changed:
            job.tell(state="waiting")
            self._queue.appendleft(job)
            self._changed.notify_all()

    def _placed(self, job: Job) -> Snapshot:
        snapshot = job.snapshot
        if job not in self._queue:
            return snapshot
        ahead = [self._running] if self._running else []
        ahead += list(self._queue)[: self._queue.index(job)]
        left_s = sum(other.snapshot.left_s for other in [*ahead, job])
        return replace(snapshot, place=len(ahead), left_s=left_s)

    # ---- the worker

    def _run(self) -> None:
        while self._is_wanted():
            with AT_WORK:  # a job that waits for an edit is still in the queue: it can be cancelled
                if (job := self._next()) is not None:
                    self._run_one(job)

    def _is_wanted(self) -> bool:
        """Waits for a job; False when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            return not self._closing.is_set()

    def _next(self) -> Job | None:
        with self._changed:
            if self._queue and not self._closing.is_set():
                self._running = self._queue.popleft()
            return self._running

    def _run_one(self, job: Job) -> None:
        started_s = time.monotonic()
        state, refusal = self._worked(job)
        job.worked_s += time.monotonic() - started_s
        if state == "done":
            self._pace = (self._pace + job.worked_s / job.snapshot.duration_s) / 2
        with self._changed:  # its files are gone before anybody hears that nothing is running
            self._end(job, state, refusal)
            self._running = None
            self._changed.notify_all()

    def _worked(self, job: Job) -> tuple[State, Refusal | None]:
        """Works on the job as far as it goes; returns how it is then."""
        try:
            if not job.is_heard:
                job.tell(state="hearing")
                goes_on = self._work.hear(job)
                job.is_heard = True
                if not goes_on:
                    return "checking", None
            job.tell(state="dubbing")
            self._work.dub(job)
        except CancelledError:
            return "cancelled", None
        except Exception as error:  # noqa: BLE001 - told to the visitor; the worker goes on
            if job.is_stopped:
                return "cancelled", None
            return "failed", refusal_of(error, job.folder)
        return "done", None

    def _end(self, job: Job, state: State, refusal: Refusal | None = None) -> None:
        """Notes how a job is that nobody works on now."""
        if job.is_stopped:
            state = "cancelled"
        job.last_s = time.monotonic()
        job.tell(state=state, refusal=refusal)
        if state in WITHOUT_FILES:
            remove(job.folder)

    # ---- the sweeper

    def _sweep_always(self) -> None:
        while not self._closing.wait(min(SWEEP_S, self.keep_s / 2)):
            self.sweep()

    def sweep(self) -> None:
        """Deletes jobs that ended, or wait for their visitor, and were not seen for long."""
        with self._changed:
            old = [job for job in self._jobs.values() if self._idle_s(job) > self.keep_s]
        for job in old:
            if remove(job.folder):
                with self._changed:
                    self._jobs.pop(job.id, None)

    def _idle_s(self, job: Job) -> float:
        """How long ago it ended, or asked its visitor, and was last seen; 0 while it is busy."""
        is_idle = job is not self._running and job not in self._queue
        return time.monotonic() - job.last_s if is_idle else 0.0


def _suffix(name: str) -> str:
    """The name's suffix where it is a plain one; what is in the file is found out by reading it."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 5 else ""
