"""One segment: what was said, what the dub says, how it sounds and how it fits."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from dubbing.types import PlacementStatus, Word
from dubbing.webui.components.labels import clock, language_name, reason
from dubbing.webui.components.media import audio_player
from dubbing.webui.i18n import number, t
from dubbing.webui.library import RunView, SegmentView

UNSURE = 0.5  # below, a recognised word is as likely wrong as right
STATUS_COLOURS: dict[PlacementStatus, Literal["green", "blue", "orange", "red", "gray"]] = {
    "fits": "green",
    "borrowed": "blue",
    "late": "orange",
    "rushed": "red",
    "joined": "blue",
    "untranslated": "gray",
}
MARK = "background: rgba(255, 170, 0, .3); color: inherit; border-radius: .2em"


def segment_card(run: RunView, segment: SegmentView) -> None:
    """The segment's two sounds side by side, their texts, and the fit."""
    with st.container(border=True):
        st.subheader(t("segment_heading", id=segment.id, total=len(run.segments)), anchor=False)
        st.caption(
            t("segment_span", start=clock(segment.span.start_s), end=clock(segment.span.end_s))
        )
        left, right = st.columns(2, gap="medium")
        with left:
            _original(run, segment)
        with right:
            _dub(run, segment)
        _fit(segment)


def _original(run: RunView, segment: SegmentView) -> None:
    label = t("original_in", language=language_name(run.source_language))
    st.markdown(f"**{label}**")
    audio_player(segment.chunk, label)
    if segment.words is None:
        st.caption(t("no_transcript"))
    elif not segment.words:
        st.caption(t("no_words"))
    else:
        st.html(transcript_html(segment.words, run.source_language))
        if any(word.probability < UNSURE for word in segment.words):
            st.caption(t("unsure_words", percent=round(UNSURE * 100)))


def _dub(run: RunView, segment: SegmentView) -> None:
    label = t("dub_in", language=language_name(run.language))
    st.markdown(f"**{label}**")
    spoken = next((s for s in run.segments if s.id == segment.joined_to), segment)
    if spoken.dub is None:
        st.info(t("original_kept" if segment.status else "reason_none"))
    else:
        audio_player(spoken.dub, label)
    if spoken.translation is None:
        st.caption(t("no_translation"))
    elif not spoken.translation:
        st.caption(t("empty_translation"))
    else:
        st.html(f'<p lang="{escape(run.language)}">{escape(spoken.translation)}</p>')
        st.badge(t(f"source_{spoken.source}"), color="gray")


def transcript_html(words: tuple[Word, ...], lang: str) -> str:
    """A paragraph in which words that were recognised unsurely are marked, with the confidence."""
    marked = " ".join(_word_html(word) for word in words)
    return f'<p lang="{escape(lang)}">{marked}</p>'


def _word_html(word: Word) -> str:
    if word.probability >= UNSURE:
        return escape(word.text)
    title = escape(t("word_confidence", percent=round(word.probability * 100)))
    return f'<mark style="{MARK}" title="{title}">{escape(word.text)}</mark>'


def _fit(segment: SegmentView) -> None:
    with st.container(horizontal=True, gap="medium"):
        if segment.slot_s is not None:
            _figure("slot", _seconds(segment.slot_s), t("fit_slot_help"))
        if segment.length_s is not None and segment.rate is not None:
            _figure("length", _seconds(segment.length_s))
            _figure("rate", f"{number(segment.rate)}×", t("fit_rate_help"))
    if segment.status is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(t(f"status_{segment.status}"), color=STATUS_COLOURS[segment.status])
            st.markdown(reason(segment), width="content")


def _figure(name: str, value: str, explanation: str | None = None) -> None:
    st.metric(t(f"fit_{name}"), value, help=explanation, width="content")


def _seconds(value: float) -> str:
    return t("seconds", seconds=value)
