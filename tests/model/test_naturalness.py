"""DNSMOS and DistillMOS on speech whose order of quality is known."""

from __future__ import annotations

import numpy as np
import pytest

from dubbing.engines import dnsmos
from dubbing.engines.distillmos import WINDOW, DistillMos
from dubbing.engines.dnsmos import RATE_HZ
from dubbing.media.audio import decode
from dubbing.quality.naturalness import naturalness
from dubbing.types import Audio
from tests.conftest import SAMPLES

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def speech() -> Audio:
    path = SAMPLES / "Clip_Man.mp4"
    return np.concatenate(list(decode(path, rate_hz=RATE_HZ, channels=1)))[: 9 * RATE_HZ]


def test_noise_and_clipping_lower_the_score(speech: Audio):
    """Clean speech scores above the same under noise, and above the same cut off hard."""
    noise = np.random.default_rng(0).normal(0, 0.05, len(speech)).astype(np.float32)
    clean = dnsmos.naturalness(speech)
    assert 2.5 < clean < 5
    assert dnsmos.naturalness(speech + noise) < clean - 0.5
    assert dnsmos.naturalness(np.clip(speech * 30, -0.5, 0.5)) < clean - 0.3


def test_score_is_that_of_the_published_code(speech: Audio):
    """The package's own code gives the same for the same window."""
    from speechmos import dnsmos as published

    window = np.resize(speech, int(9.01 * RATE_HZ))
    wanted = published.run(window, sr=RATE_HZ)["ovrl_mos"]
    assert dnsmos.naturalness(speech) == pytest.approx(float(wanted), abs=0.01)


def test_silent_windows_are_left_out(speech: Audio):
    """A dead window has no naturalness; a track of nothing has none at all."""
    silence = np.zeros_like(speech)
    assert naturalness([speech, silence]) == pytest.approx(dnsmos.naturalness(speech))
    assert naturalness([silence]) is None


@pytest.fixture(scope="module")
def judge() -> DistillMos:
    return DistillMos()


def test_distillmos_ranks_clean_speech_above_noise(speech: Audio, judge: DistillMos):
    """The same speech buried in noise scores far lower, and the same twice gives the same."""
    noise = np.random.default_rng(0).normal(0, 0.05, len(speech)).astype(np.float32)
    clean = judge.naturalness(speech)
    assert 3.5 < clean < 5
    assert judge.naturalness(speech + noise) < clean - 0.5
    assert judge.naturalness(speech) == clean


def test_distillmos_hears_a_window_as_the_published_code(
    speech: Audio, judge: DistillMos, capsys: pytest.CaptureFixture[str]
):
    """One window gives the package's own number, however loud; loading it prints nothing."""
    import torch
    from distillmos import ConvTransformerSQAModel

    window = speech[:WINDOW]
    published = ConvTransformerSQAModel().eval()
    capsys.readouterr()
    with torch.inference_mode():
        wanted = published(torch.from_numpy(window)[None]).item()
    assert judge.naturalness(window) == pytest.approx(wanted, abs=0.001)
    assert judge.naturalness(window * np.float32(0.1)) == pytest.approx(wanted, abs=0.01)
    DistillMos()
    assert not capsys.readouterr().out
