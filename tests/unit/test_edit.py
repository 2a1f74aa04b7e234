"""A person's translation of one segment."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.errors import InputError
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import Run
from dubbing.steps.documents import read_joins, read_segments
from dubbing.steps.translate import edit
from tests.run_factory import make_run, make_video

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of four segments of which 2 speaks for 3 and 4 too."""
    made = make_run(tmp_path / "runs", "Lamp_House", make_video(tmp_path / "lamp.mp4"))
    document = TranslationDoc(text="", source="supplied", joined_to=2)
    made.put_document(made.translation(4), "made", document)
    return made


def joins(run: Run) -> list[int | None]:
    """Who speaks for each segment."""
    return read_joins(run, read_segments(run))


def test_an_edited_segment_speaks_for_those_behind_it(run: Run) -> None:
    """A row that is spoken as one is cut where a person wrote a text of its own."""
    assert joins(run) == [None, None, 2, 2]
    edit(run, 3, " Всю  ночь. ")
    assert joins(run) == [None, None, None, 3]
    edited = run.read(run.translation(3), TranslationDoc)
    assert (edited.text, edited.source) == ("Всю ночь.", "edited")


def test_an_edited_head_keeps_its_row(run: Run) -> None:
    """A new text for all of them changes nothing of who speaks for whom."""
    edit(run, 2, "Она крутится до утра.")
    assert joins(run) == [None, None, 2, 2]


@pytest.mark.parametrize(("segment_id", "text"), [(9, "Слова."), (1, " \n")])
def test_what_cannot_be_an_edit_is_refused(run: Run, segment_id: int, text: str) -> None:
    """No such segment, or nothing to say; the run stays as it was."""
    with pytest.raises(InputError):
        edit(run, segment_id, text)
    assert run.read(run.translation(1), TranslationDoc).source == "supplied"
