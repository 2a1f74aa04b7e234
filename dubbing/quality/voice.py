"""Likeness of the dub's voice, between a stranger's and the speaker's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from dubbing.quality.report import VoiceScore

STRANGERS = Path(__file__).with_name("strangers.json")
JUDGE = "campplus"  # the encoder that chooses no voice here
# The encoders by which a voice is chosen or fitted: what they measure of it flatters it.
FITTED_TO = frozenset({"resemblyzer"})
# A "stranger" as near as this is the speaker. Two styles of Kokoro spoke the bundled talks and are
# among the strangers: a talk's own has a cosine of 0.96 by CAM++, the nearest other 0.59; by
# Resemblyzer a speaker's own start at 0.89. A talk's own is no floor; and a dub of it by Kokoro in
# that style, which is the speaker itself, proves nothing about likeness.
SAME_VOICE = {"resemblyzer": 0.85, "campplus": 0.7}

Vector = NDArray[np.float32]


def voice_score(
    encoder: str,
    speakers: Sequence[str],
    originals: Sequence[Vector | None],
    dubs: Sequence[Vector | None],
) -> VoiceScore:
    """Similarity, floor and ceiling.

    Args:
        encoder: Name of the encoder that made the vectors.
        speakers: Who speaks, per segment.
        originals: Unit vectors of the original's segments; None where too short.
        dubs: The same of the dub.
    """
    similar = [
        float(a @ b)
        for a, b in zip(originals, dubs, strict=True)
        if a is not None and b is not None
    ]
    known = [(s, v) for s, v in zip(speakers, originals, strict=True) if v is not None]
    apart = [float(v @ other) for s, v in known for other in _strangers_to(s, known, encoder)]
    likeness, floor, ceiling = _mean(similar), _mean(apart), _own_likeness(known)
    normalised = None
    if likeness is not None and floor is not None and ceiling is not None and ceiling > floor:
        normalised = round((likeness - floor) / (ceiling - floor), 3)
    return VoiceScore(
        encoder=encoder, similarity=likeness, floor=floor, ceiling=ceiling, normalised=normalised
    )


def _own_likeness(known: Sequence[tuple[str, Vector]]) -> float | None:
    """The mean cosine of all pairs of one speaker's vectors; None where there is no pair.

    Unit vectors' cosines sum up to half of what the square of their sum has beyond their number:
    three hours have millions of pairs, which need not be listed.
    """
    total, pairs = 0.0, 0
    for speaker in {s for s, _ in known}:
        own = [v for s, v in known if s == speaker]
        whole = np.sum(own, axis=0, dtype=np.float64)
        total += (float(np.square(whole).sum()) - len(own)) / 2
        pairs += len(own) * (len(own) - 1) // 2
    return round(total / pairs, 3) if pairs else None


def _strangers_to(speaker: str, known: Sequence[tuple[str, Vector]], encoder: str) -> list[Vector]:
    own = np.mean([v for s, v in known if s == speaker], axis=0)
    own = own / np.linalg.norm(own)
    return [v for v in strangers(encoder) if float(v @ own) < SAME_VOICE[encoder]]


class Stranger(BaseModel):
    """A voice that nobody should be taken for; `tools/make_strangers.py` tells who they are.

    Attributes:
        name: Of the voice in its engine, or of the talk.
        sex: Of the speaker.
        engine: What spoke.
        vectors: Encoder → unit vector, four decimals.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sex: Literal["female", "male"]
    engine: str
    vectors: dict[str, list[float]]


@cache
def everybody() -> tuple[Stranger, ...]:
    """Six women and six men."""
    found = json.loads(STRANGERS.read_text("utf-8"))
    return tuple(Stranger.model_validate(values) for values in found)


@cache
def strangers(encoder: str) -> tuple[Vector, ...]:
    """Their vectors by this encoder; none for an encoder that they were not measured with."""
    found = [person.vectors.get(encoder) for person in everybody()]
    return tuple(np.array(vector, np.float32) for vector in found if vector is not None)


def sex_of(vector: Vector, encoder: str) -> Literal["female", "male"]:
    """Whether a voice is nearer to the women's among the strangers or to the men's."""
    nearness = {
        sex: float(
            np.mean([np.dot(p.vectors[encoder], vector) for p in everybody() if p.sex == sex])
        )
        for sex in ("female", "male")
    }
    return "female" if nearness["female"] > nearness["male"] else "male"


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None
