"""Weights fetched once, with progress, from where their publishers keep them.

The hub's own library does the fetching: it shows progress, keeps the files that came whole in its
cache, `HF_HOME`, so that another pull begins with the file in which one broke off, and with
`HF_HUB_OFFLINE=1` uses nothing but that cache. The files are then checked, linked into
`weights.models_dir()` and recorded.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from http.client import HTTPException
from pathlib import Path

from dubbing.engines.weights import (
    Weights,
    find_weights,
    is_pulled,
    models_dir,
    record,
    sha256,
    why_missing,
)
from dubbing.errors import InputError

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def pull_weights(name: str) -> Path:
    """Fetches a set of weights; returns its folder.

    Raises:
        InputError: There is no such set, no network, or what came is not what was published.
    """
    weights = find_weights(name)
    folder = models_dir() / name
    if not is_pulled(weights):
        raise InputError(str(why_missing(name)))
    if weights.repository == "openai-whisper":
        _from_whisper(weights, folder)
        record(name, revision=weights.revision)
    else:
        record(name, revision=_from_hub(weights, folder))
    return folder


def _from_hub(weights: Weights, folder: Path) -> str:
    """Links or copies the files here; returns the commit that they are of."""
    snapshot = _snapshot(weights)
    if damaged := [file for file in weights.files if _is_damaged(snapshot / file)]:
        for file in damaged:  # the hub's library takes what it has as it is
            (snapshot / file).resolve().unlink(missing_ok=True)  # one for files of equal content
            (snapshot / file).unlink()
        snapshot = _snapshot(weights)
    for file in weights.files:
        if not (snapshot / file).is_file():
            raise InputError(f"{weights.repository} has no {file}; the weights cannot be used")
        if _is_damaged(snapshot / file):
            raise InputError(
                f"{file} of {weights.repository} came damaged (its checksum is not the published "
                "one): check the network, and run the same command again"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for file in weights.files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        _link((snapshot / file).resolve(), folder / file)
    return snapshot.name


def _snapshot(weights: Weights) -> Path:
    """The folder of the files in the hub's cache, those that it lacks fetched."""
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            weights.repository, revision=weights.revision, allow_patterns=list(weights.files)
        )
    except Exception as error:  # its own, its HTTP client's, hf_xet's, the disk's
        raise _unreachable(weights, error) from error
    return Path(folder)


def _is_damaged(path: Path) -> bool:
    """Whether a file is not what the hub's cache calls it by: the SHA-256 of a large file, git's
    SHA-1 of another. A cache on a disk without symbolic links has no such names.
    """
    blob = path.resolve()
    if not blob.is_file() or not _DIGEST.fullmatch(blob.name):
        return False
    if len(blob.name) == 64:
        return sha256(blob) != blob.name
    content = blob.read_bytes()
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest() != blob.name


def _from_whisper(weights: Weights, folder: Path) -> None:
    """The file at the address that openai-whisper has for it; its checksum is in the address."""
    from torch.hub import download_url_to_file
    from whisper import _MODELS as ADDRESSES

    size = weights.name.removeprefix("whisper-")
    if size not in ADDRESSES:
        raise InputError(f"there is no Whisper {size!r}; choose one of {', '.join(ADDRESSES)}")
    address = ADDRESSES[size]
    models_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{weights.name}-", dir=models_dir()) as temporary:
        path = Path(temporary) / weights.files[0]
        try:
            download_url_to_file(address, str(path), hash_prefix=address.split("/")[-2])
        except (OSError, RuntimeError, HTTPException) as error:
            raise _unreachable(weights, error) from error
        folder.mkdir(exist_ok=True)
        path.replace(folder / path.name)


def _unreachable(weights: Weights, error: Exception) -> InputError:
    words = str(error).splitlines()
    reason = f"{type(error).__name__}: {words[0][:200]}" if words else type(error).__name__
    return InputError(
        f"the weights {weights.name} could not be fetched ({reason}): "
        f"check the network, or copy the files {', '.join(weights.files)} into "
        f"{models_dir() / weights.name} by hand and run `python -m dubbing models trust "
        f"{weights.name}`"
    )


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk is another one."""
    temporary = target.with_name(f".{target.name}.partial")
    temporary.unlink(missing_ok=True)
    try:
        temporary.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, temporary)
    temporary.replace(target)
