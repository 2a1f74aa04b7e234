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


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage begins.

    Attributes:
        stage: Which.
        total: How many items it will make; 0 when everything is there already.
    """

    stage: Stage
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDone:
    """A stage has written one more item.

    Attributes:
        stage: Which.
        done: How many items it has made so far.
        total: How many it will make.
    """

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished:
    """A stage ends.

    Attributes:
        stage: Which.
        wall_s: How long it took.
        made: Items made in this run.
        kept: Items that were there already and still valid.
    """

    stage: Stage
    wall_s: float
    made: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the user should know; the run goes on.

    Attributes:
        message: One sentence.
    """

    message: str


Event: TypeAlias = StageStarted | ItemDone | StageFinished | Notice
Listener: TypeAlias = Callable[[Event], None]


def ignore(_: Event) -> None:
    """A listener that does nothing."""
