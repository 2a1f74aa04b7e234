"""The bundled samples, dubbed where nothing committed is touched."""

from __future__ import annotations

from pathlib import Path

from dubbing.config import DubbingConfig
from dubbing.errors import InputError
from dubbing.events import Listener, Notice
from dubbing.pipeline import dub
from dubbing.runs.store import Run

SAMPLES = Path(__file__).resolve().parent.parent / "live_demo_samples"
DEMO_FOLDER = Path("demo_output")
TALKS = ("Night_Garden", "Lighthouse")


def dub_samples(folder: Path, listen: Listener) -> list[Run]:
    """Dubs the two talks into Russian, from their supplied translations, into `folder`.

    Raises:
        InputError: The samples are not beside the package.
    """
    if not SAMPLES.is_dir():
        raise InputError(f"{SAMPLES} is missing: `demo` runs in a checkout of the project")
    runs = []
    for talk in TALKS:
        listen(Notice(message=f"{talk}: dubbing into Russian"))
        runs.append(
            dub(
                SAMPLES / f"{talk}.mp4",
                config=DubbingConfig(profile="offline"),
                output=folder / "final_video" / f"{talk}_dubbed.mp4",
                artifacts=folder / "pipeline_artifacts",
                translation=SAMPLES / f"{talk}.ru.srt",
                listen=listen,
            )
        )
    return runs
