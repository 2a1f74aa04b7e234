"""What can go wrong, in words for the person who has to act on it.

Every message is one sentence that says what is wrong and what to do next. `InputError` is the
user's to mend (exit status 2); any other `DubbingError` is a failed run (exit status 1).
"""

from __future__ import annotations

import errno
from pathlib import Path

# Nothing more can be written: error number → what is in the way.
NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota of the disk is used up",
    errno.EFBIG: "a file is larger than the disk or a limit of this system takes",
}


class DubbingError(Exception):
    """Root of all errors that this package raises on purpose."""


class InputError(DubbingError, ValueError):
    """The user's input or options cannot be used."""


class MediaError(InputError):
    """A media file cannot be used.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class NoSoundTrackError(MediaError):
    """The media has a picture only."""


class NoSpeechError(MediaError):
    """The media has sound but nobody speaks."""


class TranslationFileError(InputError):
    """A supplied translation cannot be read or placed.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class NamesFileError(InputError):
    """A list of names and how they are said cannot be read.

    Attributes:
        path: The file.
        line: Where, from 1; None where it is the file as a whole.
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        where = f"{path}" if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {message}")
        self.path = path
        self.line = line


class UnsupportedLanguageError(InputError):
    """An engine does not speak or translate the language asked for.

    Attributes:
        engine: Its name in the registry.
        language: ISO 639-1 code asked for.
    """

    def __init__(self, engine: str, language: str, message: str) -> None:
        super().__init__(message)
        self.engine = engine
        self.language = language


class OtherLanguageError(InputError):
    """The speech is not in the language that it is to be dubbed from.

    Attributes:
        found: ISO 639-1 code of the language that is spoken.
        wanted: ISO 639-1 code of the one asked for.
    """

    def __init__(self, found: str, wanted: str, message: str) -> None:
        super().__init__(message)
        self.found = found
        self.wanted = wanted


class EngineUnavailableError(InputError):
    """An engine cannot run here: a package, program or weight file is missing.

    Attributes:
        engine: Its name in the registry.
    """

    def __init__(self, engine: str, message: str) -> None:
        super().__init__(message)
        self.engine = engine


class LowMemoryError(EngineUnavailableError):
    """An engine does not fit into the memory that is free."""


class OutputExistsError(InputError, FileExistsError):
    """The output is there already and may not be overwritten."""


class RunError(InputError):
    """A run folder is missing, damaged or made by another version."""


class EngineError(DubbingError, RuntimeError):
    """An engine failed on input that it should have handled.

    Attributes:
        engine: Its name in the registry.
        segment_id: The segment it failed on, if one.
    """

    def __init__(self, engine: str, message: str, segment_id: int | None = None) -> None:
        super().__init__(message)
        self.engine = engine
        self.segment_id = segment_id


class CancelledError(DubbingError):
    """Somebody stopped the run; what is finished stays, and the same call goes on from there."""

    def __init__(self) -> None:
        super().__init__("the run was cancelled; the same command goes on where it was")
