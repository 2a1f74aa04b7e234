"""Scorecards side by side, and what their numbers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from dubbing.quality.first_version import FirstVersion
from dubbing.quality.report import Scorecard
from dubbing.webui.components.explanations import explained
from dubbing.webui.components.tables import Cell, wide_table
from dubbing.webui.i18n import language, number, t
from dubbing.webui.measures import MEASURES, Measure, Unit, faulty
from dubbing.webui.views import RunView

SHOWN_FAULTS = 5  # of each dub


def value_text(unit: Unit, value: float | None) -> str:
    """The value with its unit, as the visitor's language writes it."""
    match unit:
        case _ if value is None:
            return "–"
        case "s" | "plain":
            written = number(value)
        case "share":
            written = number(100 * value, 0)
        case "count":
            written = number(value, 0)
        case "db":
            written = number(value, 1)
        case "rate" | "mos":
            written = number(value)
    return t(f"quality_unit_{unit}", value=written.replace("-", "−"))


def measure_text(measure: Measure) -> str:
    """What the measure is called; marked where a voice is fitted to it."""
    name = t(f"quality_{measure.name}")
    return t("quality_fitted", measure=name) if measure.is_fitted else name


def bound_text(measure: Measure) -> str:
    """What is wanted, such as "≤ 0.10 s"; no sign before what cannot be passed."""
    if measure.bound is None:
        return "–"
    if measure.bound == 0:
        return t(f"quality_unit_{measure.unit}", value="0")
    if measure.unit == "share" and measure.bound == 1:
        return value_text(measure.unit, measure.bound)
    sign = "≤" if measure.least is None else "≥"
    return f"{sign} {value_text(measure.unit, measure.bound)}"


def comparison(cards: Mapping[str, Scorecard], before: Mapping[str, FirstVersion]) -> None:
    """All measures as rows, the dubs and the first version as columns."""
    heads = [t("quality_measure"), *cards, *before, t("quality_wanted")]
    rows = [
        [
            Cell(text=measure_text(measure)),
            *(_cell(measure, measure.read(card)) for card in cards.values()),
            *(
                _cell(measure, measure.before(found) if measure.before else None)
                for found in before.values()
            ),
            Cell(text=bound_text(measure)),
        ]
        for measure in MEASURES
    ]
    wide_table(heads, rows, t("quality_table_alt"))
    st.caption(t("quality_met"))


def _cell(measure: Measure, value: float | None) -> Cell:
    """The value, and whether it is as it should be."""
    text = value_text(measure.unit, value)
    match measure.is_met(value):
        case True:
            return Cell(text=f"✓ {text}", tone="good")
        case False:
            return Cell(text=f"✗ {text}", tone="bad")
        case _:
            return Cell(text=text)


def worst_segments(runs: Sequence[RunView], names: Mapping[str, str]) -> None:
    """Links to the segments of which a viewer will notice something.

    Args:
        runs: Those without a scorecard are passed over.
        names: Key → what the run is called.
    """
    for run in runs:
        if run.scorecard is None:
            continue
        rows = faulty(run.scorecard)
        if not rows:
            st.markdown(t("quality_no_faults", run=names[run.key]))
        for row in rows[:SHOWN_FAULTS]:
            st.page_link(
                "pages/explorer.py",
                label=t("quality_fault", run=names[run.key], id=row.id, fault=explained(row.fault)),
                icon=":material/arrow_forward:",
                query_params={"run": run.key, "segment": str(row.id), "lang": language()},
            )


def meanings() -> None:
    """What each number means, in a sentence."""
    rows = [
        f"<dt><strong>{escape(measure_text(m))}</strong></dt>"
        f'<dd style="margin: 0 0 .8em 0">{escape(t(f"quality_{m.name}_means"))}</dd>'
        for m in MEASURES
    ]
    st.html(f"<dl>{''.join(rows)}</dl>")
