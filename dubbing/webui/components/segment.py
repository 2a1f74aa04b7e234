"""One segment at every stage: what was heard, what it says in the other language, how it sounds."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from dubbing.types import PlacementStatus, Word
from dubbing.webui.components.explanations import explained
from dubbing.webui.components.labels import clock, language_name, reason, speaker_name
from dubbing.webui.components.media import audio_player
from dubbing.webui.components.segment_table import is_to_play
from dubbing.webui.components.spectrograms import spectrograms
from dubbing.webui.i18n import number, t
from dubbing.webui.views import RunView, SegmentView

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
    """The segment's stages side by side, then how the dub fits, and spectrograms on demand."""
    spoken = next((s for s in run.segments if s.id == segment.joined_to), segment)
    is_played = is_to_play(segment)
    with st.container(border=True):
        st.subheader(t("segment_heading", id=segment.id, total=len(run.segments)), anchor=False)
        span = t("segment_span", start=clock(segment.span.start_s), end=clock(segment.span.end_s))
        with st.container(horizontal=True):
            st.caption(span, width="content")
            st.caption(_plain(speaker_name(run, segment.speaker)), width="content")
        heard, translated, said = st.columns(3, gap="medium")
        with heard:
            _heard(run, segment, is_played=is_played and spoken.dub is None)
        with translated:
            _translated(run, spoken)
        with said:
            _said(run, segment, spoken, is_played=is_played)
        _fit(segment)
        spectrograms(segment.chunk, spoken.dub)


def _stage(name: str, label: str) -> None:
    st.markdown(f"**{t(f'stage_{name}')}** · {label}")


def _heard(run: RunView, segment: SegmentView, *, is_played: bool) -> None:
    label = t("original_in", language=language_name(run.source_language))
    _stage("heard", label)
    with st.container(key="player_original"):
        audio_player(segment.chunk, label, autoplay=is_played)
    if segment.text:
        st.html(paragraph(escape(segment.text), run.source_language))
    elif segment.text is None and segment.words is None:
        st.caption(t("no_transcript"))
    elif not segment.words:
        st.caption(t("no_words"))
    else:
        st.html(transcript_html(segment.words, run.source_language))
        if any(word.probability < UNSURE for word in segment.words):
            st.caption(t("unsure_words", percent=round(UNSURE * 100)))


def _translated(run: RunView, spoken: SegmentView) -> None:
    _stage("translated", language_name(run.language))
    if spoken.translation is None:
        st.caption(t("no_translation"))
        return
    if not spoken.translation:
        st.caption(t("empty_translation"))
        return
    st.html(paragraph(escape(spoken.translation), run.language))
    with st.container(horizontal=True):
        st.badge(t(f"source_{spoken.source}"), color="gray")
    _checks(spoken)
    _candidates(run, spoken)


def _checks(spoken: SegmentView) -> None:
    """What the checks of the translation found."""
    for fault in spoken.faults:
        st.caption(f":material/warning: {_plain(explained(fault))}")
    if not spoken.faults:
        st.caption(f":material/check: {t('stage_no_faults')}")


def _candidates(run: RunView, spoken: SegmentView) -> None:
    """What the engine would have said instead."""
    others = [c for c in spoken.candidates if c.text != spoken.translation]
    if not others:
        return
    with st.expander(t("stage_candidates", count=len(others))):
        for candidate in others:
            st.html(paragraph(escape(candidate.text), run.language))
            if candidate.score:
                st.caption(t("stage_score", score=candidate.score))


def _said(run: RunView, segment: SegmentView, spoken: SegmentView, *, is_played: bool) -> None:
    label = t("dub_in", language=language_name(run.language))
    _stage("spoken", label)
    if spoken.dub is None:
        st.info(t("original_kept" if segment.status else "reason_none"))
        return
    with st.container(key="player_dub"):
        audio_player(spoken.dub, label, autoplay=is_played)
    if spoken.read and spoken.read != spoken.translation:
        st.caption(t("stage_read"))
        st.html(paragraph(escape(spoken.read), run.language))
    for noticed in (spoken.fault, spoken.warning):
        if noticed:
            st.caption(f":material/warning: {_plain(explained(noticed))}")


def transcript_html(words: tuple[Word, ...], lang: str) -> str:
    """A paragraph in which words that were recognised unsurely are marked, with the confidence."""
    return paragraph(" ".join(_word_html(word) for word in words), lang)


def paragraph(html: str, lang: str) -> str:
    """A paragraph of HTML in the language, for screen readers too."""
    return f'<p lang="{escape(lang)}" style="margin: 0">{html}</p>'


def _word_html(word: Word) -> str:
    title = escape(t("word_confidence", percent=round(word.probability * 100)))
    if word.probability >= UNSURE:
        return f'<span title="{title}">{escape(word.text)}</span>'
    return f'<mark style="{MARK}" title="{title}">{escape(word.text)}</mark>'


def _plain(text: str) -> str:
    """The text with Markdown's signs made harmless."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:" else sign for sign in text)


def _fit(segment: SegmentView) -> None:
    with st.container(horizontal=True, gap="medium"):
        if segment.slot_s is not None:
            _figure("slot", _seconds(segment.slot_s), t("fit_slot_help"))
        if segment.length_s is not None:
            _figure("length", _seconds(segment.length_s))
        if segment.rate is not None:
            _figure("rate", f"{number(segment.rate)}×", t("fit_rate_help"))
        if segment.similarity is not None:
            _figure("similarity", number(segment.similarity), t("figure_voice_help"))
    if segment.status is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(t(f"status_{segment.status}"), color=STATUS_COLOURS[segment.status])
            st.markdown(reason(segment), width="content")


def _figure(name: str, value: str, explanation: str | None = None) -> None:
    st.metric(t(f"fit_{name}"), value, help=explanation, width="content")


def _seconds(value: float) -> str:
    return t("seconds", seconds=value)
