"""Which language is spoken, by the real recogniser: English in any shape is never refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing import DubbingConfig, dub
from dubbing.engines import loaded
from dubbing.engines.faster_whisper import FasterWhisperTranscriber
from dubbing.errors import OtherLanguageError
from dubbing.media.audio import read_audio
from dubbing.stages.language import mean_probabilities, other_language
from dubbing.types import Audio
from tests.conftest import SAMPLES
from tests.model.test_samples import ALL
from tests.music import music
from tests.speaking import RATE_HZ, TEXTS, by_espeak, by_festival, by_kokoro, sung

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def recogniser() -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber()


def refused_as(recogniser: FasterWhisperTranscriber, clips: Sequence[Audio]) -> str | None:
    """What the pipeline decides of these stretches of a recording that should be English."""
    found = recogniser.identify_language(clips)
    return other_language(mean_probabilities(zip(map(len, clips), found, strict=True)), "en")


def stretches(speech: Audio, seconds: float = 12.0) -> list[Audio]:
    """Up to three pieces of it."""
    size = round(seconds * RATE_HZ)
    return [speech[start : start + size] for start in range(0, len(speech), size)][:3]


@pytest.mark.parametrize(("language", "voice"), [("de", "de"), ("pt", "pt-br")])
def test_natural_voices_in_other_languages(
    recogniser: FasterWhisperTranscriber, language: str, voice: str
):
    """A talk in German or Portuguese is refused by name."""
    assert refused_as(recogniser, stretches(by_kokoro(language, voice))) == language


@pytest.mark.parametrize("language", ["es", "fr"])
def test_machine_voices_in_other_languages(
    recogniser: FasterWhisperTranscriber, language: str, tmp_path: Path
):
    """So are Spanish and French, even from a robot."""
    speech = by_espeak(TEXTS[language], language, tmp_path)
    assert refused_as(recogniser, stretches(speech)) == language


@pytest.mark.parametrize("name", ALL)
def test_samples_pass(recogniser: FasterWhisperTranscriber, name: str):
    """Every bundled sample is taken for English."""
    speech = read_audio(SAMPLES / f"{name}.mp4", RATE_HZ)
    assert refused_as(recogniser, stretches(speech)) is None


@pytest.mark.parametrize("voice", ["en-us", "en-gb-scotland", "de", "fr", "ru", "hi", "es", "pl"])
def test_accents_pass(recogniser: FasterWhisperTranscriber, voice: str, tmp_path: Path):
    """English that a German, French, Russian, Indian, Spanish or Polish voice reads is English."""
    speech = by_espeak(TEXTS["en"], voice, tmp_path)
    assert refused_as(recogniser, stretches(speech)) is None


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_short_clips_pass(recogniser: FasterWhisperTranscriber, seconds: float):
    """A second or two of English is enough, or nobody can tell."""
    speech = read_audio(SAMPLES / "Clip_Man.mp4", RATE_HZ)
    assert refused_as(recogniser, stretches(speech[RATE_HZ:], seconds)) is None


def test_singing_and_music_pass(recogniser: FasterWhisperTranscriber):
    """English that is sung, with a band and without, and the band alone."""
    song = sung(read_audio(SAMPLES / "Clip_Man.mp4", RATE_HZ))
    band = music(len(song) / RATE_HZ + 1)[: len(song)]
    for heard in (song, song / song.std() * band.std() + band, band):
        assert refused_as(recogniser, stretches(heard)) is None


def test_a_quotation_passes(recogniser: FasterWhisperTranscriber, tmp_path: Path):
    """One stretch of three in Russian does not make an English talk Russian; the reverse does."""
    english = stretches(read_audio(SAMPLES / "Lighthouse.mp4", RATE_HZ)[2 * RATE_HZ :])
    russian = stretches(by_festival(tmp_path), 8.0)[:1]
    assert refused_as(recogniser, [*english[:2], *russian]) is None
    assert refused_as(recogniser, russian) == "ru"


def test_english_only_weights_cannot_tell():
    """tiny.en says nothing, so that nothing is refused."""
    clip = np.zeros(RATE_HZ, np.float32)
    assert FasterWhisperTranscriber("tiny.en").identify_language([clip]) == [{}]


def test_a_run_is_refused_before_it_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One sentence names both languages; no stretch is recognised, and the same command again
    loads nothing to say the same.
    """
    soundfile.write(tmp_path / "talk.wav", by_festival(tmp_path), RATE_HZ)
    loads: list[str] = []
    load = loaded.load_engine
    monkeypatch.setattr(loaded, "load_engine", lambda name: loads.append(name) or load(name))
    for expected in (["silero", "faster-whisper"], []):
        loads.clear()
        with pytest.raises(OtherLanguageError, match="the speech is Russian, not English") as got:
            dub(
                tmp_path / "talk.wav",
                config=DubbingConfig(profile="offline", target="pt", speakers=1),
                artifacts=tmp_path / "A",
                output=tmp_path / "out.m4a",
            )
        assert (got.value.found, got.value.wanted) == ("ru", "en")
        assert "\n" not in str(got.value) and "tiny.en" in str(got.value)
        assert loads == expected
        assert not (tmp_path / "A" / "talk" / "recognition").exists()
