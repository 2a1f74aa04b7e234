"""All segments of a run in a table, which of them it shows, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dubbing.webui.components.explanations import explained
from dubbing.webui.components.labels import clock, speaker_name
from dubbing.webui.filters import KINDS, matching
from dubbing.webui.i18n import number, t
from dubbing.webui.state import settle
from dubbing.webui.views import RunView, SegmentView

CHOICE = "segment"  # in the session and in the link
PLAY = "segment to play"  # in the session, until it is drawn
TABLE = "segment table"
KIND, SPEAKER, TEXT = "filter kind", "filter speaker", "filter text"
ROW_PIXELS = 76  # three lines of text; below about 72 the grid does not wrap any
NUMBERS = ("slot", "length", "rate", "similarity")  # columns


def choose_segment(segments: Sequence[SegmentView]) -> SegmentView:
    """The segment that the visitor chose, or the link's; a sentence where the link's is unknown."""
    ids = [segment.id for segment in segments]
    linked = st.query_params.get(CHOICE)
    is_new = CHOICE not in st.session_state  # later the link follows the choice, a run behind
    if is_new and linked is not None and linked not in map(str, ids):
        st.warning(t("segment_unknown"))
    settle(CHOICE, ids, ids[0])
    chosen = st.session_state.get(CHOICE, linked)
    return next(segment for segment in segments if str(segment.id) == str(chosen))


def segment_steps(segments: Sequence[SegmentView], chosen: SegmentView) -> None:
    """Buttons and keys that lead to the chosen segment's neighbours, and its number."""
    ids = [segment.id for segment in segments]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = ids.index(chosen.id)
        _step(t("previous"), ids, index - 1, "arrow_back", "Shift+Left")
        _step(t("next"), ids, index + 1, "arrow_forward", "Shift+Right")
        st.selectbox(
            t("segment"),
            ids,
            index=None,
            required=True,
            label_visibility="collapsed",
            width=90,
            key=CHOICE,
            bind="query-params",
        )


def _step(label: str, ids: Sequence[int], index: int, icon: str, shortcut: str) -> None:
    inside = 0 <= index < len(ids)
    st.button(
        label,
        key=icon,
        icon=f":material/{icon}:",
        disabled=not inside,
        shortcut=shortcut,
        on_click=choose,
        args=(ids[index] if inside else ids[0],),
    )


def choose(segment_id: int) -> None:
    """Makes a segment the chosen one; for callbacks."""
    st.session_state[CHOICE] = segment_id


def choose_and_play(segment_id: int) -> None:
    """As `choose`; its dub is played as soon as it is drawn."""
    choose(segment_id)
    st.session_state[PLAY] = segment_id


def is_to_play(segment: SegmentView) -> bool:
    """Whether the segment was chosen to be played; asked once."""
    return bool(st.session_state.pop(PLAY, None) == segment.id)


def segment_table(run: RunView, chosen: SegmentView) -> None:
    """The table of those segments that the filter lets through; selecting a row chooses it."""
    shown = _filtered(run)
    if not shown:
        st.info(t("filter_none"))
        return
    st.caption(t("filter_shown", shown=len(shown), total=len(run.segments)))
    ids = [segment.id for segment in shown]
    rows = [ids.index(chosen.id)] if chosen.id in ids else []
    st.session_state[TABLE] = {"selection": {"rows": rows}}
    st.dataframe(
        _padded(_told([_row(run, segment) for segment in shown])),
        hide_index=True,
        row_height=ROW_PIXELS,
        column_config=_columns(),
        key=TABLE,
        on_select=lambda: _choose_row(ids),
        selection_mode="single-row-required" if rows else "single-row",
        alt=t("table_heading"),
    )


def _filtered(run: RunView) -> list[SegmentView]:
    """The filter's widgets, and what they let through."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            t("filter_kind"),
            KINDS,
            format_func=lambda kind: t(f"filter_{kind}"),
            default=KINDS[0],
            required=True,
            key=KIND,
        )
        speaker = ""
        if len(run.speakers) > 1:
            speaker = st.selectbox(
                t("filter_speaker"),
                ["", *run.speakers],
                format_func=lambda key: speaker_name(run, key) if key else t("filter_anyone"),
                required=True,
                width=200,
                key=SPEAKER,
            )
        text = st.text_input(t("filter_text"), icon=":material/search:", width=260, key=TEXT)
    return matching(run.segments, kind or KINDS[0], speaker or None, text)


def _choose_row(ids: Sequence[int]) -> None:
    rows = st.session_state[TABLE]["selection"]["rows"]
    if rows:
        choose(ids[rows[0]])


def _row(run: RunView, segment: SegmentView) -> dict[str, Any]:
    joined = t("joined_row", head=segment.joined_to) if segment.joined_to else ""
    return {
        "id": segment.id,
        "start": clock(segment.span.start_s),
        "speaker": speaker_name(run, segment.speaker),
        "transcript": segment.transcript,
        "translation": segment.translation or joined,
        "slot": _written(segment.slot_s),
        "length": _written(segment.length_s),
        "rate": _written(segment.rate, "×"),
        "similarity": _written(segment.similarity),
        "status": t(f"status_{segment.status or 'none'}"),
        "fault": "; ".join(explained(text) for text in (segment.fault, *segment.faults) if text),
    }


def _written(value: float | None, unit: str = "") -> str:
    return "–" if value is None else number(value) + unit


def _told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those columns that tell nothing here: empty ones, and one speaker's name."""
    idle = {name for name in (*NUMBERS, "fault") if all(row[name] in {"", "–"} for row in rows)}
    if len({row["speaker"] for row in rows}) == 1:
        idle.add("speaker")
    return [{name: value for name, value in row.items() if name not in idle} for row in rows]


def _padded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with blanks before shorter numbers: the grid sorts texts by their first signs, and
    numbers are texts here, since only so they are written as the visitor's language does.
    """
    names = [name for name in ("start", *NUMBERS) if name in rows[0]]
    widths = {name: max(len(row[name]) for row in rows) for name in names}
    return [row | {name: row[name].rjust(widths[name]) for name in names} for row in rows]


def _columns() -> dict[str, Any]:
    """Widths in pixels: numbers take what they need, the two texts the rest."""
    widths = {"id": 60, "start": 80, "speaker": 90, "slot": 92, "length": 84, "rate": 64}
    widths |= {"similarity": 84, "status": 130, "transcript": 270, "translation": 270, "fault": 220}
    return {
        name: st.column_config.Column(
            t(f"column_{name}"), width=width, alignment="right" if name in NUMBERS else None
        )
        for name, width in widths.items()
    }
