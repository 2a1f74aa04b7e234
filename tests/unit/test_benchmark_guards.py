"""Every bound of a benchmark can fail, and the runner says so."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.unit

sys.path.append(str(ROOT / "benchmarks"))  # scripts, which import each other by name


def script(name: str) -> ModuleType:
    """A script of benchmarks/."""
    return importlib.import_module(name)


runner = script("run")
GUARDED = {name: b for name, b in runner.BENCHMARKS.items() if b.guards}
GUARDS = [(name, guard) for name, b in GUARDED.items() for guard in b.guards]


def canaries(name: str) -> dict[str, Any]:
    """Figure → what measures it on a bad input."""
    found: dict[str, Any] = script(GUARDED[name].line.split()[0].removesuffix(".py")).CANARIES
    return found


@pytest.mark.parametrize(("name", "guard"), GUARDS, ids=lambda v: getattr(v, "figure", v))
def test_a_bound_fails_for_its_canary(name: str, guard: Any) -> None:
    """Measured on an input that is bad on purpose, the figure is out of bounds."""
    document = canaries(name)[guard.figure]()
    assert not guard.holds(document), f"{guard} holds for {guard.value(document)}"


@pytest.mark.parametrize("name", GUARDED)
def test_every_bound_has_a_canary(name: str) -> None:
    """And no canary is left of a bound that is gone."""
    assert set(canaries(name)) == {guard.figure for guard in GUARDED[name].guards}


def test_every_script_of_the_table_is_there() -> None:
    """A renamed script is noticed before somebody wants a figure."""
    for benchmark in runner.BENCHMARKS.values():
        assert (ROOT / "benchmarks" / benchmark.line.split()[0]).is_file()


def test_bounds_are_judged_from_both_sides() -> None:
    """At the bound it holds; truth counts as 1; what is no number never holds."""
    least, most = runner.Guard(figure="a.b", at_least=2), runner.Guard(figure="a.b", at_most=2)
    assert [least.holds({"a": {"b": v}}) for v in (1.9, 2, 3, float("nan"))] == [0, 1, 1, 0]
    assert [most.holds({"a": {"b": v}}) for v in (1.9, 2, 3, float("nan"))] == [1, 1, 0, 0]
    assert runner.Guard(figure="same", at_least=1).holds({"same": True})
    assert str(least) == "a.b >= 2"


def test_repeated_documents_become_medians() -> None:
    """Numbers wherever they stand; texts and truths are the first's."""
    documents = [{"a": {"s": s}, "cpu": "x", "ok": True, "list": [s]} for s in (5.0, 1.0, 2.0)]
    assert runner.median_of(documents) == {"a": {"s": 2.0}, "cpu": "x", "ok": True, "list": [5.0]}


def test_the_runner_measures_judges_and_fails(tmp_path: Any, monkeypatch: Any, capsys: Any) -> None:
    """One document with machine, versions, load and bounds; status 1 when a bound does not hold."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "own.py").write_text("print('{\"s\": 3}')")
    bound = runner.Guard(figure="s", at_most=2)
    table = {"own": runner.Benchmark(line="own.py --json", guards=(bound,), repeats=5)}
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "BENCHMARKS", table)
    monkeypatch.setattr(sys, "argv", ["run.py", "own", "--json"])
    assert runner.main() == 1
    report = json.loads(capsys.readouterr().out)
    found = report["benchmarks"]["own"]
    assert (found["figures"], found["runs"], found["bounds"]) == ({"s": 3}, 5, {"s <= 2": False})
    assert {"cpu", "cores", "date", "python", "versions"} <= report.keys()
    assert len(found["load_average"]) == 2


def test_an_unknown_name_is_refused() -> None:
    """Status 2, and where to look."""
    line = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "nope"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no benchmark nope; see --list" in done.stderr
