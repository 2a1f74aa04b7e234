"""Memory of a long talk against a short one: a sample looped, every stage real but for the voice, a
tone.

    python benchmarks/long.py [--short 10] [--long 180] [--json]

Each dub is a process of its own; its peak is that of the largest among it and the programs that it
ran. Lengths are in minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from talk import ROOT, machine

sys.path.insert(0, str(ROOT))

from dubbing.media.probe import probe
from dubbing.stages.subtitles import cues, render
from dubbing.text.supplied import read_translation
from dubbing.types import Span

SAMPLE = ROOT / "live_demo_samples" / "Clip_Dialogue.mp4"
Way = Callable[[Path, Path, Path], list[str]]  # video, translation, folder to write in


def make_talk(minutes: float, folder: Path) -> tuple[Path, Path]:
    """The sample again and again, and its translation as often."""
    video, subtitles = folder / "talk.mp4", folder / "talk.ru.srt"
    period_s = probe(SAMPLE).duration_s
    times = max(1, round(60 * minutes / period_s))
    words = ["-v", "error", "-stream_loop", str(times - 1), "-i", str(SAMPLE), "-c", "copy"]
    subprocess.run([get_ffmpeg_exe(), *words, str(video)], check=True)
    own = read_translation(SAMPLE.with_suffix(".ru.srt"))
    texts = [cue.text for cue in own] * times
    spans = [
        Span(start_s=cue.span.start_s + turn * period_s, end_s=cue.span.end_s + turn * period_s)
        for turn in range(times)
        for cue in own
        if cue.span is not None
    ]
    subtitles.write_text(render(cues(texts, spans), "srt"), encoding="utf-8")
    return video, subtitles


def dubbed(video: Path, subtitles: Path, folder: Path) -> list[str]:
    """The command that dubs it."""
    line = ["-m", "tests.tone_cli", "dub", str(video), "--translation", str(subtitles), "--json"]
    line += ["--profile", "offline", "--synthesizer", "tone", "--speakers", "1"]
    return [*line, "--artifacts", str(folder / "A"), "-o", str(folder / "dubbed.mp4")]


def peak_mb(minutes: float, way: Way = dubbed) -> dict[str, float]:
    """What the command takes at most for a talk of that length, and how long."""
    with tempfile.TemporaryDirectory() as name:
        line = [sys.executable, *way(*make_talk(minutes, Path(name)), Path(name))]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, cwd=name, stdout=subprocess.PIPE, env=environment, check=True)
        stages = json.loads(done.stdout)["stages"].values()
        return {
            "minutes": minutes,
            "peak_mb": max(stage["peak_memory_mb"] for stage in stages),
            "wall_s": round(sum(stage["wall_s"] for stage in stages), 1),
        }


def measure(short: float, long: float, way: Way = dubbed) -> dict[str, Any]:
    """Both, one after the other."""
    few, many = peak_mb(short, way), peak_mb(long, way)
    return {"short": few, "long": many, "ratio": round(many["peak_mb"] / few["peak_mb"], 3)}


def _all_at_once(video: Path, _: Path, __: Path) -> list[str]:
    """A command that reads the whole sound into memory."""
    return ["-c", _WHOLE, str(video)]


_WHOLE = """
import json, sys
from pathlib import Path
from dubbing.media.audio import read_audio
from dubbing.memory import peak_mb
read_audio(Path(sys.argv[1]), 48_000, channels=2)
print(json.dumps({"stages": {"all": {"wall_s": 0, "peak_memory_mb": peak_mb()}}}))
"""
CANARIES: dict[str, Callable[[], dict[str, Any]]] = {"ratio": lambda: measure(1, 10, _all_at_once)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Memory of a long talk against a short one.")
    parser.add_argument("--short", type=float, default=10, help="minutes")
    parser.add_argument("--long", type=float, default=180, help="minutes")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {**machine(), **measure(asked.short, asked.long)}
    print(json.dumps(found, indent=1 if asked.json else None))
