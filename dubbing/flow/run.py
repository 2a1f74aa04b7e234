"""The threads of a flow: one that feeds it, one per stage, and the caller's, which takes results.

Between them lie bounded channels, so at most a queue and a batch of items are in each stage,
however many come: a stage that is ahead waits. One thread per stage keeps the items in order.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence, Sized
from contextlib import ExitStack
from typing import Any

from dubbing.errors import CancelledError
from dubbing.events import Event, FlowFinished, Listener, ResultReady, ignore
from dubbing.flow.cancel import Cancel
from dubbing.flow.cancel import enter as enter_flow
from dubbing.flow.channel import Channel
from dubbing.flow.stage import Pipe, gather, work
from dubbing.flow.threads import enter as enter_threads
from dubbing.flow.workers import AnyStage, Failed, Worker

# How long threads have to end after a cancel; with the wake-up it stays under two seconds.
STOP_S = 1.5

_log = logging.getLogger(__name__)


def run(
    items: Iterable[Any],
    stages: Sequence[AnyStage],
    *,
    cancel: Cancel | None = None,
    listen: Listener = ignore,
) -> Generator[Any, None, None]:
    """What becomes of the items, in order, each as soon as it is ready.

    Nothing happens before the first result is asked for. Closing the generator early, an exception
    in it (Ctrl-C too) and `cancel` stop everything; put it in `contextlib.closing` where the loop
    over it may end early. A thread inside work that cannot be stopped from outside is left to end
    that one call, after which it does nothing more; the log names it.

    Args:
        items: Taken one by one, in a thread of their own, as the first stage has room.
        stages: In order, each with a name of its own. None: the items come out as they are.
        cancel: A fresh one; it is set too when the flow stops for another reason before its end.
        listen: Gets every event: one at a time, but from the stages' threads, which wait for it.
            What it raises ends the flow.

    Yields:
        The last stage's results, and `Failed` for items that failed in any of them.

    Raises:
        CancelledError: `cancel` was set.
        Exception: Of `items`, of the listener, or what a stage calls fatal, with its traceback.
        ValueError: Two stages have the same name.
    """
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        raise ValueError(f"stages need names of their own, not {names}")
    return _results(_Flow(items, stages, cancel or Cancel(), listen))


def _results(flow: _Flow) -> Generator[Any, None, None]:
    ready = failed = 0
    with ExitStack() as registered:
        try:
            flow.start(registered)
            while taken := flow.take():
                is_failed = isinstance(taken[0], Failed)
                ready, failed = ready + (not is_failed), failed + is_failed
                flow.tell(ResultReady(number=ready + failed, after_s=flow.age_s, failed=is_failed))
                yield taken.pop()  # nothing here may keep it alive
            flow.join()
            flow.tell(FlowFinished(wall_s=flow.age_s, ready=ready, failed=failed))
        except BaseException:
            flow.stop()
            raise


class _Flow:
    """One pass of items through stages."""

    def __init__(
        self, items: Iterable[Any], stages: Sequence[AnyStage], cancel: Cancel, listen: Listener
    ) -> None:
        self._items = items
        self._stages = stages
        self._cancel = cancel
        self._listen = listen
        self._listening = threading.Lock()
        self._failing = threading.Lock()
        self._error: BaseException | None = None
        self._started_s = time.monotonic()
        sizes = [max(s.queue, s.batch) if isinstance(s, Worker) else s.queue for s in stages]
        last = sizes[-1] if sizes else 1
        self._channels: list[Channel[Any]] = [Channel(size) for size in (*sizes, last)]
        self._threads: list[threading.Thread] = []

    # ---- the caller's side

    @property
    def age_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started_s

    def start(self, registered: ExitStack) -> None:
        """Starts all threads; what is registered to wake them ends with the stack."""
        self._started_s = time.monotonic()
        for channel in self._channels:
            registered.enter_context(self._cancel.stopping(channel.abort))
        self._spawn("feed", self._feed, 1)
        total = len(self._items) if isinstance(self._items, Sized) else None
        for stage, source, out in zip(
            self._stages, self._channels[:-1], self._channels[1:], strict=True
        ):
            pipe = Pipe(source=source, out=out, cancel=self._cancel, tell=self.tell, total=total)
            self._spawn(stage.name, _loop(stage, pipe), stage.threads)
            total = total if isinstance(stage, Worker) else None

    def take(self) -> list[Any]:
        """The next result, in a list; an empty one after the last.

        Raises:
            Exception: What ended the flow.
        """
        try:
            return self._channels[-1].take(1, 0)
        except CancelledError:
            if self._error is None:
                raise
        raise self._error

    def join(self) -> None:
        """Waits for the threads, which have put their last."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Ends everything: wakes what waits, stops what is registered, then waits for threads."""
        end_s = time.monotonic() + STOP_S
        try:
            self._cancel.cancel()
        finally:
            for thread in self._threads:
                thread.join(max(0.0, end_s - time.monotonic()))
            if busy := [thread.name for thread in self._threads if thread.is_alive()]:
                _log.warning("stopped; %s still has to end its last call", ", ".join(busy))

    def tell(self, event: Event) -> None:
        """Tells the listener, never two events at once."""
        with self._listening:
            self._listen(event)

    # ---- the threads' side

    def _spawn(self, name: str, body: Callable[[], None], threads: int) -> None:
        def guarded() -> None:
            enter_flow(self._cancel)
            enter_threads(threads)
            try:
                body()
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                self._fail(error)

        # A daemon: a call that never returns must not keep the program from ending.
        thread = threading.Thread(target=guarded, name=f"flow-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _feed(self) -> None:
        try:
            for item in self._items:
                self._channels[0].put(item)
        finally:
            if isinstance(self._items, Generator):  # what it holds open is not needed any more
                self._items.close()
        self._channels[0].close()

    def _fail(self, error: BaseException) -> None:
        """Keeps the first error, unless it only comes from the stopping, and stops the others."""
        with self._failing:
            if not self._cancel.is_set:
                self._error = error
        self._cancel.cancel()


def _loop(stage: AnyStage, pipe: Pipe) -> Callable[[], None]:
    if isinstance(stage, Worker):
        return lambda: work(stage, pipe)
    return lambda: gather(stage, pipe)
