"""What the samples are made of: lines, a room, sounds around the speech and a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from samples import portraits, scenes, scripts
from samples.drawing import Mouth, Scene
from samples.scripts import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample.

    Attributes:
        name: The files' name.
        lines: What is said.
        scene: Draws it: (random numbers, open mouths) → the frame at a time.
        lead_s: Seconds before the first sentence.
        tail_s: Seconds after the last one.
        room_db: Steady noise throughout, RMS in dBFS.
        music: Whether music fills the lead and dies away after the first sentence.
        wave_after: The sentence, counted from 0, after which a wave breaks and a horn sounds.
        applause_s: Seconds of applause at the end of the tail.
    """

    name: str
    lines: tuple[Line, ...]
    scene: Callable[[np.random.Generator, Mouth], Scene]
    lead_s: float = 0.8
    tail_s: float = 1.0
    room_db: float = -60.0
    music: bool = False
    wave_after: int | None = None
    applause_s: float = 0.0


SAMPLES = (
    Sample(
        name="Night_Garden",
        lines=scripts.NIGHT_GARDEN,
        scene=scenes.night_garden,
        lead_s=12.0,
        tail_s=1.8,
        music=True,
    ),
    Sample(
        name="Lighthouse",
        lines=scripts.LIGHTHOUSE,
        scene=scenes.lighthouse,
        lead_s=1.5,
        tail_s=6.2,
        room_db=-50.0,
        wave_after=5,
        applause_s=5.2,
    ),
    Sample(name="Clip_Woman", lines=scripts.WOMAN, scene=portraits.woman),
    Sample(name="Clip_Man", lines=scripts.MAN, scene=portraits.man),
    Sample(name="Clip_Dialogue", lines=scripts.DIALOGUE, scene=portraits.dialogue),
)
