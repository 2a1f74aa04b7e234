"""Spectrograms of original and dub, side by side, when somebody asks for them."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path

import streamlit as st

from dubbing.errors import MediaError
from dubbing.webui.i18n import number, t
from dubbing.webui.spectrogram import TOP_KHZ, Spectrogram
from dubbing.webui.state import load_spectrogram

FIGURE = (
    "margin: 0; display: grid; grid-template-columns: auto 1fr; column-gap: .4em; font-size: .8rem"
)
AXIS = "display: flex; justify-content: space-between"
IMAGE = "width: 100%; height: 11rem; display: block; image-rendering: auto; border-radius: .2em"


def spectrograms(original: Path, dub: Path | None) -> None:
    """A switch, and under it the spectrograms of the sounds that are there, on one time scale."""
    if not st.toggle(t("spectrogram_show"), key="spectrograms"):
        return
    files = {"original": original, "dub": dub}
    try:
        drawn = {
            name: load_spectrogram(path)
            for name, path in files.items()
            if path is not None and path.is_file()
        }
    except MediaError as error:
        st.info(t("file_unreadable", name=error.path.name))
        return
    longest_s = max((one.length_s for one in drawn.values()), default=0.0)
    for column, (name, one) in zip(st.columns(2, gap="medium"), drawn.items(), strict=False):
        with column:
            st.markdown(f"**{t(f'spectrogram_{name}')}**")
            st.html(figure_html(one, longest_s, t(f"spectrogram_{name}")))


def figure_html(drawn: Spectrogram, longest_s: float, name: str) -> str:
    """The image between its axes: kHz upwards, seconds to the right.

    Args:
        drawn: The spectrogram.
        longest_s: What the whole width stands for.
        name: What it is of.
    """
    top = number(TOP_KHZ, 0)
    alt = t("spectrogram_alt", name=name, seconds=drawn.length_s, khz=top)
    heights = [f"{number(TOP_KHZ * part, 0)}" for part in (1, 0.5)]
    upwards = [*heights, f"0 {t('spectrogram_khz')}"]
    along = [number(drawn.length_s * part, 1) for part in (0, 0.5)]
    along.append(t("spectrogram_seconds", seconds=number(drawn.length_s, 1)))
    source = f"data:image/png;base64,{b64encode(drawn.png).decode()}"
    width = 100 * drawn.length_s / longest_s
    return (
        f'<figure style="{FIGURE}">'
        f'<div style="{AXIS}; flex-direction: column; text-align: right">{_labels(upwards)}</div>'
        f'<div style="width: {width:.2f}%"><img src="{source}" alt="{escape(alt)}" style="{IMAGE}">'
        f'<div style="{AXIS}">{_labels(along)}</div></div></figure>'
    )


def _labels(texts: list[str]) -> str:
    return "".join(f"<span>{escape(text)}</span>" for text in texts)
