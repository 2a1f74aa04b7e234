"""How it works: the pipeline with a run's own files, XTTSv2, the models, and the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dubbing.errors import RunError
from dubbing.events import STAGES, Stage
from dubbing.webui.components.diagrams import Card, flow
from dubbing.webui.components.inside import look_inside, size_text
from dubbing.webui.components.labels import run_label, told_apart
from dubbing.webui.components.models import models_table
from dubbing.webui.components.notices import damaged_runs
from dubbing.webui.door import through_the_app
from dubbing.webui.i18n import number, t
from dubbing.webui.pipeline_files import RunFile, source_file, stage_files
from dubbing.webui.state import load_runs
from dubbing.webui.views import RunView
from dubbing.webui.xtts_facts import FACTS

XTTS_STEPS = (("reference", "text", "speaker"), ("gpt",), ("vocoder",))
LIMITS = ("voices", "music", "overlap", "english", "language", "quality", "consent")


def choose_run(runs: Sequence[RunView]) -> RunView | None:
    """The run whose files are shown; None where there is none."""
    by_key = {run.key: run for run in runs}
    if not by_key:
        return None
    labels = told_apart(runs)
    key = st.selectbox(t("how_run"), list(by_key), format_func=labels.__getitem__, width=400)
    return by_key.get(key or "")


def pipeline(files: Mapping[Stage, Sequence[RunFile]], source: RunFile | None) -> None:
    """The stages, and what each leaves."""
    first = [(source.name, size_text(source.size))] if source else []
    cards = [Card(parts=[(t("how_source"), t("how_source_what"))], gives=first)]
    for count, stage in enumerate(STAGES, start=1):
        part = f"{count}. {t(f'how_stage_{stage}')}", t(f"how_stage_{stage}_what")
        left = [(file.name, size_text(file.size)) for file in files.get(stage, ())]
        cards.append(Card(parts=[part], gives=left))
    flow(cards, t("how_pipeline_alt"))


def inside(files: Mapping[Stage, Sequence[RunFile]]) -> None:
    """One of the files, chosen by the visitor."""
    by_name = {file.name: file for stage in STAGES for file in files.get(stage, ())}
    if not by_name:
        return
    name = st.pills(t("how_inside"), list(by_name), default=next(iter(by_name)), required=True)
    if name is not None:
        look_inside(by_name[name])


def of_run(run: RunView | None) -> None:
    """The pipeline with the run's files, or without any."""
    if run is None:
        pipeline({}, None)
        return
    try:
        files, source = stage_files(run.folder.path), source_file(run.folder.path)
    except RunError:
        st.info(t("how_no_files"))
        pipeline({}, None)
        return
    pipeline(files, source)
    inside(files)


def cost(run: RunView | None) -> None:
    """What the chosen run took."""
    if run is None or run.scorecard is None or run.scorecard.cost is None:
        return
    spent = run.scorecard.cost
    peak = "–" if spent.peak_memory_mb is None else number(spent.peak_memory_mb, 0)
    st.markdown(t("how_cost", run=run_label(run), share=number(100 * spent.rtf, 0), memory=peak))


through_the_app("how")
st.title(t("how_title"), anchor=False)
found, errors = load_runs()
damaged_runs(errors)
if not found and not errors:
    st.info(t("no_runs"))
st.header(t("how_pipeline"), anchor=False)
st.markdown(t("how_pipeline_what"))
chosen = choose_run(found)
of_run(chosen)

st.header(t("how_xtts"), anchor=False)
st.markdown(t("how_xtts_what", **FACTS))
steps = [
    Card(parts=[(t(f"how_xtts_{n}"), t(f"how_xtts_{n}_what", **FACTS)) for n in names])
    for names in XTTS_STEPS
]
flow(steps, t("how_xtts_alt"))
st.caption(t("how_xtts_training", **FACTS))

st.header(t("how_models"), anchor=False)
models_table()

st.header(t("how_limits"), anchor=False)
cost(chosen)
st.markdown("\n".join(f"- {t(f'how_limit_{name}')}" for name in LIMITS))
