"""Charts of scorecards. Dubs are told apart by colour and by shape, so no colour has to be seen.

Written in Vega-Lite's own words (https://vega.github.io/vega-lite/docs/): Altair says the same, but
checks every one against its schema, a third of a second for the five of a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

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
    dub = {"field": "dub", "type": "nominal", "title": None}
    segment = {"field": "segment", "type": "quantitative", "title": titles[0]}
    value = {"field": "value", "type": "quantitative", "title": titles[1]}
    lines = {
        "data": {"values": list(rows)},
        "mark": {"type": "line", "strokeWidth": 1, "point": {"size": 60, "filled": True}},
        "encoding": {
            "x": {**segment, "axis": {"tickMinStep": 1, "format": "d"}},
            "y": {**value, "scale": {"zero": False}},
            "color": {**dub, "scale": {"domain": dubs, "range": COLOURS}},
            "shape": {**dub, "scale": {"domain": dubs, "range": SHAPES}},
            "tooltip": [{**dub, "title": " "}, segment, {**value, "format": ".2f"}],
        },
    }
    legend = {"orient": "top", "columns": 2, "labelLimit": 170}
    _draw([lines, *_dashed(bounds, "y")], HEIGHT, label, config={"legend": legend})


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
    dub = {"field": "dub", "type": "nominal", "title": None}
    value = {"field": "value", "type": "quantitative", "title": title}
    first = {"test": "datum.is_first", "value": GREY}
    bars = {
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "height": 18},
        "encoding": {
            "x": value,
            "y": {**dub, "sort": None, "axis": {"labelLimit": 220}},
            "color": {"condition": first, "value": COLOURS[0]},
            "tooltip": [{**dub, "title": " "}, {**value, "format": ".2f"}],
        },
    }
    limits = [] if bound is None else _dashed([bound], "x")
    _draw([bars, *limits], 34 * len(rows) + 60, label)


def _dashed(bounds: Sequence[float], axis: Literal["x", "y"]) -> list[dict[str, Any]]:
    """The layer of the bounds; none for no bounds."""
    if not bounds:
        return []
    return [
        {
            "data": {"values": [{"bound": bound} for bound in bounds]},
            "mark": {"type": "rule", "strokeDash": [5, 4], "color": GREY, "strokeWidth": 1.5},
            "encoding": {axis: {"field": "bound", "type": "quantitative"}},
        }
    ]


def _draw(layers: Sequence[dict[str, Any]], height: int, label: str, **more: Any) -> None:
    st.vega_lite_chart(spec={"layer": layers, "height": height, **more}, alt=label)
