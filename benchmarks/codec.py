"""How near the finished file's AAC is to the dub that was mixed, by two judges of coded sound.

    python benchmarks/codec.py [--length 40] [--json]

The sound of both committed talks is dubbed into WAV files, which are encoded at the same bit rate
in several ways. ViSQOL (audio mode, the mean of left and right) tells a mean opinion score, 1 to 5;
Zimtohrli (left and right apart) a distance, 0 for the same. `sides_db` is by how much the level of
left minus right has changed above 6 kHz, `times_faster` how much quicker it is encoded than
unasked. It needs `pip install visqol-python==3.8.0 zimtohrli==0.2.1.post1`, which nothing else here
uses; the latter wants 48 kHz.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from media import ffmpeg
from scipy.signal import butter, sosfilt
from side_by_side import REPEATS, in_turns
from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.media.audio import MIX_RATE_HZ, read_audio, write_wav
from dubbing.media.mux import BITRATE, aac
from dubbing.types import Audio

TALKS = ("Lighthouse", "Night_Garden")
UNASKED = ["-c:a", "aac", "-b:a", BITRATE]
WAYS = {
    "as ffmpeg does unasked": UNASKED,
    "quick": [*UNASKED, "-aac_coder", "fast"],
    "quick, no intensity stereo (ours)": aac("a"),
}
PIECE_S = 10  # what both judges are made for
HIGH_HZ = 6_000


def dubbed(talk: str, folder: Path, length_s: float) -> Path:
    """The beginning of a talk's dub, never encoded: WAV, stereo."""
    sound, dub = folder / f"{talk}.wav", folder / f"{talk}_dub.wav"
    sample = ROOT / "live_demo_samples" / talk
    write_wav(sound, read_audio(sample.with_suffix(".mp4"), MIX_RATE_HZ, channels=2), MIX_RATE_HZ)
    line = [sys.executable, "-m", "dubbing", "dub", str(sound), "-o", str(dub), "--json"]
    line += ["--translation", f"{sample}.ru.srt", "--artifacts", str(folder / "runs")]
    subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    write_wav(
        dub, read_audio(dub, MIX_RATE_HZ, channels=2)[: round(length_s * MIX_RATE_HZ)], MIX_RATE_HZ
    )
    return dub


def judged(dub: Path, words: list[str], folder: Path) -> dict[str, float]:
    """A dub against itself, encoded and decoded."""
    coded, heard = folder / "coded.m4a", folder / "heard.wav"
    plain = partial(ffmpeg, "-i", dub, *UNASKED, folder / "plain.m4a")
    encoding = in_turns(plain, partial(ffmpeg, "-i", dub, *words, coded), REPEATS)
    ffmpeg("-i", coded, "-c:a", "pcm_f32le", heard)
    given, found = (soundfile.read(path, dtype="float32")[0] for path in (dub, heard))
    size = PIECE_S * MIX_RATE_HZ
    starts = range(0, len(given) - size + 1, size)
    pieces = [(given[start : start + size], found[start : start + size]) for start in starts]
    return {
        "visqol": round(statistics.mean(_visqol(*both, folder) for both in pieces), 3),
        "zimtohrli": round(statistics.mean(_zimtohrli(*both) for both in pieces), 5),
        "sides_db": round(_sides_db(found) - _sides_db(given), 1),
        "times_faster": encoding["ratio"],
    }


def _visqol(given: Audio, found: Audio, folder: Path) -> float:
    from visqol import VisqolApi

    judge = VisqolApi()
    judge.create(mode="audio")
    paths = []
    for name, samples in (("given", given), ("found", found)):
        paths.append(str(folder / f"{name}.wav"))
        soundfile.write(paths[-1], samples.mean(axis=1), MIX_RATE_HZ, "FLOAT")
    return float(judge.measure(*paths).moslqo)


def _zimtohrli(given: Audio, found: Audio) -> float:
    from zimtohrli import Pyohrli

    judge = Pyohrli()
    sides = ((given[:, side].copy(), found[:, side].copy()) for side in (0, 1))
    return statistics.mean(float(judge.distance(*both)) for both in sides)


def _sides_db(samples: Audio) -> float:
    high = butter(6, HIGH_HZ, "highpass", fs=MIX_RATE_HZ, output="sos")
    return float(10 * np.log10(np.mean(sosfilt(high, samples[:, 0] - samples[:, 1]) ** 2)))


def measure(length_s: float) -> dict[str, Any]:
    """Talk → way → figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found: dict[str, Any] = {}
        for talk in TALKS:
            dub = dubbed(talk, folder, length_s)
            found[talk] = {way: judged(dub, words, folder) for way, words in WAYS.items()}
            print(f"{talk}: {found[talk]}", flush=True, file=sys.stderr)
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=float, default=40.0, help="seconds of each talk")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    print(json.dumps({**machine(), **measure(asked.length)}, indent=1 if asked.json else None))
