"""The spectrogram: the tone stands where it belongs, and the image is a PNG."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from dubbing.webui.spectrogram import (
    COLOURS,
    MAX_WIDTH,
    RANGE_DB,
    TOP_KHZ,
    coloured,
    decibels,
    png,
    spectrogram,
)

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def tone(pitch_hz: float, length_s: float) -> np.ndarray:
    """A sine of amplitude 0.5."""
    clock_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return (0.5 * np.sin(2 * np.pi * pitch_hz * clock_s)).astype(np.float32)


@pytest.mark.parametrize("pitch_hz", [500, 2000, 6000])
def test_a_tone_is_brightest_at_its_pitch(pitch_hz: int) -> None:
    """The loudest row is that of the tone's frequency, within a row."""
    level = decibels(tone(pitch_hz, 1.0))
    loudest = int(level[:, level.shape[1] // 2].argmax())
    assert (loudest + 1) * TOP_KHZ * 1000 / len(level) == pytest.approx(pitch_hz, abs=35)
    assert level.max() == 0
    assert level.min() == pytest.approx(-RANGE_DB)


def test_silence_and_a_click_can_be_drawn() -> None:
    """Sounds shorter than a window, and silent ones, have a spectrogram."""
    assert decibels(np.zeros(RATE_HZ, np.float32)).shape[1] > 100
    assert decibels(tone(500, 0.001)).shape[1] >= 1


def test_colours_go_from_dark_to_bright() -> None:
    """Quiet is the first colour, loud the last, and lightness rises all the way."""
    ramp = coloured(np.linspace(-RANGE_DB, 0, 50, dtype=np.float32))
    assert ramp[0].tolist() == COLOURS[0].tolist()
    assert ramp[-1].tolist() == COLOURS[-1].tolist()
    lightness = ramp @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) >= 0).all()


def test_the_png_holds_the_picture() -> None:
    """A PNG reader gets back the very points."""
    picture = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    read = np.asarray(Image.open(BytesIO(png(picture))))
    assert (read == picture).all()


def test_a_file_becomes_an_image_of_bounded_width(tmp_path: Path) -> None:
    """A long sound is no wider than a screen; low frequencies are at the bottom."""
    soundfile.write(tmp_path / "a.wav", tone(500, 20.0), RATE_HZ)
    drawn = spectrogram(tmp_path / "a.wav")
    image = np.asarray(Image.open(BytesIO(drawn.png))).sum(axis=2)
    assert image.shape[1] == MAX_WIDTH
    assert drawn.length_s == pytest.approx(20.0)
    assert image[:, MAX_WIDTH // 2].argmax() > 0.9 * len(image)
