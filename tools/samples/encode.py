"""Drawn frames and a sound track as one MP4, the same bytes each time."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe
from samples.drawing import HEIGHT, WIDTH
from samples.plan import Sample
from samples.track import SEED, Track
from samples.voice import RATE_HZ

FRAMES_PER_S = 12
# One count of threads and no tags of versions or dates: a second run gives the same file.
VIDEO = "-c:v libx264 -preset slow -crf 27 -pix_fmt yuv420p -threads 2 -flags:v +bitexact"
AUDIO = "-c:a aac -b:a 112k -flags:a +bitexact"
FILE = "-map 0:v -map 1:a -map_metadata -1 -fflags +bitexact -movflags +faststart -y"


def _command(sound: Path, output: Path) -> list[str]:
    frames = f"-f rawvideo -pix_fmt rgb24 -s {WIDTH}x{HEIGHT} -r {FRAMES_PER_S} -i -"
    options = ["-v", "error", *frames.split(), "-i", str(sound)]
    made = [*VIDEO.split(), *AUDIO.split(), *FILE.split(), str(output)]
    return [get_ffmpeg_exe(), *options, *made]


def write_video(output: Path, sample: Sample, track: Track) -> None:
    """Draws and writes a sample.

    Raises:
        RuntimeError: ffmpeg failed.
    """
    scene = sample.scene(np.random.default_rng(SEED), track.openness)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        soundfile.write(sound, track.sound, RATE_HZ, "FLOAT")
        with subprocess.Popen(_command(sound, output), stdin=subprocess.PIPE) as ffmpeg:
            assert ffmpeg.stdin is not None
            for number in range(round(track.duration_s * FRAMES_PER_S)):
                ffmpeg.stdin.write(scene(number / FRAMES_PER_S).tobytes())
            ffmpeg.stdin.close()
        if ffmpeg.returncode:
            raise RuntimeError(f"ffmpeg could not write {output.name}")
