"""What a visitor chooses before their clip is dubbed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from dubbing.config import LANGUAGES, PROFILES
from dubbing.webui.components.labels import language_name
from dubbing.webui.components.live_refusal import show_refusal
from dubbing.webui.components.live_state import follow, live_engines, live_jobs
from dubbing.webui.i18n import t
from dubbing.webui.library import PROJECT
from dubbing.webui.live.clip import MAX_MB, MAX_S, REFERENCE_S
from dubbing.webui.live.order import Order
from dubbing.webui.live.profiles import Lack, lacking, translates
from dubbing.webui.live.refusal import Refusal
from dubbing.webui.state import load_runs

SAMPLES = PROJECT / "live_demo_samples"
CLIPS = ("Clip_Man", "Clip_Woman", "Clip_Dialogue")
VOICES = ("clip", "upload", "run")
MEDIA = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "wav", "mp3", "m4a", "flac", "ogg", "aac"]
MICROPHONE_HZ = 48_000  # the widget's own 16 kHz would cost the voice its brightness


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What was chosen to be dubbed.

    Attributes:
        name: Its file's name.
        content: Its bytes.
        translations: Folder of "<stem>.<language>.srt", for a sample.
    """

    name: str
    content: bytes = field(repr=False)
    translations: Path | None = None

    def translation(self, target: str) -> Path | None:
        """The translation that comes with it."""
        if self.translations is None:
            return None
        path = self.translations / f"{Path(self.name).stem}.{target}.srt"
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Whose voice is to speak.

    Attributes:
        is_chosen: Whether it is known: a reference may still be missing.
        reference: Bytes of a sound to take it from; None: the clip's own.
    """

    is_chosen: bool = True
    reference: bytes | None = field(default=None, repr=False)


def live_form() -> None:
    """The choices, and the button that starts the dub."""
    with st.container(border=True):
        st.subheader(t("live_clip_heading"), anchor=False)
        clip = _choose_clip()
    with st.container(border=True):
        st.subheader(t("live_dub_heading"), anchor=False)
        target = _choose_target()
        profile, lack = _choose_profile(target)
        voice = _choose_voice()
        checks = st.checkbox(t("live_check_first"), key="live check")
        supplied = clip.translation(target) if clip else None
        if lack is None and supplied is None and not translates(profile, target):
            st.info(t("live_will_ask", language=language_name(target)))
    agreed = st.checkbox(t("live_consent"), key="live consent")
    missing = _missing(clip, lack, voice, agreed=agreed)
    pressed = st.button(
        t("live_start"),
        type="primary",
        icon=":material/bolt:",
        disabled=missing is not None,
        key="live start",
    )
    if missing is not None:
        st.caption(missing)
    elif pressed and clip is not None:
        _start(
            Order(
                name=clip.name,
                clip=clip.content,
                target=target,
                profile=profile,
                checks_text=checks,
                reference=voice.reference,
                translation=supplied,
                consent=t("live_consent"),
            )
        )


def _start(order: Order) -> None:
    try:
        follow(live_jobs().submit(order))
    except Refusal as refusal:
        show_refusal(refusal)
    else:
        st.rerun()


def _missing(clip: Clip | None, lack: Lack | None, voice: Voice, *, agreed: bool) -> str | None:
    """What has to be done before the dub can start; None when nothing."""
    if clip is None:
        return t("live_missing_clip")
    if lack is not None:
        return t("live_missing_profile")
    if not voice.is_chosen:
        return t("live_missing_voice")
    return None if agreed else t("live_missing_consent")


# ---- the clip


def _choose_clip() -> Clip | None:
    kinds = ["sample", "upload", "record"] if SAMPLES.is_dir() else ["upload", "record"]
    kind = st.segmented_control(
        t("live_clip_from"),
        kinds,
        format_func={kind: t(f"live_from_{kind}") for kind in kinds}.__getitem__,
        default=kinds[0],
        required=True,
        label_visibility="collapsed",
        key="live source",
    )
    if kind == "sample":
        return _sample()
    limits = {"size": str(MAX_MB), "seconds": str(round(MAX_S))}
    if kind == "record":
        sound = st.audio_input(
            t("live_record", **limits), sample_rate=MICROPHONE_HZ, key="live record"
        )
        return None if sound is None else Clip(name="recording.wav", content=sound.getvalue())
    file = st.file_uploader(
        t("live_upload", **limits), type=MEDIA, max_upload_size=MAX_MB, key="live upload"
    )
    return None if file is None else Clip(name=file.name, content=file.getvalue())


def _sample() -> Clip | None:
    name = st.radio(
        t("live_sample"),
        CLIPS,
        format_func={name: t(f"live_sample_{name}") for name in CLIPS}.__getitem__,
        horizontal=True,
        key="live sample",
    )
    path = SAMPLES / f"{name}.mp4"
    if not path.is_file():
        st.info(t("file_missing", name=path.name))
        return None
    st.video(path, width=480, alt=t(f"live_sample_{name}"))
    return Clip(name=path.name, content=path.read_bytes(), translations=SAMPLES)


# ---- the dub


def _choose_target() -> str:
    return st.selectbox(
        t("live_target"),
        list(LANGUAGES),
        format_func={code: language_name(code).capitalize() for code in LANGUAGES}.__getitem__,
        width=320,
        key="live target",
    )


def _choose_profile(target: str) -> tuple[str, Lack | None]:
    """A profile, and what it lacks; the best that lacks nothing is offered first."""
    names = list(PROFILES)
    holds = live_engines().holds
    lacks = {name: lacking(name, target, holds) for name in names}
    best = next((name for name in names if lacks[name] is None), names[-1])
    name = st.radio(
        t("live_profile"),
        names,
        index=names.index(best),
        format_func={name: t(f"live_profile_{name}") for name in names}.__getitem__,
        captions=[_availability(lacks[name]) for name in names],
        key=f"live profile into {target}",
    )
    return name, lacks[name]


def _availability(lack: Lack | None) -> str:
    if lack is None:
        return t("live_available")
    return t(f"live_lack_{lack.kind}", **lack.values)


def _choose_voice() -> Voice:
    kind = st.radio(
        t("live_voice"),
        VOICES,
        format_func={kind: t(f"live_voice_{kind}") for kind in VOICES}.__getitem__,
        horizontal=True,
        key="live voice",
    )
    if kind == "clip":
        return Voice()
    return _uploaded_voice() if kind == "upload" else _voice_of_a_run()


def _uploaded_voice() -> Voice:
    shortest_s, longest_s = (str(round(limit_s)) for limit_s in REFERENCE_S)
    label = t("live_reference", shortest=shortest_s, longest=longest_s)
    file = st.file_uploader(label, type=MEDIA, max_upload_size=MAX_MB, key="live reference")
    return Voice(is_chosen=False) if file is None else Voice(reference=file.getvalue())


def _voice_of_a_run() -> Voice:
    clips = {
        f"{run.key} {voice.speaker}": (run, voice)
        for run in load_runs()[0]
        for voice in run.voices
        if voice.clip.is_file()
    }
    if not clips:
        st.info(t("live_no_voices"))
        return Voice(is_chosen=False)
    names = {key: f"{run.title} · {_speaker(v.speaker)}" for key, (run, v) in clips.items()}
    key = st.selectbox(
        t("live_run_voice"),
        list(clips),
        format_func=names.__getitem__,
        width=480,
        key="live run voice",
    )
    _, voice = clips[key]
    st.audio(voice.clip, alt=t("live_run_voice"))
    return Voice(reference=voice.clip.read_bytes())


def _speaker(speaker: str) -> str:
    return t("live_speaker", number=speaker.rpartition("-")[2])
