"""How long a visitor waits: from a clip that is read to its first dubbed segment, and to the file.

    python benchmarks/live.py [--repeats 5] [--json]

The library's own way for live use: `dub_stream` with engines that stay loaded, after one clip that
loads them, and the clips' own translations. Each repeat has the clip a bit
softer than the last: no engine has met its sound before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from talk import ROOT, machine

sys.path.insert(0, str(ROOT))

from dubbing import DubbingConfig
from dubbing.engines.loaded import LoadedEngines
from dubbing.media.probe import probe
from dubbing.memory import keep_little, peak_mb
from dubbing.pipeline import dub_stream

SAMPLES = ROOT / "live_demo_samples"
CLIPS = ("Clip_Man", "Clip_Woman", "Clip_Dialogue")
CONFIG = DubbingConfig(profile="offline", listen_s=5.0)


def softer(clip: str, turn: int, folder: Path) -> Path:
    """The clip by so many tenths of a decibel softer."""
    words = ["-v", "error", "-i", str(SAMPLES / f"{clip}.mp4"), "-c:v", "copy", "-c:a", "aac"]
    path = folder / f"{clip}.mp4"
    words += ["-af", f"volume={-turn / 10:.1f}dB", str(path)]
    subprocess.run([get_ffmpeg_exe(), *words], check=True)
    return path


def waited_s(clip: str, turn: int, engines: LoadedEngines) -> tuple[float, float]:
    """Seconds to the first segment and to the finished, measured file."""
    with tempfile.TemporaryDirectory() as name:
        source = softer(clip, turn, Path(name))
        started_s = time.perf_counter()
        results = dub_stream(
            source,
            config=CONFIG,
            translation=SAMPLES / f"{clip}.ru.srt",
            artifacts=Path(name, "A"),
            output=Path(name, "dubbed.mp4"),
            engines=engines,
        )
        next(results)
        first_s = time.perf_counter() - started_s
        for _ in results:
            pass
        return first_s, time.perf_counter() - started_s


def measure(*, repeats: int, loaded: bool = True, names: Sequence[str] = CLIPS) -> dict[str, Any]:
    """Medians of each clip, and the slowest clip's; engines that are not `loaded` before load while
    the visitor waits.
    """
    keep_little()  # as the app does
    engines = LoadedEngines(keep=loaded)
    if loaded:
        waited_s(names[0], 0, engines)
    clips = {}
    for clip in names:
        rows = [waited_s(clip, turn, engines) for turn in range(1, repeats + 1)]
        first_s, whole_s = (statistics.median(side) for side in zip(*rows, strict=True))
        clips[clip] = {
            "clip_s": round(probe(SAMPLES / f"{clip}.mp4").duration_s, 1),
            "first_s": round(first_s, 2),
            "whole_s": round(whole_s, 2),
        }
    return {
        "clips": clips,
        "first_s": max(row["first_s"] for row in clips.values()),
        "whole_to_length": round(max(r["whole_s"] / r["clip_s"] for r in clips.values()), 2),
        "peak_mb": peak_mb(),
    }


# Loading the engines takes seconds.
CANARIES: dict[str, Callable[[], dict[str, Any]]] = {
    "first_s": lambda: measure(repeats=1, loaded=False, names=CLIPS[:1])
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How long a live clip's visitor waits.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {**machine(), **measure(repeats=asked.repeats)}
    print(json.dumps(found, indent=1 if asked.json else None))
