"""A batch of short videos: one worker on all cores, one on half of them, two, and Ray with two; and
whether all make the same.

    python benchmarks/batch.py [--videos 20] [--repeats 1] [--synthesizer espeak] [--json]

The videos are the committed clips, each a little softer than the last, so that no engine meets the
same sound twice. The ways run in turns; each begins with cold workers. "work_s" is from the first
video's start to the last one's end, "wall_s" has the workers' start and end in it too. The voice
"tone" hums: with it the other engines, all of them real, are measured without a natural
voice, which takes longer than all of them together.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from talk import ROOT, machine

CLIPS = ("Clip_Man", "Clip_Woman", "Clip_Dialogue")
SOFTER_DB = 0.1  # from one video to the next


def make_videos(folder: Path, count: int) -> None:
    """Videos with a translation beside each."""
    samples = ROOT / "live_demo_samples"
    for number in range(count):
        clip = CLIPS[number % len(CLIPS)]
        video = folder / f"video-{number + 1:02}.mp4"
        words = ["-v", "error", "-i", str(samples / f"{clip}.mp4"), "-c:v", "copy", "-c:a", "aac"]
        words += ["-af", f"volume={-SOFTER_DB * number:.1f}dB", str(video)]
        subprocess.run([get_ffmpeg_exe(), *words], check=True)
        video.with_suffix(".ru.srt").write_bytes((samples / f"{clip}.ru.srt").read_bytes())


def measure(videos: Path, folder: Path, make: Callable[[], Any], synthesizer: str) -> Any:
    """One batch: its times and the comparable manifests.

    Raises:
        RuntimeError: A video failed.
    """
    from dubbing.batch.dispatch import BatchEvent, VideoEnded, VideoStarted, dispatch
    from dubbing.batch.plan import plan
    from dubbing.config import DubbingConfig
    from dubbing.runs.comparable import comparable
    from dubbing.runs.store import list_runs, open_run

    tasks = plan(
        [str(videos)],
        config=DubbingConfig(profile="offline", synthesizer=synthesizer),
        translations="beside",
        artifacts=folder / "A",
        outputs=folder / "O",
        overwrite=False,
    )
    marks: list[float] = []

    def hear(event: BatchEvent) -> None:
        if isinstance(event, VideoStarted | VideoEnded):
            marks.append(time.monotonic())

    before, started = os.getloadavg()[0], time.monotonic()
    outcomes = dispatch(tasks, make(), hear)
    wall_s = time.monotonic() - started
    if failed := [row for row in outcomes if row.status == "failed"]:
        raise RuntimeError(f"{failed[0].name}: {failed[0].message}\n{failed[0].trace}")
    times = {
        "work_s": round(marks[-1] - marks[0], 2),
        "wall_s": round(wall_s, 2),
        "load_average": [round(before, 1), round(os.getloadavg()[0], 1)],
    }
    return times, [comparable(open_run(path)) for path in list_runs(folder / "A")]


@contextmanager
def only_on(cores: int) -> Iterator[None]:
    """What is started inside computes on so many cores: their number of threads alone does not keep
    an engine, a stage beside it and ffmpeg from taking more.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux has it
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def compare(videos: Path, scratch: Path, synthesizer: str, repeats: int) -> dict[str, Any]:
    """All ways in turns, the medians' ratios, and whether the manifests are the same."""
    from dubbing.batch.local import LocalExecutor
    from dubbing.batch.ray import RayExecutor
    from tests.batch_work import with_tone

    cores = os.cpu_count() or 1
    half = max(1, cores // 2)
    ways: dict[str, tuple[int, Callable[[], Any]]] = {  # on so many cores
        "one_worker_all_cores": (cores, lambda: LocalExecutor(1, do=with_tone)),
        "one_worker_half": (half, lambda: LocalExecutor(1, do=with_tone, cores=half)),
        "two_workers": (cores, lambda: LocalExecutor(2, do=with_tone)),
        "ray_two_workers": (cores, lambda: RayExecutor(workers=2, do=with_tone)),
    }
    times: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    made: list[Any] = []
    for turn in range(repeats):
        for name, (own, make) in ways.items():
            with only_on(own):
                found, manifests = measure(videos, scratch / f"{name}-{turn}", make, synthesizer)
            times[name].append(found)
            made.append(manifests)
            print(f"{name}: {found}", file=sys.stderr, flush=True)
    median = {n: statistics.median(t["work_s"] for t in rows) for n, rows in times.items()}
    return {
        "times": times,
        "two_to_one_with_all_cores": round(
            median["one_worker_all_cores"] / median["two_workers"], 2
        ),
        "two_to_one_with_half": round(median["one_worker_half"] / median["two_workers"], 2),
        "ray_to_local": round(median["ray_two_workers"] / median["two_workers"], 3),
        "same_manifests": all(manifests == made[0] for manifests in made),
    }


def main() -> None:
    """Measures in a temporary folder and prints; status 1 when the manifests differ."""
    parser = argparse.ArgumentParser(description="A batch by one worker, two, and Ray.")
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--synthesizer", default="espeak", help="espeak, festival, or tone")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from dubbing.engines import registry

    registry._PATHS["tone"] = "tests.batch_work:ToneSynthesizer"
    command = shlex.join(["python", "benchmarks/batch.py", *sys.argv[1:]])
    with tempfile.TemporaryDirectory() as folder:
        videos = Path(folder) / "videos"
        videos.mkdir()
        make_videos(videos, asked.videos)
        found = compare(videos, Path(folder), asked.synthesizer, asked.repeats)
    found = {**machine(), "command": command, "videos": asked.videos, **found}
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    sys.exit(0 if found["same_manifests"] else 1)


if __name__ == "__main__":
    main()
