"""The table of models."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.components.tables import Cell, wide_table
from dubbing.webui.i18n import t
from dubbing.webui.models_view import ModelView, model_views, profiles_of

COLUMNS = ("name", "kind", "licence", "download", "memory", "profiles", "here")


def models_table() -> None:
    """Every engine: what it does, its licence, its size, and whether it is here."""
    heads = [t(f"how_model_{column}") for column in COLUMNS]
    wide_table(heads, [_row(view) for view in model_views()], t("how_models"))
    st.caption(t("how_models_note"))


def _row(view: ModelView) -> list[Cell]:
    return [
        Cell(text=view.name),
        Cell(text=t(f"how_kind_{view.kind}")),
        Cell(text=view.licence, tone="bad" if view.is_non_commercial else "plain"),
        Cell(text=_download(view)),
        Cell(text=t("how_mb", value=view.memory_mb)),
        Cell(text=", ".join(profiles_of(view.name)) or "–"),
        _here(view),
    ]


def _download(view: ModelView) -> str:
    if view.download_mb is None:
        return t("how_first_use")
    return t("how_mb", value=view.download_mb) if view.download_mb else t("how_packaged")


def _here(view: ModelView) -> Cell:
    if view.is_ready:
        return Cell(text=f"✓ {t('how_ready')}", tone="good")
    return Cell(text=t("how_not_ready"))
