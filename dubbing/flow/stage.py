"""What one stage's thread does: takes what waits, works on it, passes it on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dubbing.errors import CancelledError, DubbingError
from dubbing.events import Event, ItemDone, ItemFailed, Notice, StageFinished, StageStarted
from dubbing.flow.cancel import Cancel
from dubbing.flow.channel import Channel
from dubbing.flow.workers import AnyStage, Failed, Gather, Worker

R = TypeVar("R")


class StageContractError(DubbingError, RuntimeError):
    """A stage did not make one result per item: its neighbours' could be taken for each other's."""


@dataclass(kw_only=True)
class Pipe:
    """A stage's place in a flow.

    Attributes:
        source: Where its items come from.
        out: Where its results go.
        cancel: The flow's.
        tell: For events.
        total: How many items will come, None if that is unknown.
    """

    source: Channel[Any]
    out: Channel[Any]
    cancel: Cancel
    tell: Callable[[Event], None]
    total: int | None
    done: int = field(default=0, init=False)
    made: int = field(default=0, init=False)
    busy_s: float = field(default=0.0, init=False)

    def pass_on(self, result: object) -> None:
        """To the next stage, when there is room."""
        self.made += not isinstance(result, Failed)
        self.out.put(result)

    def tell_done(self, name: str, work_s: float, passed: int) -> None:
        """One more item is done with."""
        self.done += 1
        self.busy_s += work_s
        self.tell(
            ItemDone(stage=name, done=self.done, total=self.total, work_s=work_s, passed=passed)
        )


def work(stage: Worker[Any, Any], pipe: Pipe) -> None:
    """A worker from its first batch to its last."""
    started_s = time.monotonic()
    pipe.tell(StageStarted(stage=stage.name, total=pipe.total))
    most = stage.first or stage.batch
    while batch := pipe.source.take(most, stage.patience_s):
        most = stage.batch
        begun_s = time.monotonic()
        results = _worked(stage, batch, pipe)
        share_s = (time.monotonic() - begun_s) / len(batch)
        for result in results:
            pipe.tell_done(stage.name, share_s, 1)
            pipe.pass_on(result)
    stage.ended()
    _finish(stage, pipe, started_s)


def gather(stage: Gather[Any, Any], pipe: Pipe) -> None:
    """A gathering stage from its first item to its flush."""
    started_s = time.monotonic()
    pipe.tell(StageStarted(stage=stage.name, total=pipe.total))
    gatherer = stage.start()
    while taken := pipe.source.take(1, 0):
        begun_s = time.monotonic()
        results = _gathered(stage, gatherer.take, taken.pop(), pipe)
        pipe.tell_done(stage.name, time.monotonic() - begun_s, len(results))
        for result in results:
            pipe.pass_on(result)
    begun_s, waited_s = time.monotonic(), 0.0
    for result in gatherer.flush():
        put_s = time.monotonic()
        pipe.pass_on(result)
        waited_s += time.monotonic() - put_s
    pipe.busy_s += time.monotonic() - begun_s - waited_s
    _finish(stage, pipe, started_s)


def _finish(stage: AnyStage, pipe: Pipe, started_s: float) -> None:
    wall_s = time.monotonic() - started_s
    pipe.tell(
        StageFinished(stage=stage.name, wall_s=wall_s, made=pipe.made, kept=0, busy_s=pipe.busy_s)
    )
    pipe.out.close()


# ---- items that fail


def _worked(stage: Worker[Any, Any], batch: Sequence[Any], pipe: Pipe) -> list[Any]:
    """One result or `Failed` per item, those that had failed before among them."""
    sound = [item for item in batch if not isinstance(item, Failed)]
    results = iter(_sound_worked(stage, sound, pipe))
    return [item if isinstance(item, Failed) else next(results) for item in batch]


def _sound_worked(stage: Worker[Any, Any], items: Sequence[Any], pipe: Pipe) -> list[Any]:
    tries = 1 + stage.retries
    if len(items) > 1:
        try:
            return _call(stage, items)
        except _passing(stage):
            raise
        except Exception as error:  # noqa: BLE001 - each item's own comes below
            pipe.cancel.check()  # what was stopped from outside has not failed
            told = f"{stage.name}: {len(items)} items together failed, each is tried alone: "
            pipe.tell(Notice(message=told + _sentence(error)))
        tries = max(1, stage.retries)

    def alone(item: object) -> Any:
        return _tried(stage, item, tries, pipe, lambda: _call(stage, [item])[0])

    return [alone(item) for item in items]


def _call(stage: Worker[Any, Any], items: Sequence[Any]) -> list[Any]:
    results = list(stage.work(items))
    if len(results) != len(items):
        raise StageContractError(
            f"stage {stage.name} made {len(results)} results of {len(items)} items"
        )
    return results


def _gathered(
    stage: Gather[Any, Any], take: Callable[[Any], Any], item: object, pipe: Pipe
) -> list[Any]:
    if isinstance(item, Failed) and not stage.takes_failed:
        return [item]
    made = _tried(stage, item, 1 + stage.retries, pipe, lambda: list(take(item)))
    return [made] if isinstance(made, Failed) else made


def _tried(
    stage: AnyStage, item: object, tries: int, pipe: Pipe, call: Callable[[], R]
) -> R | Failed:
    """What the call gives within so many tries, or `Failed` with the last one's error."""
    while True:
        pipe.cancel.check()
        try:
            return call()
        except _passing(stage):
            raise
        except Exception as error:  # noqa: BLE001 - carried on with the item
            tries -= 1
            pipe.cancel.check()
            pipe.tell(
                ItemFailed(
                    stage=stage.name,
                    number=pipe.done + 1,
                    message=_sentence(error),
                    again=tries > 0,
                )
            )
            if not tries:
                return Failed(item=item, stage=stage.name, error=error)


def _passing(stage: AnyStage) -> tuple[type[Exception], ...]:
    """Errors that are not an item's own."""
    return (CancelledError, StageContractError, *stage.fatal)


def _sentence(error: Exception) -> str:
    return str(error) or type(error).__name__
