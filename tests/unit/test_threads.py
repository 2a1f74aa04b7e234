"""How many threads an engine takes."""

from __future__ import annotations

import pytest

from dubbing.engines import torch_threads

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("asked", "cores", "wanted"),
    [("", 2, 2), ("", 16, 4), ("1", 8, 1), ("3,2", 8, 3), ("9", 2, 2), ("0", 2, 2), ("x", 2, 2)],
)
def test_threads_are_the_cores_or_the_share_of_them_that_is_asked_for(
    asked: str, cores: int, wanted: int, monkeypatch: pytest.MonkeyPatch
):
    """Four at most, never more than there are cores; what is no number is passed over."""
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(torch_threads.os, "cpu_count", lambda: cores)
    assert torch_threads.threads() == wanted
