"""Separation with the real Demucs classes on a tiny checkpoint, and the streaming around it."""

from pathlib import Path

import numpy as np
import pytest

from dubbing.config import DubbingConfig, choose_engines
from dubbing.engines import demucs as module
from dubbing.engines.demucs import RATE_HZ, DemucsSeparator, in_pieces
from dubbing.engines.registry import load_engine, why_unavailable
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local folder of weights."""
    pytest.importorskip("demucs", reason="the optional package demucs is not installed")
    from tests.tiny.demucs import make_demucs

    return make_demucs(tmp_path_factory.mktemp("demucs"))


def _blocks(seconds: float) -> list[Audio]:
    sound = np.random.default_rng(0).normal(0, 0.1, (round(seconds * RATE_HZ), 2))
    return [sound[i : i + RATE_HZ].astype(np.float32) for i in range(0, len(sound), RATE_HZ)]


def test_gives_the_sources_but_the_voice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the sound, the same again, and what the model itself says the drums are."""
    import torch
    from demucs.apply import apply_model

    engine = load_engine(f"demucs:{folder}")
    assert isinstance(engine, DemucsSeparator)
    blocks = _blocks(3.3)
    made = np.concatenate(list(engine.background(blocks)))
    assert made.shape == (round(3.3 * RATE_HZ), 2) and made.dtype == np.float32
    assert np.isfinite(made).all() and made.any()
    mixture = torch.from_numpy(np.concatenate(blocks).T)[None]
    loudness = mixture.std()
    drums = apply_model(engine._model, mixture / loudness, shifts=0)[0, 0] * loudness
    np.testing.assert_allclose(made, drums.detach().numpy().T, atol=1e-5)
    monkeypatch.setattr(module, "PIECE_S", 1.0)  # streamed in pieces: no sample more or less
    pieces = list(engine.background(blocks))
    assert len(pieces) > 1 and sum(map(len, pieces)) == len(made)


@pytest.mark.parametrize("size", [7, 100, 1000])
def test_pieces_join_without_a_seam(size: int) -> None:
    """Work that changes nothing changes nothing, whatever blocks come in."""
    sound = np.random.default_rng(1).normal(size=(1000, 2)).astype(np.float32)
    blocks = [sound[i : i + size] for i in range(0, 1000, size)]
    made = np.concatenate(list(in_pieces(blocks, np.copy, 200, 20)))
    np.testing.assert_allclose(made, sound, atol=1e-6)
    assert list(in_pieces([], np.copy, 200, 20)) == []


def test_pieces_hold_little(folder: Path) -> None:
    """A piece is given out before much more of the signal is read."""
    read = []

    def source():
        for index in range(100):
            read.append(index)
            yield np.zeros((10, 2), np.float32)

    next(in_pieces(source(), np.copy, 100, 10))
    assert len(read) <= 12


def test_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the mix that needs it is refused in one sentence, others are not."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    config = DubbingConfig(profile="offline", mix="background")
    with pytest.raises(EngineUnavailableError, match=r"pip install demucs"):
        choose_engines(config, translates=False)
    plain = DubbingConfig(profile="offline")
    assert choose_engines(plain, translates=False).separator is None


def test_refuses_a_folder_without_a_model(folder: Path, tmp_path: Path) -> None:
    """An empty folder is named; one with a model is fine."""
    assert "holds no Demucs model" in str(why_unavailable(f"demucs:{tmp_path}"))
    assert why_unavailable(f"demucs:{folder}") is None
