"""Threads inside a stage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from dubbing.flow.cancel import Cancel, carried, current, working_for

P = ParamSpec("P")
A = TypeVar("A")
R = TypeVar("R")


class Together:
    """Starts work that goes on at the same time; see `together`."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def start(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Calls the function in one of the threads, as soon as one is free."""
        return self._pool.submit(carried(function), *args, **kwargs)

    def map(self, function: Callable[[A], R], items: Iterable[A]) -> Iterator[R]:
        """What the function makes of each item, in order; all of them are begun at once."""
        begun = [self.start(function, item) for item in items]
        return (one.result() for one in begun)

    def stream(
        self, function: Callable[[A], R], items: Iterable[A], *, ahead: int = 4
    ) -> Iterator[R]:
        """The same of items that need not all be held: at most `ahead` of them are begun before
        the first one's result is taken.
        """
        begun: deque[Future[R]] = deque()
        for item in items:
            begun.append(self.start(function, item))
            if len(begun) >= ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


@contextmanager
def together(workers: int) -> Iterator[Together]:
    """So many threads that work for the caller's flow, all of them ended afterwards. Work that is
    under way when the block ends with an exception (Ctrl-C too) is stopped as by a cancel.

    Raises:
        CancelledError: The caller's flow was cancelled.
    """
    inside = Cancel()
    with (
        current().stopping(inside.cancel),
        ThreadPoolExecutor(workers) as pool,
        working_for(inside),
    ):
        try:
            yield Together(pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            inside.cancel()
            raise
