"""What every registered synthesizer keeps, in each of its languages."""

import json
import os
from functools import cache
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
import soxr

from dubbing.engines.base import KeepsVoices, Synthesizer, Voice
from dubbing.engines.dnsmos import naturalness
from dubbing.engines.espeak import CALIBRATION, TUNING, VARIANTS, VOICES, EspeakSynthesizer
from dubbing.engines.registry import engine_info, engine_names, load_engine, why_unavailable
from dubbing.engines.resemblyzer import ResemblyzerEncoder
from dubbing.errors import EngineError, UnsupportedLanguageError
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
QUICK = "matched:quick"
NAMES = [*engine_names("synthesizer"), QUICK]
TRAINED = [name for name in NAMES if not engine_info(name).weights]  # others: tiny, random weights
# What random weights do in one language they do in all. The search for a voice takes a quarter of a
# minute and is the same in all languages but for what the base voices say, which has its own test.
FEW = {"matched": ("ru",), "espeak": ("ru", "en")} | {n: ("ru",) for n in NAMES if n not in TRAINED}
CASES = [(n, lang) for n in NAMES for lang in FEW.get(n, engine_info(n).languages)]

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
    """Some seconds of a speaker whom no engine can take as a base voice."""
    text = "When I was a child, we worried most about a war. Today the risk looks quite different. "
    said = EspeakSynthesizer().say("en-us+f2", text)
    return VoicePrompt(speaker="Ann", samples=said.samples, sample_rate_hz=said.sample_rate_hz)


@cache
def _voice(name: str, language: str) -> Voice:
    return _engine(name).prepare(_prompt(), language=language)


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


@pytest.mark.parametrize("language", engine_info("espeak").languages)
def test_every_base_voice_says_what_it_is_fitted_on(language: str) -> None:
    """Some nine seconds in each of espeak-ng's variants, and no two variants alike."""
    text = f"{CALIBRATION[language]} {TUNING[language]}"
    spoken = [EspeakSynthesizer().say(VOICES[language] + variant, text) for variant in VARIANTS]
    assert all(7 < speech.duration_s < 13 for speech in spoken)
    assert len({speech.samples.tobytes() for speech in spoken}) == len(VARIANTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_voice_says_the_same(name: str) -> None:
    """A voice that took long to prepare goes through a file and says everything as before; what
    another engine kept is refused.
    """
    engine, voice = _engine(name), _voice(name, "ru")
    if not isinstance(engine, KeepsVoices):
        pytest.skip("its voices are ready at once")
    values = json.loads(json.dumps(engine.pack(voice)))
    (again,) = engine.synthesize([_texts(name, "ru")[0]], engine.unpack(values), language="ru")
    assert again.samples.tobytes() == _spoken(name, "ru")[0].samples.tobytes()
    with pytest.raises(ValueError, match="another"):
        engine.unpack(values | {"engine": "another"})


@pytest.mark.parametrize("name", TRAINED)
def test_speaks_hostile_text_as_text(
    name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markup, shell and Lisp in a text are harmless, and the words around them are spoken."""
    monkeypatch.chdir(str(tmp_path))
    clips = _engine(name).synthesize(HOSTILE, _voice(name, "ru"), language="ru")
    assert not os.path.lexists("x")
    assert all(clip.duration_s > 0.5 for clip in clips)


@pytest.mark.parametrize("name", TRAINED)
def test_loses_no_word_of_a_long_text(name: str) -> None:
    """Each repetition of a sentence adds its length, up to 500 characters."""
    sentence = "Съешь ещё этих мягких французских булок, да выпей же чаю. "
    texts = [sentence * count for count in (3, 6, 9)]
    lengths = [
        clip.duration_s
        for clip in _engine(name).synthesize(texts, _voice(name, "ru"), language="ru")
    ]
    added = [after - before for before, after in pairwise(lengths)]
    assert added[0] == pytest.approx(added[1], rel=0.1)
    assert lengths[0] == pytest.approx(added[0], rel=0.15)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_text_without_words(name: str) -> None:
    """A text that cannot be pronounced is an error, never silence."""
    with pytest.raises(EngineError):
        _engine(name).synthesize(["…"], _voice(name, "ru"), language="ru")


@pytest.mark.parametrize("name", NAMES)
def test_refuses_other_languages(name: str) -> None:
    """The error names the languages that it does speak."""
    with pytest.raises(UnsupportedLanguageError, match="ru") as caught:
        _engine(name).prepare(_prompt(), language="xx")
    assert (caught.value.engine, caught.value.language) == (name.partition(":")[0], "xx")
    with pytest.raises(UnsupportedLanguageError):
        _engine(name).synthesize(["a"], _voice(name, "ru"), language="xx")


@pytest.mark.parametrize("name", TRAINED)
def test_comes_nearer_to_the_speaker(name: str) -> None:
    """The matched voice is nearer to the prompt than its own base voice."""
    engine, voice = _engine(name), _voice(name, "ru")
    base = engine.say(voice.base, SAMPLES["ru"][1])  # type: ignore[attr-defined]
    prompt = _prompt()
    speeches = [Speech(samples=prompt.samples, sample_rate_hz=prompt.sample_rate_hz), base]
    clips = [
        soxr.resample(speech.samples, speech.sample_rate_hz, ResemblyzerEncoder.info.sample_rate_hz)
        for speech in [*speeches, _spoken(name, "ru")[1]]
    ]
    wanted, unmatched, matched = ResemblyzerEncoder().embed(clips)
    assert matched @ wanted > unmatched @ wanted + 0.05


@pytest.mark.parametrize("name", NAMES)
def test_describes_its_voice(name: str) -> None:
    """A person can read how the voice was made, and how near a matched one came."""
    assert _voice(name, "ru").description.startswith(f"{name.partition(':')[0]} ")
    assert "similarity 0." in _voice(name, "ru").description or name not in TRAINED


# A known shortfall: one man's voice alone, raised to a woman's pitch, falls from 3.4 to 2.6.
_ONE_BASE = pytest.mark.xfail(reason="festival has no natural way to this speaker", strict=True)
UNSURE = {"festival": _ONE_BASE}
# Of DNSMOS, on a text that was not tried. The search holds to 0.2 on what it tried; which of its
# candidates it then takes differs between processors, and with it what another text loses.
MOST_LOST = {"matched": 0.5, "espeak": 0.5}


@pytest.mark.parametrize("name", [pytest.param(n, marks=UNSURE.get(n, ())) for n in TRAINED])
def test_a_matched_voice_does_not_buzz(name: str) -> None:
    """Its DNSMOS on a text that was not tried is not far below the base voice's."""
    engine, voice = _engine(name), _voice(name, "ru")
    text = "Мы можем изменить мир, если начнём сегодня: ещё не поздно. " * 3
    base = engine.say(voice.base, text)  # type: ignore[attr-defined]
    (made,) = engine.synthesize([text], voice, language="ru")
    plain, matched = (
        naturalness(soxr.resample(s.samples, s.sample_rate_hz, 16_000)) for s in (base, made)
    )
    assert matched > plain - MOST_LOST.get(name, 0.2)
    assert name == QUICK or voice.is_natural  # type: ignore[attr-defined]
