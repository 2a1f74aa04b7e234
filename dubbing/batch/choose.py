"""The executors by name."""

from __future__ import annotations

from collections.abc import Sequence

from dubbing.batch.executor import Executor
from dubbing.batch.local import LocalExecutor
from dubbing.batch.plan import fitting_workers
from dubbing.batch.ray import RayExecutor, Share
from dubbing.batch.task import Task
from dubbing.errors import InputError


def make_executor(
    name: str, tasks: Sequence[Task], *, workers: int, address: str, cpus: float, gpus: float
) -> Executor:
    """The executor of that name, with room for at least one worker.

    Args:
        name: "local" or "ray".
        tasks: What it will be given, ≥ 1.
        workers: How many at a time; 0: as many as fit.
        address: Of a Ray cluster; empty: none.
        cpus: Cores for each of Ray's workers; 0: the default.
        gpus: Graphics processors for each of Ray's workers.

    Raises:
        InputError: There is none of that name, or an option does not go with it.
    """
    if name == "ray":
        share = Share(cpus=cpus or 1.0, gpus=gpus) if cpus or gpus else None
        most = min(workers, len(tasks)) if workers else 0
        return RayExecutor(address=address, workers=most, share=share)
    if name != "local":
        raise InputError(f"there is no executor {name!r}; choose local or ray")
    if address or cpus or gpus:
        raise InputError("--address, --cpus and --gpus are for --executor ray; add it")
    fitting = fitting_workers(tasks)
    return LocalExecutor(min(workers, len(tasks)) if workers else fitting)
