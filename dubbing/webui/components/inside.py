"""A file of a run, looked into."""

from __future__ import annotations

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
        st.code(text, language="json" if file.kind == "json" else None, wrap_lines=True)
        if is_cut:
            st.caption(t("how_first_lines", count=FIRST_LINES))
