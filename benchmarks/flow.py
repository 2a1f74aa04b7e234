"""The streaming core by itself: how well stages overlap, what an item costs, what memory it takes.

    python benchmarks/flow.py [--repeats 5] [--json]

overlap: stages that sleep, all at once against one stage after another. overhead: stages that do
nothing. memory: the peak of a process through which so many items of 1 MB flow.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.flow import Gather, Worker, after_all, run
from dubbing.memory import peak_mb

SLEEPS_S = (0.02, 0.05, 0.03, 0.04)  # as segment, transcribe, translate, speak might differ
ITEMS = 40
FEW, MANY = 1_000, 10_000
ITEM_BYTES = 1 << 20
FEW_LARGE, MANY_LARGE = 100, 1_000

Way = Callable[[Iterable[Any], Sequence[Any]], Iterable[Any]]


# ---- overlap


def sleeping(seconds: float) -> Worker[Any, Any]:
    """A stage that takes so long for each item and no processor."""

    def work(batch: Sequence[Any]) -> Sequence[Any]:
        time.sleep(seconds)
        return batch

    return Worker(name=f"sleep {seconds}", work=work)


def stage_by_stage(items: Iterable[Any], stages: Sequence[Worker[Any, Any]]) -> Iterable[Any]:
    """Each stage over all items before the next begins; the last one's results as they come."""
    waiting = list(items)
    for stage in stages[:-1]:
        waiting = [stage.work([item])[0] for item in waiting]
    for item in waiting:
        yield stages[-1].work([item])[0]


def first_and_all(way: Way, count: int, sleeps_s: Sequence[float]) -> tuple[float, float]:
    """Seconds to the first result and to the last."""
    started = time.perf_counter()
    first = None
    for _ in way(range(count), [sleeping(s) for s in sleeps_s]):
        first = first or time.perf_counter() - started
    return first or 0.0, time.perf_counter() - started


def overlap(
    way: Way = run, *, repeats: int, count: int = ITEMS, sleeps_s: Sequence[float] = SLEEPS_S
) -> dict[str, Any]:
    """The speed-up against stage by stage, as a share of what theory allows, the two in turns."""
    found = [
        (first_and_all(stage_by_stage, count, sleeps_s), first_and_all(way, count, sleeps_s))
        for _ in range(repeats)
    ]
    theory = count * sum(sleeps_s) / (sum(sleeps_s) + (count - 1) * max(sleeps_s))
    speed_up = statistics.median(plain[1] / flow[1] for plain, flow in found)
    sooner = statistics.median(plain[0] / flow[0] for plain, flow in found)
    return {
        "items": count,
        "stages_s": list(sleeps_s),
        "theory": round(theory, 3),
        "speed_up": round(speed_up, 3),
        "of_theory": round(speed_up / theory, 3),
        "first_sooner": round(sooner, 1),
    }


# ---- overhead


def nothing(batch: Sequence[Any]) -> Sequence[Any]:
    """Work that does none."""
    return batch


def overhead(
    work: Callable[[Sequence[Any]], Sequence[Any]] = nothing,
    *,
    repeats: int,
    few: int = FEW,
    many: int = MANY,
) -> dict[str, Any]:
    """What an item costs in a flow of five stages that do nothing, and how that grows.

    The growth is measured on one core: threads that pass nothing to each other between two take now
    the same time, now twice as long. The small flow runs as often as makes as many items, so that
    a busy machine meets both alike.
    """

    def wall_s(count: int) -> float:
        times = many // count
        started = time.perf_counter()
        for _ in range(times):
            stages = [Worker(name=str(n), work=work if n == 2 else nothing) for n in range(5)]
            assert sum(1 for _ in run(range(count), stages)) == count
        return (time.perf_counter() - started) / times

    free_s = statistics.median(wall_s(many) for _ in range(repeats))
    with one_core():
        walls = [(wall_s(few), wall_s(many)) for _ in range(repeats)]
    few_s, many_s = (statistics.median(side) for side in zip(*walls, strict=True))
    return {
        "item_ms": round(1000 * free_s / many, 3),
        "few": few,
        "few_s": round(few_s, 3),
        "many": many,
        "many_s": round(many_s, 3),
        "many_to_few": round(statistics.median(b / a for a, b in walls), 2),
    }


@contextmanager
def one_core() -> Iterator[None]:
    """Inside, this process keeps to one of its cores, where the system allows it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# ---- memory


def flood(count: int, *, hoarding: bool = False) -> None:
    """Lets so many items of `ITEM_BYTES` through four stages, one of which may keep them all, to a
    reader that is slower than they: all queues are full, whatever the number.
    """
    stages: list[Any] = [Worker(name=str(n), work=nothing, batch=4, queue=8) for n in range(4)]
    if hoarding:
        stages[2] = Gather(name="hoard", start=after_all(nothing))
    for _ in run((b"\1" * ITEM_BYTES for _ in range(count)), stages):
        time.sleep(0.002)


def memory(
    *,
    repeats: int,
    few: int = FEW_LARGE,
    many: int = MANY_LARGE,
    hoarding: bool = False,
) -> dict[str, Any]:
    """Peak memory of two processes, one with ten times the other's items."""

    def peak(count: int) -> int:
        line = [sys.executable, __file__, "--flood", str(count)]
        done = subprocess.run(
            [*line, "--hoarding"] if hoarding else line, check=True, capture_output=True
        )
        return int(done.stdout)

    peaks = [(peak(few), peak(many)) for _ in range(repeats)]
    few_mb, many_mb = (statistics.median(side) for side in zip(*peaks, strict=True))
    return {
        "few": few,
        "few_mb": few_mb,
        "many": many,
        "many_mb": many_mb,
        "many_to_few": round(many_mb / few_mb, 3),
    }


# ---- that each bound can fail


def _hindered() -> dict[str, Any]:
    """A flow whose stages wait for each other."""
    one_at_a_time = threading.Lock()

    def way(items: Iterable[Any], stages: Sequence[Worker[Any, Any]]) -> Iterable[Any]:
        def held(stage: Worker[Any, Any]) -> Worker[Any, Any]:
            def work(batch: Sequence[Any]) -> Iterable[Any]:
                with one_at_a_time:
                    return stage.work(batch)

            return Worker(name=stage.name, work=work)

        return run(items, [held(stage) for stage in stages])

    return {"overlap": overlap(way, repeats=1, count=8, sleeps_s=(0.005, 0.004, 0.006))}


def _stage_wise() -> dict[str, Any]:
    """No flow at all."""
    return {"overlap": overlap(stage_by_stage, repeats=1, count=8, sleeps_s=(0.005, 0.004, 0.006))}


def _dear() -> dict[str, Any]:
    """A stage that takes 3 ms although it does nothing."""
    return {"overhead": overhead(lambda b: time.sleep(0.003) or b, repeats=1, few=10, many=20)}


def _growing() -> dict[str, Any]:
    """A stage that goes through all that came before for each item."""

    def work(batch: Sequence[Any]) -> Sequence[Any]:
        time.sleep(batch[0] * 4e-5)  # the items are numbers
        return batch

    return {"overhead": overhead(work, repeats=1, few=20, many=200)}


def _hoarding() -> dict[str, Any]:
    """A stage that keeps every item to the end."""
    return {"memory": memory(repeats=1, few=20, many=200, hoarding=True)}


CANARIES: dict[str, Callable[[], dict[str, Any]]] = {
    "overlap.of_theory": _hindered,
    "overlap.first_sooner": _stage_wise,
    "overhead.item_ms": _dear,
    "overhead.many_to_few": _growing,
    "memory.many_to_few": _hoarding,
}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Times the streaming core by itself.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--flood", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--hoarding", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.flood:
        flood(asked.flood, hoarding=asked.hoarding)
        print(peak_mb())
        return
    found = {
        "overlap": overlap(repeats=asked.repeats),
        "overhead": overhead(repeats=asked.repeats),
        "memory": memory(repeats=asked.repeats),
    }
    if asked.json:
        print(json.dumps({**machine(), "repeats": asked.repeats, **found}, indent=1))
    else:
        for name, values in found.items():
            print(f"{name}: {values}")


if __name__ == "__main__":
    main()
