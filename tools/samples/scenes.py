"""The scenes of the two talks: every frame is a function of its time."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from samples.drawing import (
    FINE,
    HEIGHT,
    WIDTH,
    Colour,
    Mouth,
    Scene,
    disc,
    fine,
    glow,
    laid,
    scaled,
    sky,
    starry,
    title,
    twinkle,
)


def _hills(draw: ImageDraw.ImageDraw, base_y: float, swing: float, fill: Colour) -> None:
    tops = [
        (x, base_y + swing * math.sin(x / 90 + base_y) + 0.4 * swing * math.sin(x / 31))
        for x in range(0, WIDTH + 10, 10)
    ]
    outline = [*tops, (WIDTH + 10, HEIGHT), (0, HEIGHT)]
    draw.polygon([(FINE * x, FINE * y) for x, y in outline], fill=fill)


def _tree(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float) -> None:
    bark, leaves = (20, 24, 32), (16, 34, 42)
    draw.polygon(scaled(x - 9, y, x - 4, y - 90, x + 5, y - 90, x + 11, y), fill=bark)
    for _ in range(46):
        angle, reach = rng.uniform(0, 2 * math.pi), 58 * math.sqrt(rng.uniform(0, 1))
        crown = (x + 1.25 * reach * math.cos(angle), y - 118 + 0.8 * reach * math.sin(angle))
        shade = int(rng.integers(0, 12))
        disc(draw, *crown, 16, (leaves[0] + shade, leaves[1] + shade, leaves[2] + shade))


def _flower(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, foot_y: float) -> None:
    draw.line(scaled(x, y, x + 3, foot_y), fill=(30, 66, 54), width=FINE * 2)
    for petal in range(5):
        angle = 2 * math.pi * petal / 5 - math.pi / 2
        at = (x + size * math.cos(angle), y + size * math.sin(angle))
        disc(draw, *at, 0.72 * size, (226, 228, 240))
    disc(draw, x, y, 0.5 * size, (238, 206, 120))


def _moth_picture(open_share: float) -> Image.Image:
    big = Image.new("RGBA", (26 * FINE, 20 * FINE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    for side in (-1, 1):
        reach = side * (3 + 9 * open_share)
        wing = scaled(13, 9, 13 + reach, 2, 13 + reach * 0.9, 11, 13 + reach * 0.5, 17)
        draw.polygon(wing, fill=(226, 212, 184, 235))
    draw.ellipse(scaled(11.6, 5, 14.4, 16), fill=(120, 102, 84, 255))
    return big.resize((26, 20), Image.Resampling.LANCZOS)


def night_garden(rng: np.random.Generator, _mouth: Mouth) -> Scene:
    """A garden under the moon, with moths around white flowers."""
    moon = (520, 78)
    base = glow(sky((12, 18, 44), (58, 70, 104)), *moon, 120, (70, 74, 70))
    layer, draw = fine()
    disc(draw, *moon, 34, (246, 240, 214))
    for x, y, radius in ((508, 68, 7), (530, 86, 9), (526, 62, 4), (510, 94, 4)):
        disc(draw, x, y, radius, (228, 220, 194))
    _hills(draw, 262, 12, (24, 38, 62))
    _hills(draw, 300, 8, (17, 32, 44))
    _tree(draw, rng, 92, 316)
    _hills(draw, 330, 5, (12, 26, 30))
    beds = [(x + rng.uniform(-12, 12), rng.uniform(280, 322)) for x in range(190, 640, 38)]
    for x, y in beds:
        _flower(draw, x, y, rng.uniform(5, 8), 352)
    base = title(laid(base, layer), "Night Garden", "a talk for a quiet evening", 24, 22)
    return _garden_frames(base, starry(rng, 90, 230), beds)


def _garden_frames(base: Image.Image, stars: np.ndarray, beds: list[tuple[float, float]]) -> Scene:
    wings = [_moth_picture(share) for share in (1.0, 0.7, 0.35, 0.7)]
    still = np.asarray(base).sum(axis=2)
    visible = np.array([still[int(y), int(x)] < 260 and y < 230 and x > 170 for x, y, *_ in stars])

    def frame(time_s: float) -> Image.Image:
        picture = base.copy()
        twinkle(picture, stars[visible], time_s)
        for moth in range(6):
            x, y = beds[2 * moth % len(beds)]
            turn = time_s * (0.5 + 0.07 * moth) + 2.1 * moth
            at = (
                round(x - 13 + 46 * math.sin(turn) + 12 * math.sin(2.7 * turn)),
                round(y - 52 + 24 * math.cos(1.3 * turn) + 4 * math.sin(9 * turn)),
            )
            wing = wings[int(time_s * 12 + moth) % len(wings)]
            picture.paste(wing, at, wing)
        return picture

    return frame


def lighthouse(rng: np.random.Generator, _mouth: Mouth) -> Scene:
    """A lighthouse over the sea; its beam goes round once in ten seconds."""
    base = sky((14, 20, 42), (74, 86, 118))
    layer, draw = fine()
    draw.rectangle(scaled(0, 246, WIDTH, HEIGHT), fill=(20, 40, 62))
    disc(draw, 352, 62, 20, (240, 234, 212))
    base = laid(base, layer)
    front, draw = fine()
    _tower(draw)
    return _sea_frames(
        base, front.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), starry(rng, 80, 225)
    )


def _tower(draw: ImageDraw.ImageDraw) -> None:
    rock = (
        392,
        330,
        420,
        284,
        462,
        268,
        520,
        264,
        572,
        280,
        612,
        318,
        640,
        330,
        640,
        360,
        380,
        360,
    )
    draw.polygon(scaled(*rock), fill=(34, 38, 46))
    draw.polygon(scaled(462, 268, 480, 268, 492, 300, 450, 318), fill=(44, 49, 58))
    for row in range(6):
        low, high = 268 - 26 * row, 242 - 26 * row
        spread, tip = 27 - 2.2 * row, 27 - 2.2 * (row + 1)
        fill = (176, 62, 58) if row % 2 else (222, 218, 208)
        band = (500 - spread, low, 500 + spread, low, 500 + tip, high, 500 - tip, high)
        draw.polygon(scaled(*band), fill=fill)
    draw.rectangle(scaled(480, 106, 520, 112), fill=(40, 44, 54))
    draw.rectangle(scaled(487, 84, 513, 106), fill=(255, 226, 150))
    for x in (487, 500, 513):
        draw.line(scaled(x, 84, x, 106), fill=(40, 44, 54), width=FINE)
    draw.polygon(scaled(482, 84, 500, 66, 518, 84), fill=(60, 40, 44))
    for y in (226, 176):
        draw.rounded_rectangle(scaled(496, y, 504, y + 14), 8, fill=(52, 56, 70))


def _sea_frames(base: Image.Image, front: Image.Image, stars: np.ndarray) -> Scene:
    still = np.asarray(base).sum(axis=2)
    visible = np.array([still[int(y), int(x)] < 420 for x, y, *_ in stars])

    def frame(time_s: float) -> Image.Image:
        picture = base.copy()
        twinkle(picture, stars[visible], time_s)
        _waves(picture, time_s)
        _beam(picture, 2 * math.pi * time_s / 10)
        picture.paste(front, (0, 0), front)
        return title(picture, "The Lighthouse", "a story from the north", 24, 22)

    return frame


def _waves(picture: Image.Image, time_s: float) -> None:
    draw = ImageDraw.Draw(picture)
    for row in range(7):
        y, size = 256 + 15 * row, 1.5 + 0.7 * row
        crest = [
            (x, y + size * math.sin(x / (22 + 7 * row) + time_s * (0.9 - 0.06 * row) + 2 * row))
            for x in range(0, WIDTH + 8, 8)
        ]
        tone = (26 - 2 * row, 50 - 4 * row, 76 - 6 * row)
        draw.polygon([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], fill=tone)
        draw.line(crest, fill=(60 - 2 * row, 92 - 4 * row, 122 - 6 * row))


def _beam(picture: Image.Image, angle: float) -> None:
    """Light that sweeps from side to side and is brightest when it comes towards us."""
    reach = 620 * math.cos(angle)
    width = 16 + 0.13 * abs(reach)
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    tip = (500 + reach, 95 + 0.12 * abs(reach))
    cone = [(500, 92), (tip[0], tip[1] - width), (tip[0], tip[1] + width), (500, 98)]
    ImageDraw.Draw(mask).polygon(cone, fill=88)
    glare = 20 + 26 * max(0.0, math.sin(angle))
    ImageDraw.Draw(mask).ellipse((500 - glare, 95 - glare, 500 + glare, 95 + glare), fill=110)
    picture.paste((255, 236, 176), (0, 0), mask.filter(ImageFilter.GaussianBlur(7)))
