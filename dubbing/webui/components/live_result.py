"""A finished dub: to watch, to judge, to take along."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.figures import headline_figures
from dubbing.webui.components.live_progress import live_lines
from dubbing.webui.components.live_state import follow, live_jobs
from dubbing.webui.components.media import downloads, dub_player, original_player
from dubbing.webui.i18n import t
from dubbing.webui.library import read_run
from dubbing.webui.live.snapshot import Snapshot
from dubbing.webui.views import RunFolder

WATCH_S = 60  # so often an open page tells that it is there


def live_result(snapshot: Snapshot) -> None:
    """Both players, the scorecard, the downloads and the lines."""
    assert snapshot.run is not None, "what is done has a run"
    run = read_run(RunFolder(key="live", path=snapshot.run, is_demo=False))
    left, right = st.columns(2, gap="medium")
    with left:
        original_player(run)
    with right:
        dub_player(run)
        st.badge(t("live_label"), icon=":material/smart_toy:", color="orange")
    headline_figures(run.scorecard)
    st.subheader(t("downloads_heading"), anchor=False)
    downloads(run)
    with st.expander(t("live_lines_heading")):
        live_lines(snapshot)


@st.fragment(run_every=WATCH_S)
def live_keeping(id_: str) -> None:
    """Says how long the files stay, which they do as long as the page is open."""
    if live_jobs().look(id_) is None:
        st.rerun()
    st.caption(t("live_keeping", count=round(live_jobs().keep_s / 60)))


def live_leave(id_: str, *, has_files: bool) -> None:
    """The ways from a job that nobody works on: another clip, and its files, if there are any,
    deleted now.
    """
    with st.container(horizontal=True):
        st.button(
            t("live_another"),
            icon=":material/add:",
            on_click=follow,
            args=(None,),
            key="live another",
        )
        if has_files:
            st.button(
                t("live_delete"),
                icon=":material/delete:",
                on_click=_delete,
                args=(id_,),
                key="live delete",
            )


def _delete(id_: str) -> None:
    live_jobs().forget(id_)
    follow(None)
