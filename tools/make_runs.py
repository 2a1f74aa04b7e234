"""Makes the committed runs of the two talks anew: `python tools/make_runs.py`.

Needs Festival with its Russian voice (`apt-get install festival festvox-ru`): the committed runs
are made with the best voice that needs no download.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dubbing.config import DubbingConfig
from dubbing.console import progress, show_run
from dubbing.demo import SAMPLES
from dubbing.pipeline import dub
from dubbing.prepare import ARTIFACTS, OUTPUTS

ROOT = Path(__file__).resolve().parent.parent
RUNS = (("Night_Garden", "ru"), ("Lighthouse", "ru"), ("Lighthouse", "pt"))


def main() -> None:
    """Deletes the committed runs and dubs the talks again."""
    for talk, target in RUNS:
        name = talk if target == "ru" else f"{talk}_{target}"
        shutil.rmtree(ROOT / ARTIFACTS / name, ignore_errors=True)
        supplied = SAMPLES / f"{talk}.ru.srt" if target == "ru" else None
        with progress() as listen:
            run = dub(
                SAMPLES / f"{talk}.mp4",
                config=DubbingConfig(profile="offline", target=target),
                output=ROOT / OUTPUTS / f"{name}_dubbed.mp4",
                artifacts=ROOT / ARTIFACTS,
                translation=supplied,
                overwrite=True,
                listen=listen,
            )
        show_run(run)


if __name__ == "__main__":
    main()
