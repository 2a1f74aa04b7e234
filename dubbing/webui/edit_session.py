"""A visitor's edits of one run: versions in a private folder, one edit at work at a time, undo.

Every edit is made in a copy of the version before it. What fails or is cancelled is thrown away
with its copy, so the version that is shown is always whole.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from dubbing.errors import CancelledError, DubbingError
from dubbing.events import Event, StageStarted
from dubbing.flow import Cancel
from dubbing.webui.at_work import AT_WORK
from dubbing.webui.editing import Change, Redone, redone, speak_again
from dubbing.webui.library import read_run
from dubbing.webui.private_copy import copy_run, private_folder, touch
from dubbing.webui.views import RunFolder, RunView, SegmentView

log = logging.getLogger(__name__)

State = Literal["working", "done", "cancelled", "failed"]
Work = Callable[["EditJob"], Redone]

KEPT_VERSIONS = 4  # of which the files are kept, for an undo that costs nothing


class BusyError(DubbingError):
    """Somebody else's edit or clip is being worked on in this process."""

    def __init__(self) -> None:
        super().__init__("another edit or clip is being worked on; try again in a minute")


class EditJob:
    """An edit at work in a thread. Its attributes may be read at any time.

    Attributes:
        segment_id: Whose edit it is.
        cancel: Stops it.
        stage: What is being done; empty before the first stage.
        state: How it stands.
        redone: What it took; None before it is done.
        error: What went wrong, in one sentence; empty: nothing.
    """

    def __init__(self, segment_id: int) -> None:
        self.segment_id = segment_id
        self.cancel = Cancel()
        self.stage = ""
        self.state: State = "working"
        self.redone: Redone | None = None
        self.error = ""

    def hear(self, event: Event) -> None:
        """Takes an event of the pipeline."""
        if isinstance(event, StageStarted):
            self.stage = event.stage

    def start(self, work: Work) -> None:
        """Does the work in a thread.

        Raises:
            BusyError: Another edit, or a dub of the live page, is at work.
        """
        if not AT_WORK.acquire(blocking=False):
            raise BusyError
        threading.Thread(target=self._run, args=(work,), name="edit", daemon=True).start()

    def _run(self, work: Work) -> None:
        try:
            self.redone = work(self)
            self.state = "done"
        except CancelledError:
            self.state = "cancelled"
        except (DubbingError, OSError) as error:
            self.error, self.state = str(error), "failed"
        except Exception:
            log.exception("an edit failed")
            self.state = "failed"
        finally:
            AT_WORK.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """An edit that can be undone: the segment's texts before it, and the version that they were in;
    None where that holds another edit that was undone since.
    """

    before: SegmentView
    version: RunView | None


class EditSession:
    """What one visitor has made of one run. The run itself is never changed.

    Attributes:
        original: The run as it is for everybody.
        view: What the visitor sees now: the newest version.
        job: The latest edit; None before the first.
    """

    def __init__(self, original: RunView) -> None:
        self.original = original
        self.view = original
        self.job: EditJob | None = None
        self._folder = private_folder()
        self._steps: list[_Step] = []
        self._count = 0

    @property
    def is_edited(self) -> bool:
        """Whether the visitor sees a version of their own."""
        return self.view is not self.original

    @property
    def is_working(self) -> bool:
        """Whether an edit is being made."""
        return self.job is not None and self.job.state == "working"

    def is_alive(self) -> bool:
        """Whether the versions are still on disk; if so, they stay for another while."""
        if not self._folder.is_dir():
            return False
        touch(self._folder)
        return True

    def discard(self) -> None:
        """Deletes all versions."""
        if self.job is not None:
            self.job.cancel.cancel()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ---- editing

    def speak_again(self, change: Change) -> EditJob:
        """Starts to make a change.

        Raises:
            BusyError: Another edit, or a dub of the live page, is at work.
        """
        step = _Step(before=_segment(self.view, change.segment_id), version=self.view)
        return self._start(change, lambda: self._steps.append(step))

    def can_undo(self, segment_id: int) -> bool:
        """Whether an edit of the segment is there to be undone. One that gave words to a segment
        without any can only be undone before the next edit: no words is nothing to be spoken.
        """
        index = self._last(segment_id)
        if index is None:
            return False
        step = self._steps[index]
        return self._is_newest(index) or bool(step.before.transcript and step.before.translation)

    def undo(self, segment_id: int) -> EditJob | None:
        """Takes the segment's last edit back.

        At once where nothing was edited since: the version before it is still there. Otherwise by
        another edit with the earlier texts, which is given out.

        Raises:
            BusyError: That is needed, and another edit is at work.
        """
        index = self._last(segment_id)
        if index is None:
            return None
        step = self._steps[index]
        if step.version is not None and self._is_newest(index):
            self._steps.pop()
            self.view, self.job = step.version, None
            return None
        now = _segment(self.view, segment_id)
        return self._start(_back(now, step.before), lambda: self._forget(step))

    def _last(self, segment_id: int) -> int | None:
        found = [i for i, step in enumerate(self._steps) if step.before.id == segment_id]
        return found[-1] if found else None

    def _is_newest(self, index: int) -> bool:
        """Whether the version before the step is what the visitor saw last."""
        return index == len(self._steps) - 1 and self._steps[index].version is not None

    def _forget(self, undone: _Step) -> None:
        """The step is no more; the versions after it hold it, and are not gone back to."""
        index = self._steps.index(undone)
        later = [replace(step, version=None) for step in self._steps[index + 1 :]]
        self._steps = [*self._steps[:index], *later]

    def _start(self, change: Change, note: Callable[[], None]) -> EditJob:
        self._count += 1
        folder, before = self._folder / str(self._count), self.view
        job = EditJob(change.segment_id)

        def heard() -> None:
            self.view = self._read(folder / before.folder.path.name)
            note()
            self._tidy()

        def work(job: EditJob) -> Redone:
            try:
                run = copy_run(before.folder.path, folder)
                speak_again(run, change, listen=job.hear, cancel=job.cancel, heard=heard)
            except (DubbingError, OSError) as error:
                if self.view is before:
                    raise
                if not isinstance(error, CancelledError):  # the edit is there, unmeasured
                    log.warning("an edit was not measured: %s", error)
            finally:
                if self.view is before:
                    shutil.rmtree(folder, ignore_errors=True)
            self.view = self._read(run.root)  # measured as well, if there was time for it
            return redone(run, change.segment_id)

        job.start(work)
        self.job = job
        return job

    def _read(self, root: Path) -> RunView:
        original = self.original.folder
        return read_run(RunFolder(key=original.key, path=root, is_demo=original.is_demo))

    def _tidy(self) -> None:
        """Deletes versions that nobody can go back to any more."""
        recent = len(self._steps) - KEPT_VERSIONS
        self._steps = [
            replace(step, version=None) if index < recent else step
            for index, step in enumerate(self._steps)
        ]
        kept = {view.folder.path.parent for view in self._views()}
        for folder in self._folder.iterdir():
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _views(self) -> list[RunView]:
        return [self.view, *(step.version for step in self._steps if step.version is not None)]


def _segment(view: RunView, segment_id: int) -> SegmentView:
    return next(segment for segment in view.segments if segment.id == segment_id)


def _back(now: SegmentView, before: SegmentView) -> Change:
    """The change that gives a segment its earlier texts."""
    return Change(
        segment_id=now.id,
        transcript=before.transcript if before.transcript != now.transcript else None,
        translation=before.translation if before.translation != now.translation else None,
    )
