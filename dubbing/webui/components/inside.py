"""A file of a run, looked into."""

from __future__ import annotations

from html import escape

import streamlit as st

from dubbing.webui.components.media import audio_player
from dubbing.webui.i18n import number, t
from dubbing.webui.pipeline_files import FIRST_LINES, RunFile, first_lines


def size_text(size: int) -> str:
    """A file's size in kB or MB."""
    if size < 1_000_000:
        return t("how_size_kb", value=number(size / 1000, 1))
    return t("how_size_mb", value=number(size / 1_000_000, 1))


def look_inside(file: RunFile) -> None:
    """The first lines, a player, or where else it can be played."""
    st.markdown(f"`{file.name}` · {size_text(file.size)}")
    if file.kind == "sound":
        audio_player(file.path, file.name)
    elif file.kind == "media":
        st.caption(t("how_play_elsewhere"))
    else:
        try:
            text, is_cut = first_lines(file.path)
        except OSError:
            st.info(t("file_missing", name=file.name))
            return
        _show_text(text)
        if is_cut:
            st.caption(t("how_first_lines", count=FIRST_LINES))


def _show_text(text: str) -> None:
    """As it stands in the file; `st.code` would load half a second of highlighter for it."""
    st.html(
        '<pre style="white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding: 1rem; '
        "border-radius: .5rem; background: color-mix(in srgb, currentColor 6%, transparent); "
        f'font-size: .875rem">{escape(text)}</pre>'
    )
