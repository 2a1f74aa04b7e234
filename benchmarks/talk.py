"""A whole talk by the command line: cold, again unchanged, one segment edited; time and memory.

    python benchmarks/talk.py VIDEO --translation FILE [--synthesizer espeak] [--json]

Each run is a process of its own, as a user starts it. Memory is the largest resident set of that
process or of one that it waited for (the speech engines' own programs). No run can be quicker than
its busiest stage, nor than its processor time shared by all cores: "cold_to_bound" is how near it
came.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def run(words: list[str], output: Path) -> dict[str, float]:
    """Runs the command line with its standard output in a file; returns wall time, processor time
    (that of the programs it ran too) and memory.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    command = [sys.executable, "-m", "dubbing", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - started
    if code := os.waitstatus_to_exitcode(status):
        raise subprocess.CalledProcessError(code, command)
    return {
        "wall_s": round(wall_s, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
    }


def measure(video: Path, translation: Path, synthesizer: str, folder: Path) -> dict[str, Any]:
    """The three runs and what they amount to."""
    out = folder / "out.json"
    line = ["dub", str(video), "--translation", str(translation), "--profile", "offline", "--json"]
    line += ["--name", "talk", "--artifacts", str(folder / "A"), "-o", str(folder / "out.mp4")]
    if synthesizer:
        line += ["--synthesizer", synthesizer]
    cold = run(line, out)
    document = json.loads(out.read_text())
    warm = run(line, out)
    again = json.loads(out.read_text())["stages"]
    changed = ["edit", str(folder / "A" / "talk"), "--segment", "2", "--text", "Другие слова."]
    edited = run([*changed, "--json"], out)
    spoken = json.loads(out.read_text())["stages"]["speak"]["made"]
    stages_s = {name: stage["wall_s"] for name, stage in document["stages"].items()}
    bound_s = max(*stages_s.values(), cold["cpu_s"] / (os.cpu_count() or 1))
    return {
        "talk_s": document["source"]["duration_s"],
        "synthesizer": document["engines"]["synthesizer"],
        "cold": cold,
        "stages_s": stages_s,
        "bound_s": round(bound_s, 2),
        "warm": warm,
        "warm_engine_calls": sum(stage["engine_calls"] for stage in again.values()),
        "edit": edited,
        "edit_spoken": spoken,
        "cold_to_length": round(cold["wall_s"] / document["source"]["duration_s"], 2),
        "cold_to_bound": round(cold["wall_s"] / bound_s, 2),
        "cold_to_warm": round(cold["wall_s"] / warm["wall_s"], 1),
    }


def machine() -> dict[str, Any]:
    """What it was measured on, and when."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": names[0].partition(": ")[2] if names else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def main() -> None:
    """Measures in a temporary folder and prints."""
    parser = argparse.ArgumentParser(description="Times a whole talk: cold, warm, edited.")
    parser.add_argument("video", type=Path)
    parser.add_argument("--translation", type=Path, required=True)
    parser.add_argument(
        "--synthesizer", default="", help="such as festival; default: the profile's"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(asked.video, asked.translation, asked.synthesizer, Path(folder))
    found = {**machine(), **found}
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
