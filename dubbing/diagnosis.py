"""What this machine has and lacks."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from dubbing.config import PROFILES, SMALLEST
from dubbing.engines.registry import (
    engine_info,
    engine_names,
    engine_weights,
    why_unavailable,
)
from dubbing.engines.weights import models_dir, why_missing
from dubbing.memory import available_mb

Row = dict[str, str]


def engine_rows() -> list[Row]:
    """One row per engine, for a table or JSON."""
    rows = []
    for name in engine_names():
        info = engine_info(name)
        rows.append(
            {
                "engine": name,
                "kind": info.kind,
                "languages": " ".join(info.languages) or "any",
                "licence": info.licence,
                "summary": info.summary,
                "state": why_unavailable(name) or "ready",
            }
        )
    return rows


def diagnose() -> list[Row]:
    """One row per thing that a dub needs; state "ok", "optional" or "missing"."""
    fits = (3, 11) <= sys.version_info < (3, 14)
    rows = [_row("python", platform.python_version(), fits, "take 3.11 to 3.13")]
    rows.append(_ffmpeg())
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    rows.append(_row("disk", f"{free_gb:.1f} GB free", free_gb > 1, "free 1 GB"))
    rows.append({"what": "models folder", "state": "ok", "detail": str(models_dir())})
    if (free_mb := available_mb()) is not None:
        rows.append(_row("memory", f"{free_mb} MB free", free_mb > 1000, "close other programs"))
    rows += [_profile(name) for name in PROFILES]
    return rows


def _profile(name: str) -> Row:
    """Everything that a profile lacks; only the smallest must be complete."""
    profile = PROFILES[name]
    needed = (
        profile.detector,
        profile.transcriber,
        profile.diarizer,
        profile.translator,
        profile.encoder,
        *([profile.accentor] if profile.accentor else []),
    )
    lacks = [engine for engine in needed if why_unavailable(engine)]
    ready = [engine for engine in profile.synthesizers if not why_unavailable(engine)]
    lacks += [] if ready else profile.synthesizers
    if not lacks:
        spoken = f"speaks with {ready[0]} ({engine_info(ready[0]).summary})"
        return {"what": f"profile {name}", "state": "ok", "detail": spoken}
    state = "missing" if name == SMALLEST else "optional"
    detail = "\n".join([*map(_lack, lacks), f"get all of it: models pull {name}"])
    return {"what": f"profile {name}", "state": state, "detail": detail}


def _lack(engine: str) -> str:
    weights = [name for name in engine_weights(engine) if why_missing(name)]
    if weights:
        return f"{engine}: weights {', '.join(weights)} are not here"
    return f"{engine}: {why_unavailable(engine)}"


def _row(what: str, detail: str, good: bool, cure: str) -> Row:
    state = "ok" if good else "missing"
    return {"what": what, "state": state, "detail": detail if good else f"{detail}: {cure}"}


def _ffmpeg() -> Row:
    from imageio_ffmpeg import get_ffmpeg_exe, get_ffmpeg_version

    try:
        detail = f"{get_ffmpeg_version()} at {get_ffmpeg_exe()}"
    except RuntimeError as error:
        return _row("ffmpeg", str(error), False, "pip install -r requirements.txt")
    return _row("ffmpeg", detail, True, "")
