"""Players and downloads. A file that is gone gives a sentence, not an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path

import streamlit as st

from dubbing.engines.registry import engine_info, engine_names
from dubbing.types import Loss
from dubbing.webui.archive import wav_bytes, zip_bytes
from dubbing.webui.components.labels import language_name
from dubbing.webui.i18n import number, t
from dubbing.webui.state import content
from dubbing.webui.views import RunView

Track = str | Path | bytes | BytesIO  # as st.video takes them
SHOWN_NAMES = {
    "xtts": "XTTSv2",
    "kokoro": "Kokoro",
    "piper": "Piper",
    "festival": "Festival",
    "espeak": "espeak-ng",
}
MIME = {".srt": "application/x-subrip", ".vtt": "text/vtt", ".mp4": "video/mp4"}


def original_player(run: RunView) -> None:
    """The original, with its subtitles, where the run says which it is."""
    label = t("original_in", language=language_name(run.source_language))
    if run.source is not None:
        _player(run.source, label, run, (run.source_language,))


def dub_player(run: RunView) -> None:
    """The finished dub, with subtitles in both languages, and whose voice is heard in it."""
    label = t("dub_in", language=language_name(run.language))
    if run.output is None:
        st.markdown(f"**{label}**")
        st.info(t("file_not_made"))
    else:
        _player(run.output, label, run, (run.language, run.source_language))
    if run.synthesizer:
        st.caption(spoken_by(run.synthesizer))
    if run.losses:
        st.warning("  \n".join(map(loss_text, run.losses)))


def loss_text(loss: Loss) -> str:
    """What the original lacks, in the visitor's language."""
    seconds = number(max(loss.seconds, 0.1), 1)
    return t(f"loss_{loss.kind}", seconds=seconds, packets=str(loss.packets))


def spoken_by(synthesizer: str) -> str:
    """Which engine speaks, that it is a machine, and whether the voice is a clone.

    Args:
        synthesizer: Its name, with a variant or without; one that is no longer known tells no more
            than its name.
    """
    name = synthesizer.partition(":")[0]
    if name not in engine_names("synthesizer"):
        return t("spoken_by_unknown", engine=name)
    kind = "robot" if name == "espeak" else "clone" if engine_info(name).clones else "stock"
    return t(f"spoken_by_{kind}", engine=SHOWN_NAMES[name])


def audio_player(path: Path, label: str, *, autoplay: bool = False) -> None:
    """A short sound file, played at once if wanted."""
    if path.is_file():
        st.audio(path, alt=label, autoplay=autoplay)
    else:
        st.info(t("file_missing", name=path.name))


def downloads(run: RunView) -> None:
    """Buttons for the finished file, its sound, the subtitles and all files of the run."""
    if run.output is None and not run.subtitles and not run.folder.is_legacy:
        st.caption(t("file_not_made"))
    with st.container(horizontal=True):
        if run.output is not None:
            _finished(run.output, has_video=run.has_video)
        for language, files in run.subtitles.items():
            for suffix, path in files.items():
                name = language_name(language)
                _download(path, t("download_subtitles", language=name, format=suffix.upper()))
        _button(t("download_zip"), partial(zip_bytes, run), f"{run.name}.zip", "application/zip")


def _finished(path: Path, *, has_video: bool) -> None:
    kind = "video" if has_video else "sound"
    _download(path, f"{t(f'download_{kind}')}, {path.suffix.removeprefix('.').upper()}")
    if path.is_file() and path.suffix.lower() != ".wav":
        label = f"{t('download_sound')}, WAV"
        _button(label, partial(wav_bytes, path), f"{path.stem}.wav", "audio/wav")


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
        mime = MIME.get(path.suffix.lower(), "application/octet-stream")
        _button(label, partial(content, path), path.name, mime)


def _button(label: str, make: Callable[[], bytes], name: str, mime: str) -> None:
    """A button that makes the file when it is pressed."""
    st.download_button(
        label,
        make,
        file_name=name,
        mime=mime,
        key=f"download {name}",
        on_click="ignore",
        icon=":material/download:",
    )
