"""How long a flow still takes, and how many threads its stages get."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.events import Event, ItemDone, StageFinished
from dubbing.flow import Eta, Load, Worker, run, seconds_left, thread_budget
from dubbing.flow.threads import MOST

pytestmark = pytest.mark.unit


def test_the_slowest_stage_sets_the_pace() -> None:
    """Its items one after another, then the last one through the stages behind it."""
    loads = [Load(left=2, item_s=1.0), Load(left=5, item_s=3.0), Load(left=6, item_s=0.5)]
    assert seconds_left(loads) == 5 * 3.0 + 0.5


def test_a_slow_stage_that_is_through_does_not_count() -> None:
    """Only what is left to do takes time."""
    assert seconds_left([Load(left=0, item_s=60.0), Load(left=2, item_s=1.0)]) == 2.0
    assert seconds_left([Load(left=0, item_s=60.0), Load(left=0, item_s=1.0)]) == 0.0


def test_nothing_is_said_before_anything_was_measured() -> None:
    """None, not zero; a stage that has not begun is taken as free."""
    assert seconds_left([Load(left=9, item_s=None), Load(left=9, item_s=None)]) is None
    assert seconds_left([Load(left=9, item_s=2.0), Load(left=9, item_s=None)]) == 18.0


def test_the_rate_is_that_of_the_last_items() -> None:
    """A first item that also loaded a model is forgotten after twenty more."""
    eta = Eta(["speak"], 100)
    for done in range(1, 22):
        work_s = 60.0 if done == 1 else 1.0
        eta.hear(ItemDone(stage="speak", done=done, total=100, work_s=work_s))
    assert eta.left_s() == pytest.approx(79.0)


def test_a_joining_stage_leaves_fewer_items_to_those_behind() -> None:
    """What a stage made of its items so far is expected of the rest; at its end it is known."""
    eta = Eta(["join", "translate"], 10)
    for done in range(1, 5):
        eta.hear(ItemDone(stage="join", done=done, total=10, work_s=0.0, passed=done % 2))
    eta.hear(ItemDone(stage="translate", done=1, total=None, work_s=2.0))
    assert [load.left for load in eta.loads()] == [6, 4]
    eta.hear(StageFinished(stage="join", wall_s=1, made=3, kept=0))
    assert [load.left for load in eta.loads()] == [0, 2]


def test_a_flow_s_own_events_count_down_to_zero() -> None:
    """After the last event of a real flow nothing is left."""
    eta = Eta(["a", "b"], 7)
    said: list[float | None] = []

    def listen(event: Event) -> None:
        eta.hear(event)
        said.append(eta.left_s())

    stages = [Worker(name=n, work=lambda batch: batch, batch=2) for n in "ab"]
    list(run(range(7), stages, listen=listen))
    assert said[0] is None
    assert said[-1] == 0.0


def test_the_slowest_stage_gets_the_free_cores() -> None:
    """As long as all stages together do not keep more cores busy than there are."""
    loads = {"transcribe": 4.0, "translate": 0.1, "speak": 2.0}
    assert thread_budget(2, loads) == {"transcribe": 1, "translate": 1, "speak": 1}
    assert thread_budget(3, loads) == {"transcribe": 2, "translate": 1, "speak": 1}
    assert thread_budget(64, loads) == {"transcribe": 4, "translate": 1, "speak": 2}
    assert thread_budget(2, {"speak": 1.0}) == {"speak": 2}
    assert thread_budget(8, {}) == {}
    assert thread_budget(8, {"nothing": 0.0}) == {"nothing": 1}


@given(
    st.integers(1, 64),
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 100, allow_subnormal=False)),
)
def test_no_budget_is_more_than_there_is(cores: int, loads: dict[str, float]) -> None:
    """Every stage has a thread, none more than the cores or than is useful; more than one only
    where the stages together then keep no more cores busy than there are, within half of one.
    """
    budget = thread_budget(cores, loads)
    assert budget.keys() == loads.keys()
    assert all(1 <= threads <= max(1, min(MOST, cores)) for threads in budget.values())
    if any(threads > 1 for threads in budget.values()):
        pace_s = max(loads[name] / threads for name, threads in budget.items())
        assert math.fsum(loads.values()) / pace_s <= cores + 0.5 + 1e-6
