"""Items flow through stages: in order, none lost, none doubled, all stages at work together."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubbing.events import (
    Event,
    FlowFinished,
    ItemDone,
    ItemFailed,
    Notice,
    ResultReady,
    StageFinished,
    StageStarted,
)
from dubbing.flow import Failed, Gather, Worker, after_all, run, threads_here
from dubbing.flow.stage import StageContractError

pytestmark = pytest.mark.unit

HANGS_AFTER_S = 20.0


def within(call: Callable[[], Any], limit_s: float = HANGS_AFTER_S) -> Any:
    """What the call gives or raises; a failed test instead of a hang."""
    came: list[Any] = []

    def body() -> None:
        try:
            came.append((True, call()))
        except BaseException as error:  # noqa: BLE001
            came.append((False, error))

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    thread.join(limit_s)
    assert came, f"it hangs: nothing came in {limit_s} s"
    fine, value = came[0]
    if not fine:
        raise value
    return value


def results(items: Iterable[Any], stages: Sequence[Any], **options: Any) -> list[Any]:
    """All results, with a time limit; no thread may be left behind."""
    found = within(lambda: list(run(items, stages, **options)))
    assert not flow_threads()
    return found


def flow_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("flow-")]


class RefusedError(Exception):
    """What a stage of these tests raises for an item."""


def adding(number: int, refused: set[int], calls: Counter[tuple[int, int]]) -> Callable[..., Any]:
    """Work that appends its stage's number to each item's path; some items it refuses always."""

    def work(batch: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        for path in batch:
            calls[number, path[0]] += 1
        if bad := [path for path in batch if path[0] in refused]:
            raise RefusedError(bad[0][0])
        return [(*path, number) for path in batch]

    return work


@st.composite
def flows(draw: st.DrawFn) -> tuple[int, list[dict[str, Any]]]:
    """A number of items and some stages with batches, queues and items that fail in them."""
    count = draw(st.integers(0, 25))
    stages = st.fixed_dictionaries(
        {
            "batch": st.integers(1, 6),
            "queue": st.integers(1, 5),
            "patience_s": st.sampled_from([0.0, 0.0, 0.003]),
            "retries": st.integers(0, 2),
            "refused": st.sets(st.integers(0, max(0, count - 1)), max_size=4),
        }
    )
    return count, draw(st.lists(stages, max_size=5))


@settings(max_examples=60)
@given(flows())
def test_every_item_comes_out_once_in_order_whatever_fails(
    flow: tuple[int, list[dict[str, Any]]],
) -> None:
    """For any stages, batches, queues and failures: as many results as items, in their order, each
    having been through every stage, or failed in the first that refuses it and untouched since.
    """
    count, described = flow
    calls: Counter[tuple[int, int]] = Counter()
    stages = []
    for number, options in enumerate(described):
        refused = options.pop("refused")
        stages.append(Worker(name=str(number), work=adding(number, refused, calls), **options))
        options["refused"] = refused
    found = results(((n,) for n in range(count)), stages)
    assert len(found) == count
    for n, result in enumerate(found):
        refusing = [i for i, options in enumerate(described) if n in options["refused"]]
        if not refusing:
            assert result == (n, *range(len(described)))
            continue
        first = refusing[0]
        assert isinstance(result, Failed)
        assert (result.item, result.stage) == ((n, *range(first)), str(first))
        assert isinstance(result.error, RefusedError) and result.error.args == (n,)
        assert not any(calls[later, n] for later in range(first + 1, len(described)))
        alone, batch = described[first]["retries"] + 1, described[first]["batch"]
        assert calls[first, n] in ({alone} if batch == 1 else {alone, max(2, alone)})


class Pairs:
    """Joins two neighbours; the last one may stay alone."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    def take(self, item: Any) -> list[Any]:
        if item == "bad":
            raise RefusedError(item)
        self.held.append(item)
        if len(self.held) < 2:
            return []
        pair, self.held = tuple(self.held), []
        return [pair]

    def flush(self) -> list[Any]:
        return [tuple(self.held)] if self.held else []


def same(batch: Sequence[Any]) -> Sequence[Any]:
    """Work that changes nothing."""
    return batch


def test_the_first_batch_may_be_smaller() -> None:
    """Somebody waits for the first result; the later ones come in full batches."""
    batches: list[int] = []

    def work(batch: Sequence[int]) -> Sequence[int]:
        batches.append(len(batch))
        return batch

    stage = Worker(name="a", work=work, batch=4, first=1, patience_s=HANGS_AFTER_S)
    assert within(lambda: list(run(range(9), [stage]))) == list(range(9))
    assert batches == [1, 4, 4]


def test_a_stage_lets_go_while_later_ones_go_on() -> None:
    """`ended` comes after the stage's last item, while the next stage is at work on it."""
    let_go = threading.Event()

    def slowly(batch: Sequence[int]) -> Sequence[int]:
        assert batch == [1] or let_go.wait(HANGS_AFTER_S)
        return batch

    stages = [Worker(name="a", work=same, ended=let_go.set), Worker(name="b", work=slowly)]
    assert within(lambda: list(run([1, 2], stages))) == [1, 2]


@settings(max_examples=25)
@given(st.lists(st.integers(), max_size=15), st.integers(1, 4))
def test_a_gathering_stage_loses_and_doubles_nothing(items: list[int], batch: int) -> None:
    """What a gatherer joins comes out joined, in order, with the rest flushed at the end."""
    stages = [
        Worker(name="before", work=same, batch=batch),
        Gather(name="pairs", start=Pairs),
        Worker(name="after", work=same, batch=batch),
    ]
    found = results(items, stages)
    assert [n for pair in found for n in pair] == items
    assert all(len(pair) == 2 for pair in found[:-1])


def test_a_gatherer_that_fails_on_an_item_keeps_what_it_held() -> None:
    """The item it cannot take goes on as failed, and its neighbours are joined over it."""
    events: list[Event] = []
    found = results([1, "bad", 2, 3], [Gather(name="pairs", start=Pairs)], listen=events.append)
    assert found[1:] == [(1, 2), (3,)]
    assert found[0].item == "bad" and found[0].stage == "pairs"
    assert [e.again for e in events if isinstance(e, ItemFailed)] == [True, False]


def test_a_gatherer_may_ask_for_failed_items_too() -> None:
    """With `takes_failed` it is given them in their place; otherwise they go past it."""
    refusing = Worker(name="first", work=adding(0, {1}, Counter()))
    for takes, shape in ((False, [1, 2]), (True, [2, 1])):
        stages = [refusing, Gather(name="pairs", start=Pairs, takes_failed=takes)]
        found = results([(0,), (1,), (2,)], stages)
        assert [1 if isinstance(f, Failed) else len(f) for f in found] == shape
    assert isinstance(found[0][1], Failed)


def test_a_stage_that_waits_for_everything_sees_everything() -> None:
    """`after_all` gives all items at once and passes on what is made of them one by one."""
    later = Gather(name="sort", start=after_all(sorted))
    assert results([3, 1, 2], [Worker(name="same", work=same), later]) == [1, 2, 3]


def test_all_stages_work_at_the_same_time() -> None:
    """Item N + 1 is in the first stage while item N is in the second: both wait for each other."""
    meeting = threading.Barrier(2, timeout=HANGS_AFTER_S)

    def first(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] > 0:
            meeting.wait()
        return batch

    def second(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] < 3:
            meeting.wait()
        return batch

    stages = [Worker(name="first", work=first), Worker(name="second", work=second)]
    assert results(range(4), stages) == [0, 1, 2, 3]


def test_a_result_comes_before_the_next_item_is_there() -> None:
    """Nothing waits for a batch or a queue to fill when patience is 0."""
    taken = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        assert taken.wait(HANGS_AFTER_S)
        yield 2

    def consume() -> list[int]:
        found = []
        for result in run(items(), [Worker(name="a", work=same, batch=8)]):
            found.append(result)
            taken.set()
        return found

    assert within(consume) == [1, 2]


@pytest.mark.parametrize(("patience_s", "sizes"), [(0.0, [1, 3]), (10.0, [4])])
def test_batches_form_from_what_waits_or_comes_within_patience(
    patience_s: float, sizes: list[int]
) -> None:
    """Without patience the first item is worked on alone and the others, come meanwhile, together;
    with it a batch waits until it is full or no more can come.
    """
    seen: list[int] = []
    fed = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        while not (seen or patience_s):
            time.sleep(0.001)
        yield from (2, 3, 4)
        fed.set()

    def work(batch: Sequence[int]) -> Sequence[int]:
        seen.append(len(batch))
        if not patience_s:
            fed.wait(HANGS_AFTER_S)
        return batch

    stage = Worker(name="a", work=work, batch=5, patience_s=patience_s, queue=5)
    assert results(items(), [stage]) == [1, 2, 3, 4]
    assert seen == sizes


def test_a_stage_that_is_ahead_waits() -> None:
    """Back-pressure: while nobody takes results, only what queues and batches hold is fed."""
    fed: list[int] = []

    def items() -> Iterator[int]:
        for n in itertools.count():
            fed.append(n)
            yield n

    def consume() -> int:
        flow = run(items(), [Worker(name=n, work=same, batch=2, queue=3) for n in "abc"])
        assert next(flow) == 0
        time.sleep(0.3)
        held = len(fed)
        flow.close()
        return held

    # Three queues of 3 and the last one's out, a batch of 2 in each stage's hands, one item taken
    # and one in the feeder's hands.
    assert within(consume) <= 4 * 3 + 3 * 2 + 2
    assert not flow_threads()


def test_one_bad_item_does_not_take_its_batch_with_it() -> None:
    """A batch that fails is tried again item by item; the others succeed, and it is told."""
    events: list[Event] = []
    calls: Counter[tuple[int, int]] = Counter()
    stage = Worker(name="a", work=adding(0, {2}, calls), batch=4, patience_s=10, queue=4)
    found = results([(n,) for n in range(4)], [stage], listen=events.append)
    assert [isinstance(f, Failed) for f in found] == [False, False, True, False]
    assert [calls[0, n] for n in range(4)] == [2, 2, 2, 2]
    assert any(isinstance(e, Notice) and "4 items together" in e.message for e in events)
    failed = [e for e in events if isinstance(e, ItemFailed)]
    assert [(e.stage, e.message, e.again) for e in failed] == [("a", "2", False)]


def test_an_item_that_fails_once_is_not_lost() -> None:
    """The second try counts; with no retries the first one is the last."""
    for retries in (1, 0):
        tries = itertools.count()

        def work(batch: Sequence[int], tries: Iterator[int] = tries) -> Sequence[int]:
            if next(tries) == 0:
                raise RefusedError
            return batch

        found = results([7], [Worker(name="a", work=work, retries=retries)])
        assert (found == [7]) is (retries == 1)


def test_a_fatal_error_is_raised_in_the_consumer_where_it_happened() -> None:
    """It ends the flow at once, with the traceback of the stage's own thread."""

    def work_that_lacks_its_weights(batch: Sequence[int]) -> Sequence[int]:
        if batch[0] == 3:
            raise RefusedError("no weights")
        return batch

    stage = Worker(name="a", work=work_that_lacks_its_weights, fatal=(RefusedError,))
    with pytest.raises(RefusedError, match="no weights") as raised:
        results(itertools.count(), [stage, Worker(name="b", work=same)])
    assert "work_that_lacks_its_weights" in [entry.name for entry in raised.traceback]
    assert not flow_threads()


def test_a_stage_that_gives_too_few_results_ends_the_flow() -> None:
    """Otherwise an item would get its neighbour's result."""
    stage = Worker(name="short", work=lambda batch: batch[1:])
    with pytest.raises(StageContractError, match="stage short made 0 results of 1 items"):
        results([1, 2], [stage])
    assert not flow_threads()


def test_errors_of_items_flush_and_listener_end_the_flow() -> None:
    """What belongs to no item cannot be carried with one."""

    def items() -> Iterator[int]:
        yield 1
        raise RefusedError("items")

    def listen(_: Event) -> None:
        raise RefusedError("listener")

    def flush(_: Sequence[int]) -> Iterable[int]:
        raise RefusedError("flush")

    same_stage = [Worker(name="a", work=same)]
    gathering = [Gather(name="a", start=after_all(flush))]
    for source, stages, options, why in (
        (items(), same_stage, {}, "items"),
        ([1], gathering, {}, "flush"),
        ([1], same_stage, {"listen": listen}, "listener"),
    ):
        with pytest.raises(RefusedError, match=why):
            results(source, stages, **options)
        assert not flow_threads()


def test_events_tell_of_every_stage_and_item() -> None:
    """Each stage starts, is done with its items one by one, and finishes; each result is told; the
    seconds of the items are those of their work.
    """

    def slow(batch: Sequence[int]) -> Sequence[int]:
        time.sleep(0.02)
        return batch

    events: list[Event] = []
    stages = [Worker(name="quick", work=same), Worker(name="slow", work=slow, batch=2)]
    results([1, 2, 3], stages, listen=events.append)
    for name in ("quick", "slow"):
        own = [e for e in events if getattr(e, "stage", "") == name]
        assert isinstance(own[0], StageStarted) and own[0].total == 3
        assert [e.done for e in own[1:-1] if isinstance(e, ItemDone)] == [1, 2, 3]
        assert isinstance(own[-1], StageFinished) and own[-1].made == 3
        work_s = sum(e.work_s for e in own if isinstance(e, ItemDone))
        assert own[-1].busy_s == pytest.approx(work_s)
        assert (work_s >= 0.04) is (name == "slow")
    ready = [e for e in events if isinstance(e, ResultReady)]
    assert [e.number for e in ready] == [1, 2, 3]
    assert 0.02 <= ready[0].after_s <= ready[2].after_s
    assert isinstance(events[-1], FlowFinished)
    assert (events[-1].ready, events[-1].failed) == (3, 0)


def test_work_is_told_how_many_threads_it_may_use() -> None:
    """`threads_here` gives the stage's own number inside work, and none elsewhere."""
    stages = [
        Worker(
            name=str(n), work=lambda batch: [(*item, threads_here()) for item in batch], threads=n
        )
        for n in (1, 3)
    ]
    assert results([()], stages) == [(1, 3)]
    assert threads_here() is None


def test_stages_that_cannot_be_meant_are_refused() -> None:
    """Two of a name, an empty batch, negative patience."""
    with pytest.raises(ValueError, match="names of their own"):
        run([], [Worker(name="a", work=same), Worker(name="a", work=same)])
    for wrong in ({"batch": 0}, {"queue": 0}, {"threads": 0}, {"patience_s": -1}, {"retries": -1}):
        with pytest.raises(ValueError, match="stage a"):
            Worker(name="a", work=same, **wrong)


def test_ten_times_the_items_hold_no_more_memory() -> None:
    """At no time are more items alive than queues and batches hold."""

    class Item:
        alive = most = 0

        def __init__(self) -> None:
            Item.alive += 1
            Item.most = max(Item.most, Item.alive)

        def __del__(self) -> None:
            Item.alive -= 1

    stages = [Worker(name=n, work=same, batch=2, queue=2) for n in "ab"]
    for count in (100, 1000):
        for _ in run((Item() for _ in range(count)), stages):
            pass
        assert Item.most <= 20
