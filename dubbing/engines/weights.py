"""Where downloaded weights lie."""

from __future__ import annotations

import os
from pathlib import Path


def models_dir() -> Path:
    """The folder of downloaded weights: `DUBBING_MODELS`, or `dubbing/models` in the user's cache
    folder.
    """
    if configured := os.environ.get("DUBBING_MODELS"):
        return Path(configured)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dubbing" / "models"
