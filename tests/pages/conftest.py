"""A small library of runs for the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run_factory import make_library


@pytest.fixture(scope="session")
def library_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two dubs of one talk and a damaged run."""
    return make_library(tmp_path_factory.mktemp("library"))
