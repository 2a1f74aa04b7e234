"""The reference that a speaker's voice was made from."""

from __future__ import annotations

import streamlit as st

from dubbing.runs.manifest import VoicePieceDoc
from dubbing.webui.components.labels import speaker_name
from dubbing.webui.components.media import audio_player
from dubbing.webui.i18n import t
from dubbing.webui.views import RunView, VoiceView


def voice_references(run: RunView) -> None:
    """Each speaker's reference, to hear, why it was chosen, and how to put another in its place."""
    st.subheader(t("voice_heading"), anchor=False)
    if not run.voices:
        st.caption(t("no_voice"))
        return
    for voice in run.voices:
        _reference(run, voice)
    st.caption(t("voice_replace", file=f"voices/{run.voices[0].speaker}.wav"))


def _reference(run: RunView, voice: VoiceView) -> None:
    name = speaker_name(run, voice.speaker)
    st.text(name)
    audio_player(voice.clip, t("voice_of", speaker=name))
    if voice.segments:
        numbers = ", ".join(str(id_) for id_ in voice.segments)
        st.markdown(t("voice_reason", count=len(voice.segments), segments=numbers))
    else:
        st.markdown(t("voice_given"))
    if voice.pieces:
        with st.expander(t("voice_pieces")):
            for piece in voice.pieces:
                st.markdown(f"- {_why(piece)}")


def _why(piece: VoicePieceDoc) -> str:
    return t(
        "voice_piece",
        id=piece.segment_id,
        clarity=round(piece.clarity_db),
        sure=round(100 * piece.sureness),
        voiced=round(100 * piece.voiced),
        quality=_quality(piece.dnsmos),
    )


def _quality(dnsmos: float | None) -> str:
    if dnsmos is None:
        return t("voice_piece_unmeasured")
    return t("voice_piece_quality", quality=dnsmos)
