"""Why a clip, or a text, is not dubbed."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.i18n import t
from dubbing.webui.live.refusal import Refusal


def show_refusal(refusal: Refusal) -> None:
    """The sentence for it, and under it what the program said, as it is."""
    st.error(t(f"live_refusal_{refusal.kind}", **refusal.values), icon=":material/block:")
    if detail := refusal.values.get("detail"):
        st.text(detail)
