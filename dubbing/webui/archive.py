"""A run's files packed for taking away, and its sound as a WAV. Made when somebody asks."""

from __future__ import annotations

import tempfile
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from dubbing.errors import RunError
from dubbing.media.audio import FULL_SCALE, decode
from dubbing.media.probe import probe
from dubbing.runs.store import open_run
from dubbing.webui.views import RunFolder, RunView

# While a file is downloaded the server holds it about four times (measured): a stereo talk of ten
# minutes took 440 MB. A longer talk's sound is given in mono: a voice over room tone loses little.
MOST_STEREO_BYTES = 60_000_000
BYTES = 2  # of a sample
PACKED_ALREADY = {".mp4", ".m4a", ".mkv", ".webm", ".mp3", ".flac", ".ogg"}


def zip_bytes(run: RunView) -> bytes:
    """A ZIP of the files that the run's manifest names, and of the manifest; of a run in the first
    version's layout, all its files. The original is not among them.

    Raises:
        RunError: The manifest is gone or damaged.
    """
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, inside in _files(run.folder):
                packed = path.suffix.lower() in PACKED_ALREADY
                kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                archive.write(path, f"{run.name}/{inside}", kind)
        file.seek(0)
        return file.read()


def _files(folder: RunFolder) -> Iterator[tuple[Path, str]]:
    """Each file that is there, and its name in the ZIP."""
    root = folder.path.resolve()
    if folder.is_legacy:
        found = sorted(path for path in root.rglob("*") if path.is_file())
        yield from ((path, path.relative_to(root).as_posix()) for path in found)
        return
    manifest = open_run(root).manifest
    for relative in ["manifest.json", *manifest.artifacts]:
        path = (root / relative).resolve()
        is_output = relative == manifest.output
        if not is_output and root not in path.parents:
            raise RunError(f"the manifest names {relative}, which lies outside of the run")
        if path.is_file():
            yield path, path.name if is_output else path.relative_to(root).as_posix()


def wav_bytes(path: Path) -> bytes:
    """The first sound track of a file as 16-bit WAV at its own rate: stereo where it is and is not
    too long, else mono.

    Raises:
        MediaError: The file cannot be read.
    """
    info = probe(path)
    rate_hz = info.audio[0].sample_rate_hz
    is_small = info.duration_s * rate_hz * 2 * BYTES <= MOST_STEREO_BYTES
    channels: Literal[1, 2] = 2 if info.audio[0].channels > 1 and is_small else 1
    with tempfile.TemporaryFile() as file:
        with wave.open(file, "wb") as wav:
            wav.setnchannels(channels)
            wav.setsampwidth(BYTES)
            wav.setframerate(rate_hz)
            for block in decode(path, rate_hz=rate_hz, channels=channels):
                pcm = np.clip(np.round(block * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
                wav.writeframes(pcm.astype("<i2").tobytes())
        file.seek(0)
        return file.read()
