"""Makes the committed runs of the two talks anew: `python tools/make_runs.py`.

They are made with what comes with the Python packages alone, as a user's first run is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from dubbing.demo import SAMPLES
from dubbing.prepare import ARTIFACTS, OUTPUTS

ROOT = Path(__file__).resolve().parent.parent
RUNS = (("Night_Garden", "ru"), ("Lighthouse", "ru"), ("Lighthouse", "pt"))


def main() -> None:
    """Deletes the committed runs and dubs the talks again, each in a process of its own: time and
    memory in its scorecard are its own.
    """
    for talk, target in RUNS:
        name = talk if target == "ru" else f"{talk}_{target}"
        shutil.rmtree(ROOT / ARTIFACTS / name, ignore_errors=True)
        words = ["--profile", "offline", "--target", target, "--artifacts", str(ROOT / ARTIFACTS)]
        words += ["-o", str(ROOT / OUTPUTS / f"{name}_dubbed.mp4"), "--overwrite"]
        if target == "ru":
            words += ["--translation", str(SAMPLES / f"{talk}.ru.srt")]
        line = [sys.executable, "-m", "dubbing", "dub", str(SAMPLES / f"{talk}.mp4"), *words]
        subprocess.run(line, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
