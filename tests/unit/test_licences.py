"""Licences that the user accepts once, beside the weights."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from dubbing.engines import licences
from dubbing.errors import InputError

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that is not there yet."""
    folder = tmp_path / "models"
    monkeypatch.setenv("DUBBING_MODELS", str(folder))
    return folder


def test_nothing_is_accepted_at_first(models: Path) -> None:
    """Asking accepts nothing and writes nothing."""
    assert licences.accepted("CPML") is None
    assert not models.exists()


def test_acceptance_is_written_down(models: Path) -> None:
    """The date stays, in the documented file, and nothing else lies beside it."""
    date = licences.accept("CPML")
    assert licences.accepted("CPML") == date
    assert datetime.fromisoformat(date).tzinfo is not None
    document = json.loads((models / "licences.json").read_text(encoding="utf-8"))
    assert document == {"CPML": {"accepted_at": date}}
    assert [path.name for path in models.iterdir()] == ["licences.json"]


def test_other_entries_survive(models: Path) -> None:
    """What a later version wrote into the file is kept."""
    models.mkdir()
    (models / "licences.json").write_text('{"X": {"accepted_at": "2026-01-01"}}')
    licences.accept("CPML")
    assert "X" in json.loads((models / "licences.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"CPML": true}', '{"CPML": {"accepted_at": 1}}'])
def test_a_damaged_file_accepts_nothing(models: Path, text: str) -> None:
    """Whatever is no acceptance counts as none, and accepting mends the file."""
    models.mkdir()
    (models / "licences.json").write_text(text)
    assert licences.accepted("CPML") is None
    assert licences.accept("CPML") == licences.accepted("CPML")


def test_unknown_licences_are_refused() -> None:
    """Nobody can accept what there is no text of."""
    with pytest.raises(InputError, match="CPML"):
        licences.accept("cpml2")
    with pytest.raises(InputError, match="CPML"):
        licences.accepted("cpml2")
