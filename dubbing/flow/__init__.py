"""Items flow through stages, all stages at work at the same time; knows nothing of dubbing.

    stages = [Worker(name="square", work=lambda batch: [n * n for n in batch], batch=4)]
    with closing(run(range(10), stages)) as results:
        for result in results:
            …  # in order, each as soon as it is ready; a `Failed` for an item that failed

Read in this order: `workers` (what a stage is), `channel` (the bounded queue between two), `run`
(the threads), `cancel` and `children` (stopping), `together` and `shared` (threads inside a stage),
`threads` (who may use which cores), `eta`.
"""

from dubbing.flow.cancel import Cancel, current
from dubbing.flow.eta import Eta, Load, seconds_left
from dubbing.flow.run import run
from dubbing.flow.threads import thread_budget, threads_here
from dubbing.flow.workers import Failed, Gather, Gatherer, Worker, after_all

__all__ = [
    "Cancel",
    "Eta",
    "Failed",
    "Gather",
    "Gatherer",
    "Load",
    "Worker",
    "after_all",
    "current",
    "run",
    "seconds_left",
    "thread_budget",
    "threads_here",
]
