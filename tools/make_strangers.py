"""Makes dubbing/quality/strangers.json: the voices of the two bundled talks as speaker vectors.

    python tools/make_strangers.py

They are the floor of the voice likeness: a man and a woman that no dub should be taken for, by each
speaker encoder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.engines.base import SpeakerEncoder  # noqa: E402
from dubbing.engines.campplus import CamPlusPlusEncoder  # noqa: E402
from dubbing.engines.resemblyzer import ResemblyzerEncoder  # noqa: E402
from dubbing.engines.silero import SileroDetector  # noqa: E402
from dubbing.media.audio import ANALYSIS_RATE_HZ, decode  # noqa: E402
from dubbing.media.clips import cut_clips  # noqa: E402
from dubbing.quality.voice import STRANGERS  # noqa: E402

TALKS = ("Lighthouse", "Night_Garden")
SPEECH_S = 10.0  # as much as one segment has, at most


def main() -> None:
    """Writes the vectors, four decimals each: the cosines stay the same to 0.0001."""
    encoders: list[SpeakerEncoder] = [ResemblyzerEncoder(), CamPlusPlusEncoder()]
    detector = SileroDetector()
    vectors: dict[str, dict[str, list[float]]] = {e.info.name: {} for e in encoders}
    for talk in TALKS:
        path = ROOT / "live_demo_samples" / f"{talk}.mp4"
        spans = detector.detect(decode(path, rate_hz=ANALYSIS_RATE_HZ, channels=1))
        blocks = decode(path, rate_hz=ANALYSIS_RATE_HZ, channels=1)
        speech = np.concatenate(list(cut_clips(blocks, spans, ANALYSIS_RATE_HZ)))
        for encoder in encoders:
            (vector,) = encoder.embed([speech[: round(SPEECH_S * ANALYSIS_RATE_HZ)]])
            vectors[encoder.info.name][talk] = [round(float(x), 4) for x in vector]
    text = json.dumps(vectors)
    STRANGERS.write_text(text.replace("], ", "],\n ") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
