"""Matched voices as JSON-able values, for a run that keeps them; floats come back exactly."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from dubbing.engines.matching_vocoder import ORDER
from dubbing.engines.matching_voice import SHAPES, Mapping, MatchedVoice, Timbre
from dubbing.engines.resemblyzer import MELS

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Code = Annotated[list[_Number], Field(min_length=ORDER, max_length=ORDER)]
_Row = Annotated[list[_Number], Field(min_length=MELS, max_length=MELS)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class _Timbre(_Model):
    mean: _Code
    spread: _Code
    pitch: _Number
    pitch_spread: _Number

    @classmethod
    def of(cls, timbre: Timbre) -> _Timbre:
        return cls(
            mean=timbre.mean.tolist(),
            spread=timbre.spread.tolist(),
            pitch=timbre.pitch,
            pitch_spread=timbre.pitch_spread,
        )

    def timbre(self) -> Timbre:
        return Timbre(
            mean=np.array(self.mean),
            spread=np.array(self.spread),
            pitch=self.pitch,
            pitch_spread=self.pitch_spread,
        )


class _Voice(_Model):
    engine: str
    base: str
    warp: Annotated[_Number, Field(gt=0)]
    mapping: Mapping
    source: _Timbre
    target: _Timbre
    equaliser: Annotated[list[_Row], Field(min_length=1 + SHAPES, max_length=1 + SHAPES)]
    characters_per_s: Annotated[_Number, Field(gt=0)]
    similarity: _Number
    naturalness: _Number | None
    base_naturalness: _Number | None


def packed(voice: MatchedVoice) -> dict[str, Any]:
    """The voice as values that JSON knows."""
    facts = {name: getattr(voice, name) for name in _Voice.model_fields}
    facts |= {name: _Timbre.of(facts[name]) for name in ("source", "target")}
    return _Voice(**facts | {"equaliser": voice.equaliser.tolist()}).model_dump()


def unpacked(values: Map[str, Any], engine: str) -> MatchedVoice:
    """The voice that `packed` made the values of.

    Raises:
        ValueError: They are damaged, of another version, or of another engine than this.
    """
    kept = _Voice.model_validate(values)  # its error is a ValueError
    if kept.engine != engine:
        raise ValueError(f"a voice of {kept.engine}, not of {engine}")
    facts = {name: getattr(kept, name) for name in _Voice.model_fields}
    facts |= {"source": kept.source.timbre(), "target": kept.target.timbre()}
    return MatchedVoice(**facts | {"equaliser": np.array(kept.equaliser, np.float32)})
