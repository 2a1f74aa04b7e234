"""What touches the media: muxing, speech detection, stretching. Fixtures are the committed clips.

    python benchmarks/media.py [mux|vad|stretch …] [--repeats 5] [--json]

mux: the finished file against moviepy's re-encode of the same picture and sound, and against
encoding the sound alone; is the picture the same to the bit? For the committed clip, whose picture
is small and slow, and for the same at a camera's 1280 × 720, 25 a second. It needs
`pip install moviepy==2.2.1`, which nothing else here uses. vad, stretch: seconds of work per second
of sound.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe
from side_by_side import REPEATS, in_turns
from talk import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.engines.silero import RATE_HZ, SileroDetector
from dubbing.media.audio import MIX_RATE_HZ, read_audio, write_wav
from dubbing.media.mux import SubtitleTrack, aac, mux
from dubbing.media.probe import probe
from dubbing.media.stretch import stretch
from dubbing.types import Audio, Span, Speech

SAMPLES = ROOT / "live_demo_samples"
TALK = SAMPLES / "Lighthouse.mp4"  # 85 s, 640 × 360, 12 pictures a second
SHORT = SAMPLES / "Clip_Man.mp4"
PART_S = 40  # of the talk: enough that starting a program does not count
CAMERA = ("-vf", "scale=1280:720", "-r", "25", "-c:v", "libx264", "-pix_fmt", "yuv420p")
RATES = (0.85, 0.95, 1.05, 1.15, 1.25)  # what the timing may ask for
SPEECH_HZ = 24_000  # what XTTS speaks at, the highest of the engines
CLIP_S = 8.0  # as long as a usual segment

Way = Callable[[Path, Path, Path], None]  # picture, sound, finished file


# ---- mux


def our_mux(video: Path, sound: Path, output: Path) -> None:
    """The finished file as the pipeline writes it, with two tracks of subtitles. The dub comes in
    blocks of a second, as from the mixer; they are read here, plainly.
    """
    subtitles = [SubtitleTrack(path=TALK.with_suffix(".ru.srt"), language=x) for x in ("ru", "en")]
    mux(
        video,
        soundfile.blocks(sound, MIX_RATE_HZ, dtype="float32"),
        output,
        info=_probed(video),
        dub_language="ru",
        original_language="en",
        subtitles=subtitles,
        metadata={},
    )


_probed = lru_cache(probe)  # the pipeline too reads a source once


def moviepy_way(video: Path, sound: Path, output: Path) -> None:
    """The picture decoded and encoded anew, as moviepy does by default."""
    from moviepy import AudioFileClip, VideoFileClip

    with VideoFileClip(str(video)) as picture, AudioFileClip(str(sound)) as track:
        picture.with_audio(track).write_videofile(
            str(output),
            codec="libx264",
            audio_codec="aac",
            temp_audiofile_path=str(output.parent),
            logger=None,
        )


def aac_alone(_: Path, sound: Path, output: Path) -> None:
    """The new sound encoded, and nothing else."""
    ffmpeg("-i", sound, *aac("a"), output)


def ffmpeg(*words: str | Path) -> str:
    """Runs it; returns what it printed."""
    line = [get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *map(str, words)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def picture_hash(path: Path) -> str:
    """Of the packets of the video stream, as they are stored."""
    return ffmpeg("-i", path, "-map", "0:v:0", "-c", "copy", "-f", "streamhash", "-")


def muxing(*, repeats: int) -> dict[str, Any]:
    """Both pictures."""
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name, "small.mp4"), Path(name, "large.mp4")
        ffmpeg("-i", TALK, "-t", str(PART_S), "-c", "copy", small)
        ffmpeg("-i", small, *CAMERA, "-c:a", "copy", large)
        return {
            "committed": against_plain(small, our_mux, moviepy_way, repeats),
            "camera": against_plain(large, our_mux, moviepy_way, repeats),
        }


def against_plain(video: Path, way: Way, plain: Way, repeats: int) -> dict[str, Any]:
    """A way to make the finished file against a plain one and against encoding its sound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound, made = folder / "dub.wav", folder / "made.mp4"
        write_wav(sound, read_audio(video, MIX_RATE_HZ, channels=2), MIX_RATE_HZ)
        ours = partial(way, video, sound, made)
        encoded = in_turns(partial(aac_alone, video, sound, folder / "a.m4a"), ours, repeats)
        against = in_turns(partial(plain, video, sound, folder / "plain.mp4"), ours, repeats)
        return {
            "times_faster": against["ratio"],
            "re_encode_s": against["plain_s"],
            "mux_s": against["fast_s"],
            "aac_alone_s": encoded["plain_s"],
            "to_aac_alone": round(encoded["fast_s"] / encoded["plain_s"], 3),
            "same_picture": picture_hash(made) == picture_hash(video),
        }


# ---- sound


def seconds_of(call: Callable[[], object], repeats: int) -> float:
    """The median time of a call; one before them is not counted."""
    call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


Detect = Callable[[Sequence[Audio]], list[Span]]


def detection(detect: Detect | None = None, *, repeats: int, clip: Path = TALK) -> dict[str, Any]:
    """Work per second of sound, on one thread, decoded before."""
    samples = read_audio(clip, RATE_HZ)
    blocks = np.array_split(samples, max(1, len(samples) // RATE_HZ))
    detect = detect or SileroDetector().detect
    spent_s = seconds_of(lambda: detect(blocks), repeats)
    return {"rtf": round(spent_s * RATE_HZ / len(samples), 5), "sound_s": len(samples) / RATE_HZ}


Stretch = Callable[[Speech, float], Audio]


def stretching(
    way: Stretch = stretch,
    *,
    repeats: int,
    talk: Path = TALK,
    clips: int = 10,
    clip_s: float = CLIP_S,
) -> dict[str, Any]:
    """Work per second of sound over all rates, and by how much lengths miss at worst."""
    samples = read_audio(talk, SPEECH_HZ)
    size = round(clip_s * SPEECH_HZ)
    speeches = [
        Speech(samples=samples[at : at + size], sample_rate_hz=SPEECH_HZ)
        for at in range(0, clips * size, size)
    ]
    spent_s = seconds_of(lambda: [way(s, r) for s in speeches for r in RATES], repeats)
    missed = [abs(len(way(s, r)) - len(s.samples) / r) / SPEECH_HZ for s in speeches for r in RATES]
    sound_s = len(RATES) * sum(len(s.samples) for s in speeches) / SPEECH_HZ
    return {
        "rtf": round(spent_s / sound_s, 5),
        "length_error_ms": round(1000 * max(missed), 3),
        "sound_s": sound_s,
    }


# ---- that each bound can fail


def _re_encoding(video: Path, sound: Path, output: Path) -> None:
    """The picture encoded anew by ffmpeg itself."""
    streams = ("-map", "0:v", "-map", "1:a", "-c:v", "libx264", *aac("a"))
    ffmpeg("-i", video, "-i", sound, *streams, output)


def _dawdling(video: Path, sound: Path, output: Path) -> None:
    """The same after a second of nothing, which a busy machine does not hide."""
    time.sleep(1)
    _re_encoding(video, sound, output)


@cache
def _re_encoded() -> dict[str, Any]:
    """A finished file whose picture is encoded anew, and late, against another such."""
    with tempfile.TemporaryDirectory() as name:
        video = Path(name, "short.mp4")
        ffmpeg("-i", SHORT, "-t", "4", "-c", "copy", video)
        return {"mux": {"camera": against_plain(video, _dawdling, _re_encoding, 1)}}


def _slow_detector() -> dict[str, Any]:
    """Speech detection that dawdles over every second of sound."""
    detect = SileroDetector().detect

    def dawdling(blocks: Sequence[Audio]) -> list[Span]:
        time.sleep(0.02 * len(blocks))
        return detect(blocks)

    return {"vad": detection(dawdling, repeats=1, clip=SHORT)}


def _slow_stretch() -> dict[str, Any]:
    """A stretch that dawdles over every second of sound."""

    def dawdling(speech: Speech, rate: float) -> Audio:
        time.sleep(0.05 * len(speech.samples) / SPEECH_HZ)
        return stretch(speech, rate)

    return {"stretch": stretching(dawdling, repeats=1, talk=SHORT, clips=1, clip_s=1)}


def _short_stretch() -> dict[str, Any]:
    """A stretch that stops at a whole number of windows of 10 ms."""

    def cut(speech: Speech, rate: float) -> Audio:
        made = stretch(speech, rate)
        return made[: len(made) // 240 * 240]

    return {"stretch": stretching(cut, repeats=1, talk=SHORT, clips=1, clip_s=1)}


CANARIES: dict[str, Callable[[], dict[str, Any]]] = {
    "mux.camera.times_faster": _re_encoded,
    "mux.camera.to_aac_alone": _re_encoded,
    "mux.camera.same_picture": _re_encoded,
    "vad.rtf": _slow_detector,
    "stretch.rtf": _slow_stretch,
    "stretch.length_error_ms": _short_stretch,
}
MEASURES = {"mux": muxing, "vad": detection, "stretch": stretching}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Times what touches the media.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    names = asked.names or list(MEASURES)
    if unknown := set(names) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}")
    if "mux" in names and find_spec("moviepy") is None:
        parser.error("moviepy is missing, which mux is compared with: pip install moviepy==2.2.1")
    found: dict[str, Any] = {**machine(), "repeats": asked.repeats}
    found |= {name: MEASURES[name](repeats=asked.repeats) for name in names}
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        for name in names:
            print(f"{name}: {found[name]}")


if __name__ == "__main__":
    main()
