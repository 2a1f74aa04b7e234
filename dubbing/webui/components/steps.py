"""How a dub comes about, in one row."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.i18n import t

STEPS = {
    "heard": "hearing",
    "recognised": "text_fields",
    "translated": "translate",
    "spoken": "record_voice_over",
    "fitted": "align_horizontal_left",
}


def pipeline_steps() -> None:
    """The five steps in order, a line each."""
    columns = st.columns(len(STEPS), border=True)
    for number, (column, (name, icon)) in enumerate(zip(columns, STEPS.items(), strict=True), 1):
        with column:
            title = f":material/{icon}: **{number}. {t(f'step_{name}')}**"
            st.markdown(f"{title}  \n:small[{t(f'step_{name}_what')}]")
