"""Diagrams as HTML: cards in order, side by side where there is room. Every text is escaped, and
colours come from the page, so they are read in light and dark, on a phone, and by a screen reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

STYLE = """<style>
ol.flow { display: grid; gap: 1.8rem; list-style: none;
  padding: 0 !important; margin: 0 0 1rem !important;
  grid-template-columns: repeat(auto-fit, minmax(15.5rem, 1fr)); }
.flow > li { position: relative; border-radius: .6rem; padding: .8rem 1rem; margin: 0;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
.flow > li:not(:last-child)::after { content: "→"; content: "→" / ""; position: absolute;
  right: -1.45rem; top: 50%; transform: translateY(-50%); font-size: 1.2rem; opacity: .7; }
.flow strong { display: block; margin-bottom: .25rem; }
.flow p { margin: 0 0 .5rem; }
.flow code { background: color-mix(in srgb, currentColor 10%, transparent); color: inherit;
  border-radius: .3rem; padding: .1rem .35rem; overflow-wrap: anywhere; }
.flow .gives { font-size: .875rem; margin: .2rem 0 0; }
@media (max-width: 640px) {
  ol.flow { grid-template-columns: 1fr; }
  .flow > li:not(:last-child)::after { content: "↓"; content: "↓" / ""; right: auto; left: 50%;
    top: auto; bottom: -1.75rem; transform: translateX(-50%); }
}
</style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A step of a diagram.

    Attributes:
        parts: Its parts, one or more: each with a title, and what happens in it.
        gives: What leaves it: names of files, and their sizes.
    """

    parts: Sequence[tuple[str, str]]
    gives: Sequence[tuple[str, str]] = ()


def flow(cards: Sequence[Card], label: str) -> None:
    """Cards in order, each leading to the next.

    Args:
        cards: At least one.
        label: What the diagram shows, for screen readers.
    """
    items = "".join(_card(card) for card in cards)
    st.html(f'{STYLE}<ol class="flow" aria-label="{escape(label)}">{items}</ol>')


def _card(card: Card) -> str:
    parts = "".join(
        f"<strong>{escape(title)}</strong><p>{escape(text)}</p>" for title, text in card.parts
    )
    gives = "".join(
        f'<div class="gives"><code>{escape(name)}</code> {escape(size)}</div>'
        for name, size in card.gives
    )
    return f"<li>{parts}{gives}</li>"
