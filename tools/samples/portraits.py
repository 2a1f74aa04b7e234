"""The people of the short clips; their mouths move with their voices."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from samples.drawing import (
    FINE,
    HEIGHT,
    Colour,
    Mouth,
    Scene,
    disc,
    fine,
    laid,
    scaled,
    sky,
    title,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody is drawn: colours, and whether the hair falls to the shoulders."""

    skin: Colour
    hair: Colour
    coat: Colour
    long_hair: bool


LOOKS = {
    "woman": Look(skin=(238, 200, 172), hair=(112, 62, 40), coat=(196, 92, 84), long_hair=True),
    "man": Look(skin=(222, 182, 150), hair=(62, 56, 54), coat=(70, 104, 138), long_hair=False),
}


def _person(draw: ImageDraw.ImageDraw, x: float, look: Look) -> None:
    y = 190
    if look.long_hair:
        draw.rounded_rectangle(scaled(x - 62, y - 66, x + 62, y + 86), 150, fill=look.hair)
    draw.rounded_rectangle(scaled(x - 96, y + 88, x + 96, HEIGHT + 80), 190, fill=look.coat)
    draw.rounded_rectangle(scaled(x - 20, y + 40, x + 20, y + 104), 50, fill=look.skin)
    for side in (-1, 1):
        disc(draw, x + side * 52, y + 4, 11, look.skin)
    draw.ellipse(scaled(x - 52, y - 66, x + 52, y + 68), fill=look.skin)
    lift = 0 if look.long_hair else 8
    draw.chord(scaled(x - 56, y - 76, x + 56, y + 40 - lift), 190, 350, fill=look.hair)
    for side in (-1, 1):
        draw.arc(
            scaled(x + side * 22 - 11, y - 26, x + side * 22 + 11, y - 10),
            200,
            340,
            fill=look.hair,
            width=3 * FINE,
        )
    draw.arc(scaled(x - 7, y - 2, x + 7, y + 20), 20, 160, fill=(176, 128, 104), width=2 * FINE)


def _face(frame: Image.Image, x: int, time_s: float, wide: float) -> None:
    """Eyes, which blink now and then, and a mouth."""
    big = Image.new("RGBA", (120 * FINE, 90 * FINE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    eye = 0.8 if (time_s + x / 100) % 3.7 < 0.16 else 5.5
    for side in (-1, 1):
        draw.ellipse(
            scaled(60 + side * 22 - 4.5, 20 - eye, 60 + side * 22 + 4.5, 20 + eye),
            fill=(44, 40, 44),
        )
    if wide > 0.12:
        reach, height = 13 - 3 * wide, 3 + 8 * wide
        draw.ellipse(scaled(60 - reach, 66 - height, 60 + reach, 66 + height), fill=(132, 52, 56))
    else:
        draw.arc(scaled(46, 50, 74, 70), 25, 155, fill=(150, 76, 74), width=3 * FINE)
    small = big.resize((120, 90), Image.Resampling.LANCZOS)
    frame.paste(small, (x - 60, 164), small)


def _bakery(draw: ImageDraw.ImageDraw) -> None:
    for y in (120, 222):
        draw.rectangle(scaled(36, y, 330, y + 8), fill=(140, 96, 62))
        for loaf in range(4):
            left = 48 + 70 * loaf
            draw.rounded_rectangle(scaled(left, y - 28, left + 58, y), 60, fill=(206, 148, 84))
            for cut in (16, 29, 42):
                draw.line(
                    scaled(left + cut, y - 22, left + cut - 6, y - 10),
                    fill=(238, 200, 146),
                    width=2 * FINE,
                )


def _bicycle(draw: ImageDraw.ImageDraw) -> None:
    frame = (86, 242, 136, 160, 220, 160, 164, 242, 86, 242)
    for x in (86, 262):
        draw.ellipse(scaled(x - 58, 184, x + 58, 300), outline=(52, 58, 66), width=5 * FINE)
        for spoke in range(10):
            angle = math.pi * spoke / 5
            rim = (x + 55 * math.cos(angle), 242 + 55 * math.sin(angle))
            draw.line(scaled(x, 242, *rim), fill=(150, 154, 160), width=FINE)
    for line in (frame, (220, 160, 164, 242, 124, 150), (262, 242, 214, 140, 240, 134)):
        draw.line(scaled(*line), fill=(192, 74, 58), width=6 * FINE, joint="curve")
    draw.line(scaled(106, 148, 144, 148), fill=(52, 48, 50), width=9 * FINE)


def _window(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle(scaled(226, 84, 414, 262), fill=(238, 232, 220))
    draw.rectangle(scaled(234, 92, 406, 254), fill=(150, 178, 206))
    bank = [(x, 232 - 14 * math.sin(math.pi * (x - 234) / 172)) for x in range(234, 407, 4)]
    outline = [*bank, (406, 254), (234, 254)]
    draw.polygon([(FINE * x, FINE * y) for x, y in outline], fill=(244, 247, 252))
    draw.rectangle(scaled(214, 254, 426, 264), fill=(238, 232, 220))
    draw.polygon(scaled(270, 222, 290, 160, 310, 222), fill=(70, 106, 96))
    draw.polygon(scaled(330, 226, 346, 176, 362, 226), fill=(82, 118, 106))


def _portrait(base: Image.Image, places: dict[str, int], mouth: Mouth) -> Scene:
    def frame(time_s: float) -> Image.Image:
        picture = base.copy()
        for speaker, x in places.items():
            _face(picture, x, time_s, mouth(speaker, time_s))
        return picture

    return frame


def _card(
    walls: tuple[Colour, Colour],
    room: Callable[[ImageDraw.ImageDraw], None],
    places: dict[str, int],
    words: tuple[str, str],
) -> Image.Image:
    layer, draw = fine()
    room(draw)
    for speaker, x in places.items():
        _person(draw, x, LOOKS[speaker])
    return title(laid(sky(*walls), layer), *words, 24, 14)


def woman(_rng: np.random.Generator, mouth: Mouth) -> Scene:
    """A baker in front of her shelves."""
    walls = ((104, 78, 92), (150, 112, 104))
    base = _card(walls, _bakery, {"woman": 484}, ("Anna", "bakes bread"))
    return _portrait(base, {"woman": 484}, mouth)


def man(_rng: np.random.Generator, mouth: Mouth) -> Scene:
    """A mechanic beside a bicycle."""
    walls = ((62, 84, 92), (112, 132, 128))
    base = _card(walls, _bicycle, {"man": 490}, ("Workshop", "where bicycles are mended"))
    return _portrait(base, {"man": 490}, mouth)


def dialogue(rng: np.random.Generator, mouth: Mouth) -> Scene:
    """Two people, and a window behind which it snows."""
    places = {"woman": 118, "man": 522}
    walls = ((84, 82, 108), (128, 118, 134))
    base = _card(walls, _window, places, ("First Snow", "a talk over tea"))
    flakes = np.column_stack([rng.uniform(238, 402, 46), rng.uniform(0, 150, 46)])
    portrait = _portrait(base, places, mouth)

    def frame(time_s: float) -> Image.Image:
        picture = portrait(time_s)
        draw = ImageDraw.Draw(picture)
        for number, (x, y) in enumerate(flakes):
            fall = 98 + (y + time_s * (14 + number % 5)) % 150
            draw.ellipse((x - 1, fall - 1, x + 1, fall + 1), fill=(250, 252, 255))
        return picture

    return frame
