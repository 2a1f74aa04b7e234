"""All segments of a run in a table, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dubbing.webui.components.labels import clock
from dubbing.webui.i18n import number, t
from dubbing.webui.library import SegmentView
from dubbing.webui.state import settle

CHOICE = "segment"  # in the session and in the link
TABLE = "segment table"
ROW_PIXELS = 76  # three lines of text; below about 72 the grid does not wrap any


def choose_segment(segments: Sequence[SegmentView]) -> SegmentView:
    """The segment that the visitor chose, with buttons that lead to its neighbours."""
    ids = [segment.id for segment in segments]
    settle(CHOICE, ids, ids[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("segment"),
            ids,
            index=None,
            required=True,
            label_visibility="collapsed",
            width=120,
            key=CHOICE,
            bind="query-params",
        )
        index = ids.index(chosen) if chosen in ids else 0
        _step(t("previous"), ids, index - 1, "arrow_back")
        _step(t("next"), ids, index + 1, "arrow_forward")
    return segments[index]


def _step(label: str, ids: Sequence[int], index: int, icon: str) -> None:
    inside = 0 <= index < len(ids)
    st.button(
        label,
        key=icon,
        icon=f":material/{icon}:",
        disabled=not inside,
        on_click=_choose,
        args=(ids[index] if inside else ids[0],),
    )


def _choose(segment_id: int) -> None:
    st.session_state[CHOICE] = segment_id


def segment_table(segments: Sequence[SegmentView], chosen: SegmentView) -> None:
    """The table, with the chosen segment's row selected; selecting another chooses it."""
    ids = [segment.id for segment in segments]
    st.session_state[TABLE] = {"selection": {"rows": [ids.index(chosen.id)]}}
    st.dataframe(
        [_row(segment) for segment in segments],
        hide_index=True,
        row_height=ROW_PIXELS,
        column_config=_columns(),
        key=TABLE,
        on_select=lambda: _choose_row(ids),
        selection_mode="single-row-required",
    )


def _choose_row(ids: Sequence[int]) -> None:
    rows = st.session_state[TABLE]["selection"]["rows"]
    if rows:
        _choose(ids[rows[0]])


def _row(segment: SegmentView) -> dict[str, Any]:
    joined = t("joined_row", head=segment.joined_to) if segment.joined_to else ""
    return {
        "id": segment.id,
        "start": clock(segment.span.start_s),
        "transcript": segment.transcript,
        "translation": segment.translation or joined,
        "slot": _written(segment.slot_s),
        "length": _written(segment.length_s),
        "rate": _written(segment.rate, "×"),
        "status": t(f"status_{segment.status or 'none'}"),
    }


def _written(value: float | None, unit: str = "") -> str:
    return "–" if value is None else number(value) + unit


def _columns() -> dict[str, Any]:
    """Widths in pixels: numbers take what they need, the two texts the rest."""
    widths = {"id": 44, "start": 64, "slot": 92, "length": 84, "rate": 64, "status": 130}
    column = st.column_config.Column
    texts = {name: column(t(f"column_{name}"), width=300) for name in ("transcript", "translation")}
    return texts | {name: column(t(f"column_{name}"), width=w) for name, w in widths.items()}
