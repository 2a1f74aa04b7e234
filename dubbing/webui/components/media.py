"""Players and downloads. A file that is gone gives a sentence, not an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path

import streamlit as st

from dubbing.webui.components.labels import language_name
from dubbing.webui.i18n import t
from dubbing.webui.library import RunView
from dubbing.webui.state import content

Track = str | Path | bytes | BytesIO  # as st.video takes them
MIME = {".srt": "application/x-subrip", ".vtt": "text/vtt", ".mp4": "video/mp4"}


def original_player(run: RunView) -> None:
    """The original, with its subtitles."""
    label = t("original_in", language=language_name(run.source_language))
    _player(run.source, label, run, (run.source_language,))


def dub_player(run: RunView) -> None:
    """The finished dub, with subtitles in both languages."""
    label = t("dub_in", language=language_name(run.language))
    if run.output is None:
        st.markdown(f"**{label}**")
        st.info(t("file_not_made"))
    else:
        _player(run.output, label, run, (run.language, run.source_language))


def audio_player(path: Path, label: str) -> None:
    """A short sound file."""
    if path.is_file():
        st.audio(path, alt=label)
    else:
        st.info(t("file_missing", name=path.name))


def downloads(run: RunView) -> None:
    """Buttons for the finished file and the subtitles, as far as they are there."""
    if run.output is None and not run.subtitles:
        st.caption(t("file_not_made"))
    with st.container(horizontal=True):
        if run.output is not None:
            kind = "video" if run.has_video else "sound"
            suffix = run.output.suffix.removeprefix(".").upper()
            _download(run.output, f"{t(f'download_{kind}')}, {suffix}")
        for language, files in run.subtitles.items():
            for suffix, path in files.items():
                name = language_name(language)
                _download(path, t("download_subtitles", language=name, format=suffix.upper()))


def _player(path: Path, label: str, run: RunView, languages: tuple[str, ...]) -> None:
    st.markdown(f"**{label}**")
    if not path.is_file():
        st.info(t("file_missing", name=path.name))
    elif run.has_video:
        st.video(path, subtitles=_tracks(run.subtitles, languages), alt=f"{run.title}. {label}")
    else:
        st.audio(path, alt=f"{run.title}. {label}")


def _tracks(
    subtitles: Mapping[str, Mapping[str, Path]], languages: tuple[str, ...]
) -> dict[str, Track] | None:
    tracks: dict[str, Track] = {
        language_name(language): subtitles[language]["vtt"]
        for language in languages
        if language in subtitles and subtitles[language]["vtt"].is_file()
    }
    return tracks or None


def _download(path: Path, label: str) -> None:
    if path.is_file():
        st.download_button(
            label,
            partial(content, path),
            file_name=path.name,
            mime=MIME.get(path.suffix.lower(), "application/octet-stream"),
            key=f"download {path.name}",
            on_click="ignore",
            icon=":material/download:",
        )
