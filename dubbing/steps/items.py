"""What flows from one stage to the next, in the order in which it comes to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dubbing.types import Audio, Segment, Span, Transcript, Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sound to be recognised.

    Attributes:
        number: From 1.
        span: Where it lies on the media's clock.
        made_from: Its recognition's fingerprint.
        sound: float32, shape (samples,), mono, 16 kHz; None where its words are known already.
    """

    number: int
    span: Span
    made_from: str
    sound: Audio | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A stretch's words, on the media's clock."""

    number: int
    transcript: Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A segment and what is said in it."""

    segment: Segment
    transcript: Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Neighbouring segments whose sentences lie in no other.

    Attributes:
        heard: In order; at least one.
        supplied: Their translations where a person wrote them, in the same order, and the
            fingerprint of all of them; None where an engine is to translate.
    """

    heard: tuple[Heard, ...]
    supplied: tuple[str, tuple[Translation, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """Neighbouring segments with their translations, in the same order."""

    heard: tuple[Heard, ...]
    translations: tuple[Translation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is to be spoken for a segment.

    Attributes:
        heard: The segment.
        translation: Its text.
        read: What the engine is given to read; empty where nothing is spoken for this segment
            alone.
        pace: The speed at which its speaker's voice speaks, against its engine's default.
        made_from: The clip's fingerprint.
    """

    heard: Heard
    translation: Translation
    read: str = ""
    pace: float = 1.0
    made_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A segment that has come through all stages but the last.

    Attributes:
        segment: Where it lies, and who speaks.
        transcript: What is said in it.
        translation: What the dub says; see `Translation`.
        clip: The dub's speech at its own speed, a WAV file; None where none of its own is heard.
    """

    segment: Segment
    transcript: Transcript
    translation: Translation
    clip: Path | None
