"""What a page remembers between two drawings: runs in the cache, choices in the link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from dubbing.errors import RunError
from dubbing.types import Span
from dubbing.webui.library import list_folders, read_run, run_roots
from dubbing.webui.peaks import Clip
from dubbing.webui.spectrogram import Spectrogram, spectrogram
from dubbing.webui.tracks import Tracks, changed_ns, dub_clips, original_clips, read_tracks
from dubbing.webui.views import RunFolder, RunView

Choice = TypeVar("Choice", int, str)


def load_runs() -> tuple[list[RunView], dict[str, str]]:
    """All runs that can be shown, and name → error of those that cannot."""
    runs, errors = [], {}
    for folder in list_folders(run_roots()):
        try:
            runs.append(_cached_run(folder, folder.changed_ns()))
        except (OSError, RunError) as error:
            errors[folder.key] = str(error)
    return runs, errors


@st.cache_data(max_entries=64, show_spinner=False)
def _cached_run(folder: RunFolder, changed_ns: int) -> RunView:  # noqa: ARG001 (part of the key)
    return read_run(folder)


def load_tracks(run: RunView) -> Tracks:
    """What the run's timeline draws of its sound; decoded once.

    Raises:
        MediaError: A file cannot be read.
    """
    original, dub = original_clips(run), dub_clips(run)
    changed = changed_ns((*original, *dub))
    return _cached_tracks(original, dub, run.duration_s, run.speech, changed)


@st.cache_data(max_entries=64, show_spinner=False)
def _cached_tracks(
    original: tuple[Clip, ...],
    dub: tuple[Clip, ...],
    duration_s: float,
    speech: tuple[Span, ...] | None,
    changed_ns: tuple[int, ...],  # noqa: ARG001 (part of the key)
) -> Tracks:
    return read_tracks(original, dub, duration_s, speech)


def load_spectrogram(path: Path) -> Spectrogram:
    """The spectrogram of a short sound file; drawn once.

    Raises:
        MediaError: The file cannot be read.
    """
    return _cached_spectrogram(path, path.stat().st_mtime_ns)


@st.cache_data(max_entries=16, show_spinner=False)
def _cached_spectrogram(path: Path, changed_ns: int) -> Spectrogram:  # noqa: ARG001
    return spectrogram(path)


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
