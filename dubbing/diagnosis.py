"""What this machine has and lacks."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from dubbing.config import PROFILES
from dubbing.engines.registry import engine_info, engine_names, why_unavailable
from dubbing.engines.weights import models_dir

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
    rows = [_row("python", platform.python_version(), sys.version_info >= (3, 11), "3.11 or newer")]
    rows.append(_ffmpeg())
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    rows.append(_row("disk", f"{free_gb:.1f} GB free", free_gb > 1, "free 1 GB"))
    rows.append({"what": "models folder", "state": "ok", "detail": str(models_dir())})
    for profile, row in PROFILES.items():
        needed = (row.detector, row.transcriber, row.translator, row.encoder)
        rows += [_engine(name, profile, needed=True) for name in needed]
        speaks = any(why_unavailable(name) is None for name in row.synthesizers)
        rows += [_engine(name, profile, needed=not speaks) for name in row.synthesizers]
    return rows


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


def _engine(name: str, profile: str, *, needed: bool) -> Row:
    reason = why_unavailable(name)
    state = "ok" if reason is None else "missing" if needed else "optional"
    detail = reason or engine_info(name).summary
    return {"what": f"{profile}: {name}", "state": state, "detail": detail}
