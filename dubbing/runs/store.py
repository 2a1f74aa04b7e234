"""A run folder: names of its files, atomic writes, and what is still fresh.

A file appears under its final name complete or not at all. The manifest is written after the
artifacts that it speaks of; an artifact that it does not know is made again. So a run that was
killed anywhere goes on from the last manifest.
"""

from __future__ import annotations

import glob
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import TypeVar

from filelock import FileLock, Timeout

from dubbing.errors import RunError
from dubbing.runs.manifest import (
    ArtifactRecord,
    D,
    Document,
    FlowRecord,
    Manifest,
    StageRecord,
    damaged,
    read_document,
    sha256_file,
)

LOCK = ".in-use.lock"  # in the folder of a run that is worked on
LOCK_PATIENCE_S = 0.25  # a lock that was just given back is asked for again
SAVE_EVERY_S = 1.0  # at most this much work is done again after a kill
LONGEST_BYTES = 255  # of a file's name on Linux, macOS and most others
TEMPORARY_BYTES = 24  # ".", ".<process>.partial", see `scratch`
# Of a run's name, which is in its files' names: "-stretch-<number>.json" is the longest addition.
MOST_BYTES = 210
ENOUGH_CHARACTERS = 100  # of a name that is made of a file's
V = TypeVar("V")
_NAME = re.compile(r"[\w][\w .\-]*", re.UNICODE)


class Run:
    """One dubbed video's folder. Several threads may write different artifacts at the same time.

    Attributes:
        root: The folder.
        manifest: What is known of it; replaced, never changed.
    """

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root = root
        self.manifest = manifest
        self._saved_at = time.monotonic()
        self._verified: set[str] = set()
        self._lock = RLock()

    @property
    def name(self) -> str:
        """The folder's name, which its files' names start with."""
        return self.manifest.name

    # ---- names of files, relative to the folder

    speech = "speech.json"
    turns = "turns.json"
    language = "language.json"
    segments = "segments.json"
    timeline = "timeline.json"
    quality = "quality.json"

    def recognition(self, index: int) -> str:
        """Words of the stretch number `index`, from 1."""
        return f"recognition/{self.name}-stretch-{index}.json"

    def chunk(self, segment_id: int) -> str:
        """The original sound of a segment."""
        return f"chunks/{self.name}-chunk-{segment_id}.wav"

    def transcription(self, segment_id: int, suffix: str = "json") -> str:
        """What was said in a segment: json with words, or txt."""
        return f"transcriptions/{self.name}-chunk-{segment_id}.{suffix}"

    def translation(self, segment_id: int, suffix: str = "json") -> str:
        """A segment's translation: json, or txt."""
        return f"translations/{self.name}-chunk-{segment_id}.{suffix}"

    def speech_clip(self, segment_id: int, suffix: str = "wav") -> str:
        """A segment's translation as it was spoken, at natural speed: wav, or json about it."""
        return f"speech/{self.name}-chunk-{segment_id}.{suffix}"

    def dubbed(self, segment_id: int) -> str:
        """A segment's dub, ready to be placed at the segment's start."""
        return f"dubbed_audio/{self.name}-chunk-{segment_id}.wav"

    def voice(self, speaker: str, suffix: str = "wav") -> str:
        """The reference that a speaker's voice is cloned from: wav, or json with the reason."""
        return f"voices/{speaker}.{suffix}"

    def pace(self, speaker: str) -> str:
        """How fast a speaker's voice speaks."""
        return f"voices/{speaker}.pace.json"

    def subtitles(self, language: str, suffix: str) -> str:
        """Subtitles in one language: srt or vtt."""
        return f"subtitles/{self.name}.{language}.{suffix}"

    # ---- reading and writing

    def path(self, relative: str) -> Path:
        """Where a file of the run lies."""
        return self.root / relative

    def read(self, relative: str, kind: type[D]) -> D:
        """A document of the run.

        Raises:
            RunError: It is missing or damaged.
        """
        return read_document(self.path(relative), kind)

    def read_as(self, relative: str, kind: type[D], convert: Callable[[D], V]) -> V:
        """A document of the run as the values that it stands for.

        Raises:
            RunError: It is missing or damaged, or its values are impossible.
        """
        document = self.read(relative, kind)
        try:
            return convert(document)
        except ValueError as error:
            raise damaged(self.path(relative), str(error)) from error

    def read_words(self, relative: str) -> str:
        """A text file that a person may have edited, in one line; empty where it is missing.

        Raises:
            RunError: It is not in UTF-8.
        """
        path = self.path(relative)
        try:
            return " ".join(path.read_text(encoding="utf-8-sig").split()) if path.is_file() else ""
        except UnicodeDecodeError as error:
            raise RunError(f"{path} is not in UTF-8: save it in that encoding") from error

    def is_fresh(self, relative: str, fingerprint: str) -> bool:
        """Whether the artifact was made from these inputs and its bytes are still the same."""
        record = self.manifest.artifacts.get(relative)
        if record is None or record.fingerprint != fingerprint:
            return False
        return relative in self._verified or self._verify(relative, record)

    def is_whole(self, relative: str) -> bool:
        """Whether the artifact's bytes are those that were written."""
        record = self.manifest.artifacts.get(relative)
        return record is not None and self.is_fresh(relative, record.fingerprint)

    def _verify(self, relative: str, record: ArtifactRecord) -> bool:
        path = self.path(relative)
        if not path.is_file() or sha256_file(path) != record.sha256:
            return False
        self._verified.add(relative)
        return True

    def sha256(self, relative: str) -> str:
        """The recorded hash of an artifact."""
        return self.manifest.artifacts[relative].sha256

    def put(self, relative: str, fingerprint: str, write: Callable[[Path], None]) -> None:
        """Makes an artifact by `write(temporary path)` and records it. Before the first one the
        manifest is written, so that what a kill leaves is always a run that can be gone on with.
        """
        path = self.path(relative)
        if not self.path("manifest.json").is_file():
            self.save()
        with atomic(path) as temporary:
            write(temporary)
        self._record(relative, fingerprint)

    def put_bytes(self, relative: str, fingerprint: str, content: bytes) -> None:
        """Makes an artifact of given content."""
        self.put(relative, fingerprint, lambda path: _write_bytes(path, content))

    def put_document(self, relative: str, fingerprint: str, document: Document) -> None:
        """Makes a JSON artifact."""
        self.put_bytes(relative, fingerprint, document.to_bytes())

    def _record(self, relative: str, fingerprint: str) -> None:
        record = ArtifactRecord(fingerprint=fingerprint, sha256=sha256_file(self.path(relative)))
        with self._lock:
            self._update(artifacts={**self.manifest.artifacts, relative: record})
            self._verified.add(relative)
            if time.monotonic() - self._saved_at > SAVE_EVERY_S:
                self.save()

    def _update(self, **changes: object) -> None:
        self.manifest = self.manifest.model_copy(update=changes)

    def forget_others(self, folder: str, keep: set[str]) -> None:
        """Deletes artifacts of a folder that the run no longer has, and their records."""
        with self._lock:
            known = self.manifest.artifacts
            gone = {a for a in known if a.startswith(folder + "/") and a not in keep}
            for relative in gone:
                self.path(relative).unlink(missing_ok=True)
            self._update(artifacts={a: r for a, r in known.items() if a not in gone})

    def forget(self, *relatives: str) -> None:
        """Deletes the records of artifacts, on disk too; their files stay. For what is about to be
        made anew and may also be put there by a person: killed in between, neither is mixed up.
        """
        with self._lock:
            known = self.manifest.artifacts
            self._update(artifacts={a: r for a, r in known.items() if a not in relatives})
            self.save()

    def note_stage(self, stage: str, record: StageRecord) -> None:
        """Records what a stage did, and saves the manifest."""
        with self._lock:
            self._update(stages={**self.manifest.stages, stage: record})
            self.save()

    def note_flow(self, flow: FlowRecord) -> None:
        """Records what stages took that worked at the same time, and saves the manifest."""
        with self._lock:
            self._update(flow=flow)
            self.save()

    def note_failed(self, failed: Mapping[str, str]) -> None:
        """Records what could not be dubbed, such as "segment 7", and why."""
        with self._lock:
            self._update(failed=dict(failed))

    def reread(self) -> None:
        """Takes over the manifest as another process left it."""
        with self._lock:
            self.manifest = read_document(self.path("manifest.json"), Manifest)
            self._verified.clear()

    def save(self) -> None:
        """Writes the manifest."""
        with self._lock:
            with atomic(self.path("manifest.json")) as temporary:
                _write_bytes(temporary, self.manifest.to_bytes())
            self._saved_at = time.monotonic()


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`; when the block succeeds its file becomes `path`, synced to
    disk, else it is deleted. The suffix is kept, for writers that go by it.
    """
    with scratch(path) as temporary:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, gone after the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def open_run(root: Path) -> Run:
    """The run in a folder.

    Raises:
        RunError: The folder holds no run, or one of another version.
    """
    if not (root / "manifest.json").is_file():
        raise RunError(f"{root} holds no run: name a folder in which manifest.json lies")
    return Run(root, read_document(root / "manifest.json", Manifest))


def list_runs(artifacts: Path) -> list[Path]:
    """Folders below `artifacts` that hold a run, by name."""
    return sorted(path.parent for path in artifacts.glob("*/manifest.json"))


def check_name(name: str) -> str:
    """The name itself, when a folder may be called so.

    Raises:
        RunError: It is empty, too long, or has characters that file systems refuse.
    """
    if _bytes(name) > MOST_BYTES:
        raise RunError(
            f"a run's name has at most {MOST_BYTES} bytes, and {name[:20]!r}… has {_bytes(name)}; "
            "choose a shorter --name"
        )
    if not _NAME.fullmatch(name) or name != name.strip(" ."):
        raise RunError(
            f"{name!r} cannot name a run: use letters, digits, blanks, '.', '_' and '-' (--name)"
        )
    return name


def folder_name(text: str, ending: str = "") -> str:
    """The text without what `check_name` refuses, as it is where nothing is: "Talk [4K]" becomes
    "Talk 4K".

    Args:
        text: Of any length; so much is taken that the name is not too long.
        ending: Put behind it.
    """
    text = unicodedata.normalize("NFC", text)  # a Mac writes "й" as two characters
    if not _NAME.fullmatch(text) or text != text.strip(" ."):
        plain = re.sub(r"[^\w .\-]+", " ", re.sub(r"['’`]", "", text))
        text = " ".join(plain.split())
    short = text[:ENOUGH_CHARACTERS].encode()[: MOST_BYTES - _bytes(ending)]
    text = short.decode(errors="ignore")  # without half a letter
    text = text if _NAME.fullmatch(text) and text == text.strip(" .") else text.strip(" .-")
    return (text or "video") + ending


def check_file_name(path: Path) -> None:
    """Nothing, when the file and what is written on the way to it may be called so.

    Raises:
        RunError: The name is too long.
    """
    if (given := _bytes(path.name)) > LONGEST_BYTES - TEMPORARY_BYTES:
        raise RunError(
            f"{path.name[:20]}… has {given} bytes, and a file's name may have "
            f"{LONGEST_BYTES - TEMPORARY_BYTES} here; choose a shorter one with -o"
        )


def _bytes(text: str) -> int:
    """Its length on disk, where a letter may take four."""
    return len(text.encode(errors="surrogateescape"))


@contextmanager
def sole_owner(run: Run) -> Iterator[None]:
    """Keeps other processes from working on the same run, and first deletes what a killed one left
    under temporary names. The lock is the operating system's: it ends with its process. It lies in
    the run folder, where every process that works on the run sees it.

    Raises:
        RunError: Another process is at work on it.
    """
    made = _make_folders(run.root)
    mark = run.path(LOCK)
    lock = FileLock(mark, thread_local=False)
    try:
        lock.acquire(timeout=LOCK_PATIENCE_S, poll_interval=LOCK_PATIENCE_S / 5)
    except Timeout as error:
        raise RunError(
            f"another process is at work on {run.root}; wait until it is done"
        ) from error
    try:
        _remove_partial_files(run)
        yield
    finally:
        with suppress(PermissionError):  # Windows deletes no open file: an empty one stays
            mark.unlink(missing_ok=True)  # before it is released: whoever waits makes a new one
        lock.release()
        for folder in made:
            with suppress(OSError):  # not empty: the run was begun
                folder.rmdir()


def _make_folders(root: Path) -> list[Path]:
    """Makes a folder and those that it lies in; returns the new ones, the innermost first."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True)
    return missing


def is_left_over(path: Path) -> bool:
    """Whether a killed process may have left the file in a run folder: it is no part of a run."""
    return path.name == LOCK or path.match(".*.partial*")


def _remove_partial_files(run: Run) -> None:
    left = list(run.root.rglob(".*.partial*"))
    if run.manifest.output is not None:
        output = run.path(run.manifest.output)
        left += output.parent.glob(f".{glob.escape(output.stem)}.*.partial{output.suffix}")
    for path in left:
        path.unlink(missing_ok=True)
