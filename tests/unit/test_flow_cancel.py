"""A flow can be stopped at any moment; nothing of it stays: no thread, no child process."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubbing.errors import CancelledError
from dubbing.flow import Cancel, Failed, Gather, Worker, after_all, current, run
from dubbing.flow.cancel import carried, working_for
from dubbing.flow.children import feed_child, run_child
from dubbing.flow.together import together
from tests.conftest import ROOT
from tests.unit.test_flow import HANGS_AFTER_S, flow_threads, same, within

pytestmark = pytest.mark.unit

MOST_S = 2.0  # from the cancel to the end
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def cancelled_after(flow: Iterator[Any], cancel: Cancel, ready: Callable[[], bool]) -> float:
    """Consumes the flow, cancels it when it is ready to be; returns how long it took to end."""
    at: list[float] = []

    def canceller() -> None:
        while not ready():
            time.sleep(0.002)
        at.append(time.monotonic())
        cancel.cancel()

    threading.Thread(target=canceller, daemon=True).start()
    with pytest.raises(CancelledError):
        within(lambda: [None for _ in flow])
    took_s = time.monotonic() - at[0]
    assert not flow_threads()
    return took_s


def waiting_for_items(cancel: Cancel, reached: threading.Event) -> Iterator[Any]:
    """A flow whose source has nothing to give."""

    def items() -> Iterator[int]:
        yield 1
        reached.set()
        cancel.wait(600)

    return run(items(), [Worker(name="a", work=same)], cancel=cancel)


def working(cancel: Cancel, reached: threading.Event) -> Iterator[Any]:
    """A flow in the middle of work that looks at its flag."""

    def work(batch: Sequence[int]) -> Sequence[int]:
        reached.set()
        current().wait(600)
        return batch

    stages = [Worker(name="a", work=same), Worker(name="b", work=work), Worker(name="c", work=same)]
    return run(itertools.count(), stages, cancel=cancel)


def patient(cancel: Cancel, reached: threading.Event) -> Iterator[Any]:
    """A flow that waits for a batch to fill."""

    def items() -> Iterator[int]:
        yield 1
        reached.set()
        cancel.wait(600)

    return run(items(), [Worker(name="a", work=same, batch=9, patience_s=600)], cancel=cancel)


def gathering(cancel: Cancel, reached: threading.Event) -> Iterator[Any]:
    """A flow whose last stage waits for an end that never comes."""

    def items() -> Iterator[int]:
        for n in itertools.count():
            if n == 50:
                reached.set()
            yield n

    return run(items(), [Gather(name="all", start=after_all(same))], cancel=cancel)


def with_a_child(cancel: Cancel, reached: threading.Event) -> Iterator[Any]:
    """A flow that waits for a program."""

    def work(batch: Sequence[int]) -> Sequence[int]:
        reached.set()
        run_child(SLEEPER)
        return batch

    return run([1, 2], [Worker(name="a", work=work, batch=2, patience_s=9)], cancel=cancel)


@pytest.mark.parametrize("make", [waiting_for_items, working, patient, gathering, with_a_child])
def test_a_cancel_ends_a_flow_wherever_it_is(
    make: Callable[[Cancel, threading.Event], Iterator[Any]],
) -> None:
    """The consumer gets `CancelledError` within two seconds, and no thread is left."""
    cancel, reached = Cancel(), threading.Event()
    assert cancelled_after(make(cancel, reached), cancel, reached.is_set) < MOST_S


@settings(max_examples=40)
@given(
    st.floats(0, 0.02),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=4),
    st.booleans(),
)
def test_a_cancel_ends_a_flow_whenever_it_comes(
    after_s: float, shapes: list[tuple[int, int]], failing: bool
) -> None:
    """At any moment, also while items fail, while threads start, and before the first result."""
    cancel = Cancel()

    def work(batch: Sequence[int]) -> Sequence[int]:
        if failing and any(n % 3 == 0 for n in batch):
            raise ValueError
        return batch

    stages: list[Any] = [
        Worker(name=str(n), work=work, batch=batch, queue=queue)
        for n, (batch, queue) in enumerate(shapes)
    ]
    timer = threading.Timer(after_s, cancel.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        within(lambda: [None for _ in run(itertools.count(), stages, cancel=cancel)])
    timer.join()
    assert not flow_threads()


def test_a_signal_handler_may_cancel() -> None:
    """A SIGTERM that arrives in the middle of the consumer's own bookkeeping blocks nothing."""
    code = (
        "import itertools, os, signal, threading, time\n"
        "from dubbing.errors import CancelledError\n"
        "from dubbing.flow import Cancel, Worker, run\n"
        "for _ in range(40):\n"
        "    cancel = Cancel()\n"
        "    signal.signal(signal.SIGTERM, lambda *_: cancel.cancel())\n"
        "    threading.Timer(0.005, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "    try:\n"
        "        for _ in run(itertools.count(), [Worker(name='a', work=list)], cancel=cancel):\n"
        "            pass\n"
        "    except CancelledError:\n"
        "        pass\n"
        "assert threading.active_count() == 1\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-c", code]
    subprocess.run(line, check=True, timeout=HANGS_AFTER_S, env=environment)


def test_a_flow_whose_consumer_is_away_ends_too() -> None:
    """Stages blocked by back-pressure end at the cancel, before anybody asks for a result."""
    cancel = Cancel()
    flow = run(itertools.count(), [Worker(name="a", work=same)], cancel=cancel)
    assert next(flow) == 0
    cancel.cancel()
    end_s = time.monotonic() + MOST_S
    while flow_threads() and time.monotonic() < end_s:
        time.sleep(0.01)
    assert not flow_threads()
    with pytest.raises(CancelledError):
        next(flow)


def test_a_call_that_cannot_be_stopped_does_not_keep_the_consumer() -> None:
    """It gets `CancelledError` in time; the thread ends with its call and works on nothing more."""
    cancel, reached, release = Cancel(), threading.Event(), threading.Event()
    calls: list[int] = []

    def work(batch: Sequence[int]) -> Sequence[int]:
        calls.append(batch[0])
        reached.set()
        release.wait(60)
        return batch

    flow = run(itertools.count(), [Worker(name="stuck", work=work)], cancel=cancel)
    threading.Thread(target=lambda: (reached.wait(60), cancel.cancel()), daemon=True).start()
    started_s = time.monotonic()
    with pytest.raises(CancelledError):
        within(lambda: next(flow))
    assert time.monotonic() - started_s < MOST_S
    assert flow_threads() == ["flow-stuck"]
    release.set()
    while flow_threads():
        time.sleep(0.005)
    assert calls == [0]


@pytest.mark.parametrize("end", [GeneratorExit, KeyboardInterrupt, RuntimeError])
def test_leaving_the_loop_stops_the_flow_and_its_children(
    end: type[BaseException], tmp_path: Path
) -> None:
    """Closing the generator, Ctrl-C and an error in the consumer end threads, children and theirs,
    and close the source.
    """
    pids = tmp_path / "pids"
    parent = (
        "import subprocess, sys, os;"
        f"p = subprocess.Popen({SLEEPER!r});"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{p.pid}} ');"
        "p.wait()"
    )
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed.set()

    def work(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] == 1:
            run_child([sys.executable, "-c", parent])
        return batch

    def consume() -> None:
        with closing(run(items(), [Worker(name="a", work=work)])) as flow:
            assert next(flow) == 0
            while not (pids.exists() and pids.read_text().endswith(" ")):
                time.sleep(0.01)
            if end is not GeneratorExit:
                raise end

    started_s = time.monotonic()
    if end is GeneratorExit:
        within(consume)
    else:
        with pytest.raises(end):
            within(consume)
    assert time.monotonic() - started_s < 10
    assert not flow_threads() and closed.is_set()
    for pid in map(int, pids.read_text().split()):
        assert gone(pid)


def gone(pid: int) -> bool:
    """Whether a process ends within two seconds, or waits only to be collected."""
    end_s = time.monotonic() + MOST_S
    while time.monotonic() < end_s:
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_ctrl_c_while_waiting_for_a_result_ends_the_program() -> None:
    """A real SIGINT in the consumer's wait: status of an interrupt, in time, nothing left."""
    code = (
        "import itertools, sys\n"
        "from dubbing.flow import Worker, current, run\n"
        "def work(batch):\n"
        "    print('working', flush=True)\n"
        "    current().wait(600)\n"
        "for _ in run(itertools.count(), [Worker(name='a', work=work)]): pass\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(2)
        try:
            _, said = process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode == -2
    assert "KeyboardInterrupt" in said


def test_what_the_stopping_breaks_is_no_failed_item() -> None:
    """Work that dies because its helper was stopped is not retried and not reported."""
    cancel, reached, stopped = Cancel(), threading.Event(), threading.Event()
    events: list[Any] = []
    tries: list[int] = []

    def work(batch: Sequence[int]) -> Sequence[int]:
        tries.append(batch[0])
        with current().stopping(stopped.set):
            reached.set()
            assert stopped.wait(60)
            raise OSError("the pipe is broken")

    flow = run([1], [Worker(name="a", work=work)], cancel=cancel, listen=events.append)
    assert cancelled_after(flow, cancel, reached.is_set) < MOST_S
    assert tries == [1]
    assert not [e for e in events if type(e).__name__ == "ItemFailed"]


def test_a_stop_registered_too_late_is_called_at_once() -> None:
    """Between a cancel and the start of a child lies no gap."""
    cancel, called = Cancel(), threading.Event()
    cancel.cancel()
    with pytest.raises(CancelledError), cancel.stopping(called.set):
        pytest.fail("it goes on")
    assert called.is_set()


def test_every_stop_is_called_although_one_fails() -> None:
    """The failing one's error is raised after the others had their turn."""
    cancel, called = Cancel(), threading.Event()

    def broken() -> None:
        raise OSError("broken")

    with (
        cancel.stopping(broken),
        cancel.stopping(called.set),
        pytest.raises(OSError, match="broken"),
    ):
        cancel.cancel()
    assert called.is_set()
    cancel.cancel()  # nothing is called a second time


def test_threads_of_a_pool_inside_a_stage_belong_to_the_flow() -> None:
    """`carried` brings the flow's flag into a pool, so that its children are killed too."""
    cancel, reached = Cancel(), threading.Event()

    def speak(_: int) -> None:
        reached.set()
        run_child(SLEEPER)

    def work(batch: Sequence[int]) -> Sequence[int]:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(carried(speak), batch))
        return batch

    flow = run([1, 2], [Worker(name="a", work=work, batch=2, patience_s=9)], cancel=cancel)
    assert cancelled_after(flow, cancel, reached.is_set) < MOST_S


def test_children_behave_like_subprocess_run() -> None:
    """Outside of flows too: output, status, input, a time limit, a program that is not there."""
    echo = "import sys; data = sys.stdin.read(); print(data, end=''); sys.exit(3)"
    done = run_child([sys.executable, "-c", echo], given="да".encode())
    assert (done.stdout.decode(), done.returncode) == ("да", 3)
    with pytest.raises(subprocess.TimeoutExpired):
        run_child(SLEEPER, timeout_s=0.2)
    with pytest.raises(FileNotFoundError):
        run_child(["no-such-program"])


def test_a_failed_item_of_another_flow_stays_failed() -> None:
    """The results of one flow can be the items of the next."""
    failed = Failed(item=1, stage="earlier", error=ValueError("x"))
    assert list(run([failed, 2], [Worker(name="a", work=same)])) == [failed, 2]


def test_what_goes_on_together_stops_with_the_flow() -> None:
    """Threads inside a stage, and their children, end when the flow is cancelled."""
    cancel, reached = Cancel(), threading.Event()

    def speak(_: int) -> None:
        reached.set()
        run_child(SLEEPER)

    def work(batch: Sequence[int]) -> Sequence[int]:
        with together(2) as pool:
            list(pool.map(speak, batch))
        return batch

    flow = run([1, 2], [Worker(name="a", work=work, batch=2, patience_s=9)], cancel=cancel)
    assert cancelled_after(flow, cancel, reached.is_set) < MOST_S


def test_an_error_stops_what_goes_on_together() -> None:
    """The block's own exception comes out at once, and the flow around it is not cancelled."""
    outer, begun_s = Cancel(), time.monotonic()
    slow = []

    def failing() -> None:
        with together(1) as pool:
            slow.append(pool.start(run_child, SLEEPER))
            raise KeyError

    with working_for(outer), pytest.raises(KeyError):
        failing()
    assert time.monotonic() - begun_s < MOST_S
    assert isinstance(slow[0].exception(), CancelledError)
    assert not outer.is_set


def test_a_fed_child_reads_what_is_made_meanwhile() -> None:
    """Pieces come in order; a child that has read enough asks for no more of an endless row."""
    copy = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    done = feed_child([sys.executable, "-c", copy], [b"a" * 100_000, b"b"])
    assert done.stdout == b"a" * 100_000 + b"b"
    made = 0

    def endless() -> Iterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"x" * 1000

    loud = "import sys; sys.stdin.read(1); sys.stderr.write('y' * 200_000); sys.exit(3)"
    done = feed_child([sys.executable, "-c", loud], endless())
    assert (done.returncode, len(done.stderr)) == (3, 200_000)
    assert made < 10_000


def test_a_fed_child_is_gone_after_an_error_of_its_feeder(tmp_path: Path) -> None:
    """It is killed, so it cannot take half of its input for the whole."""
    told = tmp_path / "told"
    script = f"import sys; sys.stdin.read(); open({str(told)!r}, 'w').close()"

    def broken() -> Iterator[bytes]:
        yield b"x"
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        feed_child([sys.executable, "-c", script], broken())
    assert not told.exists()


def test_a_stream_of_items_is_not_held_as_a_whole() -> None:
    """Results come in order, and no more items are asked for than may be begun."""
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1, 100):
            asked.append(number)
            yield number

    with together(2) as pool:
        results = pool.stream(lambda n: n * n, items(), ahead=3)
        assert [next(results) for _ in range(5)] == [1, 4, 9, 16, 25]
        assert len(asked) <= 5 + 3
        assert list(results)[-1] == 99 * 99
