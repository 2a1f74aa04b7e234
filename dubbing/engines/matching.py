"""A synthetic voice made to resemble a speaker, by the WORLD vocoder (Morise et al. 2016).

A base voice says a calibration sentence. Its pitch and its envelope's statistics are mapped
to those of the speaker's prompt, the frequency axis is warped for the length of the vocal tract,
and an equaliser gives the last touch. Base, warp and mapping are chosen by a search for the highest
speaker similarity among voices that sound about as natural as their base. All of it is fixed once
per speaker, so that the voice is the same in every segment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np

from dubbing.engines.matching_base import Calibration, Say, calibration
from dubbing.engines.matching_quick import quick_voice
from dubbing.engines.matching_search import WORKERS, best_voice
from dubbing.engines.matching_vocoder import RATE_HZ, analyse, at_rate, bounded, trimmed
from dubbing.engines.matching_voice import MatchedVoice, matched
from dubbing.errors import EngineError
from dubbing.flow.together import together
from dubbing.types import Speech, VoicePrompt

CALIBRATIONS = 2  # remembered, 10 MB each: a low and a high base voice of one language
VOICES = 16  # remembered: those of a talk's speakers


class VoiceMatcher:
    """Prepares and speaks matched voices for one engine; remembers the voices that it prepared.

    Args:
        engine: Its name.
        say: Speaks with its base voices.
        decimation: Of the samples in which the base voices' pitch is looked for, as of `analyse`.
    """

    def __init__(self, engine: str, say: Say, decimation: int = 1) -> None:
        self._engine = engine
        self._say = say
        self._decimation = decimation
        self._prepared: dict[bytes, MatchedVoice] = {}
        self._calibrated: Callable[[str, str], Calibration] = lru_cache(CALIBRATIONS)(
            partial(calibration, say, decimation=decimation)
        )

    def prepare(self, prompt: VoicePrompt, *, bases: Sequence[str], text: str) -> MatchedVoice:
        """The best of bases × warps × mappings for the prompt's speaker: seconds of work, done once
        per process for the same prompt.

        Args:
            prompt: Of the speaker; 3 s or more say who it is.
            bases: Names for `say`.
            text: What the base voices say for calibration: some ten seconds or more.

        Raises:
            InputError: The prompt is empty or holds no voice.
        """
        return self._remembered(
            _key(prompt, bases, text),
            lambda: best_voice(self._engine, self._say, prompt, bases, text),
        )

    def prepare_quickly(
        self, prompt: VoicePrompt, *, low: str, high: str, text: str
    ) -> MatchedVoice:
        """See `quick_voice`; done once per process for the same prompt."""
        return self._remembered(
            _key(prompt, low, high, text),
            lambda: quick_voice(
                self._engine, self._calibrated, prompt, low=low, high=high, text=text
            ),
        )

    def _remembered(self, key: bytes, make: Callable[[], MatchedVoice]) -> MatchedVoice:
        if key not in self._prepared:
            if len(self._prepared) >= VOICES:
                del self._prepared[next(iter(self._prepared))]
            self._prepared[key] = make()
        return self._prepared[key]

    def synthesize(
        self, texts: Sequence[str], voice: MatchedVoice, *, speed: float = 1.0
    ) -> list[Speech]:
        """One clip per text, in order, trimmed to its sound, `speed` times as fast as the base.

        Raises:
            EngineError: A text has nothing that can be spoken.
        """
        with together(WORKERS) as pool:
            return list(pool.map(lambda text: self._speak(text, voice, speed), texts))

    def _speak(self, text: str, voice: MatchedVoice, speed: float) -> Speech:
        base = trimmed(at_rate(self._say(voice.base, text), RATE_HZ))
        if not len(base):
            raise EngineError(
                self._engine,
                f"{self._engine} made no sound of a text of {len(text)} characters; edit it",
            )
        sound = matched(analyse(base, self._decimation), voice, speed)
        return Speech(samples=trimmed(bounded(sound)), sample_rate_hz=RATE_HZ)


def _key(prompt: VoicePrompt, *texts: object) -> bytes:
    digest = hashlib.sha256(repr((prompt.sample_rate_hz, texts)).encode())
    for samples in (prompt.samples, prompt.more):
        digest.update(np.ascontiguousarray(samples).tobytes() + b"|")
    return digest.digest()
