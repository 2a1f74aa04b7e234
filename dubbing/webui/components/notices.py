"""Sentences about what cannot be shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dubbing.webui.i18n import t


def damaged_runs(errors: Mapping[str, str]) -> None:
    """A sentence for each run that cannot be read, with what is wrong under it."""
    for name, error in errors.items():
        st.warning(t("run_damaged", name=name), icon=":material/error:")
        st.text(error)
