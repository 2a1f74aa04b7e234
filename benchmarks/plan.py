"""How long the timing of a three-hour talk takes to plan, and how the time grows.

    python benchmarks/plan.py [--repeats 5] [--json]

The talk is drawn at random, always the same: segments of 2 to 12 s with one to five islands of
speech, clips that need rates from 0.7 to 1.5.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.stages.fit import plan
from dubbing.stages.phrases import Utterance
from dubbing.types import Segment, Span

HOURS = (0.3, 3.0)


def talk(hours: float) -> list[Utterance]:
    """A talk of so many hours."""
    random = np.random.default_rng(0)
    made: list[Utterance] = []
    at = 1.0
    while at < hours * 3600:
        islands, phrases, clip_s = [], [], 0.0
        need = random.uniform(0.7, 1.5)
        for _ in range(random.integers(1, 6)):
            length = random.uniform(0.8, 3.0)
            islands.append(Span(start_s=at, end_s=at + length))
            phrases.append(Span(start_s=clip_s, end_s=clip_s + length * need))
            at += length + random.uniform(0.15, 0.6)
            clip_s += length * need + 0.2
        span = Span(start_s=islands[0].start_s, end_s=islands[-1].end_s)
        segment = Segment(id=len(made) + 1, span=span)
        made.append(Utterance(segment=segment, islands=tuple(islands), phrases=tuple(phrases)))
        at += random.uniform(0.2, 1.5)
    return made


def measure(repeats: int) -> dict[str, object]:
    """Hours → utterances and median seconds."""
    found: dict[str, object] = {}
    for hours in HOURS:
        utterances = talk(hours)
        times = []
        for _ in range(repeats):
            started = time.perf_counter()
            plan(utterances, utterances[-1].segment.span.end_s + 2)
            times.append(time.perf_counter() - started)
        found[f"{hours:g} h"] = {
            "utterances": len(utterances),
            "plan_s": round(statistics.median(times), 3),
        }
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    print(json.dumps({**machine(), **measure(asked.repeats)}, indent=1 if asked.json else None))
