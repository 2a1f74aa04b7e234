"""Why a clip is not dubbed, as a kind that the pages have a sentence for in each language."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Literal

from dubbing.errors import (
    NO_ROOM,
    DubbingError,
    EngineUnavailableError,
    LowMemoryError,
    MediaError,
    NoSoundTrackError,
    NoSpeechError,
    OtherLanguageError,
    RunError,
    TranslationFileError,
    UnsupportedLanguageError,
)

Kind = Literal[
    "empty",
    "not_media",
    "no_sound",
    "too_long",
    "too_large",
    "no_speech",
    "other_language",
    "reference_short",
    "reference_long",
    "reference_unreadable",
    "reference_speechless",
    "no_consent",
    "queue_full",
    "store_full",
    "low_memory",
    "disk_full",
    "missing",
    "no_translator",
    "bad_translation",
    "empty_line",
    "no_text",
    "not_checking",
    "failed",
]

_log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 - the visitor did nothing wrong
    """A clip, or what a visitor wrote, cannot be used.

    Attributes:
        kind: Chooses the sentence.
        values: Fill it in.
    """

    def __init__(self, kind: Kind, **values: str | float) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


_KINDS: tuple[tuple[type[DubbingError], Kind], ...] = (  # the first that fits
    (NoSoundTrackError, "no_sound"),
    (NoSpeechError, "no_speech"),
    (MediaError, "not_media"),
    (TranslationFileError, "bad_translation"),
    (UnsupportedLanguageError, "no_translator"),
    (LowMemoryError, "low_memory"),
    (EngineUnavailableError, "missing"),
)


def refusal_of(error: Exception, folder: Path) -> Refusal:
    """The refusal that stands for an error of the pipeline; paths inside the job's folder are told
    as seen from there. What nobody foresaw goes to the log with its traceback.
    """
    if isinstance(error, Refusal):
        return error
    if isinstance(error, MemoryError):
        return Refusal("low_memory")
    if isinstance(error, OSError) and not isinstance(error, DubbingError):
        return Refusal("disk_full") if error.errno in NO_ROOM else _unforeseen(error)
    if not isinstance(error, DubbingError):
        return _unforeseen(error)
    if isinstance(error, OtherLanguageError):
        return Refusal("other_language", found=error.found, wanted=error.wanted)
    detail = str(error).replace(f"{folder}{os.sep}", "")
    kind = _kind(error)
    if kind == "failed" and not isinstance(error, RunError):
        _log.warning("a live dub failed: %s", type(error).__name__)
    return Refusal(kind, detail=detail)


def _kind(error: DubbingError) -> Kind:
    for known, kind in _KINDS:
        if isinstance(error, known):
            return kind
    return "failed"


def _unforeseen(error: Exception) -> Refusal:
    _log.error("a live dub failed", exc_info=error)
    return Refusal("failed", detail=type(error).__name__)
