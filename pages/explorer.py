"""One dub, stage by stage and segment by segment. The link names the dub and the segment."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dubbing.webui.components.editor import editor, own_version
from dubbing.webui.components.labels import run_label
from dubbing.webui.components.media import downloads
from dubbing.webui.components.notices import damaged_runs
from dubbing.webui.components.segment import segment_card
from dubbing.webui.components.segment_table import choose_segment, segment_steps, segment_table
from dubbing.webui.components.voice import voice_references
from dubbing.webui.components.whole import whole_talk
from dubbing.webui.door import through_the_app
from dubbing.webui.i18n import t
from dubbing.webui.state import load_runs, settle
from dubbing.webui.views import RunView


def choose_run(runs: Sequence[RunView]) -> RunView:
    """The run that the visitor chose, of those that are there."""
    by_key = {run.key: run for run in runs}
    linked = st.query_params.get("run")
    if linked is not None and linked not in by_key:
        st.warning(t("run_unknown"))
    settle("run", list(by_key), runs[0].key)
    key = st.selectbox(
        t("run"),
        list(by_key),
        index=None,
        required=True,
        label_visibility="collapsed",
        width=400,
        key="run",
        bind="query-params",
    )
    run = by_key.get(key or "", runs[0])
    st.header(run_label(run), anchor=False)
    return run


def show_run(run: RunView) -> None:
    """The chosen segment, then the run as a whole."""
    if run.segments:
        segment = choose_segment(run.segments)
        whole_talk(run, segment)
        segment_steps(run.segments, segment)
        segment_card(run, segment)
        editor(run, segment)
        st.subheader(t("table_heading"), anchor=False)
        segment_table(run, segment)
    else:
        st.info(t("no_segments"))
    if not run.folder.is_legacy:
        voice_references(run)
    st.subheader(t("downloads_heading"), anchor=False)
    downloads(run)


through_the_app("explorer")
st.title(t("explorer_title"), anchor=False)
found, errors = load_runs()
damaged_runs(errors)
if found:
    show_run(own_version(choose_run(found)))
elif not errors:
    st.info(t("no_runs"))
