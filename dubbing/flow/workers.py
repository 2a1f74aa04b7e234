"""What a stage is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")
In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Stands for an item that a stage could not work on; later stages pass it on.

    Attributes:
        item: As it came into the stage.
        stage: Its name.
        error: Of the last try, with its traceback.
    """

    item: Any
    stage: str
    error: Exception


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker(Generic[In, Out]):
    """A stage that makes one result of each item.

    Attributes:
        name: For events and `Failed`.
        work: A batch of items in, one result per item out. It is called by one thread, the same
            for the whole flow, and may be called again for an item after it failed.
        batch: How many items it is given at once, at most.
        first: How many of these it is given the first time, where somebody waits for the first
            result; None: a batch.
        patience_s: How long to wait for a batch to fill; 0 takes what waits.
        queue: How many items may wait in front of it; never less than a batch.
        threads: How many threads `work` may compute on, which it asks by `threads_here`.
        retries: How often a failed item is tried again.
        fatal: Errors that no other item would escape: they end the flow.
        ended: Called after the last item: lets go of what `work` used, while later stages go on.
    """

    name: str
    work: Callable[[Sequence[In]], Iterable[Out]] = field(repr=False)
    batch: int = 1
    first: int | None = None
    patience_s: float = 0.0
    queue: int = 4
    threads: int = 1
    retries: int = 1
    fatal: tuple[type[Exception], ...] = ()
    ended: Callable[[], object] = field(default=_nothing, repr=False)

    def __post_init__(self) -> None:
        _check(
            self.name,
            batch=self.batch,
            first=self.first or self.batch,
            queue=self.queue,
            threads=self.threads,
        )
        if self.patience_s < 0 or self.retries < 0:
            raise ValueError(f"stage {self.name}: patience_s and retries must not be negative")


class Gatherer(Protocol[In_contra, Out_co]):
    """Takes items in order and makes any number of others, whenever it likes."""

    def take(self, item: In_contra) -> Iterable[Out_co]:
        """What is complete now. When it raises, its state must be as before: it is called again."""

    def flush(self) -> Iterable[Out_co]:
        """The rest, after the last item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(Generic[In, Out]):
    """A stage whose results are not one per item: joins, divides, or waits for everything.

    An error of `start` or of `flush` belongs to no item and ends the flow.

    Attributes:
        name: For events and `Failed`.
        start: Makes the gatherer of one flow.
        takes_failed: Whether it is given `Failed` too, and decides what becomes of it; otherwise
            one goes past it, before what it holds back.
        queue: How many items may wait in front of it.
        threads: See `Worker`, as the next two.
        retries: How often.
        fatal: Which.
    """

    name: str
    start: Callable[[], Gatherer[In, Out]] = field(repr=False)
    takes_failed: bool = False
    queue: int = 4
    threads: int = 1
    retries: int = 1
    fatal: tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        _check(self.name, queue=self.queue, threads=self.threads)
        if self.retries < 0:
            raise ValueError(f"stage {self.name}: retries must not be negative")


AnyStage = Worker[Any, Any] | Gather[Any, Any]


class _AfterAll(Generic[In, Out]):
    def __init__(self, function: Callable[[Sequence[In]], Iterable[Out]]) -> None:
        self._function = function
        self._items: list[In] = []

    def take(self, item: In) -> Iterable[Out]:
        self._items.append(item)
        return ()

    def flush(self) -> Iterable[Out]:
        return self._function(self._items)


def after_all(
    function: Callable[[Sequence[In]], Iterable[Out]],
) -> Callable[[], Gatherer[In, Out]]:
    """The `start` of a stage that needs every item before it makes the first result: what the
    function makes of all of them is passed on one by one.
    """
    return lambda: _AfterAll(function)


def _check(name: str, **counts: int) -> None:
    if wrong := [what for what, count in counts.items() if count < 1]:
        raise ValueError(f"stage {name}: {' and '.join(wrong)} must be at least 1")
