"""The run folder on disk: whole files or none, and a memory of what they were made from."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.errors import RunError
from dubbing.prepare import _known_run
from dubbing.runs.manifest import (
    Manifest,
    SegmentDoc,
    SegmentsDoc,
    SpanDoc,
    TranscriptDoc,
    VoiceDoc,
    WordDoc,
    fingerprint,
    read_document,
)
from dubbing.runs.store import (
    Run,
    atomic,
    check_file_name,
    check_name,
    folder_name,
    list_runs,
    open_run,
    sole_owner,
)
from tests.conftest import ROOT
from tests.run_factory import make_library

pytestmark = pytest.mark.unit

seconds = st.floats(0, 86_400).map(lambda s: round(s, 3))
texts = st.text(max_size=40)


@given(
    st.lists(st.builds(WordDoc, text=texts, start_s=seconds, end_s=seconds, probability=seconds))
)
def test_documents_survive_the_disk(tmp_path_factory: pytest.TempPathFactory, words: list[WordDoc]):
    """What is written is what is read, for any text and any time."""
    path = tmp_path_factory.mktemp("doc") / "a.json"
    document = TranscriptDoc(text=" ".join(w.text for w in words), words=words)
    path.write_bytes(document.to_bytes())
    assert read_document(path, TranscriptDoc) == document
    assert read_document(path, TranscriptDoc).to_bytes() == document.to_bytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged"),
        (b'{"segments": [', "damaged"),
        (b'{"segments": [], "extra": 1}', "extra"),
        (b'{"segments": [{"id": "x", "start_s": 0, "end_s": 1, "speaker": "s"}]}', "segments.0.id"),
    ],
    ids=["empty", "cut off", "unknown key", "wrong type"],
)
def test_damaged_document_is_named(tmp_path: Path, content: bytes, says: str):
    """A document that does not read says where it is wrong and what to do."""
    path = tmp_path / "segments.json"
    path.write_bytes(content)
    with pytest.raises(RunError, match=says) as caught:
        read_document(path, SegmentsDoc)
    assert "delete it" in str(caught.value)


def test_fingerprint_knows_values_and_their_order():
    """Equal values give equal fingerprints; another value or order another one."""
    assert fingerprint("a", {"x": 1, "y": 2}) == fingerprint("a", {"y": 2, "x": 1})
    assert fingerprint("a", 1) != fingerprint("a", 2)
    assert fingerprint("a", "b") != fingerprint("b", "a")
    assert fingerprint("ab") != fingerprint("a", "b")


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    """A writer that fails half-way changes nothing."""
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic(path) as temporary:
            temporary.write_text("ne")
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run with everything in it."""
    return open_run(list_runs(make_library(tmp_path))[0])


def test_artifact_is_fresh_until_its_inputs_or_bytes_change(run: Run):
    """Another fingerprint, other bytes, or no file: each makes it stale."""
    document = VoiceDoc(speaker="s", spans=[SpanDoc(start_s=0, end_s=1)], reason="clear")
    run.put_document("voices/s.json", "made from a", document)
    assert run.is_fresh("voices/s.json", "made from a")
    assert not run.is_fresh("voices/s.json", "made from b")
    run.save()
    again = open_run(run.root)
    again.path("voices/s.json").write_text("{}")
    assert not again.is_fresh("voices/s.json", "made from a")
    again.path("voices/s.json").unlink()
    assert not again.is_fresh("voices/s.json", "made from a")


def test_forgotten_artifacts_are_gone_from_disk(run: Run):
    """Files of a folder that are no longer part of the run are deleted with their records."""
    rows = [SegmentDoc(id=1, start_s=0, end_s=1, speaker="s")]
    for name in ("old", "new"):
        run.put_document(f"chunks/{name}.json", "x", SegmentsDoc(segments=rows))
    run.forget_others("chunks", {"chunks/new.json"})
    assert not run.path("chunks/old.json").exists()
    assert "chunks/old.json" not in run.manifest.artifacts
    assert run.path("chunks/new.json").exists()


def _own(root: Path, begun: object, done: object) -> None:
    with sole_owner(open_run(root)):
        begun.set()  # type: ignore[attr-defined]
        done.wait(30)  # type: ignore[attr-defined]


def test_one_process_at_a_time(run: Run):
    """While another process works on a run, a second is refused; a killed one leaves no lock."""
    context = multiprocessing.get_context("spawn")
    begun, done = context.Event(), context.Event()
    other = context.Process(target=_own, args=(run.root, begun, done))
    other.start()
    assert begun.wait(60)
    with pytest.raises(RunError, match="another process"), sole_owner(run):
        pass
    other.kill()
    other.join()
    left = run.root / "chunks" / ".a.1.partial.wav"
    left.write_bytes(b"half")
    with sole_owner(run):
        assert not left.exists()


HOLD = """
import sys
from pathlib import Path
from dubbing.runs.store import open_run, sole_owner
with sole_owner(open_run(Path(sys.argv[1]))):
    print("begun", flush=True)
    sys.stdin.read()
"""


def _hold(root: Path, temporary: Path) -> subprocess.Popen[str]:
    """Another process that has the run, with a temporary folder of its own."""
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    return process


def test_the_lock_lies_in_the_run(run: Run, tmp_path: Path):
    """A process with another temporary folder, as in a container, is refused; one that was killed
    is not waited for; nothing is left behind in the run or beside it.
    """
    before = sorted(tmp_path.rglob("*"))
    other = _hold(run.root, tmp_path / "tmp")
    with pytest.raises(RunError, match="another process"), sole_owner(run):
        pass
    other.kill()
    other.communicate(timeout=60)
    again = open_run(run.root)
    with sole_owner(run), pytest.raises(RunError, match="another process"), sole_owner(again):
        pass
    (tmp_path / "tmp").rmdir()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_lock_alone_makes_no_run(run: Run, tmp_path: Path):
    """Work that ends before it writes anything leaves no folder; a kill leaves one that may become
    a run.
    """
    begun = Run(tmp_path / "runs" / "New", run.manifest.model_copy(update={"artifacts": {}}))
    with sole_owner(begun):
        assert _known_run(begun.root, tmp_path / "talk.mp4", overwrite=False) is None
    assert not (tmp_path / "runs").exists()


def test_what_a_kill_leaves_can_be_gone_on_with(run: Run, tmp_path: Path):
    """Whoever dies while the first artifact is written leaves a run; while the first manifest is,
    a folder that may become one.
    """
    begun = Run(tmp_path / "New", run.manifest.model_copy(update={"artifacts": {}}))
    with pytest.raises(KeyboardInterrupt):
        begun.put("speech.json", "made", _die)
    assert open_run(begun.root).manifest == begun.manifest
    (begun.root / "manifest.json").rename(begun.root / ".manifest.1.partial.json")
    assert _known_run(begun.root, tmp_path / "talk.mp4", overwrite=False) is None
    (begun.root / "other.txt").touch()
    with pytest.raises(RunError, match="no run"):
        _known_run(begun.root, tmp_path / "talk.mp4", overwrite=False)


def _die(_: Path) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0b", " a", "a.", "x" * 300])
def test_names_that_no_folder_may_have(name: str):
    """A name that would leave the folder, or that a file system refuses, is refused first."""
    with pytest.raises(RunError, match="--name"):
        check_name(name)


@pytest.mark.parametrize("letter", ["x", "Я", "講", "𝔸"])
@pytest.mark.parametrize("ending", ["", "_pt"])
def test_names_of_any_script_are_short_enough(tmp_path: Path, letter: str, ending: str):
    """What is made of a long name can be written with all that its files add; as a --name it is
    refused, in a sentence that says so.
    """
    name = check_name(folder_name(letter * 250, ending))
    assert name.endswith(ending) and len(name) > 45
    run = Run(tmp_path / name, Manifest.model_construct(name=name))
    for path in (run.recognition(99_999), run.subtitles("ru", "srt"), f"{name}_dubbed.mp4"):
        with atomic(run.path(path)) as temporary:
            temporary.write_text("")
    with pytest.raises(RunError, match="--name"):
        check_name(letter * 250)


def test_an_output_of_too_long_a_name_is_refused():
    """Before the work, not when it is written."""
    check_file_name(Path("д" * 110 + ".mp4"))
    with pytest.raises(RunError, match="-o"):
        check_file_name(Path("講" * 80 + ".mp4"))


@pytest.mark.parametrize("name", ["talk", "Bill Gates 2", "Доклад-1", "a.b_c"])
def test_names_that_are_fine(name: str):
    """Letters of any script, digits, blanks and a few signs."""
    assert check_name(name) == name


@pytest.mark.parametrize(("target", "speaks"), [("ru", "kokoro"), ("de", "espeak")])
def test_a_run_of_0_1_0_opens(tmp_path: Path, target: str, speaks: str):
    """Its voice is gone: what a profile takes today speaks, when the run is gone on with."""
    root = list_runs(make_library(tmp_path))[0]
    document = json.loads((root / "manifest.json").read_text())
    document["engines"]["synthesizer"] = "matched"
    document["config"] |= {"synthesizer": "matched:quick", "target": target}
    (root / "manifest.json").write_text(json.dumps(document))
    manifest = open_run(root).manifest
    assert manifest.engines.synthesizer == speaks
    assert manifest.config.synthesizer == ""
