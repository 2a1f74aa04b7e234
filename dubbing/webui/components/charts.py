"""Charts of scorecards. Dubs are told apart by colour and by shape, so no colour has to be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

# Okabe and Ito, "Color universal design" (2008), without black and yellow, which one of the two
# backgrounds would swallow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
GREY = "#8a8a8a"  # seen on white and on black
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
HEIGHT = 330  # the legend's rows among them


def segments_chart(
    rows: Sequence[Mapping[str, Any]], bounds: Sequence[float], titles: tuple[str, str], label: str
) -> None:
    """A number of every segment, a line for each dub; its bounds are dashed.

    Args:
        rows: "dub", "segment" and "value".
        bounds: Beyond them a viewer notices.
        titles: Of the horizontal and the vertical axis, with the unit.
        label: What it shows, for those who cannot see it.
    """
    dubs = list(dict.fromkeys(str(row["dub"]) for row in rows))
    lines = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_line(point=alt.OverlayMarkDef(size=60, filled=True), strokeWidth=1)
        .encode(
            x=alt.X("segment:Q", title=titles[0], axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title=titles[1], scale=alt.Scale(zero=False)),
            color=alt.Color("dub:N", title=None, scale=alt.Scale(domain=dubs, range=COLOURS)),
            shape=alt.Shape("dub:N", title=None, scale=alt.Scale(domain=dubs, range=SHAPES)),
            tooltip=[
                alt.Tooltip("dub:N", title=" "),
                alt.Tooltip("segment:Q", title=titles[0]),
                alt.Tooltip("value:Q", title=titles[1], format=".2f"),
            ],
        )
    )
    chart = alt.layer(lines, *_bounds(bounds, "y")).properties(height=HEIGHT)
    st.altair_chart(
        chart.configure_legend(orient="top", columns=2, labelLimit=170),
        alt=label,
    )


def dubs_chart(
    rows: Sequence[Mapping[str, Any]], bound: float | None, title: str, label: str
) -> None:
    """A number of every dub as bars, the first version's in grey; the bound is dashed.

    Args:
        rows: "dub", "value" and "is_first".
        bound: What is wanted.
        title: Of the axis, with the unit.
        label: What it shows, for those who cannot see it.
    """
    colour = alt.condition("datum.is_first", alt.value(GREY), alt.value(COLOURS[0]))
    bars = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar(height=18)
        .encode(
            x=alt.X("value:Q", title=title),
            y=alt.Y("dub:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
            color=colour,
            tooltip=[
                alt.Tooltip("dub:N", title=" "),
                alt.Tooltip("value:Q", title=title, format=".2f"),
            ],
        )
    )
    limits = [] if bound is None else _bounds([bound], "x")
    chart = alt.layer(bars, *limits).properties(height=34 * len(rows) + 60)
    st.altair_chart(chart, alt=label)


def _bounds(bounds: Sequence[float], axis: str) -> list[alt.Chart]:
    channel = {"x": alt.X, "y": alt.Y}[axis]
    return [
        alt.Chart(alt.InlineData(values=[{"bound": bound}]))
        .mark_rule(strokeDash=[5, 4], color=GREY, strokeWidth=1.5)
        .encode(**{axis: channel("bound:Q")})
        for bound in bounds
    ]
