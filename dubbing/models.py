"""Downloaded models by profile: what a profile needs, fetching it, checking it."""

from __future__ import annotations

import re
from pathlib import Path

from dubbing.config import PROFILES
from dubbing.engines import bergamot, licences
from dubbing.engines.download import pull_weights
from dubbing.engines.packaged import why_damaged
from dubbing.engines.registry import engine_info, engine_weights
from dubbing.engines.weights import (
    CATALOG,
    changed_files,
    find_weights,
    is_whole,
    models_dir,
    why_missing,
)
from dubbing.errors import InputError

_PAIR = re.compile(r"[a-z]{2,3}-[a-z]{2,3}")


def downloads(name: str) -> list[str]:
    """What must be pulled for a profile; for weights or a language pair just that."""
    if name not in PROFILES:
        return [name]
    profile = PROFILES[name]
    found = [w for e in (profile.transcriber, profile.translator) for w in engine_weights(e)]
    found += [w for e in profile.synthesizers for w in engine_info(e).weights]
    return found + (["en-ru"] if profile.translator == "firefox" else [])


def pull(name: str) -> Path:
    """Fetches weights, or the translation model of a pair such as "en-ru"; returns their folder.
    What is there and matches its record is not fetched again.

    Raises:
        InputError: The name is unknown, the network cannot be reached, or a licence that the user
            has to accept is not accepted.
    """
    if _PAIR.fullmatch(name):
        return bergamot.pull(name)
    weights = find_weights(name)
    if weights.licence.startswith("CPML") and licences.accepted("CPML") is None:
        raise InputError(
            f"{name} is under the CPML, which forbids commercial use: read "
            f"{licences.URLS['CPML']}, and if you accept it, add --accept-cpml"
        )
    if why_missing(name) is None and not changed_files(name):
        return models_dir() / name
    return pull_weights(name)


def weights_rows() -> list[dict[str, str]]:
    """One row for each set of weights: state "ok", "absent", "unrecorded" or "damaged"."""
    pulled = [path.parent.name for path in sorted(models_dir().glob("*/weights.json"))]
    names = [*CATALOG, *(name for name in pulled if name not in CATALOG and _is_known(name))]
    return [_row(name) for name in names]


def _is_known(name: str) -> bool:
    try:
        find_weights(name)
    except InputError:  # another engine's folder, or a size of the user's own
        return False
    return True


def _row(name: str) -> dict[str, str]:
    weights, reason = find_weights(name), why_missing(name)
    state, detail = "ok", str(models_dir() / name)
    if reason is not None:
        whole = all((models_dir() / name / file).is_file() for file in weights.files)
        state = "unrecorded" if whole else "absent"
        verb = "trust" if state == "unrecorded" else "pull"
        detail = f"python -m dubbing models {verb} {name}"
    elif not is_whole(weights):
        damage = why_damaged(weights.packaged)
        state = "damaged" if damage else "ok"
        detail = damage or "in Python packages, put together when first used"
    elif changed := changed_files(name):
        state = "damaged"
        detail = f"{', '.join(changed)}: delete {models_dir() / name} and pull it again"
    size = f"{weights.size_mb} MB" if weights.size_mb else ""
    row = {"weights": name, "state": state, "licence": weights.licence, "size": size}
    return {**row, "detail": detail}
