"""What `doctor` finds out about a machine."""

from __future__ import annotations

import sys

import pytest

from dubbing import diagnosis
from dubbing.config import PROFILES, SMALLEST

pytestmark = pytest.mark.unit


def row(what: str) -> diagnosis.Row:
    """The row of that name."""
    return next(one for one in diagnosis.diagnose() if one["what"] == what)


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 9), "missing"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "missing")],
)
def test_a_python_that_the_packages_do_not_fit_is_told(
    version: tuple[int, int, int], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The speakers' networks come for no later one."""
    monkeypatch.setattr(sys, "version_info", version)
    assert row("python")["state"] == state


@pytest.mark.parametrize(
    "part", ["detector", "transcriber", "diarizer", "translator", "accentor", "encoder"]
)
def test_a_profile_lacks_whatever_engine_is_not_here(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the smallest profile nothing may be missing."""
    gone = getattr(PROFILES[SMALLEST], part)
    monkeypatch.setattr(
        diagnosis, "why_unavailable", lambda name: "it is gone" if name == gone else None
    )
    found = row(f"profile {SMALLEST}")
    assert found["state"] == "missing"
    assert f"{gone}: it is gone" in found["detail"]
