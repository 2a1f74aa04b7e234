"""How long a flow still takes, from how long its stages took for the last items."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from dubbing.events import Event, ItemDone, StageFinished

WINDOW = 20  # items; older ones say little about what a stage takes now


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a stage still has to do.

    Attributes:
        left: Items, ≥ 0.
        item_s: Seconds that it takes for one; None as long as it has not done any.
    """

    left: float
    item_s: float | None


def seconds_left(loads: Sequence[Load]) -> float | None:
    """How long the flow still takes; None as long as no stage has done an item.

    The slowest stage sets the pace: its items one after another, then the last of them through the
    stages behind it. Stages that have not done any item yet are taken as free.

    Args:
        loads: In order of the stages.
    """
    known = [load.item_s or 0.0 for load in loads]
    if all(load.item_s is None for load in loads):
        return None
    return max(
        load.left * item_s + (sum(known[at + 1 :]) if load.left else 0.0)
        for at, (load, item_s) in enumerate(zip(loads, known, strict=True))
    )


@dataclass
class _Seen:
    done: int = 0
    passed: int = 0
    finished: bool = False
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))


class Eta:
    """Learns from a flow's events.

    Args:
        stages: Their names, in order.
        total: How many items come into the first.
    """

    def __init__(self, stages: Sequence[str], total: int) -> None:
        self._total = total
        self._seen = {name: _Seen() for name in stages}

    def hear(self, event: Event) -> None:
        """Notes an event; others than of these stages' items are ignored."""
        match event:
            case ItemDone(stage=stage, done=done, work_s=work_s, passed=passed) if (
                stage in self._seen
            ):
                seen = self._seen[stage]
                seen.done, seen.passed = done, seen.passed + passed
                seen.seconds.append(work_s)
            case StageFinished(stage=stage, made=made) if stage in self._seen:
                self._seen[stage].finished, self._seen[stage].passed = True, made

    def loads(self) -> list[Load]:
        """What each stage has to do, by what the stages before it made of their items so far."""
        found = []
        expected = float(self._total)
        for seen in self._seen.values():
            left = 0.0 if seen.finished else max(0.0, expected - seen.done)
            found.append(Load(left=left, item_s=fmean(seen.seconds) if seen.seconds else None))
            if seen.finished:
                expected = float(seen.passed)
            elif seen.done and seen.passed:  # one that holds all back is taken as one to one
                expected *= seen.passed / seen.done
        return found

    def left_s(self) -> float | None:
        """See `seconds_left`."""
        return seconds_left(self.loads())
