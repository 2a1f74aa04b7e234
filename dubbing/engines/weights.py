"""Downloaded weights: what there is, where it lies, and whether it is still what was downloaded.

Each set lies in a folder of its own under `models_dir()`, in the layout of its publisher, with a
`weights.json` that records where it came from and the SHA-256 of every file. Nothing is loaded
that does not match its record. Files copied by hand get their record from `record`.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dubbing.errors import EngineUnavailableError, InputError

RECORD = "weights.json"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One set of weights.

    Attributes:
        name: Its folder under `models_dir()`.
        repository: On the Hugging Face hub.
        revision: The commit; "main" where none is pinned: then the first pull records which it was.
        files: Names of the files that are needed, in the publisher's layout.
        size_mb: Of the download.
        licence: SPDX where there is one.
    """

    name: str
    repository: str
    revision: str
    files: tuple[str, ...]
    size_mb: int
    licence: str


_CT2_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
_CT2_LARGE_V3_FILES = (
    "config.json",
    "model.bin",
    "preprocessor_config.json",  # 128 mel bands instead of 80
    "tokenizer.json",
    "vocabulary.json",
)
_CT2_DISTILLED_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.json")

# Repositories of faster-whisper by size, as the package has them (faster_whisper/utils.py).
FASTER_WHISPER = {
    "tiny.en": "Systran/faster-whisper-tiny.en",
    "tiny": "Systran/faster-whisper-tiny",
    "base.en": "Systran/faster-whisper-base.en",
    "base": "Systran/faster-whisper-base",
    "small.en": "Systran/faster-whisper-small.en",
    "small": "Systran/faster-whisper-small",
    "medium.en": "Systran/faster-whisper-medium.en",
    "medium": "Systran/faster-whisper-medium",
    "large-v1": "Systran/faster-whisper-large-v1",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}

CATALOG = {
    weights.name: weights
    for weights in (
        Weights(
            name="whisper-base",
            repository="openai-whisper",  # not on the hub: the package knows address and checksum
            revision="20250625",
            files=("base.pt",),
            size_mb=145,
            licence="MIT",
        ),
        Weights(
            name="faster-whisper-base",
            repository="Systran/faster-whisper-base",
            revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            files=_CT2_FILES,
            size_mb=148,
            licence="MIT",
        ),
        Weights(
            name="opus-mt-en-ru",
            repository="Helsinki-NLP/opus-mt-en-ru",
            revision="bb09c99d180016eac6819df3dae68edb1690fdee",
            files=(
                "config.json",
                "pytorch_model.bin",
                "source.spm",
                "target.spm",
                "tokenizer_config.json",
                "vocab.json",
            ),
            size_mb=310,
            licence="Apache-2.0",
        ),
        Weights(
            name="wmt19-en-ru",
            repository="facebook/wmt19-en-ru",
            revision="main",
            files=(
                "config.json",
                "merges.txt",
                "pytorch_model.bin",
                "tokenizer_config.json",
                "vocab-src.json",
                "vocab-tgt.json",
            ),
            size_mb=1200,
            licence="Apache-2.0",
        ),
        Weights(
            name="xtts-v2",
            repository="coqui/XTTS-v2",
            revision="6c2b0d75eae4b7047358e3b6bd9325f857d43f77",
            files=("config.json", "model.pth", "vocab.json"),
            size_mb=1870,
            licence="CPML (non-commercial)",
        ),
    )
}


def models_dir() -> Path:
    """The folder of downloaded weights: `DUBBING_MODELS`, or `dubbing/models` in the user's cache
    folder.
    """
    if configured := os.environ.get("DUBBING_MODELS"):
        return Path(configured)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dubbing" / "models"


def find_weights(name: str) -> Weights:
    """The catalogue's row; other sizes of Whisper are made after the row of `base`.

    Raises:
        InputError: Nothing of that name is known.
    """
    if name in CATALOG:
        return CATALOG[name]
    size = name.removeprefix("faster-whisper-")
    if size != name:
        return _faster_whisper(name, size)
    size = name.removeprefix("whisper-")
    if size != name and size:
        base = CATALOG["whisper-base"]
        return Weights(
            name=name,
            repository=base.repository,
            revision=base.revision,
            files=(f"{size}.pt",),
            size_mb=0,
            licence="MIT",
        )
    raise InputError(f"there are no weights {name!r}; choose one of {', '.join(CATALOG)}")


def _faster_whisper(name: str, size: str) -> Weights:
    if size not in FASTER_WHISPER:
        raise InputError(
            f"there is no faster-whisper {size!r}; choose one of {', '.join(FASTER_WHISPER)}"
        )
    repository = FASTER_WHISPER[size]
    files: tuple[str, ...] = _CT2_FILES
    if "large-v3" in repository:
        files = _CT2_LARGE_V3_FILES
    elif "distil" in repository:
        files = _CT2_DISTILLED_FILES
    return Weights(
        name=name,
        repository=repository,
        revision="main",
        files=files,
        size_mb=0,
        licence="MIT",
    )


def why_missing(name: str) -> str | None:
    """Why the weights cannot be used, in one sentence, as far as a look at the folder tells; None
    when they can. Reads no weights.
    """
    folder = models_dir() / name
    lacking = [file for file in find_weights(name).files if not (folder / file).is_file()]
    if lacking:
        return (
            f"the weights {name} are not on this machine ({folder / lacking[0]} is missing): "
            f"pull them once with `python -m dubbing models pull {name}`"
        )
    if not (folder / RECORD).is_file():
        return (
            f"{folder} has no record of its checksums: if you trust where the files came from, "
            f"make one with `python -m dubbing models trust {name}`"
        )
    return None


def verified_folder(name: str, engine: str) -> Path:
    """The folder of the weights, every file checked against its record.

    Args:
        name: Of the weights.
        engine: Who asks, for the error.

    Raises:
        EngineUnavailableError: They are missing, incomplete, or not what was recorded.
    """
    if reason := why_missing(name):
        raise EngineUnavailableError(engine, reason)
    folder = models_dir() / name
    for file in changed_files(name):
        raise EngineUnavailableError(
            engine,
            f"{folder / file} is not what was pulled (its SHA-256 differs): it will not be loaded; "
            f"delete {folder} and run `python -m dubbing models pull {name}`",
        )
    return folder


def changed_files(name: str) -> list[str]:
    """Files of the weights whose bytes differ from the record, or that it does not know."""
    folder = models_dir() / name
    try:
        recorded = read_record(folder)["files"]
    except (ValueError, TypeError):
        return [RECORD]
    return [f for f in find_weights(name).files if recorded.get(f) != sha256(folder / f)]


def read_record(folder: Path) -> dict[str, Any]:
    """The record beside weights: file → SHA-256 in its "files".

    Raises:
        OSError: It cannot be read.
        ValueError: It is no JSON.
        TypeError: It is no record.
    """
    document = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if not isinstance(document, dict) or not isinstance(document.get("files"), dict):
        raise TypeError(f"{folder / RECORD} names no files")
    return document


def record(name: str, *, revision: str) -> None:
    """Writes down the SHA-256 of the files as they are now.

    Raises:
        InputError: A file is missing.
    """
    weights, folder = find_weights(name), models_dir() / name
    for file in weights.files:
        if not (folder / file).is_file():
            raise InputError(f"{folder / file} is missing: copy it there, then try again")
    document = {
        "repository": weights.repository,
        "revision": revision,
        "licence": weights.licence,
        "files": {file: sha256(folder / file) for file in weights.files},
    }
    temporary = folder / f".{RECORD}.partial"
    temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / RECORD)


def recorded_revision(name: str) -> str:
    """Commit and a digest of all checksums as recorded: what a result was made with.

    Raises:
        InputError: They are not recorded.
    """
    path = models_dir() / name / RECORD
    try:
        document = read_record(path.parent)
        files = json.dumps(document["files"], sort_keys=True).encode()
        return f"{document['revision']} {hashlib.sha256(files).hexdigest()[:16]}"
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path} is missing or damaged; pull the weights again") from error


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    status = path.stat()
    return _sha256(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _changed_ns: int) -> str:
    """Once for each state of a file: weights of gigabytes take seconds."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK_BYTES):
            digest.update(block)
    return digest.hexdigest()
