"""The text before it is spoken: to be corrected, and translated where no engine is at hand."""

from __future__ import annotations

import streamlit as st

from dubbing.errors import DubbingError
from dubbing.webui.components.labels import clock, language_name
from dubbing.webui.components.live_refusal import show_refusal
from dubbing.webui.components.live_state import live_jobs
from dubbing.webui.i18n import t
from dubbing.webui.live.order import Answer
from dubbing.webui.live.profiles import can_pull, pull_model
from dubbing.webui.live.refusal import Refusal
from dubbing.webui.live.snapshot import Line, Snapshot

WAYS = ("lines", "paste", "file")
PASTED = "pasted.txt"


def live_check(snapshot: Snapshot) -> None:
    """The lines to be checked, and the button that sends them on."""
    st.subheader(t("live_check_heading"), anchor=False)
    if snapshot.is_unsure:
        st.warning(t("live_unsure"), icon=":material/translate:")
    way = "lines"
    if not snapshot.has_translator:
        _offer_model(snapshot)
        way = _choose_way()
    with st.form("live text", border=False):
        answer = _answer(snapshot, way)
        sent = st.form_submit_button(t("live_send"), type="primary", icon=":material/mic:")
    if sent:
        _send(snapshot, answer)


def _send(snapshot: Snapshot, answer: Answer) -> None:
    try:
        live_jobs().answer(snapshot.id, answer)
    except Refusal as refusal:
        show_refusal(refusal)
    else:
        st.rerun()


def _offer_model(snapshot: Snapshot) -> None:
    """Why nothing translates here, and the way to have it translated all the same."""
    st.info(t("live_why_type", language=language_name(snapshot.target)))
    if not can_pull(snapshot.target):
        return
    if st.button(t("live_pull"), icon=":material/download:", key="live pull"):
        try:
            with st.spinner(t("live_pulling")):
                pull_model(snapshot.target)
            live_jobs().hear_again(snapshot.id)
        except Refusal as refusal:  # it went on in another tab meanwhile
            show_refusal(refusal)
        except DubbingError as error:
            st.error(t("live_pull_failed"), icon=":material/cloud_off:")
            st.text(str(error))
        else:
            st.rerun()


def _choose_way() -> str:
    way = st.segmented_control(
        t("live_way"),
        WAYS,
        format_func={way: t(f"live_way_{way}") for way in WAYS}.__getitem__,
        default="lines",
        required=True,
        key="live way",
    )
    return way or "lines"


def _answer(snapshot: Snapshot, way: str) -> Answer:
    language = language_name(snapshot.target)
    transcripts: dict[int, str] = {}
    translations: dict[int, str] = {}
    for line in snapshot.lines:
        left, right = st.columns(2, gap="medium")
        with left:
            transcripts[line.id] = _field("heard", line, line.transcript, language_name("en"))
        if way == "lines" and line.joined_to is None:
            with right:
                translations[line.id] = _field("said", line, line.translation or "", language)
    if way == "paste":
        text = st.text_area(t("live_paste", language=language), height=200, key="live pasted")
        file = (PASTED, text.encode()) if text.strip() else None
        return Answer(transcripts=transcripts, file=file)
    if way == "file":
        given = st.file_uploader(t("live_file"), type=["srt", "vtt", "txt"], key="live file")
        file = None if given is None else (given.name, given.getvalue())
        return Answer(transcripts=transcripts, file=file)
    return Answer(transcripts=transcripts, translations=translations)


def _field(kind: str, line: Line, text: str, language: str) -> str:
    label = t(f"live_{kind}", number=str(line.id), start=clock(line.start_s), language=language)
    return st.text_area(label, text, height=88, key=f"live {kind} {line.id}")
