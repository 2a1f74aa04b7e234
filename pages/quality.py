"""How good the dubs are: all scorecards side by side, with the first version as reference."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dubbing.quality.first_version import first_version
from dubbing.webui.components.charts import dubs_chart, segments_chart
from dubbing.webui.components.labels import run_label, told_apart
from dubbing.webui.components.notices import damaged_runs
from dubbing.webui.components.scorecards import (
    comparison,
    meanings,
    measure_text,
    worst_segments,
)
from dubbing.webui.door import through_the_app
from dubbing.webui.i18n import t
from dubbing.webui.measures import MEASURES, SEGMENT_MEASURES, segment_rows, whole_rows
from dubbing.webui.state import load_runs
from dubbing.webui.views import RunView

SIDE_BY_SIDE = 4  # more columns do not fit a screen; the visitor may choose more


def choose_runs(runs: Sequence[RunView]) -> list[RunView]:
    """The measured dubs that the visitor wants to compare."""
    by_key = {run.key: run for run in runs}
    if len(by_key) <= 1:
        return list(runs)
    labels = told_apart(runs)
    chosen = st.pills(
        t("quality_runs"),
        list(by_key),
        selection_mode="multi",
        default=list(by_key)[:SIDE_BY_SIDE],
        format_func=labels.__getitem__,
    )
    return [by_key[key] for key in chosen]


def unmeasured(runs: Sequence[RunView]) -> None:
    """A sentence for each dub without a scorecard that can be read."""
    for run in runs:
        if run.scorecard is None:
            key = "quality_outdated" if run.is_scorecard_outdated else "quality_unmeasured"
            st.info(t(key, run=run_label(run)))


def show(runs: Sequence[RunView]) -> None:
    """Table, links to what is bad, charts."""
    names = told_apart(runs)
    cards = {names[run.key]: run.scorecard for run in runs if run.scorecard is not None}
    before = {
        t("quality_first", talk=talk.replace("_", " ")): found
        for talk, found in first_version().items()
    }
    comparison(cards, before)
    st.caption(t("quality_first_how"))
    st.header(t("quality_faults_heading"), anchor=False)
    worst_segments(runs, names)

    st.header(t("quality_whole_heading"), anchor=False)
    by_name = {measure.name: measure for measure in MEASURES}
    labels = {name: measure_text(measure) for name, measure in by_name.items()}
    name = st.selectbox(
        t("quality_measure"),
        list(by_name),
        index=list(by_name).index("loudness"),
        format_func=labels.__getitem__,
        width=420,
    )
    measure = by_name[name]
    title = f"{labels[name]}, {t(f'quality_axis_{measure.unit}')}"
    dubs_chart(whole_rows(cards, before, measure), measure.bound, title, t(f"quality_{name}_means"))
    st.caption(t("quality_dashed"))

    st.header(t("quality_segments_heading"), anchor=False)
    st.caption(t("quality_dashed_segments"))
    for index, one in enumerate(SEGMENT_MEASURES):
        if index % 2 == 0:
            columns = st.columns(2, gap="medium")
        with columns[index % 2]:
            st.markdown(f"**{t(f'quality_chart_{one.name}')}**")
            titles = t("segment"), t(f"quality_chart_{one.name}_axis")
            label = t(f"quality_chart_{one.name}")
            segments_chart(segment_rows(cards, one), one.bounds, titles, label)


through_the_app("quality")
st.title(t("quality_title"), anchor=False)
st.markdown(t("quality_what"))
found, errors = load_runs()
damaged_runs(errors)
unmeasured(found)
if measured := [run for run in found if run.scorecard is not None]:
    if chosen := choose_runs(measured):
        show(chosen)
    else:
        st.info(t("quality_choose"))
elif not found and not errors:
    st.info(t("no_runs"))
st.header(t("quality_meanings_heading"), anchor=False)
meanings()
