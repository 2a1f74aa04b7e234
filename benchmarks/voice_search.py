"""How long a speaker's voice takes to prepare: by search, by the quick variant, kept by a run.

    python benchmarks/voice_search.py PROMPT.wav [MORE.wav ...] [--repeats 5] [--json]

PROMPT is some ten seconds of one speaker, MORE further speech of theirs, as in a run's voices/ and
chunks/. The three ways go in turns, each with a fresh engine in this process, warmed up once: what
is loaded once per process is not counted. Wall time is the median; the processor's time says what
it would be on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.engines.base import KeepsVoices, Voice
from dubbing.engines.registry import load_engine
from dubbing.media.audio import read_audio
from dubbing.types import VoicePrompt

RATE_HZ = 24_000
LINE = "Мы можем изменить мир, если начнём здесь"  # 40 characters


def measured(make: Callable[[], Voice]) -> tuple[float, float, Voice]:
    """Wall and processor seconds of one preparation, and the voice."""
    wall_s, cpu_s = time.monotonic(), time.process_time()
    voice = make()
    return time.monotonic() - wall_s, time.process_time() - cpu_s, voice


def engine(name: str) -> KeepsVoices:
    """A fresh one, which remembers no voice."""
    loaded = load_engine(name)
    assert isinstance(loaded, KeepsVoices)
    return loaded


def read_prompt(paths: list[Path]) -> VoicePrompt:
    """The first file as the prompt, the others as further speech."""
    first, *others = (read_audio(path, RATE_HZ) for path in paths)
    more = np.concatenate([np.zeros(0, np.float32), *others])
    return VoicePrompt(speaker="speaker", samples=first, sample_rate_hz=RATE_HZ, more=more)


def measure(prompt: VoicePrompt, name: str, language: str, repeats: int) -> dict[str, object]:
    """Medians of all three ways and of one line spoken, in seconds."""
    kept = engine(name).prepare(prompt, language=language)
    text = json.dumps(engine(name).pack(kept))
    ways: dict[str, Callable[[], Voice]] = {
        "full": lambda: engine(name).prepare(prompt, language=language),
        "quick": lambda: engine("matched:quick").prepare(prompt, language=language),
        "kept": lambda: engine(name).unpack(json.loads(text)),
    }
    ways["quick"]()  # warm
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    lines: list[float] = []
    voices: dict[str, Voice] = {}
    for _ in range(repeats):
        for way, make in ways.items():
            wall_s, cpu_s, voices[way] = measured(make)
            times[way].append((wall_s, cpu_s))
        started = time.monotonic()
        engine("matched:quick").synthesize([LINE], voices["quick"], language="ru")
        lines.append(time.monotonic() - started)
    found: dict[str, object] = {
        way: {
            "wall_s": round(statistics.median(wall for wall, _ in rows), 4),
            "cpu_s": round(statistics.median(cpu for _, cpu in rows), 4),
            "voice": voices[way].description,
        }
        for way, rows in times.items()
    }
    full, quick = (statistics.median(w for w, _ in times[way]) for way in ("full", "quick"))
    found |= {"full / quick": round(full / quick, 1), "repeats": repeats}
    return found | {"quick, a line of 40 characters, wall_s": round(statistics.median(lines), 3)}


def main() -> None:
    """Prints the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompt", type=Path)
    parser.add_argument("more", type=Path, nargs="*")
    parser.add_argument("--engine", default="matched")
    parser.add_argument("--language", default="ru")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    prompt = read_prompt([asked.prompt, *asked.more])
    found = measure(prompt, asked.engine, asked.language, asked.repeats)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        print(f"{name:40}{value}")


if __name__ == "__main__":
    main()
