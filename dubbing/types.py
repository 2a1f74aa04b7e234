"""The values that flow through the pipeline: frozen, checked when made, seconds unless a name says
otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
"""float32 sound in [-1, 1]: shape (samples,) for mono, (samples, channels) otherwise."""

TranslationSource = Literal["engine", "supplied", "edited"]
MarkSource = Literal["user", "names", "dictionary", "network", "homograph"]
Gender = Literal["female", "male", "unknown"]
PlacementStatus = Literal["fits", "borrowed", "late", "rushed", "joined", "untranslated"]

LossKind = Literal["end", "cut", "picture", "inside", "damaged", "beyond"]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time on the media's clock.

    Attributes:
        start_s: Where it starts, ≥ 0.
        end_s: Where it ends, > start_s.
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        _require(
            math.isfinite(self.start_s)
            and math.isfinite(self.end_s)
            and 0 <= self.start_s < self.end_s,
            f"a span needs 0 <= start_s < end_s, not {self.start_s} .. {self.end_s}",
        )

    @property
    def duration_s(self) -> float:
        """Length in seconds, > 0."""
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both spans share, ≥ 0."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A recognised word with its place in time.

    Attributes:
        text: The word with its punctuation, without surrounding blanks.
        start_s: Start, ≥ 0.
        end_s: End, ≥ start_s (recognisers give words of no length).
        probability: The recogniser's confidence, 0..1.
    """

    text: str
    start_s: float
    end_s: float
    probability: float

    def __post_init__(self) -> None:
        _require(bool(self.text.strip()), "a word needs text")
        _require(
            0 <= self.start_s <= self.end_s, f"word {self.start_s} .. {self.end_s} runs backwards"
        )
        _require(0 <= self.probability <= 1, f"probability {self.probability} is outside 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of source speech that is dubbed as one.

    Attributes:
        id: Number in order of time, from 1.
        span: Where it lies on the media's clock.
        speaker: Who speaks: a key of the run's voices.
        overlapped: Whether somebody else speaks at the same time.
    """

    id: int
    span: Span
    speaker: str = "speaker-1"
    overlapped: bool = False

    def __post_init__(self) -> None:
        _require(self.id >= 1, f"segment ids start at 1, not {self.id}")
        _require(bool(self.speaker), "a segment needs a speaker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stretch of time in which one speaker speaks, small pauses included.

    Attributes:
        span: Where it lies on the sound's clock.
        speaker: "speaker-1", "speaker-2" … in the order in which they are first heard.
    """

    span: Span
    speaker: str

    def __post_init__(self) -> None:
        _require(bool(self.speaker), "a turn needs a speaker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diarization:
    """Who speaks when.

    Attributes:
        turns: In order of their starts; turns of different speakers may overlap.
        overlapped: Where two or more speak at once, ordered, disjoint.
    """

    turns: tuple[Turn, ...]
    overlapped: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a stretch of sound.

    Attributes:
        words: The words in order, on the clock of the sound that was recognised.
    """

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words joined by blanks; empty when nothing was recognised."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to translate a sentence.

    Attributes:
        text: The translation.
        score: The engine's own log-probability per token, ≤ 0; 0 where the engine gives none.
    """

    text: str
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StressMark:
    """A word whose stress is marked.

    Attributes:
        word: With U+0301 behind the stressed vowel.
        confidence: Of the mark, 0..1; 1 where a person or a dictionary gives it.
        by: Who says so: the text's writer, the project's list of names, or an accentor's
            dictionary, its network for words, its network for homographs.
    """

    word: str
    confidence: float
    by: MarkSource

    def __post_init__(self) -> None:
        _require(0 <= self.confidence <= 1, "a confidence lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """A text with its stress marks.

    Attributes:
        text: See `dubbing.text.stress` for the marks in it.
        marks: In order, one for each marked word that this is about.
    """

    text: str
    marks: tuple[StressMark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The target-language text of one segment.

    Attributes:
        text: What is to be spoken; empty when there is none for this segment alone.
        source: Who wrote it.
        joined_to: Id of the segment before it whose text speaks for this one too: a sentence that
            is one in the target language may be two in the source. None otherwise.
        candidates: What the engine would have said instead, its best first; empty where a person
            wrote the text.
        faults: What may be lost or broken in the text, one sentence each.
        reading: The text as an engine is given it, and all of its marks; None: not made yet.
    """

    text: str
    source: TranslationSource
    joined_to: int | None = None
    candidates: tuple[Candidate, ...] = ()
    faults: tuple[str, ...] = ()
    reading: MarkedText | None = None

    def __post_init__(self) -> None:
        _require(self.joined_to is None or not self.text, "a joined segment has no text of its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePrompt:
    """A speaker's own speech that a voice is cloned from.

    Attributes:
        speaker: Whose it is.
        samples: float32, shape (samples,), mono, [-1, 1].
        sample_rate_hz: Their rate, > 0.
        reason: Why this piece was chosen, for a person to read.
        more: Other speech of theirs at the same rate, mono; empty where there is none.
        gender: Of the speaker, for engines that choose among their own voices.
        vector: The speaker by the encoder Resemblyzer, unit length, likewise; empty: not known.
    """

    speaker: str
    samples: Audio = field(repr=False)
    sample_rate_hz: int
    reason: str = ""
    more: Audio = field(default_factory=lambda: np.zeros(0, np.float32), repr=False)
    gender: Gender = "unknown"
    vector: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A synthesised clip: starts and ends with sound, silence around it is trimmed by the stage
    that made it.

    Attributes:
        samples: float32, shape (samples,), mono, [-1, 1].
        sample_rate_hz: Their rate, > 0.
        warning: What may be wrong with it, for a person to read; empty: nothing was noticed.
    """

    samples: Audio = field(repr=False)
    sample_rate_hz: int
    warning: str = ""

    def __post_init__(self) -> None:
        _require(self.samples.ndim == 1, f"speech is mono, not {self.samples.shape}")
        _require(self.sample_rate_hz > 0, "a sample rate is positive")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPhrase:
    """A phrase of a clip on the timeline.

    Attributes:
        clip: Where it lies in the clip, on the clip's own clock.
        start_s: Where it starts on the media's clock, ≥ 0.
        rate: Speed against the clip: above 1 is faster.
    """

    clip: Span
    start_s: float
    rate: float

    @property
    def end_s(self) -> float:
        """Where it ends on the media's clock."""
        return self.start_s + self.clip.duration_s / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where and how fast a segment's speech is heard.

    Attributes:
        segment_id: Whose speech.
        start_s: Where it starts on the media's clock, ≥ 0.
        end_s: Where it ends on the media's clock, ≥ start_s.
        natural_s: The clip's length as spoken, ≥ 0 (0 only when there is nothing to speak).
        rate: Speed of its phrases together against the clip: above 1 is faster.
        borrowed_s: How much of the pause after the segment is used, ≥ 0.
        phrases: Its stretches of sound, in order; they hold all of the clip's.
        status: "fits" within the span; "borrowed" runs into the pause; "late" starts after the
            original; "rushed" faster than the cap; "joined" is spoken with the segment before it;
            "untranslated" has nothing to speak.
        reason: One plain sentence.
    """

    segment_id: int
    start_s: float
    end_s: float
    natural_s: float
    rate: float
    borrowed_s: float
    phrases: tuple[PlacedPhrase, ...]
    status: PlacementStatus
    reason: str

    def __post_init__(self) -> None:
        _require(
            0 <= self.start_s <= self.end_s and self.natural_s >= 0 and self.rate > 0,
            f"impossible placement {self}",
        )

    @property
    def heard(self) -> list[Span]:
        """When its phrases are heard, on the media's clock."""
        return [Span(start_s=p.start_s, end_s=p.end_s) for p in self.phrases]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something that a media file declares and does not hold, or holds beyond what it declares.

    Attributes:
        kind: `end`: of the sound; `cut`: the same, nobody knows how much; `picture`: its end;
            `inside`: sound in the middle; `damaged`: packets of sound, too few to leave a hole;
            `beyond`: sound after the declared length, which is not dubbed.
        seconds: How much; 0 for `cut` and `damaged`.
        packets: How many are damaged; 0 for other kinds.
    """

    kind: LossKind
    seconds: float = 0.0
    packets: int = 0

    def __str__(self) -> str:
        """One clause about the file."""
        match self.kind:
            case "end":
                return f"the last {self.seconds:.1f} s of its sound are missing"
            case "cut":
                return "it is cut off: the end of its sound is missing"
            case "picture":
                return f"the last {self.seconds:.1f} s of its picture are missing"
            case "inside":
                return f"{self.seconds:.1f} s of its sound are missing in between"
            case "damaged":
                return f"{self.packets} damaged pieces of its sound were left out"
            case "beyond":
                return (
                    f"its sound goes on for {self.seconds:.1f} s beyond the length that it "
                    "declares, which are not dubbed"
                )


class Progress(NamedTuple):
    """How far a stage is: `done` of `total` items."""

    done: int
    total: int
