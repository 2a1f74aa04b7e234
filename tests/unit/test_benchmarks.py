"""The independent check's own arithmetic, and the table in the READMEs."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from tests.conftest import ROOT
from tests.run_factory import scorecard

pytestmark = pytest.mark.unit


def script(name: str) -> ModuleType:
    """A script of benchmarks/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_dub, table = script("check_dub"), script("table")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of three segments as plain files: the second is spoken with the first."""
    times = [(1, 1.0, 2.0), (2, 2.2, 3.0), (3, 4.0, 5.0)]
    segments = [{"id": i, "start_s": a, "end_s": b, "speaker": "a"} for i, a, b in times]
    rows = [
        {"segment_id": 1, "start_s": 1.0, "end_s": 4.2, "rate": 1.1, "status": "borrowed"},
        {"segment_id": 2, "start_s": 2.2, "end_s": 2.2, "rate": 1.0, "status": "joined"},
        {"segment_id": 3, "start_s": 4.1, "end_s": 5.0, "rate": 1.3, "status": "fits"},
    ]
    files = {
        "segments.json": {"segments": segments},
        "timeline.json": {"placements": rows},
        "manifest.json": {"translation": "supplied.srt"},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "supplied.srt").write_text(
        "1\n00:00:01,000 --> 00:00:03,000\n<i>Раз</i> &amp; два\n\n"
        "2\n00:00:04,000 --> 00:00:05,000\nтри четыре\n",
        encoding="utf-8",
    )
    (tmp_path / "translations").mkdir()
    for i, text in ((1, "Раз & два"), (2, ""), (3, "четыре")):
        (tmp_path / "translations" / f"t-chunk-{i}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "dubbed_audio").mkdir()
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, 16_000 * 4).astype(np.float32)
    soundfile.write(tmp_path / "dubbed_audio/t-chunk-1.wav", noise[: 16_000 * 3], 16_000)
    late = np.concatenate([np.zeros(1600, np.float32), noise[-14_400:]])
    soundfile.write(tmp_path / "dubbed_audio/t-chunk-3.wav", late, 16_000)
    return tmp_path


def test_joined_segments_are_one_unit(folder: Path):
    """The unit reaches to the end of the last one."""
    units = check_dub.read_units(folder)
    assert [(u.start_s, u.end_s) for u in units] == [(1.0, 3.0), (4.0, 5.0)]


def test_lost_words_are_found_in_plain_files(folder: Path):
    """A word of a cue that no translation holds is lost; markup and entities are none."""
    found = {c.name: c for c in check_dub.check_text(folder, check_dub.read_units(folder))}
    assert (found["words lost"].value, found["words lost"].passed) == (1, False)
    assert found["words added"].value == 0


def test_overlap_rates_and_a_misplaced_clip_are_found(folder: Path):
    """0.1 s of overlap, a jump of 0.2, and a clip that the track holds 0.3 s too late."""
    track = np.zeros(16_000 * 8, np.float32)
    for i, start_s in ((1, 1.0), (3, 4.3)):
        clip, _ = soundfile.read(folder / f"dubbed_audio/t-chunk-{i}.wav", dtype="float32")
        track[round(start_s * 16_000) :][: len(clip)] = clip
    checks = check_dub.check_placements(folder, check_dub.read_units(folder), track)
    found = {check.name: check.value for check in checks}
    assert found["overlap, timeline"] == pytest.approx(0.1)
    assert found["rate jump, worst"] == pytest.approx(0.2)
    assert found["clips heard off their place, worst"] == pytest.approx(0.3, abs=0.001)


def test_the_check_shares_no_code_with_the_package():
    """It imports nothing of `dubbing`."""
    tree = ast.parse(Path(check_dub.__file__).read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not [name for name in names if name.split(".")[0] == "dubbing"]


def test_table_is_written_between_its_marks(tmp_path: Path):
    """All measures with the bounds; what stands around them stays; twice is the same."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n{table.START}\nold\n{table.END}\nafter\n", encoding="utf-8")
    content = table.table({"Lamp": scorecard().model_dump(mode="json")}, "README.md")
    table.write(path, content)
    once = path.read_text(encoding="utf-8")
    table.write(path, content)
    assert path.read_text(encoding="utf-8") == once
    assert once.startswith("before\n") and once.endswith("\nafter\n") and "old" not in once
    assert "| 3.20 → 3.10 |" in once
    assert len(content.splitlines()) == len(table.MEASURES) + 2


def test_an_older_scorecard_is_refused(tmp_path: Path):
    """The sentence says what to do."""
    path = tmp_path / "quality.json"
    path.write_text('{"schema_version": 1}', encoding="utf-8")
    with pytest.raises(SystemExit, match="run `evaluate` again"):
        table.read_card(path)


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_readmes_have_the_marks(readme: str):
    """The table can be written anew."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert text.count(table.START) == text.count(table.END) == 1
