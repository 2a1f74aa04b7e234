"""Weights fetched once, with progress, from where their publishers keep them.

The hub's own library does the fetching: it goes on where a download broke off, shows progress,
keeps its cache in `HF_HOME`, and with `HF_HUB_OFFLINE=1` uses nothing but that cache. The files are
then linked into `weights.models_dir()` and recorded.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dubbing.engines.weights import Weights, find_weights, models_dir, record, sha256
from dubbing.errors import InputError


def pull_weights(name: str) -> Path:
    """Fetches a set of weights; returns its folder.

    Raises:
        InputError: There is no such set, no network, or what came is not what was published.
    """
    weights = find_weights(name)
    folder = models_dir() / name
    folder.mkdir(parents=True, exist_ok=True)
    if weights.repository == "openai-whisper":
        _from_whisper(weights, folder)
        record(name, revision=weights.revision)
    else:
        record(name, revision=_from_hub(weights, folder))
    return folder


def _from_hub(weights: Weights, folder: Path) -> str:
    """Links or copies the files here; returns the commit that they are of."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot = Path(
            snapshot_download(
                weights.repository,
                revision=weights.revision,
                allow_patterns=list(weights.files),
            )
        )
        published = {} if os.environ.get("HF_HUB_OFFLINE") else _checksums(weights)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise _unreachable(weights, error) from error
    for file in weights.files:
        if not (snapshot / file).is_file():
            raise InputError(f"{weights.repository} has no {file}; the weights cannot be used")
        if file in published and sha256(snapshot / file) != published[file]:
            raise InputError(
                f"{file} of {weights.repository} came damaged (its SHA-256 is not the published "
                f"one): delete {snapshot} and run the same command again"
            )
        _link((snapshot / file).resolve(), folder / file)
    return snapshot.name


def _checksums(weights: Weights) -> dict[str, str]:
    """File → SHA-256 as the hub publishes it, for the large ones."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(weights.repository, revision=weights.revision, files_metadata=True)
    rows = info.siblings or []
    return {row.rfilename: row.lfs.sha256 for row in rows if row.lfs is not None}


def _from_whisper(weights: Weights, folder: Path) -> None:
    """The file at the address that openai-whisper has for it; its checksum is in the address."""
    from torch.hub import download_url_to_file
    from whisper import _MODELS as ADDRESSES

    size = weights.name.removeprefix("whisper-")
    if size not in ADDRESSES:
        raise InputError(f"there is no Whisper {size!r}; choose one of {', '.join(ADDRESSES)}")
    address = ADDRESSES[size]
    path = folder / weights.files[0]
    try:
        download_url_to_file(address, str(path), hash_prefix=address.split("/")[-2])
    except (OSError, RuntimeError) as error:
        raise _unreachable(weights, error) from error


def _unreachable(weights: Weights, error: Exception) -> InputError:
    reason = str(error).splitlines()[0][:200]
    return InputError(
        f"the weights {weights.name} could not be fetched ({type(error).__name__}: {reason}): "
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
