"""A bounded queue between two stages, from which batches are taken."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Generic, TypeVar

from dubbing.errors import CancelledError

T = TypeVar("T")

# Waits end by a notice from the other side. On Windows a wait without an end would not be
# interrupted by Ctrl-C, so each is renewed after a second.
_RENEW_S = 1.0


class Channel(Generic[T]):
    """For one thread that puts and one that takes.

    Args:
        size: How many items may wait, ≥ 1.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[T] = deque()
        self._changed = threading.Condition()  # its lock is reentrant: signal handlers may abort
        self._closed = False
        self._aborted = False

    def put(self, item: T) -> None:
        """Adds an item, as soon as there is room.

        Raises:
            CancelledError: The channel is aborted.
        """
        with self._changed:
            while len(self._items) >= self._size and not self._aborted:
                self._changed.wait(_RENEW_S)
            self._check()
            self._items.append(item)
            self._changed.notify_all()

    def take(self, most: int, patience_s: float) -> list[T]:
        """What waits, `most` at a time; nothing when the channel is closed and empty.

        Waits for the first item without end, then for further ones as long as patience lasts.

        Args:
            most: ≥ 1; more than the channel's size never come together.
            patience_s: Counted from the first item; 0 takes only what waits already.

        Raises:
            CancelledError: The channel is aborted.
        """
        with self._changed:
            while not (self._items or self._closed or self._aborted):
                self._changed.wait(_RENEW_S)
            end_s = time.monotonic() + patience_s
            while len(self._items) < most and not (self._closed or self._aborted):
                if (left_s := end_s - time.monotonic()) <= 0:
                    break
                self._changed.wait(min(left_s, _RENEW_S))
            self._check()
            taken = [self._items.popleft() for _ in range(min(most, len(self._items)))]
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """No more will be put; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abort(self) -> None:
        """Both sides get `CancelledError`, now and later; what waits is not given out."""
        with self._changed:
            self._aborted = True
            self._changed.notify_all()

    def _check(self) -> None:
        if self._aborted:
            raise CancelledError
