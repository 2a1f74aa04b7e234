"""What a batch needs of the place where it runs: workers that come, report and may die.

To add a place, fulfil `Executor` in a file of its own: the order of the videos, and what is done
again after a death, are `dispatch`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dubbing.batch.task import Outcome, Task
from dubbing.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A worker can take its first task."""

    worker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The pipeline told something of a video.

    Attributes:
        name: The task's.
        event: What it told.
    """

    name: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A worker is done with its task and can take another."""

    worker: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """A worker is gone, and its task with it; what the task wrote stays.

    Attributes:
        worker: Which.
        why: What is known of it, to be read after "its process".
    """

    worker: int
    why: str


Report: TypeAlias = Ready | Heard | Finished | Died


class Executor(Protocol):
    """Runs tasks in processes, each with engines of its own that stay loaded between tasks.

    Attributes:
        size: How many workers it may have at a time, ≥ 1.
    """

    size: int

    def hire(self) -> int:
        """The number of a new worker, which may still have to start; it reports `Ready` then, or
        `Died`.
        """
        ...

    def give(self, worker: int, task: Task) -> None:
        """Hands a task to a worker that has none. It reports `Finished`, or `Died`."""
        ...

    def reports(self) -> Sequence[Report]:
        """What was reported since, in order; waits until there is something."""
        ...

    def dismiss(self, worker: int) -> None:
        """Ends a worker that has no task; it reports no more."""
        ...

    def close(self) -> None:
        """Ends all workers and whatever they started, at any moment, within two seconds. What they
        were at can be continued.
        """
        ...
