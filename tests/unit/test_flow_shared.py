"""Several listeners hear the same items in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubbing.errors import CancelledError
from dubbing.flow import Cancel
from dubbing.flow.cancel import working_for
from dubbing.flow.shared import AHEAD, shared
from tests.unit.test_flow import within

pytestmark = pytest.mark.unit


@given(
    st.lists(st.integers(), max_size=30),
    st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=4),
)
@settings(max_examples=50, deadline=None)
def test_each_hears_all_that_it_asks_for(items: list[int], wanted: list[int]) -> None:
    """Whoever stops early does not hold up the others."""
    listeners = [lambda heard, most=most: list(islice(heard, most)) for most in wanted]
    found = within(lambda: shared(iter(items), listeners))
    assert found == [items[:most] for most in wanted]


def test_items_are_not_held() -> None:
    """The source is never further ahead than the slowest listener's queue."""
    given_out = 0
    lead: list[int] = []

    def items() -> Iterator[int]:
        nonlocal given_out
        for number in range(200):
            given_out = number
            yield number

    def slow(heard: Iterator[int]) -> None:
        lead.extend(given_out - number for number in heard)

    within(lambda: shared(items(), [slow, list]))
    assert len(lead) == 200
    assert max(lead) <= AHEAD + 2  # one in each hand


@pytest.mark.parametrize("place", [0, 1])
def test_a_listener_that_fails_ends_the_pass_with_its_own_error(place: int) -> None:
    """At once, however much there is still to hear, whichever of them it is."""

    def fails(heard: Iterator[int]) -> None:
        raise ValueError(f"not a {next(heard)}")

    listeners: list[Callable[[Iterator[int]], object]] = [sum]
    listeners.insert(place, fails)
    with pytest.raises(ValueError, match="not a 0"):
        within(lambda: shared(count(), listeners))


def test_a_listener_that_fails_at_the_end_is_heard_of() -> None:
    """Such as one that found nothing in all of it."""

    def fails(heard: Iterator[int]) -> None:
        raise ValueError(f"nothing in {len(list(heard))}")

    with pytest.raises(ValueError, match="nothing in 50"):
        within(lambda: shared(range(50), [sum, fails]))


def test_an_error_of_the_source_is_told_as_it_is() -> None:
    """Listeners that wait for more are released."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        within(lambda: shared(items(), [list, sum]))


def test_a_cancelled_flow_ends_it() -> None:
    """The source looks at the flag, as `decode` does."""
    cancel = Cancel()

    def items() -> Iterator[int]:
        for number in range(1_000_000):
            if number == 10:
                cancel.cancel()
            cancel.check()
            yield number

    def run() -> None:
        with working_for(cancel):
            shared(items(), [list, list])

    with pytest.raises(CancelledError):
        within(run)
