"""The way into a page: through app.py, whatever the first link of a fresh server is."""

from __future__ import annotations

import streamlit as st


def through_the_app(page: str) -> None:
    """Sees to it that app.py has run before the page; the first thing that a page calls.

    Args:
        page: The page's name in its address.

    Until `st.navigation` was called once in a server's life, Streamlit 1.67 takes the files in
    pages/ for pages of their own and runs the one that a link names without app.py: no choice of
    language, no navigation. Calling it ends that, and the page is run anew as it should be.
    """
    if "lang" in st.session_state:
        return
    here = st.Page(lambda: None, title=page, url_path=page)
    front = st.Page(lambda: None, title="app", default=True)
    st.navigation([front, here], position="hidden")
    st.rerun()
