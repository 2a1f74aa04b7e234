"""Recognition by OpenAI's own `whisper` package with weights that were pulled."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_threads import limited_torch
from dubbing.engines.weights import verified_folder, why_missing
from dubbing.engines.whisper_words import (
    BEAM_SIZE,
    ENGLISH_ONLY,
    RATE_HZ,
    Passage,
    Piece,
    by_code,
    check_language,
    sizes_mb,
    transcript,
)
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio, Transcript

DEFAULT_SIZE = "base"


class WhisperTranscriber:
    """Whisper as its authors run it, float32 by PyTorch; on the GPU where there is one."""

    info = EngineInfo(
        name="whisper",
        kind="transcriber",
        summary="OpenAI Whisper, size base unless another is named",
        licence="MIT",
        packages=("openai-whisper", "torch"),
        sample_rate_hz=RATE_HZ,
        memory_mb=700,
        # While it is loaded, float32 in the model and float16 from the file.
        variants_mb=sizes_mb(beside_mb=260, bytes_each=6),
        variants_languages=ENGLISH_ONLY,
        weights=("whisper-base",),
        variants="a size of Whisper: tiny, base, small, medium, turbo, …, or base.en for English",
    )

    @classmethod
    def why_unavailable(cls, variant: str = "") -> str | None:
        """None when the package and the weights of that size are here."""
        if find_spec("whisper") is None:
            return "openai-whisper is missing: pip install -r requirements.txt"
        if variant and not re.fullmatch(r"[a-z0-9.-]+", variant):
            return f"{variant!r} is no size of Whisper: write one like whisper:{DEFAULT_SIZE}"
        return why_missing(_weights(variant))

    def __init__(self, variant: str = "") -> None:
        if reason := self.why_unavailable(variant):
            raise EngineUnavailableError("whisper", reason)
        self._size = variant or DEFAULT_SIZE
        weights = verified_folder(_weights(variant), "whisper") / f"{self._size}.pt"
        import whisper

        try:
            self._model: Any = whisper.load_model(str(weights))  # reads it with weights_only
        except Exception as error:
            raise EngineUnavailableError(
                "whisper",
                f"{weights} cannot be read as a Whisper checkpoint ({type(error).__name__}): "
                f"delete its folder and run `python -m dubbing models pull {_weights(variant)}`",
            ) from error
        _set_alignment_heads(self._model, self._size)

    def transcribe(self, clips: Sequence[Audio], *, language: str) -> list[Transcript]:
        """See `Transcriber`. A clip where nobody speaks gives a transcript without words."""
        from whisper.tokenizer import LANGUAGES

        check_language(
            f"whisper:{self._size}",
            language,
            tuple(LANGUAGES),
            multilingual=self._model.is_multilingual,
        )
        with limited_torch():
            return [self._transcribe(clip, language) for clip in clips]

    def identify_language(self, clips: Sequence[Audio]) -> list[dict[str, float]]:
        """See `IdentifiesLanguage`."""
        if not self._model.is_multilingual:
            return [{} for _ in clips]
        with limited_torch():
            return [self._identify(clip) for clip in clips]

    def _identify(self, clip: Audio) -> dict[str, float]:
        from whisper import log_mel_spectrogram, pad_or_trim

        spectrogram = log_mel_spectrogram(pad_or_trim(clip), self._model.dims.n_mels)
        _, probabilities = self._model.detect_language(spectrogram.to(self._model.device))
        return by_code(probabilities.items())

    def _transcribe(self, clip: Audio, language: str) -> Transcript:
        heard = self._model.transcribe(
            clip,
            language=language,
            beam_size=BEAM_SIZE,
            word_timestamps=True,
            condition_on_previous_text=False,  # one clip's error must not colour the next
            temperature=0.0,  # no random second try: the same sound gives the same words
            fp16=False,
        )
        return transcript(map(_passage, heard["segments"]), len(clip) / RATE_HZ)


def _weights(variant: str) -> str:
    return f"whisper-{variant or DEFAULT_SIZE}"


def _set_alignment_heads(model: Any, size: str) -> None:
    """Tells the model which of its attention heads follow the sound; word times need it.

    The package knows them for its published sizes, but sets them only on those that it downloads
    itself. A checkpoint of another shape keeps the package's default: all heads of the upper half
    of the layers.
    """
    from whisper import _ALIGNMENT_HEADS

    if size not in _ALIGNMENT_HEADS:
        return
    flags = gzip.decompress(base64.b85decode(_ALIGNMENT_HEADS[size]))  # one byte for each head
    if len(flags) == model.dims.n_text_layer * model.dims.n_text_head:
        model.set_alignment_heads(_ALIGNMENT_HEADS[size])


def _passage(segment: dict[str, Any]) -> Passage:
    pieces = tuple(
        Piece(w["word"], float(w["start"]), float(w["end"]), float(w["probability"]))
        for w in segment.get("words", ())
    )
    return Passage(
        text=segment["text"],
        start_s=float(segment["start"]),
        end_s=float(segment["end"]),
        no_speech_probability=float(segment["no_speech_prob"]),
        average_logprob=float(segment["avg_logprob"]),
        pieces=pieces,
    )
