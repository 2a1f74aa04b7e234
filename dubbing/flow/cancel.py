"""The flag that stops a flow, and all that has to be woken or ended when it is set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from dubbing.errors import CancelledError

P = ParamSpec("P")
R = TypeVar("R")
Stop = Callable[[], object]


class Cancel:
    """Set once, by any thread or by a signal handler; used for one flow only.

    What waits inside the flow wakes at once. Work that takes long has to help: it calls `check`
    between its steps, waits with `wait`, and registers with `stopping` what ends it from outside.
    """

    def __init__(self) -> None:
        # Its lock is reentrant: a signal handler may cancel while its own thread holds it. (An
        # Event's is not.)
        self._changed = threading.Condition()
        self._is_set = False
        self._stops: dict[object, Stop] = {}

    @property
    def is_set(self) -> bool:
        """Whether the flow is to stop."""
        return self._is_set

    def cancel(self) -> None:
        """Sets the flag and calls every registered stop, once.

        Raises:
            Exception: A stop's own error, after all were called.
        """
        with self._changed:
            self._is_set = True
            self._changed.notify_all()
            stops, self._stops = list(self._stops.values()), {}
        errors = []
        for stop in stops:
            try:
                stop()
            except Exception as error:  # noqa: BLE001 - the others have to be called too
                errors.append(error)
        if errors:
            raise errors[0]

    def check(self) -> None:
        """Nothing, as long as the flag is not set.

        Raises:
            CancelledError: It is.
        """
        if self.is_set:
            raise CancelledError

    def wait(self, seconds: float) -> None:
        """Sleeps, but not when the flag is set.

        Raises:
            CancelledError: It is, or was set meanwhile.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_set, seconds)
        self.check()

    @contextmanager
    def stopping(self, stop: Stop) -> Iterator[None]:
        """Inside, `stop` is called when the flag is set, by the thread that sets it.

        It must be quick and bear being called for what has ended already, as `Popen.kill` does.

        Raises:
            CancelledError: The flag is set already; `stop` was called.
        """
        key = object()
        with self._changed:
            late = self.is_set
            if not late:
                self._stops[key] = stop
        if late:
            stop()
            raise CancelledError
        try:
            yield
        finally:
            with self._changed:
                self._stops.pop(key, None)


_CURRENT: ContextVar[Cancel] = ContextVar("dubbing_flow_cancel")


def current() -> Cancel:
    """The flag of the flow that the caller works for; outside of flows one that nobody sets."""
    return _CURRENT.get(None) or Cancel()


def enter(cancel: Cancel) -> None:
    """From now on this thread works for that flow."""
    _CURRENT.set(cancel)


@contextmanager
def working_for(cancel: Cancel) -> Iterator[None]:
    """Inside, this thread works for that flow."""
    token = _CURRENT.set(cancel)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def carried(function: Callable[P, R]) -> Callable[P, R]:
    """The function for a thread pool inside a stage: it works for the flow of whoever made it."""
    cancel = current()

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _CURRENT.set(cancel)
        try:
            return function(*args, **kwargs)
        finally:
            _CURRENT.reset(token)

    return inside
