"""Two ways to do the same work, timed in turns."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from talk import machine

REPEATS = 5
Work = Callable[[], object]


def in_turns(plain: Work, fast: Work, repeats: int) -> dict[str, Any]:
    """Medians of both and how many times faster `fast` is.

    They run in turns, so that whatever else the machine does meets both; one run of each before
    them is not counted.
    """
    plain(), fast()
    times: dict[str, list[float]] = {"plain": [], "fast": []}
    for _ in range(repeats):
        for name, work in (("plain", plain), ("fast", fast)):
            started = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(found) for name, found in times.items()}
    return {
        "ratio": round(medians["plain"] / medians["fast"], 2),
        "plain_s": round(medians["plain"], 3),
        "fast_s": round(medians["fast"], 3),
        "spread": {name: [round(min(t), 3), round(max(t), 3)] for name, t in times.items()},
        "repeats": repeats,
    }


def _command() -> str:
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])


def main(comparisons: Mapping[str, Callable[[int, int], dict[str, Any]]], about: str) -> None:
    """Runs the comparisons named on the command line, all of them by default, and prints.

    Args:
        comparisons: Called with the number of threads and of repeats.
        about: For --help.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("names", nargs="*", metavar="COMPARISON", help=", ".join(comparisons))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(comparisons):
        parser.error(f"there is no comparison {', '.join(sorted(unknown))}")
    found: dict[str, Any] = {**machine(), "threads": asked.threads, "command": _command()}
    for name in asked.names or comparisons:
        found[name] = comparisons[name](asked.threads, asked.repeats)
        # Minutes lie between two of them: with --json each is shown as it comes, on the side.
        print(f"{name}: {found[name]}", flush=True, file=sys.stderr if asked.json else sys.stdout)
    if asked.json:
        print(json.dumps(found, indent=1))
