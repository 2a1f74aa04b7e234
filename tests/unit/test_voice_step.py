"""voices/: a reference that a person has put there stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.errors import MediaError, RunError
from dubbing.events import Event, Notice
from dubbing.media.audio import read_audio, write_wav
from dubbing.runs.manifest import VoiceDoc
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.steps.documents import read_segments
from dubbing.steps.voice_prompt import give_voice, is_given, voice_prompt
from dubbing.types import Audio, Segment
from tests.run_factory import make_library

pytestmark = pytest.mark.unit


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run of one speaker."""
    return open_run(list_runs(make_library(tmp_path))[0])


def some_segments(run: Run) -> list[Segment]:
    """Enough of the speaker's to choose from."""
    return read_segments(run)[:2]


def _tone(seconds: float) -> Audio:
    return np.sin(np.arange(round(seconds * 22_050)) / 30).astype(np.float32) / 4


def test_the_chosen_reference_says_why(run: Run):
    """Each piece's figures are on disk; asked again, the same files serve."""
    own = some_segments(run)
    prompt = voice_prompt(run, own)
    doc = run.read(run.voice("speaker-1", "json"), VoiceDoc)
    assert doc.pieces and all("DNSMOS" in piece.reason for piece in doc.pieces)
    assert prompt.reason == doc.reason
    written = run.path(run.voice("speaker-1")).stat().st_mtime_ns
    voice_prompt(run, own)
    assert run.path(run.voice("speaker-1")).stat().st_mtime_ns == written


def test_in_a_hurry_nothing_is_measured_by_dnsmos(run: Run):
    """Pieces are chosen all the same, and say so; without the hurry they are chosen anew."""
    own = some_segments(run)
    config = run.manifest.config.model_copy(update={"listen_s": 5.0})
    hurried = Run(run.root, run.manifest.model_copy(update={"config": config}))
    voice_prompt(hurried, own)
    pieces = hurried.read(run.voice("speaker-1", "json"), VoiceDoc).pieces
    assert pieces and {piece.dnsmos for piece in pieces} == {None}
    assert all("DNSMOS not measured" in piece.reason for piece in pieces)
    assert all(piece.voiced > 0 for piece in pieces)
    calm = Run(run.root, hurried.manifest.model_copy(update={"config": run.manifest.config}))
    voice_prompt(calm, own)
    assert all(p.dnsmos for p in calm.read(run.voice("speaker-1", "json"), VoiceDoc).pieces)


def test_a_reference_named_as_ones_own_is_used_and_kept(run: Run):
    """Beside the chosen one, in any format; it survives, and deleting it brings that back."""
    own = some_segments(run)
    chosen = voice_prompt(run, own)
    given = run.path("voices/speaker-1.own.flac")
    soundfile.write(given, _tone(4), 22_050)
    for _ in range(2):
        prompt = voice_prompt(run, own)
        assert len(prompt.samples) / prompt.sample_rate_hz == pytest.approx(4, abs=0.01)
        assert "given by the user" in prompt.reason and not len(prompt.more)
        assert is_given(run, "speaker-1")
    given.unlink()
    assert voice_prompt(run, own).reason == chosen.reason
    assert not is_given(run, "speaker-1")


def test_a_given_voice_is_named_as_ones_own(run: Run, tmp_path: Path):
    """A later one takes its place, whatever its format."""
    own = some_segments(run)
    soundfile.write(run.path("voices/speaker-1.own.flac"), _tone(4), 22_050)
    soundfile.write(tmp_path / "mine.wav", _tone(3), 22_050)
    give_voice(run, "speaker-1", tmp_path / "mine.wav")
    prompt = voice_prompt(run, own)
    assert len(prompt.samples) / prompt.sample_rate_hz == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("own_first", [False, True])
def test_a_changed_reference_is_damage(run: Run, own_first: bool):
    """It is told and made again: a person's own is called so."""
    own = some_segments(run)
    if own_first:
        soundfile.write(run.path("voices/speaker-1.own.wav"), _tone(4), 22_050)
    before = voice_prompt(run, own)
    content = run.path(run.voice("speaker-1")).read_bytes()
    run.path(run.voice("speaker-1")).write_bytes(content[: len(content) // 2])
    run.save()
    told: list[Event] = []
    again = voice_prompt(open_run(run.root), own, told.append)
    assert run.path(run.voice("speaker-1")).read_bytes() == content
    assert again.reason == before.reason
    (notice,) = told
    assert isinstance(notice, Notice)
    assert "voices/speaker-1.wav" in notice.message
    assert "voices/speaker-1.own.wav" in notice.message and "--voice" in notice.message


def test_two_references_of_ones_own_are_refused(run: Run):
    """Which of them is meant is not guessed."""
    for suffix in ("wav", "flac"):
        soundfile.write(run.path(f"voices/speaker-1.own.{suffix}"), _tone(4), 22_050)
    with pytest.raises(RunError, match=r"speaker-1\.own\.flac and .*keep one"):
        voice_prompt(run, some_segments(run))


def test_a_killed_rewrite_is_not_taken_for_the_users(run: Run):
    """The segments changed, the new reference is on disk, and the process died before it was
    recorded: the next run chooses anew and does not call the file given.
    """
    own = some_segments(run)
    voice_prompt(run, own)
    run.save()
    chunk = run.chunk(own[0].id)
    sound = read_audio(run.path(chunk), 24_000)
    run.put(chunk, "changed", lambda path: write_wav(path, sound / 2, 24_000))
    run.save()
    dying = open_run(run.root)
    dying._saved_at = float("inf")  # nothing of what it records reaches the disk by itself
    voice_prompt(dying, own)
    assert "given" not in voice_prompt(open_run(run.root), own).reason


def test_a_reference_that_is_no_sound_is_refused(run: Run):
    """The file is named, and nothing is recorded."""
    own = some_segments(run)
    voice_prompt(run, own)
    before = run.manifest
    run.path("voices/speaker-1.own.wav").write_bytes(b"not a sound")
    with pytest.raises(MediaError):
        voice_prompt(run, own)
    assert run.manifest == before
