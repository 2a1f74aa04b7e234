"""Makes dubbing/engines/kokoro_voices.json: Kokoro's base voices, mixed of its five styles.

    python tools/make_kokoro_voices.py

A man's voice is the only man's style with a quarter of another one's timbre added or taken away; a
woman's is a mixture of the man's and a woman's timbre at a woman's pitch, since the women's styles
alone can hardly be understood in Russian. Pitch and pace are the man's own in all of them. Each
says a few sentences; kept are its vector by Resemblyzer, by which the nearest to a speaker is
chosen, and what DistillMOS and Whisper base say of it. A voice that sounds unnatural or cannot be
understood is left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dubbing.engines import distillmos  # noqa: E402
from dubbing.engines.faster_whisper import FasterWhisperTranscriber  # noqa: E402
from dubbing.engines.kokoro import VOICES, KokoroSynthesizer, Mixture  # noqa: E402
from dubbing.engines.resemblyzer import ResemblyzerEncoder  # noqa: E402
from dubbing.engines.stock_voices import Utterance, played  # noqa: E402
from dubbing.media.audio import resample  # noqa: E402
from dubbing.media.pitch import median_pitch_hz  # noqa: E402
from dubbing.quality.backcheck import cer  # noqa: E402
from dubbing.text.stress import without_marks  # noqa: E402
from dubbing.types import Speech  # noqa: E402

RATE_HZ = 16_000
LEAST_NATURAL, MOST_MISHEARD = 3.9, 0.1
WOMANS_PITCH = 2.1  # factor on the man's
# Resemblyzer hears a voice where its speakers are: a man's between his own pitch and a woman's.
HEARD_AT = {"male": 1.6, "female": 1.0}
PLAYED = 1.1
SENTENCES = (
    "Когда́ я был ма́леньким, мы ча́сто ходи́ли с де́душкой на рыба́лку.",
    "Учё́ные до́лго иска́ли отве́т на э́тот вопро́с и нашли́ его́ там, где никто́ не ожида́л.",
    "Мы должны́ вложи́ть де́ньги в подгото́вку враче́й и в нау́чные иссле́дования.",
    "Сего́дня мы расска́жем о том, как лю́ди меня́ют мир вокру́г себя́.",
    "Он вы́шел из ко́мнаты, закры́л дверь и ти́хо спусти́лся по ле́стнице.",
    "Что́бы поня́ть друго́го челове́ка, ну́жно уме́ть слу́шать и задава́ть вопро́сы.",
)

MAN: dict[str, Any] = {
    "name": "man",
    "gender": "male",
    "timbre": {"jm_kumo": 1.0},
    "pitch": 1.0,
}


def mixtures() -> Iterator[dict[str, Any]]:
    """Every voice that is tried."""
    women = {"a": "jf_alpha", "g": "jf_gongitsune", "n": "jf_nezumi", "t": "jf_tebukuro"}
    man = {"gender": "male", "pitch": 1.0}
    yield MAN
    for letter, style in women.items():
        for share in (-0.25, 0.2):
            name = f"man{share:+g}{letter}"
            yield {"name": name, "timbre": {"jm_kumo": 1 - share, style: share}, **man}
    woman = {"gender": "female", "pitch": WOMANS_PITCH}
    for letter, style in women.items():
        for share in (0.3, 0.4):
            name = f"woman{share:+g}{letter}"
            yield {"name": name, "timbre": {"jm_kumo": 1 - share, style: share}, **woman}


def main() -> None:
    """Writes the voices that can be listened to, and prints all of them."""
    engine, encoder = KokoroSynthesizer(), ResemblyzerEncoder()
    listener, judge = FasterWhisperTranscriber(), distillmos.DistillMos()

    def said(mixture: Mixture, **how: float) -> list[Speech]:
        lines = [Utterance(base="", text=t, language="ru", **how) for t in SENTENCES]
        return [engine.speak(mixture, line) for line in lines]

    plain = said(Mixture(**MAN, pitch_hz=1.0, vector=()))
    pitch_hz = median_pitch_hz([s.samples for s in plain], plain[0].sample_rate_hz) or 0.0
    length_s = sum(s.duration_s for s in plain)
    pace = round(sum(len(without_marks(t)) for t in SENTENCES) / length_s, 1)

    def measured(mixture: dict[str, Any]) -> dict[str, Any]:
        made = Mixture(**mixture, pitch_hz=1.0, vector=())
        raised = said(made, speed=1 / PLAYED, pitch=HEARD_AT[made.gender])
        heard = [resample(played(s.samples, PLAYED), s.sample_rate_hz, RATE_HZ) for s in raised]
        rates = [
            cer(text, found.text, "ru") or 0.0
            for text, found in zip(
                SENTENCES, listener.transcribe(heard, language="ru"), strict=True
            )
        ]
        vector = np.mean(encoder.embed(heard), axis=0)
        vector /= np.linalg.norm(vector)
        found = {
            **mixture,
            "pitch_hz": round(pitch_hz * made.pitch, 1),
            "characters_per_s": pace,
            "distillmos": round(median(judge.naturalness(clip) for clip in heard), 2),
            "cer": round(fmean(rates), 3),
            "vector": [round(float(x), 4) for x in vector],
        }
        print({k: v for k, v in found.items() if k != "vector"}, flush=True)
        return found

    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(measured, mixtures()))
    kept = [r for r in rows if r["distillmos"] >= LEAST_NATURAL and r["cer"] <= MOST_MISHEARD]
    text = ",\n".join(json.dumps(row) for row in kept)
    VOICES.write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
