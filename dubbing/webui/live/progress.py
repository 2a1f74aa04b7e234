"""How far a job is and how long it still takes, from the pipeline's events."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from dubbing.events import STAGES, Event, ItemDone, StageFinished, StageStarted
from dubbing.flow import Eta
from dubbing.webui.live.snapshot import Step

# Of a job's time, measured on the three bundled clips with warm engines, two cores.
SHARES: dict[str, float] = {
    "segment": 0.06,
    "transcribe": 0.16,
    "translate": 0.01,
    "speak": 0.30,
    "assemble": 0.17,
    "evaluate": 0.30,
}


class Progress:
    """Hears what the stages tell.

    Args:
        expected_s: How long the whole job is expected to take, > 0.
        clock: Seconds.
    """

    def __init__(self, expected_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._expected_s = expected_s
        self._clock = clock
        self._steps: dict[str, Step] = {stage: Step(stage=stage) for stage in STAGES}
        self._started_s: dict[str, float] = {}
        self._eta = Eta(["speak"], 0)
        self._share = 0.0

    @property
    def steps(self) -> tuple[Step, ...]:
        """All stages, in order."""
        return tuple(self._steps.values())

    def expect_lines(self, count: int) -> None:
        """How many lines will be spoken."""
        self._eta = Eta(["speak"], count)

    def hear(self, event: Event) -> None:
        """Notes an event."""
        self._eta.hear(event)
        match event:
            case StageStarted(stage=stage, total=total) if stage in STAGES:
                self._started_s[stage] = self._clock()
                self._put(Step(stage=stage, state="running", total=total))
            case ItemDone(stage=stage, done=done, total=total) if stage in STAGES:
                self._put(Step(stage=stage, state="running", done=done, total=total))
            case StageFinished(stage=stage) if stage in STAGES:
                self._put(replace(self._steps[stage], state="done"))

    def _put(self, step: Step) -> None:
        self._steps[step.stage] = step

    def share(self) -> float:
        """How much of the job is done, 0..1; never less than it was."""
        share = 1 - self.left_s() / self._expected_s
        self._share = min(1.0, max(self._share, share))
        return self._share

    def left_s(self) -> float:
        """About how long the job still takes, ≥ 0."""
        return sum(self._left_s(step) for step in self._steps.values())

    def _left_s(self, step: Step) -> float:
        if step.state == "done":
            return 0.0
        share_s = SHARES[step.stage] * self._expected_s
        if step.state == "ahead":
            return share_s
        if step.stage == "speak" and (known_s := self._eta.left_s()) is not None:
            return known_s
        return max(0.0, share_s - (self._clock() - self._started_s[step.stage]))
