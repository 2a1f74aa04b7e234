"""Which profile is chosen, and why, for what lies on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing import config as config_module
from dubbing.config import (
    PROFILES,
    DubbingConfig,
    choose_engines,
    richest_profile,
    why_not,
)
from dubbing.engines import licences
from dubbing.engines.loaded import LoadedEngines
from dubbing.engines.registry import engine_info, engine_weights
from dubbing.engines.weights import FASTER_WHISPER, find_weights, record, why_missing
from dubbing.errors import (
    EngineUnavailableError,
    InputError,
    LowMemoryError,
    UnsupportedLanguageError,
)
from dubbing.models import downloads

pytestmark = pytest.mark.unit


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    return tmp_path


def put(models: Path, name: str) -> None:
    """Files of a set of weights: choosing reads no weights, so any content does."""
    (models / name).mkdir()
    for file in find_weights(name).files:
        (models / name / file).write_text(name)
    record(name, revision="test")


def free(monkeypatch: pytest.MonkeyPatch, mb: int | None) -> None:
    monkeypatch.setattr(config_module, "available_mb", lambda: mb)


@pytest.fixture
def complete(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with the weights of `studio`, its licence accepted, and much memory."""
    free(monkeypatch, 100_000)
    for name in ("whisper-base", "opus-mt-en-ru", "xtts-v2"):
        put(models, name)
    licences.accept("CPML")
    return models


def test_without_weights_it_is_the_smallest(models: Path):
    """Nothing pulled: `offline`, and the sentence says what the next richer one lacks."""
    chosen, reason = richest_profile(DubbingConfig())
    assert chosen == "offline"
    assert "models pull whisper-base" in reason


def test_with_all_weights_it_is_the_richest(complete: Path):
    """Everything there: `studio`."""
    assert richest_profile(DubbingConfig())[0] == "studio"
    assert DubbingConfig().resolved().profile == "studio"


def test_a_licence_that_is_not_accepted_counts(complete: Path):
    """XTTSv2 without its licence accepted is not used."""
    (complete / "licences.json").unlink()
    assert "accept-cpml" in str(why_not("studio", DubbingConfig()))


def test_memory_counts(complete: Path, monkeypatch: pytest.MonkeyPatch):
    """A profile whose largest engine does not fit is passed over, with the numbers."""
    free(monkeypatch, 1000)
    reason = str(why_not("studio", DubbingConfig()))
    assert "1000 MB are free" in reason
    assert richest_profile(DubbingConfig())[0] == "offline"
    free(monkeypatch, None)
    assert richest_profile(DubbingConfig())[0] == "studio"


def test_the_target_language_counts(complete: Path):
    """A profile that does not translate into the language is passed over."""
    assert richest_profile(DubbingConfig(target="pt"))[0] == "offline"


def test_named_profile_is_never_replaced(models: Path):
    """A profile asked for by name is used or refused, not exchanged."""
    with pytest.raises(EngineUnavailableError, match="models pull"):
        choose_engines(DubbingConfig(profile="studio"), translates=True)


def test_supplied_translation_needs_no_translator(models: Path):
    """With a translation supplied the model that would make one may be missing."""
    with pytest.raises(EngineUnavailableError, match="en-ru"):
        choose_engines(DubbingConfig(profile="lite"), translates=True)
    assert choose_engines(DubbingConfig(profile="lite"), translates=False).translator == "firefox"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"transcriber": "parrot"}, "whisper"),
        ({"transcriber": "xtts"}, "no transcriber"),
        ({"translator": "silero"}, "no translator"),
        ({"transcriber": "whisper:small"}, "models pull whisper-small"),
        ({"synthesizer": "espeak:loud"}, "no variants"),
    ],
)
def test_engines_by_name(models: Path, options: dict[str, str], says: str):
    """An engine that is not of its kind, or not here, is refused with what to do."""
    with pytest.raises(InputError, match=says):
        choose_engines(DubbingConfig(profile="offline", **options), translates=True)


def test_language_that_no_voice_speaks(models: Path):
    """A target language outside the list is answered with the list."""
    with pytest.raises((InputError, UnsupportedLanguageError), match="choose one of ru"):
        choose_engines(DubbingConfig(profile="offline", target="xx"), translates=False)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("whisper", ("whisper-base",)),
        ("whisper:small", ("whisper-small",)),
        ("faster-whisper", ("faster-whisper-base",)),
        ("faster-whisper:tiny.en", ("faster-whisper-tiny.en",)),
        ("faster-whisper:/my/folder", ()),
        ("opus-mt-ct2", ("opus-mt-en-ru",)),
    ],
)
def test_variants_have_weights_of_their_own(name: str, weights: tuple[str, ...]):
    """A size names its own weights, a folder of the user's none that we know."""
    assert engine_weights(name) == weights


@pytest.mark.parametrize("engine", ["whisper", "faster-whisper"])
def test_sizes_need_memory_of_their_own(engine: str):
    """A larger Whisper is known to need more; the size that an engine takes by itself needs what it
    declares, and so does a folder of the user's own.
    """
    growing = ("tiny", "base.en", "small", "distil-large-v3", "turbo", "large")
    needed = [engine_info(f"{engine}:{size}").memory_mb for size in growing]
    assert needed == sorted(set(needed))
    declared = engine_info(engine).memory_mb
    assert engine_info(f"{engine}:base").memory_mb == pytest.approx(declared, rel=0.02)
    assert engine_info(f"{engine}:/my/folder").memory_mb == declared
    assert set(FASTER_WHISPER) <= set(engine_info(engine).variants_mb)


def test_what_does_not_fit_is_refused_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch):
    """A large Whisper on a machine with room for the base one."""
    monkeypatch.setattr("dubbing.engines.loaded.available_mb", lambda: 2000)
    with pytest.raises(LowMemoryError, match=r"whisper:large-v3 needs about 9\d\d\d MB"):
        LoadedEngines().get("whisper:large-v3")


def test_what_a_profile_pulls():
    """Every profile's downloads are known; those of `offline` lie in packages."""
    assert downloads("studio") == ["whisper-base", "opus-mt-en-ru", "xtts-v2"]
    assert downloads("turbo") == ["faster-whisper-base", "opus-mt-en-ru", "xtts-v2"]
    assert downloads("lite") == ["faster-whisper-base", "kokoro-82m", "en-ru"]
    assert downloads("offline") == ["faster-whisper-base", "kokoro-82m"]
    assert all(why_missing(name) is None for name in downloads("offline"))
    assert list(PROFILES)[-1] == "offline"


def test_sizes_for_english_know_no_other_language():
    """Those are refused for a German talk before anything is loaded; the others know many."""
    assert engine_info("faster-whisper:tiny.en").languages == ("en",)
    assert engine_info("whisper:base.en").languages == ("en",)
    assert engine_info("faster-whisper").languages == engine_info("whisper:small").languages == ()
