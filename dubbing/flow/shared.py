"""One pass over a stream for several listeners, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

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
        Exception: That of the items, or of the first listener that failed.
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
        except BaseException:
            for channel in channels:
                channel.abort()
            raise
        for channel in channels:
            channel.close()
        return [made.result() for made in begun]


def _heard(listener: Callable[[Iterator[T]], Any], channel: Channel[T]) -> Any:
    try:
        return listener(_taken(channel))
    finally:
        while channel.take(1, 0):  # what it does not want must not hold up the others
            pass


def _taken(channel: Channel[T]) -> Iterator[T]:
    while taken := channel.take(1, 0):
        yield taken[0]
