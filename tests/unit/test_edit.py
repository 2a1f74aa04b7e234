"""A person's translation of one segment."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing import pipeline
from dubbing.engines import registry
from dubbing.errors import CancelledError, EngineUnavailableError, InputError, RunError
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import Run, open_run, sole_owner
from dubbing.steps.documents import read_joins, read_segments, read_transcript
from dubbing.steps.translate import edit
from dubbing.webui.editing import Change, speak_again
from tests import scripted_engines
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


def by_command(run: Run, transcript: str | None, text: str | None) -> None:
    """An edit as the command line makes it."""
    pipeline.edit(run, 1, text, transcript=transcript)


def by_app(run: Run, transcript: str | None, text: str | None) -> None:
    """An edit as the app makes it."""
    speak_again(run, Change(segment_id=1, transcript=transcript, translation=text))


@pytest.mark.parametrize(
    ("transcript", "text", "stages"),
    [
        ("New words.", "Новые слова.", ["translate", "speak", "assemble"]),
        ("New words.", None, ["translate", "speak", "assemble"]),
        (None, "Новые слова.", ["speak", "assemble"]),
    ],
)
@pytest.mark.parametrize("way", [by_command, by_app])
def test_an_edit_has_one_order_under_one_lock(  # type: ignore[no-untyped-def]
    run: Run, monkeypatch: pytest.MonkeyPatch, way, transcript, text, stages
) -> None:
    """By a command and in the app: texts, then what is stale; nobody else comes in between."""
    monkeypatch.setitem(
        registry._PATHS, "scripted-translator", scripted_engines.PATHS["scripted-translator"]
    )
    engines = run.manifest.engines.model_copy(update={"translator": "scripted-translator"})
    run._update(engines=engines)
    run.save()

    def works(run: Run, found: list[str], *_: object) -> list[object]:
        with pytest.raises(RunError, match="another process"), sole_owner(open_run(run.root)):
            pass
        assert found == stages
        assert (transcript is None) or read_transcript(run, 1).text == transcript
        assert (text is None) or run.read(run.translation(1), TranslationDoc).text == text
        assert run.quality not in run.manifest.artifacts
        raise CancelledError  # enough was seen

    monkeypatch.setattr(pipeline, "_flowing", works)
    with pytest.raises(CancelledError):
        way(run, transcript, text)


def test_what_cannot_be_translated_here(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command refuses a transcript without its translation, and writes nothing; in the app, which
    says so before, the translation stays.
    """
    before = run.path("manifest.json").read_bytes()
    with pytest.raises((EngineUnavailableError, InputError)):
        by_command(run, "New words.", None)  # Bergamot knows no Russian
    assert run.path("manifest.json").read_bytes() == before
    seen: list[object] = []
    monkeypatch.setattr(pipeline, "_flowing", lambda _, stages, *__: seen.append(stages) or [])
    pipeline.edit_unmeasured(run, 1, transcript="New words.")
    assert seen == [["speak", "assemble"]]
