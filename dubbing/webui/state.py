"""What a page remembers between two drawings: runs in the cache, choices in the link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from dubbing.errors import RunError
from dubbing.webui.library import RunFolder, RunView, list_folders, read_run, run_roots

Choice = TypeVar("Choice", int, str)


def load_runs() -> tuple[list[RunView], dict[str, str]]:
    """All runs that can be shown, and name → error of those that cannot."""
    runs, errors = [], {}
    for folder in list_folders(run_roots()):
        try:
            changed_ns = (folder.path / "manifest.json").stat().st_mtime_ns
            runs.append(_cached_run(folder, changed_ns))
        except (OSError, RunError) as error:
            errors[folder.key] = str(error)
    return runs, errors


@st.cache_data(max_entries=64, show_spinner=False)
def _cached_run(folder: RunFolder, changed_ns: int) -> RunView:  # noqa: ARG001 (part of the key)
    return read_run(folder)


def settle(key: str, options: Sequence[Choice], fallback: Choice) -> None:
    """Sees to it that the widget `key`, bound to the link, gets one of its options.

    What the visitor chose holds, then what the link says, then the fallback.
    """
    chosen = st.session_state.get(key)
    linked = st.query_params.get(key) in {str(option) for option in options}
    if chosen not in options and not (chosen is None and linked):
        st.session_state[key] = fallback


def content(path: Path) -> bytes:
    """A file's bytes, for a download."""
    return path.read_bytes()
