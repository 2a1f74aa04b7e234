"""The first version's layout, read from a folder that the test makes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.errors import RunError
from dubbing.runs.legacy import is_legacy, read_legacy
from dubbing.types import Span

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three chunks: a whole one, one that overlaps it without a dub, one with texts alone."""
    root = tmp_path / "Lamp"
    for name in ("splited_audio_robust", "dubbed_audio", "transcriptions", "translations"):
        (root / name).mkdir(parents=True)
    times = [(1, 0.0, 4.0), (2, 3.8, 6.0), (10, 6.5, 9.0)]
    rows = [
        {"chunk_name": f"Lamp-chunk-{n}.wav", "start_time": a, "end_time": b} for n, a, b in times
    ]
    (root / "splited_audio_robust" / "Lamp_timings.json").write_text(json.dumps(rows[::-1]))
    for name in ("splited_audio_robust/Lamp-chunk-1", "splited_audio_robust/Lamp-chunk-2"):
        soundfile.write(root / f"{name}.wav", np.zeros(100, np.float32), 16_000)
    soundfile.write(root / "dubbed_audio/Lamp-chunk-1.wav", np.zeros(100, np.float32), 24_000)
    (root / "translations/Lamp-chunk-10.txt").write_text(" Конец. \n", encoding="utf-8")
    (root / "transcriptions/Lamp-chunk-10.txt").write_text("The end.", encoding="utf-8")
    return root


def test_chunks_are_read_in_order_with_what_is_there(folder: Path):
    """Ordered by time, whatever the file's order; missing sound is None, missing text empty."""
    assert is_legacy(folder)
    run = read_legacy(folder)
    assert run.name == "Lamp"
    assert [c.number for c in run.chunks] == [1, 2, 10]
    assert run.chunks[1].span == Span(start_s=3.8, end_s=6.0)
    assert [(c.sound is None, c.dub is None) for c in run.chunks] == [
        (False, False),
        (False, True),
        (True, True),
    ]
    assert (run.chunks[2].source, run.chunks[2].translation) == ("The end.", "Конец.")
    assert run.chunks[0].source == ""


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '[{"chunk_name": "a-1.wav"}]',
        '[{"chunk_name": "a.wav", "start_time": 0, "end_time": 1}]',
        '[{"chunk_name": "a-1.wav", "start_time": 2, "end_time": 1}]',
        "[]",
    ],
    ids=["torn", "no time", "no number", "backwards", "empty"],
)
def test_damaged_timings_give_a_sentence(folder: Path, content: str):
    """The sentence names the file."""
    (folder / "splited_audio_robust" / "Lamp_timings.json").write_text(content)
    with pytest.raises(RunError, match=r"Lamp_timings\.json"):
        read_legacy(folder)


def test_without_timings_there_is_nothing_to_measure(folder: Path):
    """A folder without timings says so; another folder is not taken for such a run."""
    (folder / "splited_audio_robust" / "Lamp_timings.json").unlink()
    with pytest.raises(RunError, match="holds no"):
        read_legacy(folder)
    assert not is_legacy(folder.parent)
