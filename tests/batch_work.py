"""What the workers of the batch tests do: whole dubs, with a tone for a voice, which is quick."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dubbing.batch.task import Outcome, Task, work
from dubbing.engines import registry
from dubbing.engines.base import EngineInfo, Voice
from dubbing.engines.loaded import LoadedEngines
from dubbing.events import Event, Listener, StageFinished
from dubbing.flow.children import run_child
from dubbing.types import Speech, VoicePrompt

RATE_HZ = 22_050


class ToneVoice:
    """A voice of one pitch."""

    description = "a tone"
    characters_per_s = 15.0


class ToneSynthesizer:
    """Hums a text at a pitch that its first letter gives."""

    info = EngineInfo(
        name="tone",
        kind="synthesizer",
        summary="a tone",
        licence="MIT",
        packages=(),
        languages=("ru", "pt"),
        sample_rate_hz=RATE_HZ,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None: it needs nothing."""
        return None

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `Synthesizer`."""
        return ToneVoice()

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `Synthesizer`."""
        return [_tone(100.0 + ord(t[0]) % 100, len(t) / 15.0 / speed) for t in texts]


def _tone(pitch_hz: float, length_s: float) -> Speech:
    clock_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    samples = 0.2 * np.sin(2 * np.pi * pitch_hz * clock_s)
    return Speech(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)


def with_tone(task: Task, engines: LoadedEngines, listen: Listener) -> Outcome:
    """The real work, in a process that knows the tone."""
    registry._PATHS["tone"] = f"{__name__}:{ToneSynthesizer.__name__}"
    return work(task, engines, listen)


def killed_once(task: Task, engines: LoadedEngines, listen: Listener) -> Outcome:
    """The same, in a process that is killed the first time that a video's words are recognised."""

    def hear(event: Event) -> None:
        listen(event)
        if isinstance(event, StageFinished) and event.stage == "transcribe" and _first(task):
            os.kill(os.getpid(), signal.SIGKILL)

    return with_tone(task, engines, hear)


def always_killed(task: Task, engines: LoadedEngines, listen: Listener) -> Outcome:
    """Kills its process, unless the task is called "good"."""
    if task.name != "good":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(name=task.name, status="done", output=Path("good.mp4"))


def killed_at_a_program(task: Task, _engines: LoadedEngines, _listen: Listener) -> Outcome:
    """Its process is killed while a program that it has started works."""
    told = task.artifacts / "program"
    line = ["sh", "-c", f"echo $$ > '{told}.partial'; mv '{told}.partial' '{told}'; exec sleep 60"]
    threading.Thread(target=run_child, args=(line,), daemon=True).start()
    while not told.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it is killed")


def lingers(task: Task, _engines: LoadedEngines, _listen: Listener) -> Outcome:
    """Its process takes a while to end."""
    atexit.register(time.sleep, 5.0)
    return Outcome(name=task.name, status="done", output=Path("good.mp4"))


def _first(task: Task) -> bool:
    """Whether no process of this batch was killed yet."""
    try:
        (task.artifacts / "killed").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


TONE = f"{ToneSynthesizer.__module__}:{ToneSynthesizer.__name__}"  # as the registry has it
