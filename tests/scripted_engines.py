"""A translator and an accentor that do what tests say, and remember what they were asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from dubbing.engines.base import EngineInfo
from dubbing.text.stress import MARK
from dubbing.types import Candidate, MarkedText, StressMark

PATHS = {
    "scripted-translator": f"{__name__}:ScriptedTranslator",
    "scripted-accentor": f"{__name__}:ScriptedAccentor",
}


class ScriptedTranslator:
    """Says a number of Russian words for each sentence.

    Attributes:
        asked: Every sentence so far.
    """

    info = EngineInfo(
        name="scripted-translator",
        kind="translator",
        summary="for tests",
        licence="MIT",
        packages=(),
        languages=("en-ru",),
    )
    asked: ClassVar[list[str]] = []

    @classmethod
    def why_unavailable(cls) -> str | None:
        return None

    @classmethod
    def check_pair(cls, source: str, target: str) -> None:
        pass

    def translate(
        self, sentences: Sequence[str], *, source: str, target: str
    ) -> list[list[Candidate]]:
        self.asked.extend(sentences)
        return [[Candidate(text=f"Башня Tesla: {s}", score=0.0)] for s in sentences]


class ScriptedAccentor:
    """Marks "башня" in every text.

    Attributes:
        asked: Every text so far.
    """

    info = EngineInfo(
        name="scripted-accentor",
        kind="accentor",
        summary="for tests",
        licence="MIT",
        packages=(),
        languages=("ru",),
    )
    asked: ClassVar[list[str]] = []

    @classmethod
    def why_unavailable(cls) -> str | None:
        return None

    def accent(self, texts: Sequence[str]) -> list[MarkedText]:
        self.asked.extend(texts)
        return [_marked(text) for text in texts]


def _marked(text: str) -> MarkedText:
    found = re.findall("([Бб])ашня", text)
    marks = [StressMark(word=f"{b}а{MARK}шня", confidence=0.6, by="network") for b in found]
    return MarkedText(text=re.sub("([Бб])ашня", rf"\1а{MARK}шня", text), marks=tuple(marks))
