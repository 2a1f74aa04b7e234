"""Tables as HTML: wide ones scroll by themselves, with the keyboard too, under a first column that
stays. Every text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import streamlit as st

STYLE = """<style>
.wide { overflow-x: auto; }
.wide table { border-collapse: collapse; width: 100%; margin: 0; }
.wide th, .wide td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0;
  font-weight: normal; border: 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.wide thead th { vertical-align: bottom; font-weight: 600; }
.wide .good { color: color-mix(in srgb, #00a040 45%, currentColor); }
.wide .bad { color: color-mix(in srgb, #f02020 50%, currentColor); font-weight: 600; }
</style>"""

Tone = Literal["plain", "good", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a cell; `tone` says the same by colour, never anything alone."""

    text: str
    tone: Tone = "plain"


def wide_table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], label: str) -> None:
    """A table whose first column names the rows.

    Args:
        heads: Of the columns.
        rows: As many cells each.
        label: What it shows, for screen readers.
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(_row(row) for row in rows)
    st.html(
        f'{STYLE}<div class="wide" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[Cell]) -> str:
    first, *others = cells
    name = f'<th scope="row">{escape(first.text)}</th>'
    values = "".join(f'<td class="{cell.tone}">{escape(cell.text)}</td>' for cell in others)
    return f"<tr>{name}{values}</tr>"
