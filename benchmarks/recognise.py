"""Whisper base against tiny.en, side by side: words wrong, speed, and words invented.

    python benchmarks/recognise.py [--json]

Both listen to the bundled samples, cut into stretches as the pipeline cuts them, and are compared
with what is really said there. Then each listens to 60 s of music and 60 s of silence, in stretches
of 15 s, with no speech detector before it: every word that it writes down is invented. Memory is
the growth of the process's largest resident set, each recogniser in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from talk import machine

from dubbing.engines.registry import load_engine
from dubbing.media.audio import ANALYSIS_RATE_HZ
from dubbing.media.clips import cut_clips
from dubbing.media.probe import probe
from dubbing.stages.segment import stretches
from tests.model.test_samples import ALL, SAMPLES, blocks, edit_distance, speech, truth, words
from tests.music import music, silence

RECOGNISERS = ("faster-whisper", "faster-whisper:tiny.en")
AT_ONCE = 2  # clips, as the pipeline gives them
STRETCH_S = 15
EMPTY_S = 60.0

Clips = list[np.ndarray]


def sample_clips(name: str) -> Clips:
    """The stretches of a sample."""
    path = SAMPLES / f"{name}.mp4"
    pieces = stretches(speech(name), probe(path).duration_s)
    return list(cut_clips(blocks(path), pieces, ANALYSIS_RATE_HZ))


def recognise(engine: Any, clips: Clips) -> str:
    """All words, in one line."""
    found = []
    for first in range(0, len(clips), AT_ONCE):
        found += engine.transcribe(clips[first : first + AT_ONCE], language="en")
    return " ".join(transcript.text for transcript in found)


def invented(engine: Any, sound: np.ndarray) -> int:
    """Words that are written down where nobody speaks."""
    size = STRETCH_S * ANALYSIS_RATE_HZ
    clips = [sound[start : start + size] for start in range(0, len(sound), size)]
    return len(recognise(engine, clips).split())


def measure(name: str, samples: dict[str, Clips]) -> dict[str, Any]:
    """What one recogniser does, in this process."""
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine = load_engine(name)
    recognise(engine, samples[ALL[-1]][:1])  # warm
    wrong, said, wall_s, cpu_s = {}, 0, 0.0, 0.0
    for sample, clips in samples.items():
        wall, cpu = time.perf_counter(), time.process_time()
        heard = words(recognise(engine, clips))
        wall_s += time.perf_counter() - wall
        cpu_s += time.process_time() - cpu
        wanted = words(" ".join(sentence["text"] for sentence in truth(sample)["sentences"]))
        wrong[sample] = edit_distance(wanted, heard)
        said += len(wanted)
    length_s = sum(len(clip) for clips in samples.values() for clip in clips) / ANALYSIS_RATE_HZ
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "words_wrong": wrong,
        "wer": round(sum(wrong.values()) / said, 4),
        "real_time_factor": round(wall_s / length_s, 3),
        "cpu_s_per_s": round(cpu_s / length_s, 3),
        "memory_mb": round((peak_kb - before_kb) / 1024),
        "invented_in_music": invented(engine, music(EMPTY_S)),
        "invented_in_silence": invented(engine, silence(EMPTY_S)),
    }


def side_by_side(names: Sequence[str] = RECOGNISERS) -> dict[str, Any]:
    """Each recogniser, and the first against the second."""
    samples = {name: sample_clips(name) for name in ALL}
    found = {}
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found[name] = pool.apply(measure, (name, samples))
    one, other = (found[name] for name in names)
    return {
        **machine(),
        **found,
        "words_wrong_to_tiny": round(one["wer"] / other["wer"], 2) if other["wer"] else None,
        "time_to_tiny": round(one["real_time_factor"] / other["real_time_factor"], 2),
        "memory_to_tiny": round(one["memory_mb"] / other["memory_mb"], 2),
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Whisper base beside tiny.en on the samples.")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = side_by_side()
    if asked.json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
