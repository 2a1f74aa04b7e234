"""The whole talk on its timeline."""

from __future__ import annotations

import streamlit as st

from dubbing.errors import MediaError
from dubbing.webui.components.segment_table import choose_and_play
from dubbing.webui.components.timeline import timeline
from dubbing.webui.i18n import t
from dubbing.webui.state import load_tracks
from dubbing.webui.tracks import NO_TRACKS
from dubbing.webui.views import RunView, SegmentView


def whole_talk(run: RunView, chosen: SegmentView) -> None:
    """The timeline; where the sound cannot be read it is drawn without, and a sentence says so."""
    try:
        with st.spinner(t("timeline_reading")):
            tracks = load_tracks(run)
    except MediaError as error:
        st.info(t("file_unreadable", name=error.path.name))
        tracks = NO_TRACKS
    timeline(run, tracks, chosen, choose_and_play)
