"""A visitor's own clip, dubbed while they watch. The link names the job."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.live_check import live_check
from dubbing.webui.components.live_form import live_form
from dubbing.webui.components.live_progress import live_progress
from dubbing.webui.components.live_refusal import show_refusal
from dubbing.webui.components.live_result import live_keeping, live_leave, live_result
from dubbing.webui.components.live_state import follow, followed_job, live_jobs
from dubbing.webui.door import through_the_app
from dubbing.webui.i18n import t
from dubbing.webui.live.snapshot import BUSY, Snapshot


def show_job(snapshot: Snapshot) -> None:
    """The job, by its state."""
    st.subheader(snapshot.title.replace("_", " "), anchor=False)
    if snapshot.state in BUSY:
        st.caption(t("live_link"))
        live_progress(snapshot.id)
        return
    if snapshot.state == "checking":
        live_check(snapshot)
    elif snapshot.state == "done":
        live_result(snapshot)
    elif snapshot.state == "cancelled":
        st.info(t("live_cancelled"), icon=":material/cancel:")
    elif snapshot.refusal is not None:
        show_refusal(snapshot.refusal)
    has_files = snapshot.state in {"checking", "done"}
    if has_files:
        live_keeping(snapshot.id)
    live_leave(snapshot.id, has_files=has_files)


through_the_app("live")
st.title(t("live_title"), anchor=False)
st.markdown(t("live_what"))
followed = followed_job()
found = live_jobs().look(followed) if followed is not None else None
if found is not None:
    show_job(found)
elif followed is not None:
    st.warning(t("live_gone"), icon=":material/auto_delete:")
    st.button(t("live_another"), icon=":material/add:", on_click=follow, args=(None,))
else:
    live_form()
