"""What every detector, recogniser and translator promises, over the whole registry."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dubbing.engines.registry import (
    engine_info,
    engine_names,
    load_engine,
    why_unavailable,
)
from dubbing.errors import InputError, UnsupportedLanguageError
from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio
from tests.conftest import SAMPLES, lacking

pytestmark = pytest.mark.model


def engine(name: str):
    if reason := why_unavailable(name):
        lacking(reason)
    return load_engine(name)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """A short clip of real speech."""
    return read_audio(SAMPLES / "Clip_Man.mp4", ANALYSIS_RATE_HZ)


@pytest.mark.parametrize("name", engine_names())
def test_every_engine_declares_itself(name: str):
    """Name, kind, licence, packages and memory are stated, and the name is the registry's."""
    info = engine_info(name)
    assert info.name == name
    assert info.licence and info.summary and info.packages
    assert info.memory_mb > 0


def test_unknown_engine_is_answered_with_the_known():
    """A wrong name lists the right ones."""
    with pytest.raises(InputError, match="silero"):
        load_engine("parrot")


@pytest.mark.parametrize("name", engine_names("detector"))
class TestDetector:
    """Speech detectors."""

    def test_spans_are_ordered_and_inside(self, name: str, speech: np.ndarray):
        """Speech is found; the spans are ordered, disjoint and inside the signal to one frame."""
        found = engine(name).detect([speech])
        assert found
        assert all(a.end_s <= b.start_s for a, b in pairwise(found))
        assert found[-1].end_s <= len(speech) / ANALYSIS_RATE_HZ + 0.04

    def test_block_size_changes_nothing(self, name: str, speech: np.ndarray):
        """The same signal in other pieces gives the same spans."""
        one = engine(name).detect([speech])
        other = engine(name).detect(speech[i : i + 777] for i in range(0, len(speech), 777))
        assert one == other

    def test_second_call_knows_nothing_of_the_first(self, name: str, speech: np.ndarray):
        """No state is carried from one signal to the next."""
        detector = engine(name)
        assert detector.detect([speech]) == detector.detect([speech])

    @pytest.mark.parametrize("seconds", [0, 0.01, 3])
    def test_silence_has_no_speech(self, name: str, seconds: float):
        """Silence, however short, gives no span and no error."""
        silence = np.zeros(round(seconds * ANALYSIS_RATE_HZ), np.float32)
        assert engine(name).detect([silence]) == []


@pytest.mark.parametrize("name", engine_names("transcriber"))
class TestTranscriber:
    """Recognisers."""

    def test_one_transcript_per_clip_inside_its_clip(self, name: str, speech: np.ndarray):
        """Each clip has its transcript, words in order and inside the clip; silence has none."""
        clips = [speech[: 6 * ANALYSIS_RATE_HZ], np.zeros(ANALYSIS_RATE_HZ, np.float32)]
        first, second = engine(name).transcribe(clips, language="en")
        assert len(first.words) > 3
        assert second.words == ()
        starts = [word.start_s for word in first.words]
        assert starts == sorted(starts)
        assert first.words[-1].end_s <= 6

    def test_same_clip_same_words(self, name: str, speech: np.ndarray):
        """Recognition is repeatable."""
        clip = speech[: 4 * ANALYSIS_RATE_HZ]
        transcriber = engine(name)
        assert transcriber.transcribe([clip], language="en") == transcriber.transcribe(
            [clip], language="en"
        )

    def test_foreign_language_is_refused(self, name: str, speech: np.ndarray):
        """A language that is not declared is refused by name."""
        if not engine_info(name).languages:
            pytest.skip("understands any language")
        with pytest.raises(UnsupportedLanguageError, match="xx"):
            engine(name).transcribe([speech], language="xx")


@pytest.mark.parametrize("name", engine_names("translator"))
class TestTranslator:
    """Translators, on the pair whose weights come with the packages."""

    def test_one_translation_per_sentence(self, name: str):
        """For each sentence, in order, candidates best first, none empty, numbers kept."""
        sentences = ["The lamp was lit in 1911.", "Good night.", "The sea is calm today."]
        made = engine(name).translate(sentences, source="en", target="pt")
        assert len(made) == 3
        assert all(c.text for candidates in made for c in candidates)
        assert all(row == sorted(row, key=lambda c: -c.score) for row in made)
        assert "1911" in made[0][0].text
        assert made[1] == engine(name).translate(["Good night."], source="en", target="pt")[0]

    def test_missing_pair_names_the_ways_on(self, name: str, monkeypatch, tmp_path):
        """A pair that is not on the machine is refused with what can be done."""
        monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
        with pytest.raises(UnsupportedLanguageError, match="models pull en-ru"):
            engine(name).check_pair("en", "ru")
