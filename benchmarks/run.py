"""Runs benchmarks and says which bounds hold.

    python benchmarks/run.py [NAME …] [--list] [--json]

Without names all run that need nothing but this folder. Each figure is a median of at least five
runs, taken by the benchmark itself or here. The document says on what machine, with which versions
and how busy the machine was before and after; exit status 1 when a bound does not hold.

A bound's canary is a bad input, made in the benchmark's own file (`CANARIES`), for which the bound
must fail: a bound that cannot fail shows nothing. `tests/unit/test_benchmark_guards.py` tries them.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from talk import machine

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("numpy", "scipy", "av", "imageio-ffmpeg", "onnxruntime", "ctranslate2", "torch")
REPEATS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A bound on one figure.

    Attributes:
        figure: Where it stands in the benchmark's document, names joined by dots.
        at_least: Lower bound, None for none.
        at_most: Upper bound, None for none.
    """

    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def value(self, document: Mapping[str, Any]) -> float:
        """The figure; true counts as 1."""
        found: Any = document
        for name in self.figure.split("."):
            found = found[name]
        return float(found)

    def holds(self, document: Mapping[str, Any]) -> bool:
        """Whether the figure is within the bound; what is no number is not."""
        value = self.value(document)
        above = self.at_least is None or value >= self.at_least
        below = self.at_most is None or value <= self.at_most
        return above and below

    def __str__(self) -> str:
        """The bound in words."""
        bounds = [(">=", self.at_least), ("<=", self.at_most)]
        return self.figure + "".join(f" {sign} {at:g}" for sign, at in bounds if at is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """How one is run.

    Attributes:
        line: Its script in this folder and arguments; it prints one JSON document.
        guards: Its bounds.
        repeats: How often the script is run; 1 where it repeats and takes medians itself.
        needs: What it needs that not every machine has; such a one runs only when it is named.
    """

    line: str
    guards: Sequence[Guard] = ()
    repeats: int = 1
    needs: str = ""


_TALK = "live_demo_samples/Lighthouse"
BENCHMARKS: dict[str, Benchmark] = {
    "flow": Benchmark(
        line="flow.py --json",
        guards=(
            Guard(figure="overlap.of_theory", at_least=0.95),
            Guard(figure="overlap.first_sooner", at_least=5),
            Guard(figure="overhead.item_ms", at_most=2),
            Guard(figure="overhead.many_to_few", at_most=11),
            Guard(figure="memory.many_to_few", at_most=1.1),
        ),
    ),
    "media": Benchmark(
        line="media.py --json",
        guards=(
            Guard(figure="mux.camera.times_faster", at_least=15),
            Guard(figure="mux.camera.to_aac_alone", at_most=1.2),
            Guard(figure="mux.camera.same_picture", at_least=1),
            Guard(figure="vad.rtf", at_most=0.01),
            Guard(figure="stretch.rtf", at_most=0.03),
            Guard(figure="stretch.length_error_ms", at_most=1),
        ),
        needs="moviepy, to compare with: pip install moviepy==2.2.1",
    ),
    "codec": Benchmark(
        line="codec.py --json",
        needs="two judges: pip install visqol-python==3.8.0 zimtohrli==0.2.1.post1",
    ),
    "drift": Benchmark(
        line="drift.py --json",  # one run: nothing in it is a matter of time
        guards=(Guard(figure="worst_ms", at_most=40),),
        needs="some minutes, and 2.3 GB in the temporary folder",
    ),
    "live": Benchmark(
        line="live.py --json",
        guards=(Guard(figure="first_s", at_most=4),),
    ),
    "long": Benchmark(
        line="long.py --json",  # one run: the peak hardly differs
        guards=(Guard(figure="ratio", at_most=1.1),),
        needs="an hour, and 6 GB in the temporary folder",
    ),
    "plan": Benchmark(line="plan.py --json"),
    "stress": Benchmark(
        line=f"stress.py {_TALK}.ru.srt --json",  # one run: nothing in it is a matter of time
        guards=(Guard(figure="festival.share_with_marks", at_most=0.01),),
        needs="apt-get install festival festvox-ru",
    ),
    "talk": Benchmark(
        line=f"talk.py {_TALK}.mp4 --translation {_TALK}.ru.srt --json", repeats=REPEATS
    ),
    "app": Benchmark(line="app.py --json", needs="chromium, and pip install playwright"),
    "engines": Benchmark(
        line="engines.py --json",
        guards=(
            Guard(figure="opus_mt_ct2_against_transformers.ratio", at_least=3),
            Guard(figure="opus_mt_ct2_batch_32_against_1.ratio", at_least=4),
            Guard(figure="faster_whisper_against_whisper.ratio", at_least=2),
        ),
        needs="the named models' runtimes: transformers, openai-whisper, 4 GB of memory",
    ),
    "batch": Benchmark(
        line="batch.py --json", needs="pip install -r requirements-ray.txt, and half an hour"
    ),
    "xtts_load": Benchmark(line="xtts_load.py --repeats 5", needs="coqui-tts and 6 GB of memory"),
    "xtts_speed": Benchmark(line="xtts_speed.py --repeats 5", needs="coqui-tts and 6 GB of memory"),
}


def median_of(documents: Sequence[Any]) -> Any:
    """The documents as one: medians of their numbers, everything else as in the first."""
    first = documents[0]
    if isinstance(first, dict):
        return {name: median_of([one[name] for one in documents]) for name in first}
    if isinstance(first, int | float) and not isinstance(first, bool):
        return first if len(set(documents)) == 1 else statistics.median(documents)
    return first


def measured(benchmark: Benchmark) -> dict[str, Any]:
    """Its document, and what the machine did meanwhile.

    Raises:
        subprocess.CalledProcessError: The script failed.
    """
    script, *arguments = shlex.split(benchmark.line)
    line = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    before = os.getloadavg()[0]
    documents = []
    for _ in range(benchmark.repeats):
        done = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        documents.append(json.loads(done.stdout))
    return {
        "command": f"python benchmarks/{benchmark.line}",
        "runs": benchmark.repeats,
        "load_average": [round(load, 2) for load in (before, os.getloadavg()[0])],
        "figures": median_of(documents),
    }


def judged(benchmark: Benchmark, document: Mapping[str, Any]) -> dict[str, bool]:
    """Bound in words → whether it holds."""
    return {str(guard): guard.holds(document) for guard in benchmark.guards}


def versions() -> dict[str, str]:
    """Of the packages that most figures hang on; those not installed are left out."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _listed() -> str:
    lines = []
    for name, benchmark in BENCHMARKS.items():
        lines.append(f"{name}: python benchmarks/{benchmark.line}")
        lines += [f"    {guard}" for guard in benchmark.guards]
        lines += [f"    only by name; needs {benchmark.needs}"] if benchmark.needs else []
    return "\n".join(lines)


def main() -> int:
    """Runs what was asked for, prints, returns the exit status."""
    parser = argparse.ArgumentParser(description="Runs benchmarks and judges their bounds.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--list", action="store_true", help="what there is, and its bounds")
    parser.add_argument("--json", action="store_true", help="one document on standard output")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; see --list")
    if asked.list:
        print(_listed())
        return 0
    report: dict[str, Any] = {**machine(), "versions": versions(), "benchmarks": {}}
    all_hold = True
    for name in asked.names or [n for n, b in BENCHMARKS.items() if not b.needs]:
        found = measured(BENCHMARKS[name])
        found["bounds"] = judged(BENCHMARKS[name], found["figures"])
        report["benchmarks"][name] = found
        all_hold &= all(found["bounds"].values())
        # Minutes lie between two of them: with --json each is told as it comes, on the side.
        side = sys.stderr if asked.json else sys.stdout
        print(f"{name}: load average {found['load_average']}", file=side)
        for guard in BENCHMARKS[name].guards:
            value, holds = guard.value(found["figures"]), guard.holds(found["figures"])
            print(f"    {'holds' if holds else 'FAILS'}: {guard} ({value:g})", file=side)
        if not (asked.json or BENCHMARKS[name].guards):
            print(f"    {found['figures']}")
        side.flush()
    if asked.json:
        print(json.dumps(report, indent=1))
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
