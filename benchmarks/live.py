"""Live dubs of the bundled clips, as the app makes them: how long, and in how much memory.

    python benchmarks/live.py [--rounds 3] [--json]

The first round loads the engines; the later ones are what a visitor waits. Wanted of a clip of 15 s
on two cores: at most 15 s, and at most 1 GB for the process.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.engines.loaded import LoadedEngines
from dubbing.memory import peak_mb
from dubbing.webui.live.jobs import LiveJobs
from dubbing.webui.live.order import Order
from dubbing.webui.live.snapshot import BUSY
from dubbing.webui.live.work import DubbingWork

SAMPLES = ROOT / "live_demo_samples"
CLIPS = ("Clip_Man", "Clip_Woman", "Clip_Dialogue")
LOOK_S = 0.05


def dubbed(jobs: LiveJobs, clip: str) -> dict[str, float]:
    """Seconds until the first line could be heard, and until the dub was measured."""
    order = Order(
        name=f"{clip}.mp4",
        clip=(SAMPLES / f"{clip}.mp4").read_bytes(),
        target="ru",
        profile="offline",
        translation=SAMPLES / f"{clip}.ru.srt",
        consent="a benchmark of bundled clips",
    )
    started_s, first_s = time.monotonic(), None
    id_ = jobs.submit(order)
    while (found := jobs.look(id_)) is not None and found.state in BUSY:
        if first_s is None and any(line.clip for line in found.lines):
            first_s = time.monotonic() - started_s
        time.sleep(LOOK_S)
    if found is None or found.state != "done":
        raise SystemExit(f"{clip} was not dubbed")
    whole_s = time.monotonic() - started_s
    jobs.forget(id_)
    return {"clip_s": found.duration_s, "first_s": first_s or whole_s, "whole_s": whole_s}


def main() -> None:
    """Prints a line for each dub."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    jobs = LiveJobs(DubbingWork(LoadedEngines(keep=True)))
    rows = []
    for number in range(1, options.rounds + 1):
        for clip in CLIPS:
            rows.append({"round": number, "clip": clip, **dubbed(jobs, clip)})
            if not options.json:
                found = rows[-1]
                print(
                    f"{number} {clip:14} {found['clip_s']:5.1f} s long: first line after "
                    f"{found['first_s']:5.1f} s, whole after {found['whole_s']:5.1f} s"
                )
    jobs.close()
    summary = {"machine": machine(), "peak_memory_mb": peak_mb(), "dubs": rows}
    if options.json:
        print(json.dumps(summary, indent=1))
    else:
        print(f"peak memory {summary['peak_memory_mb']} MB; {summary['machine']}")


if __name__ == "__main__":
    main()
