"""One pass over a stream for several listeners, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from dubbing.errors import CancelledError
from dubbing.flow.channel import Channel
from dubbing.flow.together import together

T = TypeVar("T")

AHEAD = 4  # items that the slowest listener may have waiting: it holds up the others


def shared(items: Iterable[T], listeners: Sequence[Callable[[Iterator[T]], Any]]) -> list[Any]:
    """What each listener makes of the same items, which are produced once, in the caller's thread,
    and must not be changed by them.

    Args:
        items: Not held: at most `AHEAD` wait for each listener.
        listeners: One or more; each may stop listening before the end.

    Raises:
        CancelledError: The caller's flow was cancelled.
        Exception: That of the items, or of a listener that failed, which ends the pass at once.
    """
    channels: list[Channel[T]] = [Channel(AHEAD) for _ in listeners]
    with together(len(listeners)) as pool:
        begun = [
            pool.start(_heard, listener, channel)
            for listener, channel in zip(listeners, channels, strict=True)
        ]
        try:
            for item in items:
                for channel in channels:
                    channel.put(item)
        except BaseException as error:
            for channel in channels:
                channel.abort()
            if isinstance(error, CancelledError):  # perhaps because a listener has failed
                _tell(begun)
            raise
        for channel in channels:
            channel.close()
        return [made.result() for made in begun]


def _heard(listener: Callable[[Iterator[T]], Any], channel: Channel[T]) -> Any:
    try:
        found = listener(_taken(channel))
        for _ in _taken(channel):  # what it does not want must not hold up the others
            pass
    except BaseException:
        channel.abort()
        raise
    return found


def _tell(begun: Sequence[Future[Any]]) -> None:
    """Raises the error of the first listener that failed by itself, if one did."""
    for made in begun:
        error = made.exception()
        if error is not None and not isinstance(error, CancelledError):
            raise error from None


def _taken(channel: Channel[T]) -> Iterator[T]:
    while taken := channel.take(1, 0):
        yield taken[0]
