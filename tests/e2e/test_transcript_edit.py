"""A corrected transcript in a real run; the voice is a tone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dubbing import DubbingConfig, dub, edit, open_run
from dubbing.engines import registry
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import InputError, RunError, TranslationFileError
from dubbing.events import STAGES
from dubbing.pipeline import run_steps
from dubbing.runs.manifest import TranslationDoc
from dubbing.runs.store import Run, sole_owner
from dubbing.steps import translate
from dubbing.steps.documents import read_segments, read_transcript
from dubbing.steps.transcript_edit import edit_transcript
from tests.batch_work import TONE
from tests.conftest import SAMPLES

pytestmark = pytest.mark.e2e

NEW = "Every lamp needs a keeper."


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, engines: LoadedEngines) -> Path:
    """A folder with one clip dubbed twice: with a supplied translation, and with a machine's."""
    folder = tmp_path_factory.mktemp("edited")
    for name, target, translation in (
        ("supplied", "ru", SAMPLES / "Clip_Man.ru.srt"),
        ("engine", "pt", None),
    ):
        dub(
            SAMPLES / "Clip_Man.mp4",
            config=DubbingConfig(profile="offline", synthesizer="tone", speakers=1, target=target),
            artifacts=folder / "A",
            name=name,
            output=folder / f"{name}.mp4",
            translation=translation,
            engines=engines,
        )
    return folder


@pytest.fixture
def own_copy(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("copy")  # as deep: a run finds its video by a relative path
    shutil.copytree(finished, copy, dirs_exist_ok=True)
    return copy


def translations(run: Run) -> dict[int, TranslationDoc]:
    return {s.id: run.read(run.translation(s.id), TranslationDoc) for s in read_segments(run)}


def subtitles(run: Run, language: str) -> str:
    return " ".join(run.path(run.subtitles(language, "srt")).read_text().split())


def test_supplied_translation_stays_and_subtitles_follow(own_copy: Path, engines: LoadedEngines):
    """Only the original's subtitles and the file that holds them change; nothing is spoken."""
    run = open_run(own_copy / "A" / "supplied")
    before = translations(run)
    edit_transcript(run, 2, NEW)
    run_steps(run, list(STAGES), engines=engines)
    assert read_transcript(run, 2).text == NEW
    assert NEW in subtitles(run, "en")
    assert translations(run) == before
    made = {stage: record.made for stage, record in run.manifest.stages.items()}
    assert made == {
        "segment": 0,
        "transcribe": 0,
        "translate": 0,
        "speak": 0,
        "assemble": 1,
        "evaluate": 1,
    }


def test_machine_translation_is_made_again(own_copy: Path, engines: LoadedEngines):
    """The sentence's translation and its speech are made again, and no other's."""
    run = open_run(own_copy / "A" / "engine")
    before = translations(run)
    edit_transcript(run, 2, NEW)
    run_steps(run, list(STAGES), engines=engines)
    after = translations(run)
    assert {number for number in after if after[number] != before[number]} == {2}
    assert run.manifest.stages["speak"].made == 1
    assert after[2].text in subtitles(run, "pt")
    assert NEW in subtitles(run, "en")


def test_edited_translation_outlives_an_edited_transcript(own_copy: Path, engines: LoadedEngines):
    """What a person wrote is not translated over."""
    run = open_run(own_copy / "A" / "engine")
    translate.edit(run, 2, "Palavras escritas à mão.")
    edit_transcript(run, 2, NEW)
    run_steps(run, list(STAGES), engines=engines)
    assert translations(run)[2].text == "Palavras escritas à mão."


def test_a_txt_changed_by_hand_counts(own_copy: Path, engines: LoadedEngines):
    """The file that a person opens is the one that a person may correct: the next run takes it
    over, and translates it; an emptied one is written anew.
    """
    run = open_run(own_copy / "A" / "engine")
    before = translations(run)
    run.path(run.transcription(2, "txt")).write_text(f"\ufeff{NEW}\r\n", encoding="utf-8")
    run.path(run.transcription(1, "txt")).write_text("")
    for made in (1, 0):
        run = open_run(run.root)
        run_steps(run, list(STAGES), engines=engines)
        assert read_transcript(run, 2).text == NEW
        assert run.manifest.stages["transcribe"].made == 0
        assert run.manifest.stages["speak"].made == made
    after = translations(run)
    assert {number for number in after if after[number] != before[number]} == {2}
    assert NEW in subtitles(run, "en")
    assert run.path(run.transcription(1, "txt")).read_text().strip()


def test_a_txt_changed_by_hand_outlives_another_cut(own_copy: Path, engines: LoadedEngines):
    """Not only an unchanged run takes it over: also one that hears and cuts everything again."""
    run = open_run(own_copy / "A" / "supplied")
    run.path(run.transcription(2, "txt")).write_text(f"{NEW}\n")
    for path in run.path("recognition").iterdir():
        path.unlink()
    run = open_run(run.root)
    run_steps(run, ["transcribe"], engines=engines)
    assert run.manifest.stages["transcribe"].made > 0
    assert read_transcript(run, 2).text == NEW


def test_an_edit_waits_until_nobody_else_is_at_work(own_copy: Path):
    """Another process knows nothing of it, and would write over it: nothing is written."""
    run = open_run(own_copy / "A" / "supplied")
    before = run.path(run.translation(2, "txt")).read_bytes()
    with sole_owner(run), pytest.raises(RunError, match="another process is at work"):
        edit(open_run(run.root), 2, "Другие слова.")
    assert run.path(run.translation(2, "txt")).read_bytes() == before


def test_an_edit_keeps_what_another_process_did_meanwhile(own_copy: Path, engines: LoadedEngines):
    """Its manifest is read again when its turn has come."""
    run = open_run(own_copy / "A" / "supplied")
    edit_transcript(open_run(run.root), 1, NEW)  # after `run` was read
    edit(run, 2, "Другие слова.")
    again = open_run(run.root)
    assert read_transcript(again, 1).text == NEW
    assert again.is_whole(again.transcription(1, "txt"))
    assert translations(again)[2].text == "Другие слова."


def test_a_lost_translation_file_is_one_sentence(own_copy: Path):
    """Before anything is written."""
    run = open_run(own_copy / "A" / "supplied")
    manifest = run.manifest.model_copy(update={"translation": "../../gone.srt"})
    Run(run.root, manifest).save()
    before = run.path(run.translation(2, "txt")).read_bytes()
    with pytest.raises(TranslationFileError, match="is gone; put it back"):
        edit(open_run(run.root), 2, "Другие слова.")
    with pytest.raises(TranslationFileError, match="is gone; put it back"):
        run_steps(open_run(run.root), ["speak"])
    assert run.path(run.translation(2, "txt")).read_bytes() == before


def test_a_deleted_translation_is_made_anew(own_copy: Path, engines: LoadedEngines):
    """As the sentence for a damaged one advises; its .txt is not taken for a person's."""
    run = open_run(own_copy / "A" / "supplied")
    before = translations(run)
    run.path(run.translation(2)).unlink()
    run.path(run.translation(2, "txt")).write_text("old words\n")
    run = open_run(run.root)
    run_steps(run, ["translate"], engines=engines)
    assert translations(run) == before
    assert run.path(run.translation(2, "txt")).read_text().strip() == before[2].text


def test_what_failed_before_is_not_forgotten(own_copy: Path, engines: LoadedEngines):
    """Until its own stage is done again, or a person gives the words."""
    run = open_run(own_copy / "A" / "supplied")
    assert translations(run)[2].text
    run.note_failed(
        {
            "stretch 9": "transcribe: no sound",
            "segment 1": "speak: no sound",
            "segment 2": "translate: nothing",
        }
    )
    run_steps(run, ["translate"], engines=engines)
    assert run.manifest.failed == {
        "stretch 9": "transcribe: no sound",
        "segment 1": "speak: no sound",
    }
    run_steps(run, ["speak"], engines=engines)
    assert run.manifest.failed == {"stretch 9": "transcribe: no sound"}


def test_a_txt_in_another_encoding_is_one_sentence(own_copy: Path, engines: LoadedEngines):
    """It names the file."""
    run = open_run(own_copy / "A" / "engine")
    run.path(run.transcription(2, "txt")).write_bytes("Маяк".encode("cp1251"))
    with pytest.raises(RunError, match=r"-2\.txt is not in UTF-8"):
        run_steps(run, list(STAGES), engines=engines)


def test_edit_takes_a_transcript(own_copy: Path, monkeypatch: pytest.MonkeyPatch):
    """By one call: what a machine translated follows, what was supplied stays."""
    monkeypatch.setitem(registry._PATHS, "tone", TONE)
    for name in ("engine", "supplied"):
        run = open_run(own_copy / "A" / name)
        before = translations(run)
        edit(run, 2, transcript=NEW)
        assert read_transcript(run, 2).text == NEW
        changed = {n for n, row in translations(run).items() if row != before[n]}
        assert changed == ({2} if name == "engine" else set())
        assert NEW in subtitles(run, "en")
    with pytest.raises(InputError, match="empty"):
        edit(run, 2, "Слова.", transcript=" ")
    assert translations(run) == before


def test_words_heard_anew_do_not_undo_the_edit(own_copy: Path, engines: LoadedEngines):
    """Even when the recogniser must work again, a segment that has not moved keeps its words."""
    run = open_run(own_copy / "A" / "supplied")
    first = read_transcript(run, 1)
    edit_transcript(run, 2, NEW)
    run.path(run.recognition(1)).unlink()
    run_steps(run, list(STAGES), engines=engines)
    assert run.manifest.stages["transcribe"].made >= 1
    assert read_transcript(run, 2).text == NEW
    assert read_transcript(run, 1) == first


@pytest.mark.parametrize(("number", "text"), [(99, NEW), (2, " \n")])
def test_what_cannot_be_edited_is_one_sentence(finished: Path, number: int, text: str):
    """An unknown segment or an empty text is refused, and nothing is written."""
    run = open_run(finished / "A" / "supplied")
    before = run.path("manifest.json").read_bytes()
    with pytest.raises(InputError):
        edit_transcript(run, number, text)
    assert run.path("manifest.json").read_bytes() == before
