"""Licences that a user has to accept before weights are used, and whether they were.

Acceptance is a person's own act, `python -m dubbing models accept-cpml`. It is written down beside
the weights, in `models_dir()/licences.json`; nothing here asks, and nothing accepts for anybody.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from dubbing.engines.weights import models_dir
from dubbing.errors import InputError

FILE = "licences.json"
# The Coqui Public Model License: non-commercial use only, where coqui-tts points to, since its
# author has closed down.
URLS = {"CPML": "https://tts-hub.github.io/cpml"}


def accepted(name: str) -> str | None:
    """When the licence was accepted, ISO 8601; None where it was not, or nobody can tell.

    Raises:
        InputError: No licence of that name is known.
    """
    _require_known(name)
    found = _acceptances().get(name)
    date = found.get("accepted_at") if isinstance(found, dict) else None
    return date if isinstance(date, str) else None


def accept(name: str) -> str:
    """Writes down that the user accepts the licence now; returns when, ISO 8601.

    Raises:
        InputError: No licence of that name is known.
        OSError: The folder of the weights cannot be written.
    """
    _require_known(name)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    path = models_dir() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{FILE}.partial")
    document = {**_acceptances(), name: {"accepted_at": now}}
    temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)
    return now


def _acceptances() -> dict[str, object]:
    """What the file says; a file that cannot be read holds no acceptance."""
    try:
        document = json.loads((models_dir() / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _require_known(name: str) -> None:
    if name not in URLS:
        raise InputError(f"there is no licence {name!r} to accept; choose one of {', '.join(URLS)}")
