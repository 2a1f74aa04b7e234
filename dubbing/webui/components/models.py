"""The table of models."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.i18n import t
from dubbing.webui.models_view import ModelView, model_views, profiles_of


def models_table() -> None:
    """Every engine: what it does, its licence, its size, and whether it is here."""
    views = model_views()
    columns = {
        t("how_model"): [f"`{view.name}`" for view in views],
        t("how_model_kind"): [t(f"how_kind_{view.kind}") for view in views],
        t("how_model_licence"): [_licence(view) for view in views],
        t("how_model_download"): [_download(view) for view in views],
        t("how_model_memory"): [t("how_mb", value=view.memory_mb) for view in views],
        t("how_model_profiles"): [", ".join(profiles_of(view.name)) or "–" for view in views],
        t("how_model_here"): [_here(view) for view in views],
    }
    st.table(columns, border="horizontal", hide_index=True, alt=t("how_models"))
    st.caption(t("how_models_note"))


def _licence(view: ModelView) -> str:
    return f":red[{view.licence}]" if view.is_non_commercial else view.licence


def _download(view: ModelView) -> str:
    if view.download_mb is None:
        return t("how_first_use")
    return t("how_mb", value=view.download_mb) if view.download_mb else t("how_packaged")


def _here(view: ModelView) -> str:
    return f":green[✓ {t('how_ready')}]" if view.is_ready else t("how_not_ready")
