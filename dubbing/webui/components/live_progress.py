"""A job that is being worked on: its place, its stages, and what is there of it already."""

from __future__ import annotations

from html import escape

import streamlit as st

from dubbing.webui.components.labels import clock
from dubbing.webui.components.live_state import live_jobs
from dubbing.webui.i18n import t
from dubbing.webui.live.snapshot import BUSY, Line, Snapshot, Step

ICONS = {
    "ahead": ":material/radio_button_unchecked:",
    "running": ":material/pending:",
    "done": ":material/check_circle:",
}


EVERY_S = 2  # drawing it takes half a second of a core, most of it in the visitor's browser


@st.fragment(run_every=EVERY_S)
def live_progress(id_: str) -> None:
    """The job as it goes on; when it is done with, the whole page is drawn anew."""
    snapshot = live_jobs().look(id_)
    if snapshot is None or snapshot.state not in BUSY:
        st.rerun()
    st.progress(snapshot.share, text=_where(snapshot))
    _steps(snapshot.steps)
    st.button(
        t("live_cancel"),
        icon=":material/close:",
        on_click=live_jobs().cancel,
        args=(id_,),
        key="live cancel",
    )
    live_lines(snapshot)


def _where(snapshot: Snapshot) -> str:
    left = about(snapshot.left_s)
    if snapshot.state == "waiting" and snapshot.place:
        return t("live_place", count=snapshot.place, left=left)
    return t(f"live_{snapshot.state}", left=left)


def about(seconds: float) -> str:
    """A length of time as one says it: to five seconds, or to minutes."""
    if seconds > 90:
        return t("live_minutes", count=round(seconds / 60))
    return t("live_seconds", count=max(5, 5 * round(seconds / 5)))


def _steps(steps: tuple[Step, ...]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for step in steps:
            words = t(f"live_step_{step.stage}")
            st.markdown(f"{ICONS[step.state]} {words}", width="content")


def live_lines(snapshot: Snapshot) -> None:
    """What was heard, what the dub says, and its sound, as far as they are there."""
    for line in snapshot.lines:
        with st.container(border=True):
            _line(line, snapshot)


def _line(line: Line, snapshot: Snapshot) -> None:
    st.caption(t("live_line", number=str(line.id), start=clock(line.start_s)))
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(f'<p lang="en">{escape(line.transcript)}</p>')
    with right:
        if line.translation:
            target = escape(snapshot.target)
            st.html(f'<p lang="{target}">{escape(line.translation)}</p>')
        elif line.joined_to is not None:
            st.caption(t("joined_row", head=line.joined_to))
        elif line.translation is not None:
            st.caption(t("original_kept"))
        if line.clip is not None and line.clip.is_file():
            st.audio(line.clip, alt=t("live_line", number=str(line.id), start=clock(line.start_s)))
