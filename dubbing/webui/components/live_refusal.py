"""Why a clip, or a text, is not dubbed."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.labels import language_name
from dubbing.webui.i18n import t
from dubbing.webui.live.refusal import Refusal

LANGUAGES = ("found", "wanted")  # values that are codes of languages


def show_refusal(refusal: Refusal) -> None:
    """The sentence for it, and under it what the program said, as it is."""
    values = {
        name: language_name(str(value)) if name in LANGUAGES else value
        for name, value in refusal.values.items()
    }
    st.error(t(f"live_refusal_{refusal.kind}", **values), icon=":material/block:")
    if detail := refusal.values.get("detail"):
        st.text(detail)
