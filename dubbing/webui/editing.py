"""What editing a segment takes: what is stale after it, whether it can be done here, doing it.

Knows no Streamlit.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dubbing.engines.registry import check_pair, engine_info, why_unavailable
from dubbing.errors import DubbingError, UnsupportedLanguageError
from dubbing.events import Listener, ignore
from dubbing.flow import Cancel
from dubbing.memory import available_mb
from dubbing.runs.manifest import Manifest
from dubbing.runs.store import Run, open_run
from dubbing.webui.views import SegmentView

Stale = Literal["subtitles", "translation", "speech", "timeline", "file"]
Missing = Literal["layout", "unfinished", "source", "engine", "memory", "disk"]

BYTES_PER_SAMPLE = 2 * 4  # of what a separator leaves: two channels of float32, see `assemble`


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person wrote.

    Attributes:
        segment_id: For which segment.
        transcript: The new transcript; None: as it was.
        translation: The new translation; None: as it was.
    """

    segment_id: int
    transcript: str | None = None
    translation: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return self.transcript is None and self.translation is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why a run cannot be edited here.

    Attributes:
        kind: What is in the way.
        name: The file or engine; empty where there is none.
        needed_mb: Memory or disk that it takes; 0 where it is neither.
        free_mb: What there is of it.
        detail: The engine's own sentence; empty for the others.
    """

    kind: Missing
    name: str = ""
    needed_mb: int = 0
    free_mb: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What an edit took.

    Attributes:
        spoken: How many phrases were spoken again.
        kept: How many were not.
        failed: Why the edited one could not be spoken; empty: it was.
    """

    spoken: int
    kept: int
    failed: str = ""


def change_of(segment: SegmentView, transcript: str, translation: str) -> Change:
    """What of a segment's texts is different now; blanks and line ends make no difference."""
    return Change(
        segment_id=segment.id,
        transcript=_new(segment.transcript, transcript),
        translation=_new(segment.translation or "", translation),
    )


def _new(before: str, after: str) -> str | None:
    after = " ".join(after.split())
    return None if after == " ".join(before.split()) else after


def stale_after(change: Change, *, translates: bool) -> tuple[Stale, ...]:
    """What is to be made again after a change, in the order in which it is made.

    Args:
        change: What was changed.
        translates: Whether a machine translates the segment anew, see `is_translated_again`.
    """
    retranslated = change.transcript is not None and change.translation is None and translates
    spoken = retranslated or change.translation is not None
    found: list[tuple[Stale, bool]] = [
        ("translation", retranslated),
        ("speech", spoken),
        ("timeline", spoken),
        ("subtitles", not change.is_empty),
        ("file", not change.is_empty),
    ]
    return tuple(name for name, is_stale in found if is_stale)


def is_translated_again(manifest: Manifest, segment: SegmentView) -> bool:
    """Whether a new transcript of the segment gets a new translation: a machine made the old one,
    and it is here.
    """
    return segment.source == "engine" and _has_translator(manifest)


def _has_translator(manifest: Manifest) -> bool:
    if manifest.translation is not None or why_unavailable(manifest.engines.translator):
        return False
    try:
        check_pair(manifest.engines.translator, manifest.config.source, manifest.config.target)
    except UnsupportedLanguageError:
        return False
    return True


def obstacle(root: Path) -> Obstacle | None:
    """Why the run in a folder cannot be edited here; None when it can."""
    try:
        run = open_run(root)
    except DubbingError:
        return Obstacle(kind="layout")
    return _missing_file(run) or _missing_engine(run) or _missing_disk(run)


def _missing_file(run: Run) -> Obstacle | None:
    output, source = run.manifest.output, run.path(run.manifest.source.path)
    if output is None or not run.path(output).is_file():
        return Obstacle(kind="unfinished")
    if not source.is_file():
        return Obstacle(kind="source", name=source.name)
    return None


def _missing_engine(run: Run) -> Obstacle | None:
    engines, free_mb = run.manifest.engines, available_mb()
    called = (engines.accentor, engines.synthesizer, engines.detector, engines.encoder)
    for name in filter(None, called):
        try:
            reason = why_unavailable(name)
        except DubbingError as error:  # an engine that this version does not know
            reason = str(error)
        if reason:
            return Obstacle(kind="engine", name=name, detail=reason)
        needed_mb = engine_info(name).memory_mb
        if free_mb is not None and free_mb < needed_mb:
            return Obstacle(kind="memory", name=name, needed_mb=needed_mb, free_mb=free_mb)
    return None


def _missing_disk(run: Run) -> Obstacle | None:
    output = run.path(run.manifest.output or "")
    manifest, needed = run.manifest, 2 * output.stat().st_size  # the old file and the new one
    if (separator := manifest.engines.separator) is not None:  # it is kept beside them
        try:
            rate_hz = engine_info(separator).sample_rate_hz
        except DubbingError as error:  # one that this version does not know
            return Obstacle(kind="engine", name=separator, detail=str(error))
        needed += round(rate_hz * BYTES_PER_SAMPLE * manifest.source.duration_s)
    needed_mb = -(-needed // 10**6)
    free_mb = shutil.disk_usage(tempfile.gettempdir()).free // 10**6
    return (
        Obstacle(kind="disk", needed_mb=needed_mb, free_mb=free_mb) if free_mb < needed_mb else None
    )


def speak_again(
    run: Run,
    change: Change,
    *,
    listen: Listener = ignore,
    cancel: Cancel | None = None,
    heard: Callable[[], None] = lambda: None,
) -> None:
    """Writes the change into a private copy of a run, and makes again what is stale.

    Args:
        run: The copy.
        change: Not empty.
        listen: Gets every event.
        cancel: Stops it within two seconds; the copy is then of no use.
        heard: Called when the finished file is there, before it is measured.

    Raises:
        InputError: The new text is empty, or something is missing here.
        CancelledError: `cancel` was set.
        DubbingError: It failed.
    """
    from dubbing.engines.loaded import LoadedEngines
    from dubbing.pipeline import edit_unmeasured, run_steps

    engines = LoadedEngines(keep=True)
    edit_unmeasured(
        run,
        change.segment_id,
        change.translation,
        transcript=change.transcript,
        listen=listen,
        engines=engines,
        cancel=cancel,
    )
    heard()
    run_steps(run, ["evaluate"], listen, engines, cancel)


def redone(run: Run, segment_id: int) -> Redone:
    """What the last edit of a run took, as its manifest says."""
    spoken = run.manifest.stages["speak"]
    failed = run.manifest.failed.get(f"segment {segment_id}", "")
    return Redone(spoken=spoken.made, kept=spoken.kept, failed=failed)
