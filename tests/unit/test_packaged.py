"""Weights in Python packages: found without running anything, put together once, and checked."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dubbing.engines import weights
from dubbing.engines.packaged import Packaged, Piece
from dubbing.engines.weights import (
    CATALOG,
    Weights,
    changed_files,
    recorded_revision,
    verified_folder,
    why_missing,
)
from dubbing.errors import EngineUnavailableError, InputError
from dubbing.models import _row, pull

pytestmark = pytest.mark.unit

NAME = "parrot"
PIECES = {"parrot-part-1": b"0123" * 700_000, "parrot-part-2": b"45" * 300_000}  # over a block each
WHOLE = b"".join(PIECES.values())


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on Python's path with two installed packages whose code must not run."""
    folder = tmp_path / "site-packages"
    for package, content in PIECES.items():
        own = folder / package.replace("-", "_")
        own.mkdir(parents=True)
        (own / "__init__.py").write_text("raise SystemExit('the package was imported')")
        (own / "part.bin").write_bytes(content)
    (folder / "parrot_part_1" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def models(tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder that does not exist yet, and a row for what the packages hold."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "models"))
    row = Weights(
        name=NAME,
        repository="someone/parrot",
        revision="1" * 40,
        files=("model.bin", "config.json"),
        size_mb=1,
        licence="MIT",
        packaged={
            "model.bin": Packaged(
                sha256=hashlib.sha256(WHOLE).hexdigest(),
                pieces=tuple(Piece(package, "part.bin") for package in PIECES),
            ),
            "config.json": Packaged(
                sha256=hashlib.sha256(b"{}").hexdigest(),
                pieces=(Piece("parrot-part-1", "config.json"),),
            ),
        },
    )
    monkeypatch.setitem(CATALOG, NAME, row)
    return tmp_path / "models"


def state() -> tuple[str, str]:
    """What `models verify` says of them."""
    row = _row(NAME)
    return row["state"], row["detail"]


def left_over(folder: Path) -> list[Path]:
    return [*folder.rglob("*.partial")]


def test_installed_is_not_missing_and_nothing_is_written_yet(models: Path):
    """A look tells that they can be used; it makes no folder and imports no package."""
    assert why_missing(NAME) is None
    assert not models.exists()
    assert not any(module.startswith("parrot_part") for module in sys.modules)


def test_first_use_puts_them_together(models: Path):
    """The folder that an engine gets holds the whole files, with the pinned revision on record."""
    folder = verified_folder(NAME, "engine")
    assert (folder / "model.bin").read_bytes() == WHOLE
    assert folder == models / NAME
    assert weights.read_record(folder)["revision"] == "1" * 40
    assert not left_over(models)
    assert not any(module.startswith("parrot_part") for module in sys.modules)


def test_identity_is_the_same_before_and_after(models: Path):
    """What a result is said to be made with does not depend on whether they were used before."""
    before = recorded_revision(NAME)
    verified_folder(NAME, "engine")
    assert recorded_revision(NAME) == before
    assert before.startswith("1" * 40)


def test_put_together_once(models: Path, packages: Path):
    """Afterwards the packages are not read again, and may be gone."""
    folder = verified_folder(NAME, "engine")
    written_ns = (folder / "model.bin").stat().st_mtime_ns
    for package in packages.iterdir():
        (package / "part.bin").unlink()
    assert verified_folder(NAME, "engine") == folder
    assert (folder / "model.bin").stat().st_mtime_ns == written_ns


def test_models_commands_know_them(models: Path):
    """`models pull` needs no network for them, and `models verify` finds them whole."""
    assert state() == ("ok", "in Python packages, put together when first used")
    assert not models.exists()
    assert pull(NAME) == models / NAME
    assert state() == ("ok", str(models / NAME))


def test_missing_package_is_named(models: Path, packages: Path):
    """One package of two: the sentence names the other, and the pull that would do as well."""
    (packages / "parrot_part_2" / "part.bin").unlink()
    with pytest.raises(
        EngineUnavailableError, match=r"install parrot-part-2 .*or pull.*models pull parrot"
    ):
        verified_folder(NAME, "engine")
    assert state()[0] == "absent"
    assert not models.exists()


def test_damaged_package_is_named(models: Path, packages: Path):
    """A piece of other bytes: nothing appears under the file's name, one sentence says what helps,
    and after that it works.
    """
    part = packages / "parrot_part_2" / "part.bin"
    part.write_bytes(b"x" + PIECES["parrot-part-2"][1:])
    for use in (changed_files, recorded_revision, lambda name: verified_folder(name, "engine")):
        with pytest.raises(InputError, match=r"damaged .*--force-reinstall .*parrot-part-2") as got:
            use(NAME)
        assert "\n" not in str(got.value)
    assert state()[0] == "damaged"
    assert not (models / NAME / "model.bin").exists() and not left_over(models)
    part.write_bytes(PIECES["parrot-part-2"])
    assert verified_folder(NAME, "engine") == models / NAME


def test_folder_that_cannot_be_written(models: Path):
    """One sentence with the reason and the way on, and no traceback."""
    models.write_text("a file where the folder should be")
    with pytest.raises(EngineUnavailableError, match=r"Not a directory.*DUBBING_MODELS") as got:
        verified_folder(NAME, "engine")
    assert "\n" not in str(got.value)


def test_tampered_file_is_refused(models: Path):
    """What was put together and then changed is not loaded, nor silently made again."""
    folder = verified_folder(NAME, "engine")
    (folder / "model.bin").write_bytes(WHOLE[:-1] + b"!")
    with pytest.raises(EngineUnavailableError, match=r"model\.bin is not what was pulled"):
        verified_folder(NAME, "engine")
    assert state()[0] == "damaged"


def test_file_of_the_users_own_is_kept(models: Path):
    """Another file of that name, copied by hand, is neither overwritten nor loaded unasked."""
    own = models / NAME
    own.mkdir(parents=True)
    (own / "model.bin").write_bytes(b"mine")
    with pytest.raises(EngineUnavailableError, match="models trust parrot"):
        verified_folder(NAME, "engine")
    assert (own / "model.bin").read_bytes() == b"mine"


@pytest.mark.parametrize("lost", ["model.bin", "weights.json"])
def test_what_a_kill_left_is_gone_on_with(models: Path, lost: str):
    """A half-written file, or a file without the others or the record, is made whole."""
    folder = verified_folder(NAME, "engine")
    (folder / lost).unlink()
    (folder / ".model.bin.partial").write_bytes(WHOLE[:5])
    assert verified_folder(NAME, "engine") == folder
    assert (folder / "model.bin").read_bytes() == WHOLE


def test_threads_that_want_them_at_once(models: Path):
    """All get the same whole files."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (recorded_revision(NAME), changed_files(NAME)), range(8)))
    assert found == [(recorded_revision(NAME), [])] * 8
    assert not left_over(models)


@pytest.mark.parametrize("row", [w for w in CATALOG.values() if w.packaged], ids=lambda w: w.name)
def test_rows_say_where_every_file_is(row: Weights):
    """Each file of a packaged set has pieces and a checksum, and its revision is pinned."""
    assert set(row.packaged) == set(row.files)
    assert all(len(file.sha256) == 64 and file.pieces for file in row.packaged.values())
    assert row.revision != "main"
