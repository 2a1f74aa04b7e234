"""The live page's memory: the process's jobs, and which of them this visitor follows."""

from __future__ import annotations

import streamlit as st

from dubbing.engines.loaded import LoadedEngines
from dubbing.webui.live.jobs import LiveJobs
from dubbing.webui.live.work import DubbingWork

LINK = "job"  # in the link: it leads back to the job after a refresh, and in another tab


@st.cache_resource(show_spinner=False)
def live_engines() -> LoadedEngines:
    """The engines of all visitors: loaded once, used by one job at a time."""
    return LoadedEngines(keep=True)


@st.cache_resource(show_spinner=False)
def live_jobs() -> LiveJobs:
    """The jobs of all visitors."""
    return LiveJobs(DubbingWork(live_engines()))


def followed_job() -> str | None:
    """The job in the link, or else the one that this visitor started before."""
    linked = st.query_params.get(LINK)
    remembered = st.session_state.get("live followed")
    if linked is None and remembered is not None:
        st.query_params[LINK] = remembered
    id_ = linked or remembered
    st.session_state["live followed"] = id_
    return id_


def follow(id_: str | None) -> None:
    """From now on this visitor's page shows that job, or the form."""
    st.session_state["live followed"] = id_
    if id_ is not None:
        st.query_params[LINK] = id_
    elif LINK in st.query_params:
        del st.query_params[LINK]
