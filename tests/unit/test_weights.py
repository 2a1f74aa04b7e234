"""Downloaded weights on disk: found, recorded, and refused when they are not what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dubbing.engines import weights
from dubbing.errors import EngineUnavailableError, InputError
from dubbing.models import weights_rows

pytestmark = pytest.mark.unit

NAME = "opus-mt-en-ru"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder in which the files of one set lie, with a record."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    own = tmp_path / NAME
    own.mkdir()
    for file in weights.find_weights(NAME).files:
        (own / file).write_text(f"content of {file}")
    weights.record(NAME, revision="test")
    return own


def test_what_was_recorded_is_found(folder: Path):
    """Untouched files are handed out."""
    assert weights.verified_folder(NAME, "opus-mt") == folder
    assert weights.why_missing(NAME) is None


def test_another_folder_is_looked_into_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """DUBBING_MODELS decides; an empty folder lacks everything and says how to get it."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "elsewhere"))
    with pytest.raises(EngineUnavailableError, match="models pull opus-mt-en-ru") as caught:
        weights.verified_folder(NAME, "opus-mt")
    assert str(tmp_path / "elsewhere") in str(caught.value)
    assert caught.value.engine == "opus-mt"


@pytest.mark.parametrize(
    "content", [b"content of pytorch_mode", b"Content of pytorch_model.bin", b""]
)
def test_changed_file_is_refused(folder: Path, content: bytes):
    """Truncated, tampered with, or empty: the file is named and nothing is loaded."""
    (folder / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(EngineUnavailableError, match=r"pytorch_model\.bin is not what was pulled"):
        weights.verified_folder(NAME, "opus-mt")


def test_changed_while_running_is_noticed(folder: Path):
    """A file that changes after it was checked is checked again."""
    weights.verified_folder(NAME, "opus-mt")
    (folder / "config.json").write_text("other content, of another length")
    assert weights.changed_files(NAME) == ["config.json"]


def test_missing_file_is_named(folder: Path):
    """A set that is not whole is as good as none."""
    (folder / "vocab.json").unlink()
    assert "vocab.json" in str(weights.why_missing(NAME))


def test_files_copied_by_hand_need_to_be_trusted(folder: Path):
    """Without a record nothing is loaded; the sentence names the command that makes one."""
    (folder / weights.RECORD).unlink()
    with pytest.raises(EngineUnavailableError, match="models trust opus-mt-en-ru"):
        weights.verified_folder(NAME, "opus-mt")
    weights.record(NAME, revision="copied by hand")
    assert weights.verified_folder(NAME, "opus-mt") == folder


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"files": []}', '{"files": "x"}'])
def test_damaged_record_trusts_nothing(folder: Path, text: str):
    """A record that cannot be read, or is something else, is no record."""
    (folder / weights.RECORD).write_text(text)
    with pytest.raises(EngineUnavailableError, match=r"weights\.json"):
        weights.verified_folder(NAME, "opus-mt")
    with pytest.raises(InputError, match=r"weights\.json is missing or damaged"):
        weights.recorded_revision(NAME)
    assert {row["weights"]: row["state"] for row in weights_rows()}[NAME] == "damaged"


def test_record_says_where_they_came_from(folder: Path):
    """Repository, revision, licence and a checksum for each file are written down."""
    document = json.loads((folder / weights.RECORD).read_text())
    assert document["repository"] == "Helsinki-NLP/opus-mt-en-ru"
    assert document["licence"] == "Apache-2.0"
    assert set(document["files"]) == set(weights.find_weights(NAME).files)
    assert weights.recorded_revision(NAME).startswith("test ")


def test_record_needs_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing is recorded that is not there."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    with pytest.raises(InputError, match="copy it there"):
        weights.record(NAME, revision="test")


@pytest.mark.parametrize(
    ("name", "repository", "file"),
    [
        ("whisper-small", "openai-whisper", "small.pt"),
        ("faster-whisper-small", "Systran/faster-whisper-small", "vocabulary.txt"),
        ("faster-whisper-large-v3", "Systran/faster-whisper-large-v3", "vocabulary.json"),
        ("faster-whisper-large", "Systran/faster-whisper-large-v3", "preprocessor_config.json"),
        (
            "faster-whisper-turbo",
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            "preprocessor_config.json",
        ),
        (
            "faster-whisper-distil-medium.en",
            "Systran/faster-distil-whisper-medium.en",
            "vocabulary.json",
        ),
    ],
)
def test_other_sizes_are_known(name: str, repository: str, file: str):
    """Any size of Whisper has its set of weights."""
    found = weights.find_weights(name)
    assert found.repository == repository
    assert file in found.files


def test_unknown_weights_are_answered_with_the_known():
    """A wrong name lists the right ones."""
    with pytest.raises(InputError, match="xtts-v2"):
        weights.find_weights("parrot")


@pytest.mark.parametrize("size", ["huge", "", "base en", "../base"])
def test_unknown_sizes_are_answered_with_the_known(size: str):
    """A size of faster-whisper that nobody published lists those that somebody did."""
    with pytest.raises(InputError, match=r"tiny\.en.*turbo"):
        weights.find_weights(f"faster-whisper-{size}")


def test_folders_of_other_names_are_no_weights(folder: Path):
    """A size of the user's own in the models folder does not stand in the list's way."""
    shutil.copytree(folder, folder.with_name("faster-whisper-mine"))
    names = [row["weights"] for row in weights_rows()]
    assert NAME in names
    assert "faster-whisper-mine" not in names


def test_pinned_revisions_are_commits():
    """A pinned revision is a commit's hash: it cannot be moved by its publisher."""
    hub = [w for w in weights.CATALOG.values() if "/" in w.repository and w.revision != "main"]
    assert len(hub) >= 3
    assert all(len(w.revision) == 40 and int(w.revision, 16) for w in hub)
