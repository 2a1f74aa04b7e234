"""Which stage may compute on how many cores."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

MOST = 4  # beyond four, the small matrices of one sentence wait for each other
SLACK = 0.5  # of a core: by so much all stages together may ask for more than there is

_HERE: ContextVar[int | None] = ContextVar("dubbing_flow_threads", default=None)


def thread_budget(cores: int, loads: Mapping[str, float]) -> dict[str, int]:
    """Threads per stage, so that the slowest stage is as quick as the cores allow.

    All stages work at the same time, and the slowest sets the pace: in the time of one item they
    keep Σ load / pace cores busy. The slowest gets another thread as long as that is not more than
    the cores, taking it that twice the threads halve the time.

    Args:
        cores: ≥ 1.
        loads: Stage → CPU seconds that an item takes in it, ≥ 0.

    Returns:
        Stage → 1 to `MOST`, never more than the cores.
    """
    best = tried = dict.fromkeys(loads, 1)
    while pace_s := _pace_s(loads, tried):
        if pace_s < _pace_s(loads, best):  # of two stages equally slow one more helps nobody
            best = tried
        slowest = max(loads, key=lambda name: loads[name] / tried[name])
        tried = {**tried, slowest: tried[slowest] + 1}
        busy = sum(loads.values()) / _pace_s(loads, tried)
        if tried[slowest] > min(MOST, cores) or busy > cores + SLACK:
            break
    return best


def _pace_s(loads: Mapping[str, float], threads: Mapping[str, int]) -> float:
    """Seconds between two items: the slowest stage's for one. 0 where nothing takes time."""
    return max((loads[name] / threads[name] for name in loads), default=0.0)


def threads_here() -> int | None:
    """How many threads the stage that the caller works for may use; None outside of flows."""
    return _HERE.get()


def enter(threads: int) -> None:
    """From now on this thread works for a stage that may use so many."""
    _HERE.set(threads)
