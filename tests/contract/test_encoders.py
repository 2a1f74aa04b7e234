"""What every registered speaker encoder keeps."""

from functools import cache
from typing import cast

import numpy as np
import pytest
import soxr

from dubbing.engines import espeak_ng
from dubbing.engines.base import SpeakerEncoder
from dubbing.engines.registry import engine_info, engine_names, load_engine
from dubbing.types import Audio

pytestmark = pytest.mark.model

NAMES = engine_names("encoder")
TEXTS = (
    "We can change the world if we start today, and it is not too late.",
    "The way is long, but every single step of it counts for all of us.",
)


@cache
def _encoder(name: str) -> SpeakerEncoder:
    return cast(SpeakerEncoder, load_engine(name))


@cache
def _clips(rate_hz: int) -> list[Audio]:
    """Two voices saying two texts: a1, a2, b1, b2."""
    said = [espeak_ng.speech(text, voice) for voice in ("en-us", "en-us+f2") for text in TEXTS]
    return [np.float32(soxr.resample(s.samples, s.sample_rate_hz, rate_hz)) for s in said]


@pytest.mark.parametrize("name", NAMES)
def test_gives_unit_vectors(name: str) -> None:
    """One float32 vector of length 1 per clip, the same when asked again or alone."""
    clips = _clips(engine_info(name).sample_rate_hz)
    vectors = _encoder(name).embed(clips)
    assert len(vectors) == len(clips)
    for clip, vector in zip(clips, vectors, strict=True):
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        np.testing.assert_array_equal(vector, _encoder(name).embed([clip])[0])


@pytest.mark.parametrize("name", NAMES)
def test_is_nearer_for_the_same_voice(name: str) -> None:
    """The same voice with another text is nearer than another voice with the same text."""
    a1, a2, b1, b2 = _encoder(name).embed(_clips(engine_info(name).sample_rate_hz))
    assert min(a1 @ a2, b1 @ b2) > max(a1 @ b1, a2 @ b2) + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_takes_short_quiet_and_no_sound(name: str) -> None:
    """A second of speech, a whisper and silence give finite vectors."""
    clip = _clips(engine_info(name).sample_rate_hz)[0]
    for given in (clip[: engine_info(name).sample_rate_hz], clip * np.float32(0.001), clip * 0):
        assert np.isfinite(_encoder(name).embed([given])[0]).all()


def test_agrees_with_the_package_resemblyzer() -> None:
    """Our spectrogram and network give what the package's own give, to 1e-5."""
    import resemblyzer

    theirs = resemblyzer.VoiceEncoder("cpu", verbose=False)
    for clip, ours in zip(
        _clips(16_000), _encoder("resemblyzer").embed(_clips(16_000)), strict=True
    ):
        loud = resemblyzer.normalize_volume(clip, -30, increase_only=True)
        np.testing.assert_allclose(ours, theirs.embed_utterance(loud), atol=1e-5)
