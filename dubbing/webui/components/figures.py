"""The scorecard's headline figures in plain words."""

from __future__ import annotations

import streamlit as st

from dubbing.quality.report import Scorecard
from dubbing.webui.i18n import number, t


def headline_figures(card: Scorecard | None, *, is_outdated: bool = False) -> None:
    """Figures in a row: completeness, timing, pace, what judges that choose no speaker's
    voice say of it; or why there are none.
    """
    if card is None:
        st.info(t("old_scorecard" if is_outdated else "no_scorecard"))
        return
    total = card.text.segments
    done = total - len(card.text.untranslated)
    with st.container(horizontal=True, gap="medium"):
        _figure("spoken", t("figure_spoken_value", done=done, total=total))
        _figure("onset", _value("onset", "seconds", card.timing.onset_error_median_s))
        _figure("pace", _value("pace", "rate", card.timing.rate_p95))
        natural, checked, judged = card.naturalness, card.back_check, card.judged
        _figure("natural", _value("natural", "points", natural.dub if natural else None))
        _figure("clear", _percent("clear", _understood(checked.cer_mean if checked else None)))
        _figure("voice", _percent("voice", judged.normalised if judged else None))


def _value(name: str, unit: str, value: float | None) -> str:
    return t("not_measured") if value is None else t(f"figure_{name}_value", **{unit: value})


def _understood(cer: float | None) -> float | None:
    return None if cer is None else 1 - cer


def _percent(name: str, share: float | None) -> str:
    if share is None:
        return t("not_measured")
    return t(f"figure_{name}_value", share=number(100 * share, 0).replace("-", "−"))


def _figure(name: str, value: str) -> None:
    st.metric(t(f"figure_{name}"), value, help=t(f"figure_{name}_help"), width="content")
