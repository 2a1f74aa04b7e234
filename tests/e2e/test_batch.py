"""Many videos at a time, in real processes; the voice is a tone where it does not matter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dubbing.batch.dispatch import BatchEvent, VideoEvent, VideoStarted, dispatch
from dubbing.batch.executor import Died, Finished, Ready
from dubbing.batch.local import LocalExecutor
from dubbing.batch.ray import LOOPBACK, RayExecutor, Share
from dubbing.batch.task import Outcome, Task
from dubbing.config import DubbingConfig
from dubbing.engines.loaded import LoadedEngines
from dubbing.events import StageFinished, ignore
from dubbing.runs.comparable import comparable
from dubbing.runs.store import open_run
from tests.batch_work import always_killed, killed_at_a_program, killed_once, lingers, with_tone
from tests.conftest import ROOT, SAMPLES, Cli, lacking
from tests.e2e.videos import cut

pytestmark = pytest.mark.e2e

NAMES = ("one", "two")


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short videos with their translations, and one that is broken."""
    folder = tmp_path_factory.mktemp("videos")
    for name, clip in zip(NAMES, ("Clip_Man", "Clip_Woman"), strict=True):
        cut(SAMPLES / f"{clip}.mp4", folder / f"{name}.mp4", length_s=6.0)
        (folder / f"{name}.ru.txt").write_text("Лампа горит. Море спит.\n")
    (folder / "broken.mp4").write_text("This is no video.")
    return folder


def require_ray() -> None:
    if find_spec("ray") is None:
        lacking("ray (pip install -r requirements-ray.txt)")


def tasks(videos: Path, folder: Path, *names: str) -> list[Task]:
    return [
        Task(
            name=name,
            source=videos / f"{name}.mp4",
            translation=videos / f"{name}.ru.txt" if name in NAMES else None,
            config=DubbingConfig(profile="offline", synthesizer="tone"),
            artifacts=folder / "A",
            outputs=folder / "O",
            overwrite=False,
        )
        for name in names
    ]


def manifests(folder: Path) -> list[dict[str, Any]]:
    return [comparable(open_run(folder / "A" / name)) for name in NAMES]


@pytest.fixture(scope="module")
def alone(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The manifests of both, dubbed one by one, each with engines of its own."""
    folder = tmp_path_factory.mktemp("alone")
    for task in tasks(videos, folder, *NAMES):
        outcome = with_tone(task, LoadedEngines(), ignore)
        assert outcome.status == "done", outcome
    return manifests(folder)


def test_one_worker_dubs_as_one_by_one(videos: Path, alone: list, tmp_path: Path):
    """Engines that stay loaded between videos make the same of them; a broken video in between is
    reported with its sentence and does not keep the others.
    """
    named = tasks(videos, tmp_path, "one", "broken", "two")
    outcomes = dispatch(named, LocalExecutor(1, do=with_tone), lambda _: None)
    assert [o.status for o in outcomes] == ["done", "failed", "done"]
    assert "broken.mp4" in outcomes[1].message and not outcomes[1].trace
    assert manifests(tmp_path) == alone


def test_two_workers_of_which_one_is_killed_dub_as_one_by_one(
    videos: Path, alone: list, tmp_path: Path
):
    """Side by side; a third process goes on with what the killed one left in the middle."""
    started: list[str] = []

    def hear(event: BatchEvent) -> None:
        if isinstance(event, VideoStarted):
            started.append(event.name)

    named = tasks(videos, tmp_path, *NAMES)
    outcomes = dispatch(named, LocalExecutor(2, do=killed_once), hear)
    assert [o.status for o in outcomes] == ["done", "done"], outcomes
    assert sorted(o.attempts for o in outcomes) == [1, 2]
    assert set(started[:2]) == set(NAMES)
    assert manifests(tmp_path) == alone


def test_a_video_that_kills_its_process_fails_alone(videos: Path, tmp_path: Path):
    """It is given up after three processes, with how they ended; the other is done."""
    named = tasks(videos, tmp_path, "bad", "good")
    outcomes = dispatch(named, LocalExecutor(1, do=always_killed), lambda _: None)
    assert [o.status for o in outcomes] == ["failed", "done"]
    assert "SIGKILL" in outcomes[0].message and outcomes[0].attempts == 3


def test_a_killed_worker_takes_its_programs_along(videos: Path, tmp_path: Path):
    """No ffmpeg and no Festival works on for nobody."""
    task = tasks(videos, tmp_path, "bad")[0]
    task.artifacts.mkdir()
    pool = LocalExecutor(1, do=killed_at_a_program)
    try:
        worker = pool.hire()
        assert list(pool.reports()) == [Ready(worker=worker)]
        pool.give(worker, task)
        assert [type(report) for report in pool.reports()] == [Died]
        program = Path("/proc", (task.artifacts / "program").read_text().strip(), "stat")
        until = time.monotonic() + 5.0
        while program.exists() and ") Z " not in program.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        assert not program.exists() or ") Z " in program.read_text()
    finally:
        pool.close()


def test_a_worker_on_its_way_out_ends_without_a_word(
    videos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """It has seen that there is nothing more to do when it is asked to go."""
    pool = LocalExecutor(1, do=lingers)
    worker = pool.hire()
    assert list(pool.reports()) == [Ready(worker=worker)]
    pool.give(worker, tasks(videos, tmp_path, "good")[0])
    assert [type(report) for report in pool.reports()] == [Finished]
    pool.dismiss(worker)
    time.sleep(0.5)  # until it is about to end
    pool.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("executor", ["local", "ray"])
def test_the_command_tells_what_failed(executor: str, cli: Cli, videos: Path, tmp_path: Path):
    """Status 1, one JSON document with a row for each video, one line for each on the side."""
    if executor == "ray":
        require_ray()
    (tmp_path / "other.mp4").write_bytes((videos / "broken.mp4").read_bytes())
    words = ["--target", "pt", "--executor", executor, "--json"]
    done = cli("batch", videos / "broken.mp4", "other.mp4", *words)
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    rows = document["videos"]
    assert [(r["name"], r["status"], r["output"]) for r in rows] == [
        ("broken_pt", "failed", None),
        ("other_pt", "failed", None),
    ]
    assert all("not a video" in row["message"] for row in rows)
    assert (document["done"], document["failed"]) == (0, 2)
    assert len(done.stderr.splitlines()) == 2


def test_a_name_in_an_old_encoding_loses_no_report(cli: Cli, tmp_path: Path):
    """Its video fails, in a document that a program can read."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.mp4")).write_text("This is no video.")
    (tmp_path / "plain.mp4").write_text("This is no video.")
    done = cli("batch", ".", "--target", "pt", "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["failed"] == 2


def test_bad_input_ends_the_command_before_anything_starts(cli: Cli, videos: Path, tmp_path: Path):
    """Status 2, one sentence, no folder made."""
    (tmp_path / "one.mkv").write_text("x")
    done = cli("batch", videos / "one.mp4", "one.mkv")
    assert done.returncode == 2
    assert "one.mkv would both become the run 'one'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["one.mkv"]


def in_session(session: int) -> list[int]:
    """Living processes of a session: whatever its first process started, and what they started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, sid = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(sid) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def gone_within(session: int, limit_s: float) -> bool:
    """Whether no process of the session is left after that time: those that were killed still have
    to be taken down by the system.
    """
    until = time.monotonic() + limit_s
    while in_session(session) and time.monotonic() < until:
        time.sleep(0.05)
    return not in_session(session)


def recognised(artifacts: Path) -> bool:
    """Whether the first words of both videos are known."""
    found = [artifacts / name / "manifest.json" for name in NAMES]
    return all(path.is_file() and '"recognition/' in path.read_text() for path in found)


@pytest.fixture
def under_way(videos: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a session of its own, in the middle of two videos in the current folder."""
    if not Path("/proc/self/stat").is_file():
        lacking("/proc")
    words = ["batch", str(videos / "one.mp4"), str(videos / "two.mp4"), "--workers", "2"]
    words += ["--translations", "beside", "--profile", "offline", "--synthesizer", "espeak"]
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may run under nohup
    batch = subprocess.Popen(
        [sys.executable, "-m", "dubbing", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGHUP, before)
    try:
        while not recognised(tmp_path / "pipeline_artifacts"):
            assert batch.poll() is None
            time.sleep(0.05)
        assert len(in_session(batch.pid)) >= 3
        yield batch
    finally:
        batch.kill()
        batch.communicate()


def test_ctrl_c_ends_everything(under_way: subprocess.Popen[str], tmp_path: Path):
    """Status 130, one line, no process left, and both runs keep what they have for the next
    time.
    """
    os.killpg(under_way.pid, signal.SIGINT)
    _, told = under_way.communicate(timeout=30)
    assert under_way.returncode == 130
    assert told == "dubbing: interrupted; run the same command again to go on\n"
    assert gone_within(under_way.pid, 2.0)
    runs = [open_run(tmp_path / "pipeline_artifacts" / name) for name in NAMES]
    assert all(run.recognition(1) in run.manifest.artifacts for run in runs)
    assert not any(run.quality in run.manifest.artifacts for run in runs)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_ends_everything(under_way: subprocess.Popen[str], number: int):
    """As by Ctrl-C: a service manager's stop, a closed terminal."""
    under_way.send_signal(number)
    _, told = under_way.communicate(timeout=30)
    assert under_way.returncode == 130
    assert told == "dubbing: interrupted; run the same command again to go on\n"
    assert gone_within(under_way.pid, 2.0)


def test_workers_do_not_outlive_the_command(under_way: subprocess.Popen[str]):
    """Even where it is killed and can end nobody."""
    under_way.kill()
    assert gone_within(under_way.pid, 30.0)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Ray's own simulation of three machines: a head and two with a core each for workers."""
    require_ray()
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback only
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    settings = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500}
    small = {"object_store_memory": 80_000_000, "include_dashboard": False}
    head = {"num_cpus": 0, "_system_config": settings, **small}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            made.add_node(num_cpus=1, object_store_memory=80_000_000)
        yield made
    finally:
        made.shutdown()


def test_a_cluster_that_loses_a_machine_dubs_as_one_by_one(
    cluster: Any, videos: Path, alone: list, tmp_path: Path
):
    """Each machine has a video when one machine goes; the other does both, from where the first
    was. All listen at loopback only.
    """
    lost: list[str] = []

    def hear(event: BatchEvent) -> None:
        match event:
            case VideoEvent(name=name, event=StageFinished(stage="transcribe")) if not lost:
                lost.append(name)
                cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    executor = RayExecutor(
        address=cluster.address, workers=0, share=Share(cpus=1.0, gpus=0.0), do=with_tone
    )
    assert executor.size == 2
    assert cluster.address.startswith(LOOPBACK)
    outcomes: list[Outcome] = dispatch(tasks(videos, tmp_path, *NAMES), executor, hear)
    assert [o.status for o in outcomes] == ["done", "done"], outcomes
    assert sorted(o.attempts for o in outcomes) == [1, 2]
    assert manifests(tmp_path) == alone
