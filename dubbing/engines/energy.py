"""Speech "detection" by loudness alone, with pydub: the demo's first method, kept for comparison.

It takes music and applause for speech. Use `silero` for dubbing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dubbing.engines.base import EngineInfo
from dubbing.types import Audio, Span

RATE_HZ = 16_000
MIN_SILENCE_MS = 700
BELOW_AVERAGE_DB = 16  # quieter than the whole signal by this much is silence
SEEK_STEP_MS = 10


class EnergyDetector:
    """Everything that is louder than silence. Holds the whole signal in memory: 32 kB a second."""

    info = EngineInfo(
        name="energy",
        kind="detector",
        summary="pydub: cuts at silence by energy; takes music for speech (for comparison only)",
        licence="MIT",
        packages=("pydub",),
        sample_rate_hz=RATE_HZ,
        memory_mb=30,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None: pydub is always installed."""
        return None

    def detect(self, blocks: Iterable[Audio]) -> list[Span]:
        """See `SpeechDetector`."""
        from pydub import AudioSegment
        from pydub.silence import detect_nonsilent

        pcm = b"".join((np.clip(b, -1, 1) * 32767).astype("<i2").tobytes() for b in blocks)
        sound = AudioSegment(pcm, sample_width=2, frame_rate=RATE_HZ, channels=1)
        if sound.max == 0:
            return []
        threshold = sound.dBFS - BELOW_AVERAGE_DB
        found = detect_nonsilent(sound, MIN_SILENCE_MS, threshold, SEEK_STEP_MS)
        return [Span(start_s=a / 1000, end_s=b / 1000) for a, b in found if b > a]
