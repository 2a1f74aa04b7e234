"""Who gets which video, and what is done again after a death: with a scripted executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import pytest

from dubbing.batch.dispatch import BatchEvent, VideoEnded, VideoLost, VideoStarted, dispatch
from dubbing.batch.executor import Died, Finished, Ready, Report
from dubbing.batch.task import Outcome, Task
from dubbing.config import DubbingConfig
from dubbing.errors import DubbingError

pytestmark = pytest.mark.unit


def task(name: str) -> Task:
    return Task(
        name=name,
        source=Path(f"/videos/{name}.mp4"),
        translation=None,
        config=DubbingConfig(profile="offline"),
        artifacts=Path("/A"),
        outputs=Path("/O"),
        overwrite=False,
    )


class Scripted:
    """An executor without processes: a task's worker dies as often as `deaths` says."""

    def __init__(self, size: int, deaths: dict[str, int] | None = None, starts: int = 99) -> None:
        self.size = size
        self.deaths = dict(deaths or {})
        self.starts = starts
        self.hired = 0
        self.most = 0
        self.alive: set[int] = set()
        self.closed = False
        self.told: deque[Report] = deque()

    def hire(self) -> int:
        self.hired += 1
        if self.hired > self.starts:
            self.told.append(Died(worker=self.hired, why="ended with status 1"))
        else:
            self.alive.add(self.hired)
            self.most = max(self.most, len(self.alive))
            self.told.append(Ready(worker=self.hired))
        return self.hired

    def give(self, worker: int, task: Task) -> None:
        assert worker in self.alive
        if self.deaths.get(task.name, 0) > 0:
            self.deaths[task.name] -= 1
            self.alive.discard(worker)
            self.told.append(Died(worker=worker, why="was killed (SIGKILL)"))
        else:
            self.told.append(
                Finished(worker=worker, outcome=Outcome(name=task.name, status="done"))
            )

    def reports(self) -> Sequence[Report]:
        return [self.told.popleft()]

    def dismiss(self, worker: int) -> None:
        self.alive.remove(worker)

    def close(self) -> None:
        self.closed = True


def run(executor: Scripted, *names: str) -> tuple[list[Outcome], list[BatchEvent]]:
    heard: list[BatchEvent] = []
    return dispatch([task(name) for name in names], executor, heard.append), heard


def test_outcomes_come_in_the_order_of_the_tasks():
    """Whoever ends first; each video is started and ended once, and no worker is left."""
    executor = Scripted(2)
    outcomes, heard = run(executor, "a", "b", "c")
    assert [(o.name, o.status, o.attempts) for o in outcomes] == [
        (n, "done", 1) for n in ("a", "b", "c")
    ]
    assert sorted(e.name for e in heard if isinstance(e, VideoStarted)) == ["a", "b", "c"]
    assert sum(isinstance(e, VideoEnded) for e in heard) == 3
    assert executor.closed and not executor.alive


@pytest.mark.parametrize(("size", "videos", "most"), [(2, "abcd", 2), (4, "ab", 2), (1, "abc", 1)])
def test_no_more_workers_than_allowed_or_needed(size: int, videos: str, most: int):
    """As many as the executor may have, and no more than there are videos."""
    executor = Scripted(size)
    run(executor, *videos)
    assert executor.most == most


def test_a_lost_video_is_taken_up_again():
    """Its worker is replaced, and the outcome says how many worked on it."""
    outcomes, heard = run(Scripted(2, {"b": 1}), "a", "b")
    assert [(o.status, o.attempts) for o in outcomes] == [("done", 1), ("done", 2)]
    assert [e.name for e in heard if isinstance(e, VideoLost)] == ["b"]


def test_a_video_that_kills_every_worker_is_given_up():
    """After three, with what is known of it; the other videos are done."""
    outcomes, _ = run(Scripted(1, {"a": 9}), "a", "b")
    assert [o.status for o in outcomes] == ["failed", "done"]
    assert outcomes[0].attempts == 3
    assert "was killed (SIGKILL), 3 times" in outcomes[0].message


def test_where_no_worker_starts_the_batch_ends():
    """With the reason, not in an endless wait; the executor is closed."""
    executor = Scripted(2, starts=0)
    with pytest.raises(DubbingError, match="ended with status 1"):
        run(executor, "a", "b")
    assert executor.closed


def test_where_no_further_worker_starts_the_others_do_the_work():
    """One that is there takes all videos."""
    outcomes, _ = run(Scripted(2, starts=1), "a", "b", "c")
    assert [o.status for o in outcomes] == ["done"] * 3


def test_the_executor_is_closed_when_a_listener_fails():
    """Whatever ends the batch, no worker is left behind."""
    executor = Scripted(1)

    def fail(_: BatchEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dispatch([task("a")], executor, fail)
    assert executor.closed
