"""voices/<speaker>.prepared.json: a voice is prepared once for all runs of the command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dubbing.engines.espeak import EspeakSynthesizer
from dubbing.events import ignore
from dubbing.runs.manifest import PreparedVoiceDoc
from dubbing.runs.store import list_runs, open_run
from dubbing.steps.job import Job, identity
from dubbing.steps.prepared_voice import kept_voices, prepared_voice
from dubbing.types import Speech, VoicePrompt
from tests.run_factory import make_library

pytestmark = pytest.mark.model

TEXT = "Мы можем изменить мир."


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What espeak-ng's base voices were made to say."""
    said: list[str] = []
    say = EspeakSynthesizer.say

    def counted(self: EspeakSynthesizer, voice: str, text: str) -> Speech:
        said.append(text)
        return say(self, voice, text)

    monkeypatch.setattr(EspeakSynthesizer, "say", counted)
    return said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run whose synthesizer is the quickest of those that keep voices."""
    run = open_run(list_runs(make_library(tmp_path))[0])
    engines = run.manifest.engines.model_copy(update={"synthesizer": "matched:quick"})
    run.manifest = run.manifest.model_copy(update={"engines": engines})
    run.save()
    return run.root


@pytest.fixture
def prompt() -> VoicePrompt:
    """Some seconds of a speaker."""
    said = EspeakSynthesizer().say("en-us+f2", "When I was a child, we worried most about a war.")
    return VoicePrompt(speaker="speaker-1", samples=said.samples, sample_rate_hz=22_050)


def _said(root: Path, prompt: VoicePrompt) -> bytes:
    """A sentence by a process that starts afresh: its own run, job and engine."""
    job = Job(open_run(root), ignore)
    voice = prepared_voice(job, prompt)
    (clip,) = job.synthesizer(1).synthesize([TEXT], voice, language="ru")
    job.run.save()
    return clip.samples.tobytes()


def test_a_kept_voice_calls_no_base_voice(root: Path, calls: list[str], prompt: VoicePrompt):
    """The second time nothing is calibrated, and the sound is the same to the byte."""
    calls.clear()
    first = _said(root, prompt)
    assert len(calls) > 1 and calls[-1] == TEXT
    name = open_run(root).voice("speaker-1", "prepared.json")
    written = (root / name).read_bytes()
    calls.clear()
    assert _said(root, prompt) == first
    assert calls == [TEXT]
    assert kept_voices(open_run(root), {"speaker-1": prompt}) == {name}
    assert (root / name).read_bytes() == written


def test_what_does_not_serve_is_prepared_anew(root: Path, calls: list[str], prompt: VoicePrompt):
    """A damaged file, one of an engine's other version, and one of another prompt; the file that
    comes out is the same as before.
    """
    first = _said(root, prompt)
    run = open_run(root)
    path = run.path(run.voice("speaker-1", "prepared.json"))
    written = path.read_bytes()
    path.write_bytes(written[:100])
    calls.clear()
    assert _said(root, prompt) == first and len(calls) > 1
    assert path.read_bytes() == written
    run = open_run(root)
    record = run.manifest.artifacts[run.voice("speaker-1", "prepared.json")]
    foreign = PreparedVoiceDoc(voice={"engine": "another"})
    run.put_document(run.voice("speaker-1", "prepared.json"), record.fingerprint, foreign)
    run.save()
    calls.clear()
    assert _said(root, prompt) == first and len(calls) > 1
    assert path.read_bytes() == written
    other = replace(prompt, samples=prompt.samples[: len(prompt.samples) // 2])
    assert not kept_voices(open_run(root), {"speaker-1": other})


def test_an_engine_that_helps_is_part_of_the_identity(monkeypatch: pytest.MonkeyPatch):
    """A run made with Festival's voice and continued without it is spoken anew."""
    from dubbing.steps import job

    found = []
    for reason in (None, "Festival is missing"):
        monkeypatch.setattr(job, "why_unavailable", lambda _, reason=reason: reason)
        found.append(identity("matched"))
    assert found[0] != found[1]
    assert "festival here" in found[0][1] and "festival absent" in found[1][1]
    assert "festival" not in str(identity("espeak"))
