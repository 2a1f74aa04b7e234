"""Loading XTTSv2: the library's way against ours, on random weights of the published shape.

    python benchmarks/xtts_load.py [--repeats 2]

Builds a checkpoint of 1.8 GB in a temporary folder. Each load is a process of its own, the two ways
in turns. Memory is the largest resident set of that process; mapped pages of the file, which the
system can drop at any time, count in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OURS = """
from dubbing.engines.xtts_checkpoint import load
load(folder, "cpu")
"""
PUBLIC = """
from dubbing.engines import torchaudio_cpu
torchaudio_cpu.install()
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models.xtts import Xtts
config = XttsConfig()
config.load_json(str(folder / "config.json"))
Xtts(config).load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
"""
REPORT = """
loaded_s = time.monotonic() - started
status = dict(line.split(":", 1) for line in Path("/proc/self/status").open())
anonymous_mb = int(status["RssAnon"].split()[0]) // 1024
peak_mb = int(status["VmHWM"].split()[0]) // 1024
found = {"load_s": round(loaded_s, 1), "peak_mb": peak_mb, "anonymous_after_mb": anonymous_mb}
print(json.dumps(found))
"""
START = """
import json, sys, time
from pathlib import Path
import torch
import transformers
torch.set_num_threads(2)
folder, started = Path(sys.argv[1]), time.monotonic()
"""


def measure(way: str, folder: Path) -> dict[str, float]:
    """One load in a fresh process.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    command = [sys.executable, "-c", START + way + REPORT, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    said = process.stdout.read()
    if code := process.wait():
        raise subprocess.CalledProcessError(code, command[:2])
    # Its own report has the peak: what wait4 tells starts at the size of this process.
    found = {"wall_s": round(time.monotonic() - started, 1)}
    return found | json.loads(said.splitlines()[-1])


def main() -> None:
    """Prints the measurements as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2)
    repeats = parser.parse_args().repeats
    sys.path.insert(0, str(ROOT))
    from tests.tiny.xtts import FULL, make_xtts

    found: dict[str, list[dict[str, float]]] = {"public": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        made = make_xtts(Path(folder), FULL)
        for _ in range(repeats):
            found["public"].append(measure(PUBLIC, made))
            found["ours"].append(measure(OURS, made))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
