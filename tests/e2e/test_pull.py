"""`models pull` against a hub on this machine: what is fetched, checked, and said when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dubbing.engines.download import _unreachable, pull_weights
from dubbing.engines.weights import (
    changed_files,
    find_weights,
    models_dir,
    recorded_revision,
    why_missing,
)
from dubbing.errors import InputError
from tests.conftest import Cli
from tests.hub import Hub, serving

pytestmark = pytest.mark.e2e

NAME = "opus-mt-en-ru"
LARGE, SMALL = "pytorch_model.bin", "vocab.json"


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub with the files of one set of weights."""
    weights = find_weights(NAME)
    files = {file: f"content of {file} ".encode() * 10_000 for file in weights.files}
    with serving(Hub(files, {LARGE}, weights.revision)) as made:
        yield made


@pytest.fixture
def folder(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights will lie; the hub's library has an empty cache and that hub."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path / "models" / NAME


def assert_pulled(folder: Path, hub: Hub) -> None:
    """The folder holds what the hub has, and a record of it."""
    assert {file: (folder / file).read_bytes() for file in hub.files} == hub.files
    assert why_missing(NAME) is None
    assert changed_files(NAME) == []
    assert recorded_revision(NAME).startswith(hub.commit)


def damage(path: Path) -> None:
    """Changes a byte in place, and so under every name that the file has."""
    with path.open("r+b") as file:
        file.seek(50)
        file.write(b"\0")


def last_line(stderr: str) -> str:
    """The error, after the hub's own progress and warnings; no traceback."""
    assert "Traceback" not in stderr
    line = stderr.splitlines()[-1]
    assert line.startswith("dubbing: ")
    return line


@pytest.mark.parametrize("file", [LARGE, SMALL])
@pytest.mark.parametrize("offline", ["", "0"])
def test_damaged_files_are_fetched_anew(
    cli: Cli, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, offline: str
):
    """A file that was damaged in place is damaged in the hub's cache too; to delete the folder and
    pull again mends both, and nothing else is fetched.
    """
    assert cli("models", "pull", NAME).returncode == 0
    assert_pulled(folder, hub)
    damage(folder / file)
    shutil.rmtree(folder)
    hub.asked.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", offline)
    done = cli("models", "pull", NAME)
    assert done.returncode == 0, done.stderr
    assert_pulled(folder, hub)
    assert hub.asked == [file]


@pytest.mark.parametrize("file", [LARGE, SMALL])
def test_damaged_files_are_not_trusted_offline(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str
):
    """Without a network a damaged cache gives no weights and no record."""
    assert cli("models", "pull", NAME).returncode == 0
    damage(folder / file)
    shutil.rmtree(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = cli("models", "pull", NAME)
    assert done.returncode == 2
    assert "check the network" in last_line(done.stderr)
    assert not folder.exists()


def test_what_comes_damaged_twice_is_refused(cli: Cli, hub: Hub, folder: Path):
    """A hub that sends something else under a file's name is not believed."""
    hub.sent[LARGE] = hub.files[LARGE].replace(b"c", b"k")
    done = cli("models", "pull", NAME)
    assert done.returncode == 2
    assert f"{LARGE} of Helsinki-NLP/opus-mt-en-ru came damaged" in last_line(done.stderr)
    assert not folder.exists()
    assert hub.asked.count(LARGE) == 2


def test_whole_cache_needs_no_network(
    cli: Cli, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """Weights that the hub's cache has whole are linked again with no hub to be reached."""
    assert cli("models", "pull", NAME).returncode == 0
    shutil.rmtree(folder)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there
    done = cli("models", "pull", NAME)
    assert done.returncode == 0, done.stderr
    assert_pulled(folder, hub)


def test_a_connection_that_breaks_off_is_one_sentence(cli: Cli, hub: Hub, folder: Path):
    """In the middle of a file the connection is reset: nothing is kept, and the next pull works."""
    hub.reset.add(LARGE)
    done = cli("models", "pull", NAME)
    assert done.returncode == 2
    assert "check the network" in last_line(done.stderr)
    assert not folder.exists()
    hub.reset.clear()
    assert cli("models", "pull", NAME).returncode == 0
    assert_pulled(folder, hub)


@pytest.mark.parametrize("name", ["faster-whisper-base en", "faster-whisper-..", "whisper-huge"])
def test_impossible_names_are_one_sentence(cli: Cli, folder: Path, name: str):
    """A size that cannot be is refused, and no folder is made for it."""
    done = cli("models", "pull", name)
    assert done.returncode == 2
    assert "choose one of" in last_line(done.stderr)
    assert not (folder.parent / name).exists()


@pytest.fixture
def whisper_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A server of Whisper's tiny.pt, at an address of the form that openai-whisper has for it."""
    import whisper

    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Hub({"tiny.pt": b"weights" * 100_000}, {"tiny.pt"}, "")) as hub:
        address = f"{hub.address}/resolve/{hub.digest('tiny.pt')}/tiny.pt"
        monkeypatch.setitem(whisper._MODELS, "tiny", address)
        yield hub


def test_whisper_is_fetched_from_its_own_address(whisper_hub: Hub):
    """What comes is checked against the checksum in the address, and recorded."""
    folder = pull_weights("whisper-tiny")
    assert (folder / "tiny.pt").read_bytes() == whisper_hub.files["tiny.pt"]
    assert why_missing("whisper-tiny") is None
    assert [path.name for path in folder.parent.iterdir()] == ["whisper-tiny"]


def test_whisper_that_comes_broken_leaves_nothing(whisper_hub: Hub):
    """A reset connection and another content end in one sentence, without a folder."""
    whisper_hub.reset.add("tiny.pt")
    with pytest.raises(InputError, match="could not be fetched"):
        pull_weights("whisper-tiny")
    whisper_hub.reset.clear()
    whisper_hub.sent["tiny.pt"] = b"others"
    with pytest.raises(InputError, match="invalid hash value"):
        pull_weights("whisper-tiny")
    assert list(models_dir().iterdir()) == []


def test_errors_without_words_are_told_too():
    """An error that says nothing itself is told by its name."""
    message = str(_unreachable(find_weights(NAME), TimeoutError()))
    assert "could not be fetched (TimeoutError): check the network" in message
    message = str(_unreachable(find_weights(NAME), OSError("reset\nby peer")))
    assert "(OSError: reset): check" in message
