"""Short videos, made from the samples."""

from __future__ import annotations

import subprocess
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe


def cut(source: Path, target: Path, *, length_s: float) -> None:
    """The beginning of a video, its streams copied."""
    words = ["-v", "error", "-y", "-i", str(source), "-t", str(length_s), "-c", "copy", str(target)]
    subprocess.run([get_ffmpeg_exe(), *words], check=True, timeout=60)
