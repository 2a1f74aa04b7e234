"""Makes `live_demo_samples/` anew: `python tools/make_samples.py [NAME …] [--check]`.

Everything is synthesised: the voices (Kokoro-82M), the music, the rooms and the pictures. Beyond
the project's requirements it needs the program espeak-ng (`apt-get install espeak-ng`).

`--check` measures the finished files: how well they are recognised, loudness, where speech starts.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from samples.check import check
from samples.encode import write_video
from samples.plan import SAMPLES, Sample
from samples.scripts import SPEAKERS, SPOKEN
from samples.track import Track, record

FOLDER = Path(__file__).resolve().parent.parent / "live_demo_samples"


def truth(track: Track) -> dict[str, object]:
    """What is known of a sample, as it is written beside it."""
    speakers = {said.line.speaker for said in track.sentences}
    return {
        "language": "en",
        "duration_s": round(track.duration_s, 3),
        "speakers": {
            name: {"voice": speaker.voice, "gender": speaker.gender, "synthetic": True}
            for name, speaker in SPEAKERS.items()
            if name in speakers
        },
        "sentences": [
            {
                "text": said.line.en,
                "start_s": said.start_s,
                "end_s": said.end_s,
                "speaker": said.line.speaker,
            }
            for said in track.sentences
        ],
        **track.marks,
    }


def _clock(time_s: float) -> str:
    minutes, ms = divmod(round(time_s * 1000), 60_000)
    return f"00:{minutes:02}:{ms // 1000:02},{ms % 1000:03}"


def subtitles(track: Track) -> str:
    """The Russian translation as SRT, a cue for every sentence."""
    cues = [
        f"{number}\n{_clock(said.start_s)} --> {_clock(said.end_s)}\n{said.line.ru}\n"
        for number, said in enumerate(track.sentences, start=1)
    ]
    return "\n".join(cues)


def pace(ru: str, duration_s: float) -> float:
    """Russian characters for every second of the English sentence, numbers as they are spoken."""
    for digits, words in SPOKEN.items():
        ru = ru.replace(digits, words)
    return len(ru) / duration_s


def make(sample: Sample) -> None:
    """Writes one sample with its truth and its translation, and prints its pace."""
    track = record(sample)
    write_video(FOLDER / f"{sample.name}.mp4", sample, track)
    document = json.dumps(truth(track), ensure_ascii=False, indent=1)
    (FOLDER / f"{sample.name}.truth.json").write_text(document + "\n", encoding="utf-8")
    (FOLDER / f"{sample.name}.ru.srt").write_text(subtitles(track), encoding="utf-8")
    print(f"{sample.name}: {track.duration_s:.1f} s")
    for said in track.sentences:
        length_s = said.end_s - said.start_s
        print(f"  {length_s:5.2f} s {pace(said.line.ru, length_s):5.1f} char/s  {said.line.ru}")


def main() -> None:
    """Makes the named samples, or all of them."""
    names = [sample.name for sample in SAMPLES]
    parser = argparse.ArgumentParser(description="Makes live_demo_samples/ anew.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--check", action="store_true", help="measure, make nothing")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(names):
        parser.error(f"no sample is called {', '.join(sorted(unknown))}")
    FOLDER.mkdir(exist_ok=True)
    for sample in SAMPLES:
        if asked.names and sample.name not in asked.names:
            continue
        if asked.check:
            check(FOLDER / f"{sample.name}.mp4")
        else:
            make(sample)


if __name__ == "__main__":
    main()
