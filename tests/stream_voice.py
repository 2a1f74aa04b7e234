"""A voice for the tests of the streaming pipeline: quick, and able to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dubbing.engines.base import Voice
from dubbing.errors import EngineError
from dubbing.types import Speech
from tests.batch_work import ToneSynthesizer


class PortugueseTone(ToneSynthesizer):
    """Hums; cannot say what holds `mute`, as long as that is set."""

    info = replace(ToneSynthesizer.info, name="hum", languages=("pt",))
    mute = ""

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `Synthesizer`."""
        for text in texts:
            if self.mute and self.mute in text:
                raise EngineError("hum", f"cannot hum {self.mute!r}")
        return super().synthesize(texts, voice, language=language, speed=speed)
