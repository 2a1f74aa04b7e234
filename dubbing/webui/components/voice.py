"""The reference that a speaker's voice was matched to."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.media import audio_player
from dubbing.webui.i18n import t
from dubbing.webui.library import RunView


def voice_references(run: RunView) -> None:
    """Each speaker's reference, to hear, and why it was chosen."""
    st.subheader(t("voice_heading"), anchor=False)
    if not run.voices:
        st.caption(t("no_voice"))
    for voice in run.voices:
        numbers = ", ".join(str(id_) for id_ in voice.segments)
        st.markdown(t("voice_reason", count=len(voice.segments), segments=numbers))
        audio_player(voice.clip, t("voice_heading"))
