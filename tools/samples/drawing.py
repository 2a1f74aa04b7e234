"""What all pictures are drawn with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 640, 360
FINE = 3  # still parts are drawn three times as large, then scaled down: smooth edges

Scene = Callable[[float], Image.Image]  # second → frame
Mouth = Callable[[str, float], float]  # (speaker, second) → how wide open, 0–1
Colour = tuple[int, int, int]


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Letters of this height, in pixels."""
    return ImageFont.load_default(size)  # comes with Pillow: the same letters on every machine


def sky(top: Colour, bottom: Colour) -> Image.Image:
    """A whole picture that runs from one colour above to another below."""
    share = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return Image.fromarray(np.repeat(rows, WIDTH, axis=1).round().astype(np.uint8))


def fine() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty layer, `FINE` times as large as the picture, and its pen."""
    layer = Image.new("RGBA", (WIDTH * FINE, HEIGHT * FINE), (0, 0, 0, 0))
    return layer, ImageDraw.Draw(layer)


def scaled(*numbers: float) -> list[float]:
    """A picture's pixels as pixels of a fine layer."""
    return [FINE * number for number in numbers]


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Colour) -> None:
    """Draws a filled circle on a fine layer."""
    draw.ellipse(scaled(x - radius, y - radius, x + radius, y + radius), fill=fill)


def laid(base: Image.Image, layer: Image.Image) -> Image.Image:
    """The picture with a fine layer over it."""
    small = layer.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return Image.alpha_composite(base.convert("RGBA"), small).convert("RGB")


def glow(base: Image.Image, x: float, y: float, radius: float, colour: Colour) -> Image.Image:
    """The picture with soft light around a point."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / radius**2)[..., None]
    lit = np.asarray(base, np.float64) + light * np.array(colour)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def title(base: Image.Image, name: str, line: str, x: int, y: int) -> Image.Image:
    """The picture with its title and the note that the voice is synthetic."""
    draw = ImageDraw.Draw(base)
    draw.text((x, y), name, (248, 243, 228), font(34))
    draw.text((x + 2, y + 42), line, (206, 208, 218), font(16))
    draw.text((WIDTH - 14, 12), "synthetic voice", (214, 214, 222), font(13), anchor="rt")
    return base


def twinkle(frame: Image.Image, stars: np.ndarray, time_s: float) -> None:
    """Draws stars given as rows of x, y, brightness and phase."""
    draw = ImageDraw.Draw(frame)
    for x, y, bright, phase in stars:
        shine = bright * (0.7 + 0.3 * math.sin(phase + time_s * (0.6 + bright)))
        colour = tuple(int(channel * shine) for channel in (255, 250, 230))
        size = 1 if bright > 0.75 else 0
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)


def starry(rng: np.random.Generator, count: int, lowest: float) -> np.ndarray:
    """Stars as `twinkle` takes them, above a height."""
    return np.column_stack(
        [
            rng.uniform(0, WIDTH, count),
            rng.uniform(0, lowest, count),
            rng.uniform(0.4, 1, count),
            rng.uniform(0, 2 * math.pi, count),
        ]
    )
