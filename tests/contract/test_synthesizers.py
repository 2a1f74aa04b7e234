"""What every registered synthesizer keeps, in each of its languages."""

import math
import os
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from dubbing.engines import espeak_ng
from dubbing.engines.base import Synthesizer, Voice
from dubbing.engines.registry import (
    engine_info,
    engine_names,
    languages_here,
    load_engine,
    why_unavailable,
)
from dubbing.engines.stock_voices import StockSynthesizer, nearest
from dubbing.errors import EngineError, UnsupportedLanguageError
from dubbing.media.pitch import median_pitch_hz
from dubbing.text.stress import without_marks
from dubbing.types import Speech, VoicePrompt

pytestmark = pytest.mark.model

SAMPLES = {
    "ru": ("Привет, мир!", "Мы можем изменить мир, если начнём сегодня: ещё не поздно."),
    "pt": ("Olá, mundo!", "Podemos mudar o mundo se começarmos hoje, ainda não é tarde."),
    "en": ("Hello, world!", "We can change the world if we start today, it is not too late."),
    "es": ("¡Hola, mundo!", "Podemos cambiar el mundo si empezamos hoy, aún no es tarde."),
    "fr": ("Bonjour, monde !", "Nous pouvons changer le monde si nous commençons aujourd'hui."),
    "de": ("Hallo, Welt!", "Wir können die Welt verändern, wenn wir heute damit anfangen."),
    "it": ("Ciao, mondo!", "Possiamo cambiare il mondo se cominciamo oggi, non è tardi."),
}
NAMES = engine_names("synthesizer")
TINY = {
    "xtts"
}  # its real weights are not to be had here: tiny, random ones, the same in all languages
TRAINED = [name for name in NAMES if name not in TINY]
STOCK = [name for name in NAMES if not engine_info(name).clones]


def _languages(name: str) -> tuple[str, ...]:
    """Those that it is tried in: of engines whose voices are pulled, those in packages."""
    return ("ru",) if name in TINY else languages_here(name)


LANGUAGE = {name: "ru" if "ru" in _languages(name) else _languages(name)[0] for name in NAMES}
CASES = [(name, language) for name in NAMES for language in _languages(name)]

HOSTILE = [
    "<speak>привет</speak> мир",
    "привет $(touch x) `touch x` мир",
    "привет; мир",
    "привет \"мир\" 'да' (quit) «нет»",
    "привет\0мир",
    "\x01привет [[мир]]",
    "— Да… — нет —, что-то!?",
]


@cache
def _engine(name: str) -> Synthesizer:
    reason = why_unavailable(name)
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return cast(Synthesizer, load_engine(name))


@cache
def _prompt() -> VoicePrompt:
    """Some seconds of a woman."""
    text = "When I was a child, we worried most about a war. Today the risk looks quite different. "
    said = espeak_ng.speech(text, "en-us+f2")
    return VoicePrompt(speaker="Ann", samples=said.samples, sample_rate_hz=said.sample_rate_hz)


@cache
def _voice(name: str, language: str = "") -> Voice:
    return _engine(name).prepare(_prompt(), language=language or LANGUAGE[name])


def _texts(name: str, language: str) -> tuple[str, str]:
    """A short text and a longer one; a few letters for random weights, which babble on anyhow."""
    return SAMPLES[language] if name in TRAINED else ("Да!", "Нет.")


@cache
def _spoken(name: str, language: str) -> list[Speech]:
    texts, voice = _texts(name, language), _voice(name, language)
    return _engine(name).synthesize(texts, voice, language=language)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_gives_a_sounding_clip_per_text(name: str, language: str) -> None:
    """Clips come in the texts' order: float32 in [-1, 1], at the declared rate, not silent."""
    clips = _spoken(name, language)
    assert len(clips) == 2
    assert clips[0].duration_s < clips[1].duration_s or name not in TRAINED
    for clip in clips:
        assert clip.samples.dtype == np.float32
        assert clip.sample_rate_hz == engine_info(name).sample_rate_hz
        assert np.isfinite(clip.samples).all()
        assert (0.05 if name in TRAINED else 0) < np.abs(clip.samples).max() <= 1


@pytest.mark.parametrize(("name", "language"), CASES)
def test_starts_and_ends_with_sound(name: str, language: str) -> None:
    """Less than 30 ms of silence leads or trails: the timeline places sound, not files."""
    for clip in _spoken(name, language):
        loud = np.flatnonzero(np.abs(clip.samples) > 0.004 * np.abs(clip.samples).max())
        assert loud[0] < 0.03 * clip.sample_rate_hz
        assert len(clip.samples) - loud[-1] < 0.03 * clip.sample_rate_hz


@pytest.mark.parametrize(("name", "language"), CASES)
def test_says_the_same_again(name: str, language: str) -> None:
    """The same text and voice give the same bytes, in another order and company too."""
    again = _engine(name).synthesize(
        _texts(name, language)[::-1] * 2, _voice(name, language), language=language
    )
    first = [clip.samples.tobytes() for clip in _spoken(name, language)]
    assert [clip.samples.tobytes() for clip in again] == first[::-1] * 2


@pytest.mark.parametrize("name", TRAINED)
def test_speaks_hostile_text_as_text(
    name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markup, shell and Lisp in a text are harmless, and the words around them are spoken."""
    monkeypatch.chdir(str(tmp_path))
    clips = _engine(name).synthesize(HOSTILE, _voice(name), language=LANGUAGE[name])
    assert not os.path.lexists("x")
    assert all(clip.duration_s > 0.5 for clip in clips)


@pytest.mark.parametrize("name", TRAINED)
def test_loses_no_word_of_a_long_text(name: str) -> None:
    """Each repetition of a sentence adds its length, up to 500 characters."""
    sentence = f"{SAMPLES[LANGUAGE[name]][1]} "
    texts = [sentence * count for count in (3, 6, 9)]
    lengths = [
        clip.duration_s
        for clip in _engine(name).synthesize(texts, _voice(name), language=LANGUAGE[name])
    ]
    added = [after - before for before, after in pairwise(lengths)]
    assert added[0] == pytest.approx(added[1], rel=0.1)
    assert lengths[0] == pytest.approx(added[0], rel=0.15)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_text_without_words(name: str) -> None:
    """A text that cannot be pronounced is an error, never silence."""
    with pytest.raises(EngineError):
        _engine(name).synthesize(["…"], _voice(name), language=LANGUAGE[name])


@pytest.mark.parametrize("name", NAMES)
def test_refuses_other_languages(name: str) -> None:
    """The error names the languages that it does speak."""
    with pytest.raises(UnsupportedLanguageError, match=LANGUAGE[name]) as caught:
        _engine(name).prepare(_prompt(), language="xx")
    assert (caught.value.engine, caught.value.language) == (name, "xx")
    with pytest.raises(UnsupportedLanguageError):
        _engine(name).synthesize(["a"], _voice(name), language="xx")


@pytest.mark.parametrize("name", NAMES)
def test_describes_its_voice(name: str) -> None:
    """A person can read whose voice speaks, and that a stock voice is none of the speaker's."""
    description = _voice(name).description
    assert description.startswith(f"{name} ")
    assert ("stock voice" in description) is not engine_info(name).clones


def _pitch_hz(speech: Speech) -> float:
    found = median_pitch_hz([speech.samples], speech.sample_rate_hz)
    assert found is not None
    return found


@pytest.mark.parametrize("name", STOCK)
def test_a_stock_voice_comes_to_the_speakers_pitch(name: str) -> None:
    """Of two speakers three semitones apart, each is spoken at a pitch nearer to their own than the
    base voice's, by an engine that changes the pitch alone within a semitone and a half; at the
    same speed.
    """
    language, engine = LANGUAGE[name], _engine(name)
    assert isinstance(engine, StockSynthesizer)
    base = engine.bases(language)[0]
    text, alone = SAMPLES[language][1], base.pitches == (1.0, 1.0)
    lengths = []
    for factor in (0.92, 1.09):
        voice = nearest(name, [base], base.pitch_hz * factor)
        (said,) = engine.synthesize([text], voice, language=language)
        lengths.append(said.duration_s)
        off = abs(math.log2(_pitch_hz(said) / (base.pitch_hz * factor))) * 12
        assert off < (2.5 if alone else 1.5)
    assert lengths[0] == pytest.approx(lengths[1], rel=0.12)


@pytest.mark.parametrize("name", STOCK)
def test_says_as_many_characters_a_second_as_it_tells(name: str) -> None:
    """The pace of a talk is chosen by what the voice tells of its speed."""
    language = LANGUAGE[name]
    text = f"{SAMPLES[language][1]} {SAMPLES[language][1]}"
    voice = _voice(name)
    (said,) = _engine(name).synthesize([text], voice, language=language)
    assert len(without_marks(text)) / said.duration_s == pytest.approx(
        voice.characters_per_s, rel=0.25
    )


@pytest.mark.parametrize("name", [n for n in STOCK if "ru" in _languages(n)])
def test_a_stress_mark_is_heard(name: str) -> None:
    """The same letters with another stress are another sound."""
    castle, lock = "Это за\u0301мок, большой за\u0301мок.", "Это замо\u0301к, большой замо\u0301к."
    voice = _voice(name)
    one, other = _engine(name).synthesize([castle, lock], voice, language="ru")
    assert one.samples.tobytes() != other.samples.tobytes()
