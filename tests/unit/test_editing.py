"""Editing a run from the app: the copy, what is stale, what is in the way, undo."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dubbing.engines import registry
from dubbing.errors import CancelledError, EngineError, InputError, LowMemoryError
from dubbing.runs.manifest import StageRecord, TranslationDoc
from dubbing.runs.store import Run, open_run
from dubbing.steps import translate
from dubbing.webui import edit_session, editing, private_copy
from dubbing.webui.at_work import AT_WORK
from dubbing.webui.edit_session import BusyError, EditJob, EditSession
from dubbing.webui.editing import Change, change_of, obstacle, stale_after
from dubbing.webui.library import read_run
from dubbing.webui.views import RunFolder, RunView, SegmentView
from tests.run_factory import make_run, make_video

pytestmark = pytest.mark.unit

NEW = "Совсем другие слова."


def view_of(root: Path) -> RunView:
    return read_run(RunFolder(key=root.name, path=root, is_demo=False))


def hashes(folder: Path) -> dict[str, str]:
    """Every file below a folder, with its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def segment(view: RunView, number: int) -> SegmentView:
    return next(s for s in view.segments if s.id == number)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run with its video and its finished file."""
    return make_run(tmp_path / "artifacts", "Lamp_House", make_video(tmp_path / "Lamp_House.mp4"))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Private folders are made here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


# ---- the copy


def test_a_copy_finds_its_video_and_its_finished_file(run: Run, tmp_path: Path) -> None:
    """Wherever it lies; the finished file is its own."""
    copy = open_run(private_copy.copy_run(run.root, tmp_path / "far" / "away").root)
    assert copy.path(copy.manifest.source.path).samefile(tmp_path / "Lamp_House.mp4")
    output = copy.path(copy.manifest.output or "").resolve()
    assert output.parent == tmp_path / "far" / "away"
    assert copy.is_fresh(copy.manifest.output or "", "made")
    assert view_of(copy.root).output == output


@pytest.mark.parametrize("links", [True, False], ids=["links", "other file system"])
def test_nothing_is_written_through_to_the_original(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """All artifacts of the copy are written anew, some deleted; the original keeps its bytes."""

    def refuse(*_: object) -> None:
        raise OSError("cross-device link")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    before = hashes(tmp_path)
    copy = private_copy.copy_run(run.root, private_copy.private_folder() / "1")
    for name in copy.manifest.artifacts:
        copy.put_bytes(name, "changed", b"changed")
    copy.forget_others("chunks", set())
    copy.save()
    after = {name: value for name, value in hashes(tmp_path).items() if "temporary" not in name}
    assert after == before


def test_a_copy_of_a_copy(run: Run, tmp_path: Path) -> None:
    """As every further edit makes one; files left by a killed writer are not taken along."""
    (run.root / ".manifest.7.partial.json").write_text("half")
    first = private_copy.copy_run(run.root, tmp_path / "1")
    second = private_copy.copy_run(first.root, tmp_path / "2")
    assert view_of(second.root).output == tmp_path / "2" / "Lamp_House_dubbed.mp4"
    assert not list(second.root.glob(".*"))


def test_private_folder_is_private_and_short_lived(temporary: Path) -> None:
    """Nobody else can enter it; an hour after its last use it is gone, and not before."""
    used, idle = private_copy.private_folder(), private_copy.private_folder()
    assert used.parent == temporary
    assert used.stat().st_mode & 0o777 == 0o700
    (idle / "file").write_text("mine")
    long_ago = time.time() - private_copy.KEPT_S - 1
    for folder in (used, idle):
        os.utime(folder, (long_ago, long_ago))
    private_copy.touch(used)
    private_copy.sweep(time.time())
    assert used.is_dir()
    assert not idle.exists()


# ---- what is stale


def test_only_what_is_different_is_a_change(run: Run) -> None:
    """Blanks at the ends and line ends are no change."""
    first = segment(view_of(run.root), 1)
    assert change_of(first, f" {first.transcript}\n", first.translation or "").is_empty
    assert change_of(first, "Another.", first.translation or "").transcript == "Another."
    assert change_of(first, first.transcript, NEW) == Change(segment_id=1, translation=NEW)
    assert change_of(first, " ", "").transcript == ""


@pytest.mark.parametrize(
    ("change", "translates", "stale"),
    [
        (Change(segment_id=1), True, ()),
        (Change(segment_id=1, translation="a"), True, ("speech", "timeline", "subtitles", "file")),
        (Change(segment_id=1, transcript="a"), False, ("subtitles", "file")),
        (
            Change(segment_id=1, transcript="a"),
            True,
            ("translation", "speech", "timeline", "subtitles", "file"),
        ),
        (
            Change(segment_id=1, transcript="a", translation="b"),
            True,
            ("speech", "timeline", "subtitles", "file"),
        ),
    ],
)
def test_what_is_stale(change: Change, translates: bool, stale: tuple[str, ...]) -> None:
    """A translation goes through to the sound; a transcript only where a machine translates it."""
    assert stale_after(change, translates=translates) == stale


def test_a_supplied_translation_is_not_made_again(run: Run) -> None:
    """It stays when the transcript changes, and so does a machine's without its translator."""
    view = view_of(run.root)
    assert not editing.is_translated_again(run.manifest, segment(view, 1))  # supplied
    run.put_document(run.translation(1), "made", TranslationDoc(text="А", source="engine"))
    first = segment(view_of(run.root), 1)
    without = {"target": "de"}  # bergamot has no en-de
    manifest = run.manifest.model_copy(
        update={"config": run.manifest.config.model_copy(update=without)}
    )
    assert not editing.is_translated_again(manifest, first)


# ---- what is in the way


def test_a_finished_run_with_its_engines_can_be_edited(run: Run) -> None:
    """Nothing is in the way."""
    assert obstacle(run.root) is None


def _without(name: str) -> Callable[[Run, pytest.MonkeyPatch], None]:
    def change(run: Run, _: pytest.MonkeyPatch) -> None:
        path = {"output": run.manifest.output, "source": run.manifest.source.path}[name]
        run.path(path or "").unlink()

    return change


def _strange_engine(run: Run, _: pytest.MonkeyPatch) -> None:
    engines = run.manifest.engines.model_copy(update={"synthesizer": "parrot"})
    Run(run.root, run.manifest.model_copy(update={"engines": engines})).save()


def _strange_separator(run: Run, _: pytest.MonkeyPatch) -> None:
    engines = run.manifest.engines.model_copy(update={"separator": "unheard"})
    Run(run.root, run.manifest.model_copy(update={"engines": engines})).save()


def _no_weights(run: Run, _: pytest.MonkeyPatch) -> None:
    engines = run.manifest.engines.model_copy(update={"synthesizer": "xtts"})
    Run(run.root, run.manifest.model_copy(update={"engines": engines})).save()


def _little_memory(_: Run, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(editing, "available_mb", lambda: 1)


def _little_disk(_: Run, patch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("layout", lambda run, _: run.path("manifest.json").unlink()),
        ("unfinished", _without("output")),
        ("source", _without("source")),
        ("engine", _strange_engine),
        ("engine", _strange_separator),
        ("engine", _no_weights),
        ("memory", _little_memory),
        ("disk", _little_disk),
    ],
)
def test_what_is_in_the_way_is_named(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    change: Callable[[Run, pytest.MonkeyPatch], None],
) -> None:
    """Each lack is told before anything is tried."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path / "no models"))
    change(run, monkeypatch)
    found = obstacle(run.root)
    assert found is not None
    assert found.kind == kind


def test_a_background_needs_more_room_on_disk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file and the new one; where voices are taken out of the original, what is left."""
    _little_disk(run, monkeypatch)
    plain = obstacle(run.root)
    engines = run.manifest.engines.model_copy(update={"separator": "demucs"})
    Run(run.root, run.manifest.model_copy(update={"engines": engines})).save()
    with_background = obstacle(run.root)
    assert plain is not None
    assert with_background is not None
    output = run.path(run.manifest.output or "").stat().st_size
    assert plain.needed_mb == pytest.approx(2 * output / 1e6, abs=1)
    more_mb = 44_100 * 2 * 4 * run.manifest.source.duration_s / 1e6
    assert with_background.needed_mb - plain.needed_mb == pytest.approx(more_mb, abs=1)


# ---- versions and undo; speech itself is in the e2e tests


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speaks nothing: writes the texts and what the manifest would say."""

    def speak_again(run: Run, change: Change, *, listen, cancel, heard) -> None:  # type: ignore[no-untyped-def]
        if change.translation == "fail":
            raise EngineError("kokoro", "spoke nothing")
        if change.translation == "cancel":
            raise CancelledError
        if change.translation is not None:
            translate.edit(run, change.segment_id, change.translation)
        run.note_stage("speak", StageRecord(wall_s=1, made=1, kept=3, engine_calls=1))
        heard()
        if change.translation == "cancel late":
            raise CancelledError
        if change.translation == "fail late":
            raise LowMemoryError("resemblyzer", "it does not fit")

    monkeypatch.setattr(edit_session, "speak_again", speak_again)


def wait(job: EditJob | None) -> EditJob:
    assert job is not None
    until = time.monotonic() + 20
    while job.state == "working" and time.monotonic() < until:
        time.sleep(0.01)
    return job


def edit(session: EditSession, number: int, text: str) -> EditJob:
    return wait(session.speak_again(Change(segment_id=number, translation=text)))


def texts(session: EditSession) -> list[str | None]:
    return [s.translation for s in session.view.segments]


@pytest.mark.usefixtures("scripted")
class TestVersions:
    """One visitor's versions of a run."""

    def test_an_edit_makes_a_version_and_leaves_the_run(self, run: Run) -> None:
        """The visitor sees theirs; the run's folder keeps every byte."""
        before = hashes(run.root)
        session = EditSession(view_of(run.root))
        assert not session.is_edited
        assert edit(session, 1, NEW).redone == editing.Redone(spoken=1, kept=3)
        assert session.is_edited
        assert texts(session)[0] == NEW
        assert session.view.key == "Lamp_House"
        assert hashes(run.root) == before

    def test_an_edit_that_could_not_be_measured_is_there(self, run: Run) -> None:
        """The dub was made: nobody is told that everything is as it was."""
        session = EditSession(view_of(run.root))
        assert edit(session, 1, "fail late").state == "done"
        assert texts(session)[0] == "fail late"
        assert session.can_undo(1)

    def test_undo_of_the_last_edit_is_there_at_once(self, run: Run) -> None:
        """The very files that were there before, without any work."""
        session = EditSession(view_of(run.root))
        edit(session, 1, "один")
        before, files = session.view, hashes(session.view.folder.path)
        edit(session, 1, "два")
        assert session.undo(1) is None
        assert session.view == before
        assert hashes(session.view.folder.path) == files
        assert session.undo(1) is None
        assert session.view is session.original
        assert not session.can_undo(1)

    def test_undo_of_an_earlier_edit_keeps_later_ones(self, run: Run) -> None:
        """Only the segment's own text goes back; undoing the other then brings nothing back."""
        session = EditSession(view_of(run.root))
        original = texts(session)
        edit(session, 1, "один")
        edit(session, 2, "два")
        wait(session.undo(1))
        assert texts(session)[:2] == [original[0], "два"]
        assert not session.can_undo(1)
        wait(session.undo(2))
        assert texts(session)[:2] == original[:2]

    def test_words_given_to_a_silent_segment(self, run: Run) -> None:
        """Can be taken back while that is the last edit, as no words cannot be spoken."""
        session = EditSession(view_of(run.root))
        edit(session, 4, "слова")
        assert session.can_undo(4)
        edit(session, 1, "один")
        assert not session.can_undo(4)
        session.undo(1)
        assert session.can_undo(4)

    @pytest.mark.parametrize(("text", "state"), [("fail", "failed"), ("cancel", "cancelled")])
    def test_what_goes_wrong_leaves_everything_as_it_was(
        self, run: Run, text: str, state: str, temporary: Path
    ) -> None:
        """No version is made, nothing is left on disk, and the next edit works."""
        session = EditSession(view_of(run.root))
        assert edit(session, 1, text).state == state
        assert not session.is_edited
        assert not session.can_undo(1)
        assert not list(temporary.rglob("*.json"))
        assert edit(session, 1, NEW).state == "done"

    def test_cancel_while_it_is_measured_keeps_what_is_heard(self, run: Run) -> None:
        """The sound is there already; only the figures are not."""
        session = EditSession(view_of(run.root))
        assert edit(session, 1, "cancel late").state == "done"
        assert texts(session)[0] == "cancel late"

    def test_an_empty_text_is_refused(self, run: Run) -> None:
        """In one sentence, as an error of the job."""
        session = EditSession(view_of(run.root))
        job = edit(session, 1, " ")
        assert (job.state, bool(job.error)) == ("failed", True)

    def test_one_edit_at_a_time(self, run: Run) -> None:
        """A second visitor is told, and can edit when the first one's edit is made."""
        session = EditSession(view_of(run.root))
        with AT_WORK, pytest.raises(BusyError):
            session.speak_again(Change(segment_id=1, translation=NEW))
        assert session.job is None
        assert edit(session, 1, NEW).state == "done"

    def test_old_versions_are_deleted(self, run: Run, temporary: Path) -> None:
        """A handful is kept; undo goes further back by speaking the earlier text."""
        session = EditSession(view_of(run.root))
        for number in range(7):
            edit(session, 1, f"слова {number}")
        assert len(list(temporary.glob("*/*"))) <= edit_session.KEPT_VERSIONS + 1
        for number in range(5, -1, -1):
            job = session.undo(1)
            if job is not None:
                wait(job)
            assert texts(session)[0] == f"слова {number}"

    def test_a_discarded_or_expired_session_is_dead(self, run: Run, temporary: Path) -> None:
        """Its folder is gone, and it says so."""
        session = EditSession(view_of(run.root))
        edit(session, 1, NEW)
        assert session.is_alive()
        session.discard()
        assert not session.is_alive()
        assert not list(temporary.iterdir())


def test_an_unknown_synthesizer_is_an_input_error() -> None:
    """What `obstacle` relies on."""
    with pytest.raises(InputError):
        registry.why_unavailable("parrot")
