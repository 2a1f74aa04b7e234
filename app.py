"""The app: `streamlit run app.py`. Chooses language and page; the pages do the rest."""

from __future__ import annotations

import streamlit as st

from dubbing.webui.i18n import LANGUAGES, language, t

st.set_page_config(page_title=t("app"), page_icon=":material/record_voice_over:", layout="wide")
st.session_state["lang"] = language()  # set each time: only then is it in the link on every page
with st.container(horizontal=True, horizontal_alignment="right"):
    st.segmented_control(
        t("language"),
        LANGUAGES,  # bare codes: what is shown is what stands in the link
        required=True,
        label_visibility="collapsed",
        key="lang",
        bind="query-params",
    )
st.navigation(
    [
        st.Page("pages/home.py", title=t("nav_home"), icon=":material/slideshow:", default=True),
        st.Page("pages/explorer.py", title=t("nav_explorer"), icon=":material/graphic_eq:"),
        st.Page("pages/live.py", title=t("nav_live"), icon=":material/mic:"),
        st.Page("pages/quality.py", title=t("nav_quality"), icon=":material/monitoring:"),
        st.Page("pages/how.py", title=t("nav_how"), icon=":material/account_tree:"),
    ],
    position="top",
).run()
