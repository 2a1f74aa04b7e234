"""Downloaded models from the command line: missing, damaged, licensed, and a whole `studio` run."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import av
import pytest

from dubbing.engines.weights import find_weights, record
from tests.conftest import ROOT, SAMPLES, Cli
from tests.e2e.videos import cut
from tests.tiny import marian, whisper
from tests.tiny.xtts import make_xtts

pytestmark = pytest.mark.e2e

DIALOGUE = SAMPLES / "Clip_Dialogue.mp4"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder, and no network: the hub's library may use its empty cache only."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("DUBBING_MODELS", str(folder))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny random checkpoints of the named models in their official layout, recorded."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(folder))
        for name in ("whisper-base", "opus-mt-en-ru", "xtts-v2"):
            (folder / name).mkdir()
        whisper.make(folder / "whisper-base" / "base.pt")
        marian.make(folder / "opus-mt-en-ru")
        make_xtts(folder / "xtts-v2")
        for path in folder.iterdir():
            record(path.name, revision="tiny")
    return folder


def one_sentence(stderr: str) -> str:
    """The error, which must be all that was written, in one line without a traceback."""
    assert stderr.startswith("dubbing: ")
    assert stderr.count("\n") == 1
    return stderr


@pytest.mark.parametrize(
    ("profile", "command"),
    [
        ("studio", "models pull whisper-base"),
        ("turbo", "models pull opus-mt-en-ru"),
        ("lite", "models pull en-ru"),
    ],
)
def test_missing_weights_are_one_sentence(cli_here: Cli, models: Path, profile: str, command: str):
    """Without weights a profile is refused at once with the command that gets them."""
    done = cli_here("dub", DIALOGUE, "--profile", profile, "--artifacts", "A", "-o", "out.mp4")
    assert done.returncode == 2
    assert command in one_sentence(done.stderr)
    assert not (models.parent / "A").exists()


def test_licence_is_the_users_to_accept(cli: Cli, models: Path):
    """XTTSv2's weights are not fetched before its licence is accepted; that is written down."""
    done = cli("models", "pull", "xtts-v2")
    assert done.returncode == 2
    assert "--accept-cpml" in one_sentence(done.stderr)
    assert not (models / "licences.json").exists()
    assert cli("models", "accept-cpml").returncode == 0
    assert json.loads((models / "licences.json").read_text())["CPML"]["accepted_at"]


@pytest.mark.parametrize("name", ["opus-mt-en-ru", "faster-whisper-small"])
def test_pull_without_network_says_what_else_works(cli: Cli, models: Path, name: str):
    """No network and an empty cache: the files and the folder for copying by hand are named."""
    done = cli("models", "pull", name)
    assert done.returncode == 2
    message = one_sentence(done.stderr.splitlines(keepends=True)[-1])
    assert str(models / name) in message
    assert f"models trust {name}" in message


def test_files_copied_by_hand(cli_here: Cli, models: Path):
    """Copied files are trusted by a command, verified ever after, and noticed when they change."""
    folder = models / "opus-mt-en-ru"
    folder.mkdir()
    for file in find_weights("opus-mt-en-ru").files:
        (folder / file).write_text(file)
    assert _state(cli_here) == "unrecorded"
    assert cli_here("models", "trust", "opus-mt-en-ru").returncode == 0
    assert _state(cli_here) == "ok"
    (folder / "vocab.json").write_text("other")
    assert _state(cli_here, status=1) == "damaged"


def _state(cli_here: Cli, status: int = 0) -> str:
    done = cli_here("models", "verify", "--json")
    assert done.returncode == status
    rows = {row["weights"]: row["state"] for row in json.loads(done.stdout)}
    return rows["opus-mt-en-ru"]


@pytest.mark.parametrize("content", [b"tampered", b""])
def test_damaged_weights_stop_before_work(
    cli: Cli, tiny_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
):
    """A tampered or truncated file is found before anything is made."""
    copy = tmp_path / "models"
    copy.mkdir()
    for name in ("whisper-base", "xtts-v2"):
        (copy / name).symlink_to(tiny_models / name)
    shutil.copytree(tiny_models / "opus-mt-en-ru", copy / "opus-mt-en-ru")
    (copy / "opus-mt-en-ru" / "pytorch_model.bin").write_bytes(content)
    monkeypatch.setenv("DUBBING_MODELS", str(copy))
    (copy / "licences.json").write_text('{"CPML": {"accepted_at": "2026-01-01"}}')
    done = cli("dub", DIALOGUE, "--profile", "studio", "--artifacts", "A", "-o", "out.mp4")
    assert done.returncode == 2
    assert "pytorch_model.bin is not what was pulled" in one_sentence(done.stderr)
    assert not (tmp_path / "A").exists()


@pytest.mark.model
def test_studio_from_end_to_end(
    cli: Cli, tiny_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """The named models' real classes, on tiny checkpoints, dub a clip into a valid MP4; the
    manifest says what they were made with, and a second run calls none of them.
    """
    cut(DIALOGUE, tmp_path / "clip.mp4", length_s=8.0)
    monkeypatch.setenv("DUBBING_MODELS", str(tiny_models))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # two would wait longer than tiny models compute
    assert cli("models", "accept-cpml").returncode == 0
    line = ("dub", "clip.mp4", "--profile", "studio", "--artifacts", "A", "-o", "out.mp4", "--json")
    done = cli(*line, timeout_s=600)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["engines"]["transcriber"] == "whisper"
    assert document["engines"]["translator"] == "opus-mt"
    assert document["engines"]["synthesizer"] == "xtts"
    manifest = json.loads((tmp_path / "A/clip/manifest.json").read_text())
    assert set(manifest["weights"]) == {"whisper-base", "opus-mt-en-ru", "xtts-v2"}
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert [a.metadata["language"] for a in made.streams.audio] == ["rus", "eng"]
        assert sum(frame.samples for frame in made.decode(audio=0)) > 7.9 * 48_000
    again = json.loads(cli(*line, timeout_s=600).stdout)
    assert sum(stage["engine_calls"] for stage in again["stages"].values()) == 0


def test_translators_side_by_side(cli: Cli, tmp_path: Path):
    """Each sentence by each engine: on the screen, as JSON, and as CSV for a spreadsheet."""
    line = ("compare", ROOT / "pipeline_artifacts/Lighthouse_pt", "--engines", "bergamot, bergamot")
    done = cli(*line, "--csv", tmp_path / "rows.csv", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) >= 13  # recognisers on other processors end one sentence more or less
    assert rows[1]["source"].startswith("It was built in 1911")
    assert "1911" in rows[1]["translation"]
    assert all(row["characters"] == len(row["translation"]) for row in rows)
    assert len({row["sentence"] for row in rows}) == len(rows)
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["translation"] for row in written] == [row["translation"] for row in rows]


def test_only_translators_are_compared(cli_here: Cli):
    """Another kind of engine is refused by name."""
    run = ROOT / "pipeline_artifacts/Lighthouse_pt"
    done = cli_here("compare", run, "--engines", "bergamot,espeak")
    assert done.returncode == 2
    assert "espeak is no translator" in one_sentence(done.stderr)


def test_no_translator_works_before_all_are_known_to_be_there(
    cli_here: Cli, models: Path, monkeypatch: pytest.MonkeyPatch
):
    """What is missing for the second is told before the first one is loaded."""
    monkeypatch.setattr("dubbing.compare.load_engine", lambda _: pytest.fail("loaded"))
    run = ROOT / "pipeline_artifacts/Lighthouse_pt"
    done = cli_here("compare", run, "--engines", "bergamot,wmt19")
    assert done.returncode == 2
    assert "the weights wmt19-en-ru are not on this machine" in one_sentence(done.stderr)
