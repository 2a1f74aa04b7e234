"""translations/ → how they are read: made apart from the words, and again only where it changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dubbing.engines import registry
from dubbing.errors import NamesFileError
from dubbing.events import Stage, ignore
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.steps import translate
from dubbing.steps.flow import _translated, run_flow
from dubbing.steps.job import Job
from tests.run_factory import make_library
from tests.scripted_engines import PATHS, ScriptedAccentor, ScriptedTranslator

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that is to be translated and stressed by the scripted engines."""
    for name, path in PATHS.items():
        monkeypatch.setitem(registry._PATHS, name, path)
    found = open_run(list_runs(make_library(tmp_path))[0])
    engines = found.manifest.engines.model_copy(
        update={"translator": "scripted-translator", "accentor": "scripted-accentor"}
    )
    found._update(engines=engines)
    forget()
    return found


def forget() -> None:
    ScriptedTranslator.asked.clear()
    ScriptedAccentor.asked.clear()


def done(run: Run, *stages: Stage) -> Job:
    """The stages run, and nothing remembered of what engines were asked before."""
    forget()
    job = Job(run, ignore)
    run_flow(job, stages)
    return job


def documents(run: Run) -> dict[int, TranslationDoc]:
    return {i: run.read(run.translation(i), TranslationDoc) for i in range(1, 5)}


def name(run: Run, spoken: str) -> None:
    content = f"written,spoken\nTesla,{spoken}\n"
    (run.root / "names.csv").write_text(content, encoding="utf-8")


def test_a_translation_is_read_and_marked(run: Run):
    """Words only, with the machine's marks; the accentor's texts count as items."""
    done(run, "translate")
    first = documents(run)[1]
    assert first.text.startswith("Башня Tesla") and "read" not in first.text
    assert first.read.startswith("Ба́шня Тесла")
    assert [(m.word, m.by, m.confidence) for m in first.marks] == [("Ба́шня", "network", 0.6)]
    calls = len(ScriptedTranslator.asked) + len(ScriptedAccentor.asked)
    assert run.manifest.stages["translate"].engine_calls == calls > 0


def test_a_warm_run_calls_nobody(run: Run):
    """Nothing is stale."""
    done(run, "translate")
    before = documents(run)
    done(run, "translate")
    assert not ScriptedTranslator.asked and not ScriptedAccentor.asked
    assert documents(run) == before
    assert run.manifest.stages["translate"].engine_calls == 0


def test_a_name_changes_only_the_lines_that_hold_it(run: Run):
    """Nothing is translated again; a line with a person's mark on the name keeps it."""
    done(run, "translate")
    translate.edit(run, 1, "Башня без имени.")
    translate.edit(run, 4, "Башня, Т+есла.")
    done(run, "translate")
    before = documents(run)
    name(run, "Т+эсла")
    done(run, "translate")
    after = documents(run)
    changed = {i for i in after if after[i] != before[i]}
    assert not ScriptedTranslator.asked
    assert changed == {i for i, doc in before.items() if "Tesla" in doc.text} != set()
    assert len(ScriptedAccentor.asked) == len(changed)
    assert {m.by for i in changed for m in after[i].marks} == {"names", "network"}
    assert [(m.word, m.by) for m in after[4].marks] == [("Ба́шня", "network"), ("Те́сла", "user")]
    assert after[4].text == "Башня, Т+есла."


def test_another_accentor_translates_nothing(run: Run):
    """Just the readings are made again: without one, what people have marked is left."""
    done(run, "translate")
    before = documents(run)
    run._update(engines=run.manifest.engines.model_copy(update={"accentor": None}))
    done(run, "translate")
    after = documents(run)
    assert not ScriptedTranslator.asked and not ScriptedAccentor.asked
    assert after[1].text == before[1].text
    assert after[1].read == before[1].read.replace("\u0301", "") and not after[1].marks


def test_a_line_edited_by_hand_is_marked_alike(run: Run):
    """In the .txt, too."""
    done(run, "translate")
    run.path(run.translation(1, "txt")).write_text("Эта б+ашня и башня.\n", encoding="utf-8")
    run = open_run(run.root)  # this one has seen the file as it was
    done(run, "translate")
    first = documents(run)[1]
    assert first.source == "edited" and first.text == "Эта б+ашня и башня."
    assert first.read == "Эта ба́шня и ба́шня."
    assert [(m.by, m.confidence) for m in first.marks] == [("user", 1.0), ("network", 0.6)]


def test_lines_without_a_reading_get_one_when_they_are_spoken(run: Run):
    """Runs of older versions, and lines that were edited since."""
    translate.edit(run, 1, "Башня.")
    lines = [t for item in _translated(Job(run, ignore)) for t in item.translations]
    assert lines[0].reading is not None and lines[0].reading.text == "Ба́шня."
    assert lines[1].reading is not None and lines[1].text == documents(run)[2].text
    assert lines[3].reading is None  # nothing is said there


def test_an_older_document_opens():
    """As the version before this one wrote it."""
    old = {"text": "Да.", "source": "engine", "joined_to": None, "candidates": [], "faults": []}
    document = TranslationDoc.model_validate_json(json.dumps(old))
    assert (document.read, document.marks, document.read_from) == ("", [], "")


def test_an_edit_outlives_a_kill_while_it_is_marked(run: Run):
    """The document is on disk and the manifest does not know it: the words are in the .txt."""
    done(run, "translate")
    translate.edit(run, 1, "Моя башня.")
    dying = open_run(run.root)
    dying._saved_at = float("inf")  # nothing of what it records reaches the disk by itself
    list(_translated(Job(dying, ignore)))
    again = open_run(run.root)
    assert not again.is_whole(again.translation(1))
    done(again, "translate")
    assert not ScriptedTranslator.asked
    assert documents(again)[1].source == "edited" and documents(again)[1].read == "Моя ба́шня."


def test_a_bad_list_of_names_ends_the_run(run: Run):
    """It is no single segment's fault."""
    (run.root / "names.csv").write_text("written,spoken\nA\n", encoding="utf-8")
    with pytest.raises(NamesFileError, match="line 2"):
        done(run, "translate")
