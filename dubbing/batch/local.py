"""Processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import cast

from dubbing.batch.executor import Died, Finished, Heard, Ready, Report
from dubbing.batch.processes import end_all, go_quietly, lead_group, sweep, without_interrupts
from dubbing.batch.task import Outcome, Task, Work, work
from dubbing.engines.loaded import LoadedEngines
from dubbing.events import Event

_SPAWN = multiprocessing.get_context("spawn")  # a fork would bring the parent's locks along


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    """A process and our end of the pipe to it."""

    process: BaseProcess
    pipe: Connection


class LocalExecutor:
    """Workers that are processes here; see `Executor`."""

    def __init__(self, size: int, *, do: Work = work, cores: int | None = None) -> None:
        """Starts nothing yet.

        Args:
            size: How many workers at a time.
            do: What a worker does with a task; importable by its name.
            cores: To be divided among the workers, as threads of their engines; all by default.
        """
        self.size = size
        self._do = do
        self._threads = max(1, (cores or os.cpu_count() or 1) // size)
        self._workers: dict[int, _Worker] = {}
        self._leaving: list[BaseProcess] = []
        self._hired = 0

    def hire(self) -> int:
        """See `Executor`."""
        self._hired += 1
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(theirs, self._do), daemon=True)
        with without_interrupts(), _surroundings(self._threads):
            process.start()
            self._workers[self._hired] = _Worker(process=process, pipe=ours)
        theirs.close()
        return self._hired

    def give(self, worker: int, task: Task) -> None:
        """See `Executor`."""
        with suppress(BrokenPipeError, ConnectionResetError):  # its death will be reported
            self._workers[worker].pipe.send(task)

    def reports(self) -> Sequence[Report]:
        """See `Executor`."""
        by_pipe = {worker.pipe: number for number, worker in self._workers.items()}
        found: list[Report] = []
        for pipe in cast(list[Connection], wait(list(by_pipe))):
            number = by_pipe[pipe]
            try:
                found.append(_report(number, pipe.recv()))
            except (EOFError, OSError):
                found.append(Died(worker=number, why=self._bury(number)))
        return found

    def dismiss(self, worker: int) -> None:
        """See `Executor`."""
        gone = self._workers.pop(worker)
        gone.pipe.close()
        self._leaving.append(gone.process)

    def close(self) -> None:
        """See `Executor`."""
        leaving = [process for process in self._leaving if process.is_alive()]
        end_all([worker.process for worker in self._workers.values()] + leaving)
        for worker in self._workers.values():
            worker.pipe.close()
        self._workers.clear()
        self._leaving.clear()

    def _bury(self, number: int) -> str:
        """How a process ended whose pipe is closed; what it started is ended too."""
        dead = self._workers.pop(number)
        dead.pipe.close()
        dead.process.join(1.0)
        code = dead.process.exitcode
        sweep(dead.process)
        if code is None:
            return "closed its pipe"
        if code < 0:
            return f"was killed ({signal.Signals(-code).name})"
        return f"ended with status {code}"


def _report(worker: int, message: object) -> Report:
    match message:
        case None:
            return Ready(worker=worker)
        case Outcome():
            return Finished(worker=worker, outcome=message)
        case (str(name), event):
            return Heard(name=name, event=cast(Event, event))
    raise AssertionError(f"a worker sent {message!r}")


def _serve(pipe: Connection, do: Work) -> None:
    """A worker's life: tasks come through the pipe, until it is closed."""
    lead_group()
    engines = LoadedEngines(keep=True)
    one_at_a_time = Lock()  # events may come from the pipeline's threads

    def send(message: object) -> None:
        with one_at_a_time:
            pipe.send(message)

    send(None)
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return go_quietly()
        send(do(task, engines, partial(_tell, send, task.name)))


def _tell(send: Callable[[object], None], name: str, event: Event) -> None:
    send((name, event))


@contextmanager
def _surroundings(threads: int) -> Iterator[None]:
    """Environment of the processes that are started inside. Their engines compute on so many
    threads, unless the user has set another number; the numeric libraries read it when they are
    loaded. That semaphores of killed workers are cleared away is not told.
    """
    before = dict(os.environ)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    os.environ.setdefault("PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
