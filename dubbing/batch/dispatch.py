"""Hands out a batch's tasks to an executor's workers until all are done or given up."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from dubbing.batch.executor import Died, Executor, Finished, Heard, Ready, Report
from dubbing.batch.task import Outcome, Task
from dubbing.errors import DubbingError
from dubbing.events import Event

MOST_ATTEMPTS = 3  # a video that kills its process each time is given up
MOST_FAILED_STARTS = 3  # in a row: then no further worker is hired


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStarted:
    """A worker takes up a video."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEvent:
    """The pipeline told something of a video."""

    name: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLost:
    """A video's process died. Another goes on with it.

    Attributes:
        name: Which.
        why: To be read after "its process".
    """

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEnded:
    """A video is done or failed."""

    outcome: Outcome


BatchEvent: TypeAlias = VideoStarted | VideoEvent | VideoLost | VideoEnded
BatchListener: TypeAlias = Callable[[BatchEvent], None]


def dispatch(tasks: Sequence[Task], executor: Executor, listen: BatchListener) -> list[Outcome]:
    """The outcomes of all tasks, in their order. The executor is closed afterwards, whatever
    happens.

    Raises:
        DubbingError: No worker can be started.
    """
    batch = _Batch(tasks, executor, listen)
    try:
        while batch.is_open:
            batch.hire()
            for report in executor.reports():
                batch.take(report)
    finally:
        executor.close()
    return [batch.outcomes[task.name] for task in tasks]


class _Batch:
    """Who has what, and what is left."""

    def __init__(self, tasks: Sequence[Task], executor: Executor, listen: BatchListener) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._waiting = deque(tasks)
        self._executor = executor
        self._listen = listen
        self._starting: set[int] = set()
        self._busy: dict[int, Task] = {}
        self._attempts: Counter[str] = Counter()
        self._failed_starts = 0
        self._why_no_start = ""

    @property
    def is_open(self) -> bool:
        """Whether a task is not done yet."""
        return bool(self._waiting or self._busy)

    def hire(self) -> None:
        """As many workers as there is work for and the executor may have.

        Raises:
            DubbingError: None can be started, and nobody is left who works.
        """
        wanted = min(self._executor.size - len(self._busy), len(self._waiting))
        while len(self._starting) < wanted and self._failed_starts < MOST_FAILED_STARTS:
            self._starting.add(self._executor.hire())
        if wanted > 0 and not (self._starting or self._busy):
            raise DubbingError(f"no worker can be started: its process {self._why_no_start}")

    def take(self, report: Report) -> None:
        """Acts on what an executor reports."""
        match report:
            case Ready(worker=worker):
                self._starting.discard(worker)
                self._failed_starts = 0
                self._employ(worker)
            case Heard(name=name, event=event):
                self._listen(VideoEvent(name=name, event=event))
            case Finished(worker=worker, outcome=outcome):
                del self._busy[worker]
                self._end(outcome)
                self._employ(worker)
            case Died(worker=worker, why=why) if worker in self._starting:
                self._starting.discard(worker)
                self._failed_starts += 1
                self._why_no_start = why
            case Died(worker=worker, why=why):
                self._retry(self._busy.pop(worker), why)

    def _employ(self, worker: int) -> None:
        """The next task for a worker, or none any more."""
        if not self._waiting:
            self._executor.dismiss(worker)
            return
        task = self._waiting.popleft()
        self._attempts[task.name] += 1
        self._busy[worker] = task
        self._listen(VideoStarted(name=task.name))
        self._executor.give(worker, task)

    def _retry(self, task: Task, why: str) -> None:
        """The task first in the queue again, so that another worker goes on with its run."""
        if self._attempts[task.name] < MOST_ATTEMPTS:
            self._waiting.appendleft(task)
            self._listen(VideoLost(name=task.name, why=why))
            return
        message = (
            f"its process {why}, {MOST_ATTEMPTS} times; if memory is short, take fewer --workers"
        )
        self._end(Outcome(name=task.name, status="failed", message=message))

    def _end(self, outcome: Outcome) -> None:
        outcome = replace(outcome, attempts=self._attempts[outcome.name])
        self.outcomes[outcome.name] = outcome
        self._listen(VideoEnded(outcome=outcome))
