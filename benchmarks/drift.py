"""Whether a dub still meets the picture after three hours.

    python benchmarks/drift.py [--hours 3] [--json]

A source is made whose picture flashes white once a minute, with sound at 44.1 kHz. A dub that beeps
at the flashes is placed in it, mixed and muxed by the project's own functions; then the finished
file is decoded, and each beep is compared with the flash that is shown with it. Takes minutes and,
in a temporary folder, 2.2 GB for three hours: the sound is written as the pipeline writes it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe
from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.media.audio import MIX_RATE_HZ, decode
from dubbing.media.mux import mux
from dubbing.media.probe import probe
from dubbing.stages.mix import Clip, mix
from dubbing.stages.room_tone import RoomTone
from dubbing.types import Audio, Span

HOURS = 3.0
EVERY_S = 60.0
FLASH_S = 0.2
PICTURES_HZ = 10  # so that a flash is two pictures, and its start known exactly
SOURCE_HZ = 44_100  # not the dub's rate: what a resampler loses would add up
BEEP_HZ = 1_000.0
LOUD = 0.1  # of full scale, where a beep of 0.5 has begun
LISTEN_S = 120.0  # of the original, to learn its room tone from

Place = Callable[[float], int]  # seconds on the media's clock → sample


def make_source(path: Path, length_s: float, every_s: float) -> None:
    """Black, flashing white every so many seconds, not at the very start; soft noise."""
    flash = f"drawbox=c=white:t=fill:enable='gte(t,1)*lt(mod(t+0.001,{every_s}),{FLASH_S})'"
    picture = f"color=black:size=64x64:rate={PICTURES_HZ}:duration={length_s},{flash}"
    sound = f"anoisesrc=amplitude=0.002:sample_rate={SOURCE_HZ}:duration={length_s}:seed=1"
    line = [get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", picture]
    line += ["-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "ultrafast"]
    line += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", str(path)]
    subprocess.run(line, check=True)


def exact(at_s: float) -> int:
    """The sample at which the pipeline places what begins then."""
    return round(at_s * MIX_RATE_HZ)


def make_dub(source: Path, wav: Path, times_s: list[float], place: Place) -> None:
    """The new sound track: a beep at each time, as the pipeline's assembling step writes it."""
    beep = 0.5 * np.sin(2 * np.pi * BEEP_HZ * np.arange(round(FLASH_S * MIX_RATE_HZ)) / MIX_RATE_HZ)
    spans = [Span(start_s=t, end_s=t + FLASH_S) for t in times_s]
    tone = RoomTone(spans, MIX_RATE_HZ)
    heard_s = 0.0
    for block in decode(source, rate_hz=MIX_RATE_HZ, channels=2):
        tone.listen(block)
        heard_s += len(block) / MIX_RATE_HZ
        if heard_s >= LISTEN_S:
            break
    mixed = mix(
        decode(source, rate_hz=MIX_RATE_HZ, channels=2),
        (Clip(start=place(t), samples=beep.astype(np.float32)) for t in times_s),
        spans,
        tone,
        manner="dub",
        rate_hz=MIX_RATE_HZ,
    )
    with soundfile.SoundFile(wav, "w", MIX_RATE_HZ, 2, "PCM_16", format="WAV") as file:
        for block in mixed:
            file.write(block)


def flashes_s(path: Path) -> list[float]:
    """When the picture turns white, by the file's own clock."""
    found, before = [], False
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            white = bool(frame.to_ndarray(format="gray").mean() > 128)
            if white and not before and frame.time is not None:
                found.append(float(frame.time))
            before = white
    return found


def beeps_s(path: Path) -> list[float]:
    """When the first sound track becomes loud, by the file's own clock."""
    found: list[float] = []
    loud_until_s = -1.0
    with av.open(str(path)) as container:
        for start_s, samples, rate_hz in _sound(container):
            for index in np.flatnonzero(np.abs(samples) >= LOUD):
                at_s = start_s + index / rate_hz
                if at_s > loud_until_s + FLASH_S:
                    found.append(at_s)
                loud_until_s = at_s
    return found


def _sound(container: Any) -> Iterator[tuple[float, Audio, int]]:
    for frame in container.decode(audio=0):
        if frame.time is not None:
            yield float(frame.time), frame.to_ndarray().mean(axis=0), frame.rate


def measure(hours: float = HOURS, place: Place = exact, every_s: float = EVERY_S) -> dict[str, Any]:
    """By how much beeps and flashes are apart: at worst, and whether it grows."""
    length_s = hours * 3600
    times_s = [float(t) for t in np.arange(every_s, length_s - 1, every_s)]
    with tempfile.TemporaryDirectory() as name:
        source, wav, finished = (Path(name, n) for n in ("source.mp4", "dub.wav", "dubbed.mp4"))
        make_source(source, length_s, every_s)
        make_dub(source, wav, times_s, place)
        mux(
            source,
            decode(wav, rate_hz=MIX_RATE_HZ, channels=2),
            finished,
            info=probe(source),
            dub_language="ru",
            original_language="en",
            subtitles=[],
            metadata={},
        )
        seen, heard = flashes_s(finished), beeps_s(finished)
    assert len(seen) == len(heard) == len(times_s), (len(seen), len(heard), len(times_s))
    apart_ms = 1000 * (np.array(heard) - np.array(seen))
    return {
        "hours": hours,
        "beeps": len(heard),
        "worst_ms": round(float(np.abs(apart_ms).max()), 2),
        "first_ms": round(float(apart_ms[0]), 2),
        "last_ms": round(float(apart_ms[-1]), 2),
    }


def _slow_clock() -> dict[str, Any]:
    """A dub placed by a clock that loses one second in two hundred."""
    return measure(hours=21.5 / 3600, place=lambda at_s: exact(at_s * 1.005), every_s=10.0)


CANARIES: dict[str, Callable[[], dict[str, Any]]] = {"worst_ms": _slow_clock}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures picture against dub in a long file.")
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    print(json.dumps({**machine(), **measure(asked.hours)}, indent=1 if asked.json else None))
