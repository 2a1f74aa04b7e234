"""Correcting a segment's texts, and hearing it spoken again at once."""

from __future__ import annotations

import streamlit as st

from dubbing.runs.store import open_run
from dubbing.webui.components.labels import language_name
from dubbing.webui.edit_session import BusyError, EditJob, EditSession
from dubbing.webui.editing import (
    Change,
    Obstacle,
    change_of,
    is_translated_again,
    obstacle,
    stale_after,
)
from dubbing.webui.i18n import t
from dubbing.webui.views import RunView, SegmentView

STEPS = ("translate", "speak", "assemble", "evaluate")
NOTICE = "edit notice"  # what is to be said after the next drawing


def own_version(run: RunView) -> RunView:
    """What this visitor has made of the run; the run itself where they have not edited it."""
    session = _session(run)
    if session is None:
        return run
    if not session.is_alive():
        del st.session_state[_key(run)]
        st.info(t("edit_expired"))
        return run
    if session.is_edited:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(t("edit_own_version"), icon=":material/edit_note:", width="stretch")
            st.button(
                t("edit_discard"),
                on_click=_discard,
                args=(run,),
                disabled=session.is_working,
                icon=":material/restart_alt:",
            )
    return session.view


def editor(run: RunView, segment: SegmentView) -> None:
    """The segment's two texts to be changed, and what came of the last change.

    Args:
        run: As `own_version` gives it.
        segment: One of its segments.
    """
    is_open = _session(run) is not None
    with st.expander(t("edit_heading"), expanded=is_open, icon=":material/edit:"):
        why_not = obstacle(run.folder.path)
        if why_not is not None:
            _explain(why_not)
        elif segment.joined_to is not None:
            st.info(t("edit_joined", head=segment.joined_to))
        else:
            _form(run, segment)


def _form(run: RunView, segment: SegmentView) -> None:
    session = _session(run)
    is_working = session is not None and session.is_working
    change = _written(run, segment, disabled=is_working)
    with st.container(horizontal=True):
        if st.button(
            t("edit_speak"),
            disabled=is_working,
            icon=":material/record_voice_over:",
            key=f"edit speak {segment.id}",
        ):
            _speak(run, change)
        st.button(
            t("edit_undo"),
            disabled=is_working or session is None or not session.can_undo(segment.id),
            on_click=_undo,
            args=(run, segment.id),
            icon=":material/undo:",
            key=f"edit undo {segment.id}",
        )
    if notice := st.session_state.pop(NOTICE, None):
        st.warning(notice)
    if session is not None and session.job is not None and session.job.state == "working":
        _progress(session, session.job, session.view)
    else:
        _stale(run, segment, change)
        if session is not None and session.job is not None:
            _result(session.job, segment)


def _written(run: RunView, segment: SegmentView, *, disabled: bool) -> Change:
    """What the visitor has changed in the two texts."""
    version = run.folder.path.parent.name
    left, right = st.columns(2, gap="medium")
    transcript = left.text_area(
        t("edit_transcript", language=language_name(run.source_language)),
        segment.transcript,
        key=f"edit transcript {run.key} {version} {segment.id}",
        disabled=disabled,
        max_chars=1000,
    )
    translation = right.text_area(
        t("edit_translation", language=language_name(run.language)),
        segment.translation or "",
        key=f"edit translation {run.key} {version} {segment.id}",
        disabled=disabled,
        max_chars=1000,
    )
    return change_of(segment, transcript, translation)


def _speak(run: RunView, change: Change) -> None:
    if change.is_empty:
        st.session_state[NOTICE] = t("edit_nothing_new")
    elif "" in {change.transcript, change.translation}:
        st.session_state[NOTICE] = t("edit_empty")
    else:
        session = st.session_state.setdefault(_key(run), EditSession(run))
        try:
            session.speak_again(change)
        except BusyError:
            st.session_state[NOTICE] = t("edit_busy")
    st.rerun()


def _undo(run: RunView, segment_id: int) -> None:
    session = _session(run)
    if session is None:
        return
    try:
        session.undo(segment_id)
    except BusyError:
        st.session_state[NOTICE] = t("edit_busy")


def _discard(run: RunView) -> None:
    session = _session(run)
    if session is not None:
        session.discard()
        del st.session_state[_key(run)]


@st.fragment(run_every=1)
def _progress(session: EditSession, job: EditJob, shown: RunView) -> None:
    """How far the edit is; the page is drawn anew as soon as there is something to be heard."""
    if job.state != "working" or session.view is not shown:
        st.rerun()
    step = STEPS.index(job.stage) if job.stage in STEPS else 0
    st.progress((step + 1) / (len(STEPS) + 1), t(f"edit_step_{STEPS[step]}"))
    st.button(t("edit_cancel"), on_click=job.cancel.cancel, icon=":material/stop_circle:")


def _stale(run: RunView, segment: SegmentView, change: Change) -> None:
    """What will be made again when the button is pressed."""
    if change.is_empty:
        st.caption(t("edit_hint"))
        return
    translates = is_translated_again(open_run(run.folder.path).manifest, segment)
    names = [t(f"edit_stale_{name}") for name in stale_after(change, translates=translates)]
    st.markdown(t("edit_stale", what=", ".join(names)))
    if change.transcript is not None and change.translation is None and not translates:
        st.caption(t("edit_translation_stays"))


def _result(job: EditJob, segment: SegmentView) -> None:
    """What came of the last edit, where it was of this segment."""
    if job.segment_id != segment.id:
        return
    if job.state == "cancelled":
        st.info(t("edit_cancelled"))
    elif job.state == "failed":
        st.error(t("edit_failed"))
        if job.error:
            st.text(job.error)
    elif job.redone is not None and job.redone.failed:
        st.error(t("edit_not_spoken"))
        st.text(job.redone.failed)
    elif job.redone is not None:
        st.success(t("edit_done", count=job.redone.spoken, kept=job.redone.kept))


def _explain(why_not: Obstacle) -> None:
    st.info(
        t(
            f"edit_why_{why_not.kind}",
            name=why_not.name,
            needed=why_not.needed_mb,
            free=why_not.free_mb,
        )
    )
    if why_not.detail:
        st.text(why_not.detail)


def _session(run: RunView) -> EditSession | None:
    found = st.session_state.get(_key(run))
    return found if isinstance(found, EditSession) else None


def _key(run: RunView) -> str:
    return f"edit session {run.key}"
