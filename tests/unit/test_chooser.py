"""From how much of a speaker their voice is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dubbing.engines.base import Voice
from dubbing.events import ignore
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.steps.documents import read_segments, segments_doc
from dubbing.steps.flow import _translated
from dubbing.steps.job import Job
from dubbing.steps.voices import PreparedVoices, chooser
from dubbing.types import Segment, Span
from tests.run_factory import make_library

pytestmark = pytest.mark.unit


class KnownVoices(PreparedVoices):
    """Remembers from what it is to choose.

    Attributes:
        heard: The segments' ids.
    """

    heard: tuple[int, ...] = ()

    def choose(self, speaker: str, own: Sequence[Segment]) -> None:
        self.heard = tuple(segment.id for segment in own)
        for suffix in ("wav", "json"):
            self._job.run.put_bytes(self._job.run.voice(speaker, suffix), "chosen", b"a voice")

    def get(self, speaker: str) -> Voice:
        return OneVoice()


class OneVoice:
    """See `Voice`."""

    characters_per_s = 14.0
    description = "a voice"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of one speaker: segments at 0.5, 3, 4.2 and 5.5 s, the third spoken with the second."""
    return open_run(list_runs(make_library(tmp_path))[0])


def flowed(run: Run, *, listen_s: float | None, supplied: bool) -> tuple[int, tuple[int, ...]]:
    """How many sentences had come when the first line was let through, and what was listened to."""
    config = run.manifest.config.model_copy(update={"listen_s": listen_s})
    run._update(config=config, translation="supplied.srt" if supplied else None)
    if supplied:
        (run.root / "supplied.srt").touch()
    job = Job(run, ignore)
    voices = KnownVoices(job)
    gatherer = chooser(job, voices).start()
    for count, item in enumerate(_translated(job), start=1):
        if list(gatherer.take(item)):
            return count, voices.heard
    assert list(gatherer.flush())
    return count, voices.heard


@pytest.mark.parametrize("supplied", [False, True])
def test_no_more_is_listened_to_than_is_asked_for(run: Run, supplied: bool):
    """3 s from the first word on: the second sentence's second half begins after that, so two
    segments are listened to and the first line is let through, whoever translates.
    """
    assert flowed(run, listen_s=3.0, supplied=supplied) == (2, (1, 2))


@pytest.mark.parametrize("supplied", [False, True])
def test_a_short_talk_is_all_listened_to(run: Run, supplied: bool):
    """Nothing is asked for: the voice waits for the end of what is shorter than two minutes."""
    assert flowed(run, listen_s=None, supplied=supplied) == (3, (1, 2, 3, 4))


def test_a_supplied_translation_waits_anyway(run: Run, monkeypatch: pytest.MonkeyPatch):
    """So with one a whole talk is listened to, without one as much as settles a voice."""
    monkeypatch.setattr("dubbing.steps.voices.LISTEN_S", 3.0)
    assert flowed(run, listen_s=None, supplied=False) == (2, (1, 2))
    assert flowed(run, listen_s=None, supplied=True) == (3, (1, 2, 3, 4))


@pytest.mark.parametrize(("seconds", "found"), [(0.6, (2, (1, 2, 3))), (2.0, (2, (1,)))])
def test_a_yes_is_not_what_a_voice_is_made_from(
    run: Run, seconds: float, found: tuple[int, tuple[int, ...]]
):
    """Where a speaker's first line is that short, they are listened to until two seconds are
    together, however little is asked for.
    """
    shorten(run, 1, seconds)
    assert flowed(run, listen_s=0.0, supplied=False) == found


def test_who_says_no_more_is_heard_for_what_they_say(run: Run):
    """At the end of the talk a voice is made from the little that there is."""
    for segment in read_segments(run):
        shorten(run, segment.id, 0.2)
    assert flowed(run, listen_s=0.0, supplied=False) == (3, (1, 2, 3, 4))


def shorten(run: Run, segment_id: int, seconds: float) -> None:
    """Makes a segment last so long."""
    segments = [
        replace(s, span=Span(start_s=s.span.start_s, end_s=s.span.start_s + seconds))
        if s.id == segment_id
        else s
        for s in read_segments(run)
    ]
    run.put_document(run.segments, "shorter", segments_doc(segments))
