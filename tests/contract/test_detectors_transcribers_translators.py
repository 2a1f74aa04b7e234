"""What every detector, recogniser and translator promises, over the whole registry."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dubbing.engines.base import IdentifiesLanguage
from dubbing.engines.registry import (
    check_pair,
    engine_info,
    engine_names,
    load_engine,
    why_unavailable,
)
from dubbing.engines.weights import find_weights
from dubbing.errors import InputError, UnsupportedLanguageError
from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio
from tests.conftest import SAMPLES, lacking

pytestmark = pytest.mark.model


def is_real(name: str) -> bool:
    """Whether the weights are trained: downloaded ones are stood in for by tiny random ones."""
    return all(find_weights(weights).packaged for weights in engine_info(name).weights)


def use(name: str) -> None:
    """As the pipeline does: the pair is checked first, then the engine is loaded."""
    check_pair(name, "en", "ru")
    load_engine(name)


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
        """Each clip has its transcript, words in order and inside the clip; trained weights hear
        none in silence.
        """
        clips = [speech[: 6 * ANALYSIS_RATE_HZ], np.zeros(ANALYSIS_RATE_HZ, np.float32)]
        first, second = engine(name).transcribe(clips, language="en")
        assert len(first.words) > 3
        assert second.words == () or not is_real(name)
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

    def test_languages_are_told_apart(self, name: str, speech: np.ndarray):
        """Those that can tell give each clip probabilities that add up to 1 at most; trained
        weights know English.
        """
        transcriber = engine(name)
        assert isinstance(transcriber, IdentifiesLanguage)
        clips = [speech[: 6 * ANALYSIS_RATE_HZ], speech[: 3 * ANALYSIS_RATE_HZ]]
        found = transcriber.identify_language(clips)
        assert len(found) == 2
        assert all(0 < sum(told.values()) <= 1.001 for told in found)
        assert not is_real(name) or all(told["en"] > 0.9 for told in found)

    def test_foreign_language_is_refused(self, name: str, speech: np.ndarray):
        """A language that is not declared is refused by name."""
        with pytest.raises(UnsupportedLanguageError, match="xx"):
            engine(name).transcribe([speech], language="xx")


@pytest.mark.parametrize("name", engine_names("translator"))
class TestTranslator:
    """Translators, each on its first pair."""

    def test_one_translation_per_sentence(self, name: str):
        """For each sentence, in order, candidates best first, none empty; the same in any
        company. Trained weights keep numbers.
        """
        source, target = engine_info(name).languages[0].split("-")
        sentences = ["The lamp was lit in 1911.", "Good night.", "The sea is calm today."]
        made = engine(name).translate(sentences, source=source, target=target)
        assert len(made) == 3
        assert all(c.text for candidates in made for c in candidates)
        assert all(row == sorted(row, key=lambda c: -c.score) for row in made)
        assert all(c.score <= 0 for row in made for c in row)
        assert "1911" in made[0][0].text or not is_real(name)
        alone = engine(name).translate(["Good night."], source=source, target=target)[0]
        assert [c.text for c in alone] == [c.text for c in made[1]]

    def test_unknown_pair_is_refused(self, name: str):
        """A pair that no model has is refused with what can be done, before anything is loaded."""
        with pytest.raises(UnsupportedLanguageError, match="--translation"):
            check_pair(name, "ru", "xx")

    def test_missing_weights_name_the_ways_on(self, name: str, monkeypatch, tmp_path):
        """On a machine without the model of a pair, the message says how to get it."""
        monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
        with pytest.raises(InputError, match="models pull"):
            use(name)
