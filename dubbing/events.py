"""What a running pipeline tells: the command line, the app and the tests read the same events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Stage = Literal["segment", "transcribe", "translate", "speak", "assemble", "evaluate"]
STAGES: tuple[Stage, ...] = (
    "segment",
    "transcribe",
    "translate",
    "speak",
    "assemble",
    "evaluate",
)
FLOWING: tuple[Stage, ...] = ("transcribe", "translate", "speak")  # those that work together


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage begins.

    Attributes:
        stage: Which; in a run one of `STAGES`.
        total: How many items it will make; 0 when everything is there already, None when items
            come as they are made.
    """

    stage: str
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDone:
    """A stage has written one more item.

    Attributes:
        stage: Which.
        done: How many items it has made so far; in a flow, how many it has taken and is done with.
        total: How many it will make; None when that is not known yet.
        work_s: How long it worked on this one: its share of the batch. 0 where nobody measured.
        passed: How many items it made of it for the next stage.
    """

    stage: str
    done: int
    total: int | None
    work_s: float = 0.0
    passed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailed:
    """A stage could not work on an item; the run goes on.

    Attributes:
        stage: Which.
        number: The item's place among those that came into the stage, from 1.
        message: What went wrong, in one sentence.
        again: Whether it is tried again; otherwise the item goes on as failed.
    """

    stage: str
    number: int
    message: str
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished:
    """A stage ends.

    Attributes:
        stage: Which.
        wall_s: How long it took.
        made: Items made in this run.
        kept: Items that were there already and still valid.
        busy_s: How much of that it worked, where stages work at the same time; None elsewhere.
    """

    stage: str
    wall_s: float
    made: int
    kept: int
    busy_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReady:
    """An item has come through all stages of a flow.

    Attributes:
        number: Which, from 1.
        after_s: Since the flow began; of the first one, how long a viewer waits.
        failed: Whether a stage could not work on it.
    """

    number: int
    after_s: float
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFinished:
    """Every item has come through all stages.

    Attributes:
        wall_s: How long it took.
        ready: Results, without those that failed.
        failed: Items that failed.
    """

    wall_s: float
    ready: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the user should know; the run goes on.

    Attributes:
        message: One sentence.
    """

    message: str


Event: TypeAlias = (
    StageStarted | ItemDone | ItemFailed | StageFinished | ResultReady | FlowFinished | Notice
)
Listener: TypeAlias = Callable[[Event], None]


def ignore(_: Event) -> None:
    """A listener that does nothing."""
