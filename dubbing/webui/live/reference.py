"""The speech in a recording from which a voice is to be taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dubbing.engines.base import SpeechDetector
from dubbing.media.audio import ANALYSIS_RATE_HZ, decode, read_audio, write_wav
from dubbing.media.probe import probe
from dubbing.stages.segment import LevelMeter, speech_spans
from dubbing.steps.chunks import CHUNK_RATE_HZ
from dubbing.types import Audio
from dubbing.webui.live.refusal import Refusal

LEAST_S = 2.0  # of speech


def write_speech(recording: Path, detector: SpeechDetector, to: Path) -> None:
    """Writes what is said in the recording, without what lies before, between and behind it: a
    voice is taken from its first seconds, and a jingle or a silence is none.

    Raises:
        Refusal: Hardly anybody speaks in it.
    """
    meter = LevelMeter(ANALYSIS_RATE_HZ)
    blocks = decode(recording, rate_hz=ANALYSIS_RATE_HZ, channels=1)
    detected = detector.detect(meter.listen(blocks))
    spans = speech_spans(detected, meter.levels_db, probe(recording).duration_s)
    spoken_s = sum(span.duration_s for span in spans)
    if spoken_s < LEAST_S:
        raise Refusal("reference_speechless", seconds=spoken_s, limit=str(round(LEAST_S)))
    sound = read_audio(recording, CHUNK_RATE_HZ)
    said: Audio = np.concatenate(
        [
            sound[round(span.start_s * CHUNK_RATE_HZ) : round(span.end_s * CHUNK_RATE_HZ)]
            for span in spans
        ]
    )
    write_wav(to, said, CHUNK_RATE_HZ)
