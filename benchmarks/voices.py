"""How near a stock voice comes to a speaker, and what it loses on the way: every base voice that is
here, at several pitches and played at several speeds.

    python benchmarks/voices.py SPEECH.wav [--sentences 6] [--json]

SPEECH is half a minute or more of one speaker. Of each way the base voice says the same sentences,
which no voice or letter was chosen by: CAM++ and Resemblyzer say how far it is from a stranger (0)
to the speaker (1), DistillMOS how natural it sounds, and Whisper base what can be understood of it
(character error rate, each sentence's capped at 1).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from talk import ROOT, machine

sys.path.insert(0, str(ROOT))

from dubbing.engines import distillmos
from dubbing.engines.base import SpeakerEncoder, Transcriber
from dubbing.engines.registry import engine_names, languages_here, load_engine, why_unavailable
from dubbing.engines.silero_stress import SileroAccentor
from dubbing.engines.stock_voices import BaseVoice, StockSynthesizer, StockVoice
from dubbing.media.audio import read_audio, resample
from dubbing.quality.backcheck import cer
from dubbing.quality.voice import strangers
from dubbing.stages.read import readable
from dubbing.types import Audio, Speech

RATE_HZ = 16_000
PIECE_S = 5
ENCODERS = ("campplus", "resemblyzer")
WAYS = ((1.0, 1.0), (1.3, 1.0), (1.65, 1.1), (1.8, 1.0), (1.5, 1.2), (1.0, 1.2))

SENTENCES = (
    "Маяк зажигали каждый вечер, как только солнце уходило за горизонт.",
    "Почему же никто не спросил об этом раньше?",
    "Моя сестра учится в университете и мечтает стать хирургом.",
    "Ночью в саду пахло жасмином, и было слышно, как журчит ручей.",
    "За последние десять лет цены на солнечные батареи упали в пять раз.",
    "Первый снег выпал неожиданно рано, и город сразу стал тихим.",
)


class Judges:
    """What is known of the speaker, and who compares."""

    def __init__(self, speech: Audio) -> None:
        count = len(speech) // (PIECE_S * RATE_HZ)
        pieces = np.split(speech[: count * PIECE_S * RATE_HZ], count)
        self._encoders = {name: cast(SpeakerEncoder, load_engine(name)) for name in ENCODERS}
        self._own = {name: np.array(e.embed(pieces)) for name, e in self._encoders.items()}
        self._listener = cast(Transcriber, load_engine("faster-whisper"))

    def judge(self, clips: Sequence[Audio], texts: Sequence[str]) -> dict[str, float]:
        """Likeness by each encoder, naturalness and error rate of some clips at `RATE_HZ`."""
        found = {name: round(self._likeness(name, clips), 3) for name in ENCODERS}
        heard = self._listener.transcribe(clips, language="ru")
        pairs = zip(texts, heard, strict=True)
        errors = [cer(text, said.text, "ru") or 0.0 for text, said in pairs]
        natural = statistics.median(distillmos.naturalness(clip) for clip in clips)
        return {**found, "distillmos": round(natural, 2), "cer": round(statistics.mean(errors), 3)}

    def _likeness(self, name: str, clips: Sequence[Audio]) -> float:
        own = self._own[name]
        floor = float(np.mean(own @ np.array(strangers(name)).T))
        ceiling = float(np.mean((own @ own.T)[np.triu_indices(len(own), 1)]))
        near = float(np.mean(own @ np.array(self._encoders[name].embed(clips)).T))
        return (near - floor) / (ceiling - floor)


def ways(base: BaseVoice) -> Iterator[StockVoice]:
    """The base voice as it is, and in every way that its engine can change it."""
    for pitch, played in WAYS:
        if base.pitches[0] <= pitch <= base.pitches[1]:
            yield StockVoice(engine="", base=base, pitch=pitch, played=played)


def measure(speech: Audio, count: int) -> list[dict[str, Any]]:
    """A row for each base voice and way."""
    judges, rows = Judges(speech), []
    given = [readable(text, "ru").text for text in SENTENCES[:count]]
    texts = [marked.text for marked in SileroAccentor().accent(given)]
    for name in engine_names("synthesizer"):
        if why_unavailable(name) is not None or "ru" not in languages_here(name):
            continue
        engine = load_engine(name)
        if not isinstance(engine, StockSynthesizer):
            continue
        for voice in (way for base in engine.bases("ru") for way in ways(base)):
            said = engine.synthesize(texts, voice, language="ru")
            row = {"voice": f"{name} {voice.base.name}", "pitch": voice.pitch}
            judged = judges.judge([_heard(clip) for clip in said], texts)
            rows.append({**row, "played": voice.played, **judged})
            print(json.dumps(rows[-1]), file=sys.stderr)
    return rows


def _heard(clip: Speech) -> Audio:
    return resample(clip.samples, clip.sample_rate_hz, RATE_HZ)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How near stock voices come to a speaker.")
    parser.add_argument("speech", type=Path)
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    table = measure(read_audio(asked.speech, RATE_HZ), asked.sentences)
    if asked.json:
        print(json.dumps({**machine(), "rows": table}, indent=1))
    else:
        for row in table:
            print("  ".join(str(value) for value in row.values()))
