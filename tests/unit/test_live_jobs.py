"""Jobs of the live page: queue, cancel, time to live, and what is refused in which words."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from filelock import FileLock

from dubbing.errors import (
    DubbingError,
    EngineUnavailableError,
    LowMemoryError,
    NoSpeechError,
    OtherLanguageError,
    RunError,
    TranslationFileError,
    UnsupportedLanguageError,
)
from dubbing.events import ItemDone, StageFinished, StageStarted
from dubbing.webui.at_work import AT_WORK
from dubbing.webui.i18n import LANGUAGES, translate
from dubbing.webui.live import jobs as jobs_module
from dubbing.webui.live.clip import MAX_MB
from dubbing.webui.live.folders import LOCK, PREFIX, claim_root
from dubbing.webui.live.job import Job
from dubbing.webui.live.jobs import LiveJobs
from dubbing.webui.live.order import CONSENT, Answer, Order
from dubbing.webui.live.progress import Progress
from dubbing.webui.live.refusal import Refusal, refusal_of
from dubbing.webui.live.snapshot import Snapshot

pytestmark = pytest.mark.unit

HANGS_AFTER_S = 20.0
RATE_HZ = 16_000
CONSENT_TEXT = "It is my voice."


def sound(seconds: float = 0.5) -> bytes:
    """A WAV file of a tone."""
    clock_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.sin(2 * np.pi * 220 * clock_s), RATE_HZ, format="WAV")
    return file.getvalue()


def order(**changes: object) -> Order:
    """A clip that can be dubbed, and the consent."""
    known = {"name": "My clip.wav", "clip": sound(), "target": "ru", "profile": "offline"}
    return Order(**{**known, "consent": CONSENT_TEXT, **changes})  # type: ignore[arg-type]


class HashingWork:
    """Real work, but short: hashes the clip; waits for its gates as long as they are closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.asks = False
        self.error: Exception | None = None
        self.worked_on: list[str] = []

    def hear(self, job: Job) -> bool:
        self.worked_on.append(job.id)
        cancel = job.cancel()
        while not self.gate.is_set():
            cancel.wait(0.01)
        if self.error is not None:
            raise self.error
        return not self.asks

    def revise(self, job: Job, answer: Answer) -> None:
        if not answer.translations:
            raise Refusal("no_text")
        (job.folder / "text").write_text(answer.translations[1], encoding="utf-8")

    def dub(self, job: Job) -> None:
        digest = hashlib.sha256(job.clip.read_bytes()).hexdigest()
        (job.folder / "dub").write_text(digest, encoding="utf-8")


@pytest.fixture
def work() -> HashingWork:
    return HashingWork()


@pytest.fixture
def make(work: HashingWork, tmp_path: Path) -> Iterator[Callable[..., LiveJobs]]:
    """Makes jobs in a folder of the test; they are closed afterwards."""
    made: list[LiveJobs] = []

    def start(**options: float) -> LiveJobs:
        made.append(LiveJobs(work, parent=tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for jobs in made:
        jobs.close()


def until(condition: Callable[[], object]) -> None:
    """Waits for what has to come."""
    end_s = time.monotonic() + HANGS_AFTER_S
    while not condition():
        assert time.monotonic() < end_s, "it does not come"
        time.sleep(0.005)


def see(jobs: LiveJobs, id_: str) -> Snapshot:
    found = jobs.look(id_)
    assert found is not None
    return found


def wait(jobs: LiveJobs, id_: str, state: str) -> Snapshot:
    until(lambda: see(jobs, id_).state == state)
    return see(jobs, id_)


# ---- the queue


def test_a_job_waits_for_an_edit(make: Callable[..., LiveJobs], work: HashingWork) -> None:
    """While a segment is spoken again in the same process, a job waits and can be cancelled."""
    jobs = make()
    with AT_WORK:
        first, second = jobs.submit(order()), jobs.submit(order())
        time.sleep(0.1)
        assert see(jobs, first).state == see(jobs, second).state == "waiting"
        jobs.cancel(first)
        assert see(jobs, first).state == "cancelled"
    wait(jobs, second, "done")
    assert work.worked_on == [second]


def test_a_clip_is_dubbed_and_found_again_by_its_id(make: Callable[..., LiveJobs]) -> None:
    """The id leads back to the same job, from anywhere and as often as one likes; it cannot be
    guessed, and what is not an id leads nowhere.
    """
    jobs = make()
    id_, other = jobs.submit(order()), jobs.submit(order())
    assert wait(jobs, id_, "done").title == "My_clip"
    assert jobs.look(id_) == jobs.look(id_)
    assert len(id_) >= 43 and id_ != other
    assert jobs.look("../" + id_) is None and jobs.look("") is None


def test_one_at_a_time_and_everyone_knows_their_place(
    make: Callable[..., LiveJobs], work: HashingWork
) -> None:
    """One is worked on, the others count who is before them and wait longer; they come in order."""
    jobs = make()
    work.gate.clear()
    first = jobs.submit(order())
    wait(jobs, first, "hearing")
    second, third = jobs.submit(order()), jobs.submit(order())
    assert [see(jobs, id_).place for id_ in (first, second, third)] == [0, 1, 2]
    assert 0 < see(jobs, second).left_s < see(jobs, third).left_s
    assert work.worked_on == [first]
    work.gate.set()
    wait(jobs, third, "done")
    assert work.worked_on == [first, second, third]


def test_the_queue_is_bounded(
    make: Callable[..., LiveJobs], work: HashingWork, tmp_path: Path
) -> None:
    """When as many wait as may, the next is refused and leaves nothing on disk."""
    jobs = make(waiting=2)
    work.gate.clear()
    wait(jobs, jobs.submit(order()), "hearing")
    jobs.submit(order())
    jobs.submit(order())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Refusal) as refused:
        jobs.submit(order())
    assert refused.value.kind == "queue_full"
    assert sorted(tmp_path.rglob("*")) == before


def test_clips_that_failed_or_were_cancelled_take_no_room(
    make: Callable[..., LiveJobs], work: HashingWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there were: their files are gone."""
    monkeypatch.setattr(jobs_module, "KEPT", 2)
    jobs = make()
    work.error = NoSpeechError(Path("a.wav"), "nobody speaks in it")
    for _ in range(4):
        wait(jobs, jobs.submit(order()), "failed")
    work.error = None
    wait(jobs, jobs.submit(order()), "done")


def test_no_more_finished_clips_are_kept_than_there_is_room_for(
    make: Callable[..., LiveJobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one is told when there will be room, and none of them is lost."""
    monkeypatch.setattr(jobs_module, "KEPT", 2)
    jobs = make(keep_s=600.0)
    kept = [jobs.submit(order()) for _ in range(2)]
    for id_ in kept:
        wait(jobs, id_, "done")
    with pytest.raises(Refusal) as refused:
        jobs.submit(order())
    assert (refused.value.kind, refused.value.values) == ("store_full", {"minutes": "10"})
    for lang in LANGUAGES:
        assert "10" in translate(lang, "live_refusal_store_full", **refused.value.values)
    assert [see(jobs, id_).state for id_ in kept] == ["done", "done"]


def test_what_waits_for_its_visitor_does_not_hold_up_others(
    make: Callable[..., LiveJobs], work: HashingWork
) -> None:
    """A text is checked without the worker; when it is sent on, it comes next."""
    jobs = make()
    work.asks = True
    asked = jobs.submit(order())
    wait(jobs, asked, "checking")
    work.asks = False
    wait(jobs, jobs.submit(order()), "done")
    with pytest.raises(Refusal, match="no_text"):
        jobs.answer(asked, Answer())
    assert see(jobs, asked).state == "checking"
    jobs.answer(asked, Answer(translations={1: "Привет."}))
    folder = wait(jobs, asked, "done").source.parent
    assert (folder / "text").read_text(encoding="utf-8") == "Привет."
    with pytest.raises(Refusal, match="not_checking"):
        jobs.answer(asked, Answer(translations={1: "Привет."}))


# ---- cancel


def test_cancel_while_waiting(make: Callable[..., LiveJobs], work: HashingWork) -> None:
    """It is never worked on, and its files are gone at once."""
    jobs = make()
    work.gate.clear()
    first = jobs.submit(order())
    wait(jobs, first, "hearing")
    second = jobs.submit(order())
    folder = see(jobs, second).source.parent
    jobs.cancel(second)
    assert see(jobs, second).state == "cancelled"
    assert not folder.exists()
    work.gate.set()
    wait(jobs, first, "done")
    assert work.worked_on == [first]


@pytest.mark.parametrize("state", ["hearing", "checking"])
def test_cancel_later(make: Callable[..., LiveJobs], work: HashingWork, state: str) -> None:
    """The work stops, the files are gone, and the next one is dubbed."""
    jobs = make()
    work.asks = True
    if state == "hearing":
        work.gate.clear()
    id_ = jobs.submit(order())
    folder = wait(jobs, id_, state).source.parent
    jobs.cancel(id_)
    wait(jobs, id_, "cancelled")
    until(lambda: not folder.exists())
    work.gate.set()
    work.asks = False
    wait(jobs, jobs.submit(order()), "done")


def test_cancel_of_what_is_over_changes_nothing(make: Callable[..., LiveJobs]) -> None:
    """A finished dub stays; an unknown id is no error."""
    jobs = make()
    id_ = jobs.submit(order())
    wait(jobs, id_, "done")
    jobs.cancel(id_)
    jobs.cancel("nobody")
    assert see(jobs, id_).state == "done"


# ---- files


def test_clip_and_dub_are_deleted_after_their_time(make: Callable[..., LiveJobs]) -> None:
    """Without any visitor; as long as somebody looks they stay."""
    jobs = make(keep_s=0.4)
    id_ = jobs.submit(order())
    folder = wait(jobs, id_, "done").source.parent
    for _ in range(20):
        time.sleep(0.05)
        assert see(jobs, id_).state == "done"
    until(lambda: not folder.exists())
    until(lambda: jobs.look(id_) is None)


def test_a_visitor_deletes_their_files(make: Callable[..., LiveJobs]) -> None:
    """At once, and the link leads nowhere then."""
    jobs = make()
    id_ = jobs.submit(order())
    folder = wait(jobs, id_, "done").source.parent
    jobs.forget(id_)
    assert not folder.exists() and jobs.look(id_) is None


def test_folders_are_private(make: Callable[..., LiveJobs], tmp_path: Path) -> None:
    """Nobody else on the machine can open them, and they lie in no folder that is served."""
    jobs = make()
    folder = see(jobs, jobs.submit(order())).source.parent
    assert [p.stat().st_mode & 0o777 for p in (folder, folder.parent)] == [0o700, 0o700]
    assert folder.parent.parent == tmp_path
    assert "static" not in folder.parts


def test_what_ended_processes_left_is_deleted_at_start(tmp_path: Path) -> None:
    """What a living one uses stays, and so does what is somebody else's."""
    left, used, stranger = (tmp_path / f"{PREFIX}left", tmp_path / f"{PREFIX}used", tmp_path / "x")
    for folder in (left, used, stranger):
        folder.mkdir()
        (folder / LOCK).touch()
        (folder / "clip.mp4").touch()
    with FileLock(used / LOCK):
        root, lock = claim_root(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([used, stranger, root])
    lock.release()


def test_everything_is_gone_when_the_process_ends(
    make: Callable[..., LiveJobs], work: HashingWork, tmp_path: Path
) -> None:
    """Also what is being worked on."""
    jobs = make()
    work.gate.clear()
    wait(jobs, jobs.submit(order()), "hearing")
    jobs.close()
    assert list(tmp_path.iterdir()) == []


def test_consent_is_recorded_with_the_clips_hash(make: Callable[..., LiveJobs]) -> None:
    """What was agreed to, when, and for which clip and voice."""
    jobs = make()
    clip, reference = sound(1.0), sound(6.0)
    id_ = jobs.submit(order(clip=clip, reference=reference))
    folder = see(jobs, id_).source.parent
    recorded = json.loads((folder / CONSENT).read_text(encoding="utf-8"))
    assert recorded["agreed_to"] == CONSENT_TEXT
    assert recorded["clip_sha256"] == hashlib.sha256(clip).hexdigest()
    assert recorded["reference_sha256"] == hashlib.sha256(reference).hexdigest()
    assert recorded["agreed_at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../etc/passwd.wav", "passwd.wav"),
        ("Мой ролик (1).WAV", "Мой_ролик_1.wav"),
        ("<b>.tar.gz/..", "clip"),
        ("a.reallylongsuffix", "a"),
    ],
)
def test_a_name_is_trusted_with_its_words_only(
    make: Callable[..., LiveJobs], name: str, file: str
) -> None:
    """Whatever it is, the clip lies in its own folder."""
    jobs = make()
    clip = see(jobs, jobs.submit(order(name=name))).source
    assert clip.name == file
    assert clip.parent.parent.name.startswith(PREFIX)


@pytest.mark.parametrize("name", ["reference", "reference.wav", ".reference.wav"])
def test_a_clip_is_not_mistaken_for_the_voice(make: Callable[..., LiveJobs], name: str) -> None:
    """Whatever it is called, both lie there as they were sent."""
    jobs, clip, voice = make(), sound(1.0), sound(6.0)
    kept = see(jobs, jobs.submit(order(name=name, clip=clip, reference=voice))).source
    assert kept.read_bytes() == clip
    assert (kept.parent / jobs_module.REFERENCE).read_bytes() == voice
    assert not kept.name.startswith(".")


# ---- what is refused


def silent_video(tmp_path: Path) -> bytes:
    """A picture without a sound track."""
    import av

    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height = 32, 32
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path.read_bytes()


def refused(jobs: LiveJobs, **changes: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        jobs.submit(order(**changes))
    return caught.value


def test_what_cannot_be_a_clip_is_refused_before_it_waits(
    make: Callable[..., LiveJobs], tmp_path: Path
) -> None:
    """Each in its own words, found out from the content, whatever the name says; nothing stays on
    disk.
    """
    jobs = make()
    mute = silent_video(tmp_path)
    cases = {
        "empty": {"clip": b""},
        "not_media": {"clip": b"MZ" + bytes(2000), "name": "a.mp4"},
        "no_sound": {"clip": mute, "name": "a.mp3"},
        "too_long": {"clip": sound(61.0)},
        "too_large": {"clip": bytes((MAX_MB << 20) + 1)},
        "reference_short": {"reference": sound(4.0)},
        "reference_long": {"reference": sound(31.0)},
        "reference_unreadable": {"reference": b"no sound"},
        "no_consent": {"consent": ""},
    }
    found = {kind: refused(jobs, **changes) for kind, changes in cases.items()}
    assert {kind: refusal.kind for kind, refusal in found.items()} == {kind: kind for kind in cases}
    (root,) = tmp_path.glob(f"{PREFIX}*")
    assert [path.name for path in root.iterdir()] == [LOCK]
    for refusal in found.values():
        for lang in LANGUAGES:
            assert translate(lang, f"live_refusal_{refusal.kind}", **refusal.values)
    assert "61" in translate("en", "live_refusal_too_long", **found["too_long"].values)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoSpeechError(Path("a"), "nobody speaks"), "no_speech"),
        (OtherLanguageError("de", "en", "the speech is German"), "other_language"),
        (LowMemoryError("xtts", "too little"), "low_memory"),
        (EngineUnavailableError("xtts", "weights are missing"), "missing"),
        (UnsupportedLanguageError("bergamot", "ru", "no model"), "no_translator"),
        (TranslationFileError(Path("a.srt"), "empty"), "bad_translation"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk_full"),
        (OSError(errno.EFBIG, "File too large"), "disk_full"),
        (RunError("damaged"), "failed"),
        (DubbingError("something"), "failed"),
        (MemoryError(), "low_memory"),
        (KeyError("bug"), "failed"),
    ],
)
def test_what_fails_later_is_told_in_words(
    make: Callable[..., LiveJobs], work: HashingWork, error: Exception, kind: str
) -> None:
    """In both languages; the clip is deleted, and the worker goes on with the next."""
    jobs = make()
    work.error = error
    id_ = jobs.submit(order())
    folder = see(jobs, id_).source.parent
    refusal = wait(jobs, id_, "failed").refusal
    assert refusal is not None and refusal.kind == kind
    assert all(translate(lang, f"live_refusal_{kind}", **refusal.values) for lang in LANGUAGES)
    until(lambda: not folder.exists())
    work.error = None
    wait(jobs, jobs.submit(order()), "done")


def test_a_sentence_tells_no_paths_of_the_server(tmp_path: Path) -> None:
    """Files are named as seen from the job's folder."""
    refusal = refusal_of(TranslationFileError(tmp_path / "typed.srt", "it is empty"), tmp_path)
    assert refusal.values["detail"] == "typed.srt: it is empty"


# ---- progress


def test_progress_counts_down_and_never_runs_back() -> None:
    """From events: stages that are done take no more time, the share only grows."""
    now_s = 0.0
    progress = Progress(10.0, clock=lambda: now_s)
    assert progress.left_s() == pytest.approx(10.0)
    shares = [progress.share()]
    for stage in ("segment", "transcribe", "translate", "speak", "assemble", "evaluate"):
        progress.hear(StageStarted(stage=stage, total=1))
        now_s += 0.5
        progress.hear(ItemDone(stage=stage, done=1, total=1))
        shares.append(progress.share())
        progress.hear(StageFinished(stage=stage, wall_s=0.5, made=1, kept=0))
        shares.append(progress.share())
    assert shares == sorted(shares)
    assert progress.left_s() == 0.0 and progress.share() == 1.0
    assert {step.state for step in progress.steps} == {"done"}


def test_lines_that_are_spoken_tell_how_long_the_others_take() -> None:
    """Two of four lines in two seconds each leave four seconds of speaking."""
    progress = Progress(10.0, clock=lambda: 0.0)
    progress.expect_lines(4)
    for stage in ("segment", "transcribe", "translate", "assemble", "evaluate"):
        progress.hear(StageFinished(stage=stage, wall_s=0.1, made=1, kept=0))
    progress.hear(StageStarted(stage="speak", total=None))
    for done in (1, 2):
        progress.hear(ItemDone(stage="speak", done=done, total=None, work_s=2.0))
    assert progress.left_s() == pytest.approx(4.0)


def test_waiting_times_follow_what_clips_took(
    make: Callable[..., LiveJobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After quick clips the next one is expected sooner."""
    monkeypatch.setattr(jobs_module, "PACE", 100.0)
    jobs = make()
    first = jobs.submit(order())
    expected_s = see(jobs, first).left_s
    wait(jobs, first, "done")
    second = jobs.submit(order())
    assert see(jobs, second).left_s < expected_s
