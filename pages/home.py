"""The talks: original and dub side by side, and how good the dub is."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.figures import headline_figures
from dubbing.webui.components.labels import dub_label, duration, told_apart
from dubbing.webui.components.media import dub_player, original_player
from dubbing.webui.components.notices import damaged_runs
from dubbing.webui.components.steps import pipeline_steps
from dubbing.webui.i18n import language, t
from dubbing.webui.library import group_talks
from dubbing.webui.state import load_runs
from dubbing.webui.views import RunView, TalkView


def show_talk(talk: TalkView) -> None:
    """One talk with the dub that the visitor chose."""
    with st.container(border=True):
        st.header(talk.title, anchor=False)
        first = talk.runs[0]
        segments = t("segments_count", count=len(first.segments))
        st.caption(f"{duration(first.duration_s)} · {segments}")
        run = choose_dub(talk)
        if run.folder.is_legacy:
            st.caption(t("legacy_what"))
        else:
            show_both(run)
        st.page_link(
            "pages/explorer.py",
            label=f"**{t('explore')}**",
            icon=":material/arrow_forward:",
            query_params=link_to(run),
        )


def show_both(run: RunView) -> None:
    """Original and dub side by side, and how good the dub is."""
    left, right = st.columns(2, gap="medium")
    with left:
        original_player(run)
    with right:
        dub_player(run)
    headline_figures(run.scorecard, is_outdated=run.is_scorecard_outdated)


def link_to(run: RunView) -> dict[str, str]:
    """What opens the run in the explorer, at its first segment."""
    first = {"segment": str(run.segments[0].id)} if run.segments else {}
    return {"run": run.key, **first, "lang": language()}


def choose_dub(talk: TalkView) -> RunView:
    """The talk's only dub, or the one chosen among several."""
    by_key, labels = {run.key: run for run in talk.runs}, told_apart(talk.runs, dub_label)
    if len(by_key) == 1:
        return talk.runs[0]
    key = st.segmented_control(
        t("choose_dub"),
        list(by_key),
        format_func=labels.__getitem__,
        default=talk.runs[0].key,
        required=True,
        key=f"dub of {talk.runs[0].source_sha256}",
    )
    return by_key.get(key or "", talk.runs[0])


st.title(t("home_title"), anchor=False)
st.markdown(t("home_what"))
pipeline_steps()
runs, errors = load_runs()
damaged_runs(errors)
if not runs and not errors:
    st.info(t("no_runs"))
for shown in group_talks(runs):
    show_talk(shown)
