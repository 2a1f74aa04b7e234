"""Actors of Ray: on this machine, or on a cluster whose machines share a folder.

Ray only says where work is done and whether it still is. What is done lies in the run folders, so
nothing is lost with a machine but what it had not written yet.
"""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from typing import Any

from dubbing.batch.executor import Died, Finished, Heard, Ready, Report
from dubbing.batch.task import Outcome, Task, Work, work
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import DubbingError, InputError
from dubbing.events import Event
from dubbing.flow.children import stay_in_group

LOOPBACK = "127.0.0.1"
STORE_BYTES = 80_000_000  # close to Ray's least: only tasks and events pass through it
ANSWER_S = 10.0
LISTEN_S = 5.0  # how long an actor that has nothing to tell is asked
# In Ray's own words: what a worker started ends with it.
SETTINGS = {"process_group_cleanup_enabled": True}
# On Linux Ray takes the address of the network card for 127.0.0.1 and listens at all addresses,
# unless its switch for clusters, named after other systems, is off (ray 2.55.1).
_LOOPBACK_SWITCH = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


def check_ray() -> None:
    """Nothing, when Ray is installed.

    Raises:
        InputError: It is not.
    """
    if find_spec("ray") is None:
        raise InputError("ray is not installed: pip install -r requirements-ray.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What Ray sets aside for one worker.

    Attributes:
        cpus: Cores, > 0; its engines compute on as many threads.
        gpus: Graphics processors, ≥ 0; parts of one are allowed.
    """

    cpus: float
    gpus: float


class RayExecutor:
    """Workers that are actors of Ray; see `Executor`."""

    def __init__(
        self, *, address: str = "", workers: int = 0, share: Share | None = None, do: Work = work
    ) -> None:
        """Joins a cluster, or starts one on this machine that only this machine can reach.

        Args:
            address: Of the cluster's head, "HOST:PORT", or "auto" for one that this machine is part
                of; empty: one is started here and ended with the batch.
            workers: How many at a time; 0: as many as the cluster has room for.
            share: For each worker; by default its part of this machine's cores, or one core of a
                cluster's, and no graphics processor.
            do: What a worker does with a task; importable by its name everywhere.

        Raises:
            InputError: Ray is not installed, no cluster answers, or it has no room for a worker.
        """
        check_ray()
        self._ray = _connected(address)
        self._share = share or Share(cpus=1.0 if address or not workers else _part(workers), gpus=0)
        room = self._room()
        self.size = min(workers, room) if workers else room
        self._do = do
        self._actors: dict[int, Any] = {}
        self._asked: dict[Any, tuple[int, str]] = {}
        self._listening: set[int] = set()
        self._hired = 0

    def _room(self) -> int:
        """How many workers the cluster has room for.

        Raises:
            InputError: Not for one.
        """
        cpus, gpus = self._share.cpus, self._share.gpus
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        room = sum(
            int(min(node.get("CPU", 0) / cpus, node.get("GPU", 0) / gpus if gpus else 1e6))
            for node in nodes
        )
        if not room:
            self._ray.shutdown()
            raise InputError(
                f"no machine of the Ray cluster has {cpus:g} CPUs and {gpus:g} GPUs for a worker; "
                "lower --cpus or --gpus"
            )
        return room

    def hire(self) -> int:
        """See `Executor`."""
        self._hired += 1
        actor = self._ray.remote(
            num_cpus=self._share.cpus,
            num_gpus=self._share.gpus,
            max_restarts=0,  # `dispatch` takes up again what a dead one had
            scheduling_strategy="SPREAD",
            concurrency_groups={"work": 1, "tell": 1},
        )(_Actor)
        self._actors[self._hired] = actor.remote(self._do)
        self._ask(self._hired, "ready", "tell")
        return self._hired

    def give(self, worker: int, task: Task) -> None:
        """See `Executor`."""
        self._ask(worker, "work", "work", task)
        if worker not in self._listening:
            self._listening.add(worker)
            self._ask(worker, "heard", "tell")

    def _ask(self, worker: int, method: str, group: str, *words: object) -> None:
        call = getattr(self._actors[worker], method).options(concurrency_group=group)
        self._asked[call.remote(*words)] = (worker, method)

    def reports(self) -> Sequence[Report]:
        """See `Executor`."""
        answered, _ = self._ray.wait(list(self._asked), num_returns=1)
        found: list[Report] = []
        for reference in answered:
            worker, method = self._asked.pop(reference, (0, ""))
            try:
                answer = self._ray.get(reference)
            except self._ray.exceptions.RayError as error:
                self._forget(worker)
                found.append(Died(worker=worker, why=f"was lost ({_reason(error)})"))
                continue
            found += self._read(worker, method, answer)
        return found

    def _read(self, worker: int, method: str, answer: Any) -> list[Report]:
        match method:
            case "ready":
                return [Ready(worker=worker)]
            case "work":
                return [Finished(worker=worker, outcome=answer)]
            case _:
                self._ask(worker, "heard", "tell")
                return [Heard(name=name, event=event) for name, event in answer]

    def dismiss(self, worker: int) -> None:
        """See `Executor`."""
        self._forget(worker)

    def close(self) -> None:
        """See `Executor`."""
        for worker in list(self._actors):
            self._forget(worker)
        self._ray.shutdown()

    def _forget(self, worker: int) -> None:
        """Ends an actor, if it is not dead already, and expects no more of it."""
        self._listening.discard(worker)
        self._asked = {ref: call for ref, call in self._asked.items() if call[0] != worker}
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(self._actors.pop(worker), no_restart=True)


class _Actor:
    """A worker on a machine of the cluster. `work` has a thread of its own, and the others one."""

    def __init__(self, do: Work) -> None:
        stay_in_group()  # Ray ends an actor's group with it
        self._do = do
        self._engines = LoadedEngines(keep=True)
        self._told: SimpleQueue[tuple[str, Event]] = SimpleQueue()

    def ready(self) -> None:
        """Answers when the actor is there."""

    def work(self, task: Task) -> Outcome:
        """Does a task."""
        return self._do(task, self._engines, partial(self._tell, task.name))

    def heard(self) -> list[tuple[str, Event]]:
        """What was told since, with the task's name; waits a while for it."""
        try:
            told = [self._told.get(timeout=LISTEN_S)]
        except Empty:
            return []
        while not self._told.empty():
            told.append(self._told.get())
        return told

    def _tell(self, name: str, event: Event) -> None:
        self._told.put((name, event))


def _part(workers: int) -> float:
    cores = os.cpu_count() or 1
    return float(cores // workers) if workers <= cores else cores / workers


def _connected(address: str) -> Any:
    """Ray, joined to a cluster, or to one of its own that only this machine can reach.

    Raises:
        InputError: No cluster answers there.
        DubbingError: Ray cannot be started here.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
    if not address:
        os.environ[_LOOPBACK_SWITCH] = "0"
    else:
        _check_answers(address)
    import ray

    options: dict[str, Any] = {"address": address} if address else _own_cluster()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of defaults; we declare what we need
        try:
            ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            if not address:
                raise DubbingError(f"Ray cannot be started here ({_reason(error)})") from error
            raise _no_cluster(address, _reason(error)) from error
    if not address and (bound := _address(ray)) != LOOPBACK:
        ray.shutdown()
        raise DubbingError(f"Ray listens at {bound}, not at {LOOPBACK} as it was told; not used")
    return ray


def _check_answers(address: str) -> None:
    """Nothing, when somebody listens at HOST:PORT. Ray itself would try for minutes.

    Raises:
        InputError: Nobody does.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        return  # one of Ray's own words, such as "auto"
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, str(error)) from error


def _no_cluster(address: str, why: str) -> InputError:
    return InputError(
        f"no Ray cluster answers at {address} ({why}); start one with `ray start --head`, "
        "or leave out --address"
    )


def _address(ray: Any) -> str:
    return str(ray.util.get_node_ip_address())


def _own_cluster() -> dict[str, Any]:
    """For `ray.init`."""
    return {
        "num_cpus": os.cpu_count(),
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
        "_node_ip_address": LOOPBACK,
        "_system_config": SETTINGS,
    }


def _reason(error: BaseException) -> str:
    """The first line of what Ray tells, which may be a page long."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
