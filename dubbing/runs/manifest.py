"""The documents of a run folder, validated when read: unknown keys and other versions are
refused.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass

from dubbing.config import LANGUAGES, DubbingConfig, EngineChoice
from dubbing.errors import RunError
from dubbing.languages import NAMES
from dubbing.types import Gender, Loss, MarkSource, PlacementStatus, Span, TranslationSource

CHUNK_BYTES = 1 << 20
GONE = "matched"  # a synthesizer of 0.1.0
MOST_S = 1e7  # 115 days: no file is longer, and what is computed of it stays in memory


def _part_of_a_name(text: str) -> str:
    if not re.fullmatch(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*", text):
        raise ValueError("no file may be called so")
    return text


Id = Annotated[int, Field(ge=1, le=999_999)]
Seconds = Annotated[float, Field(ge=0, le=MOST_S)]
Rate = Annotated[float, Field(gt=0, le=1e6)]
NamePart = Annotated[str, AfterValidator(_part_of_a_name)]


class Document(BaseModel):
    """A JSON file of the run folder."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, indented, the same bytes for the same value."""
        return (self.model_dump_json(indent=1) + "\n").encode()


class SpanDoc(Document):
    """A `Span`, rounded to the millisecond."""

    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _is_forwards(self) -> Self:
        if self.start_s >= self.end_s:
            raise ValueError("end_s should be after start_s")
        return self


class SpeechDoc(Document):
    """speech.json: detected speech, the stretches of it that are recognised, and what the source
    lacks against what it declares; nothing in older runs.
    """

    speech: list[SpanDoc]
    stretches: list[SpanDoc]
    losses: list[Loss] = []


class LanguageDoc(Document):
    """language.json: ISO 639-1 codes with the mean probability that the speech of some stretches is
    in that language; none where the recogniser cannot tell.
    """

    stretches: list[SpanDoc]
    probabilities: dict[str, float]


class TurnDoc(SpanDoc):
    """A `Turn`."""

    speaker: NamePart


class TurnsDoc(Document):
    """turns.json: who speaks when, as the diarizer heard it."""

    turns: list[TurnDoc]
    overlapped: list[SpanDoc]


class SegmentDoc(Document):
    """One row of segments.json. `speaker` may be changed by hand."""

    id: Id
    start_s: Seconds
    end_s: Seconds
    speaker: NamePart
    overlapped: bool = False


class SpeakerDoc(Document):
    """Somebody who speaks. `name` and `gender` may be changed by hand; `pitch_hz`, the median
    fundamental, is what the gender was guessed from; None where hardly anything is voiced.
    """

    id: NamePart
    name: str
    gender: Gender
    pitch_hz: float | None = None


class SegmentsDoc(Document):
    """segments.json."""

    segments: list[SegmentDoc]
    speakers: list[SpeakerDoc] = []

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ascending("ids", [row.id for row in self.segments])
        _ascending("starts", [row.start_s for row in self.segments])
        for row in self.segments:
            if row.start_s >= row.end_s:
                raise ValueError(f"segment {row.id} should end after its start")
        return self


class WordDoc(Document):
    """A recognised word; times on the media's clock."""

    text: str
    start_s: Seconds
    end_s: Seconds
    probability: float


class TranscriptDoc(Document):
    """recognition/*.json (per stretch) and transcriptions/*.json (per segment)."""

    text: str
    words: list[WordDoc]


class CandidateDoc(Document):
    """One way to translate a segment, with the engine's score; see `dubbing.types.Candidate`."""

    text: str
    score: float


class MarkDoc(Document):
    """A word whose stress is marked in what an engine is given; see `dubbing.types.StressMark`."""

    word: str
    confidence: float
    by: MarkSource


class TranslationDoc(Document):
    """translations/*.json; see `dubbing.types.Translation`. `faults`: what the completeness check
    found in the engine's best, one sentence each. `read`: what a speech engine is given, but for
    breaths: words only, with ё and stress marks; `marks`: all of these; `read_from`: the
    fingerprint of both, empty in older runs, which have neither.
    """

    text: str
    source: TranslationSource
    joined_to: Id | None = None
    candidates: list[CandidateDoc] = []
    faults: list[str] = []
    read: str = ""
    marks: list[MarkDoc] = []
    read_from: str = ""


class SpeechClipDoc(Document):
    """speech/*.json: what the engine was given to read, and what may be wrong with the clip."""

    read: str
    warning: str


class PaceDoc(Document):
    """voices/<speaker>.pace.json: the speed at which the voice speaks, against its engine's own.
    Chosen once, so that a line that is changed later is spoken like the others.
    """

    pace: Rate


class VoicePieceDoc(Document):
    """One stretch of the reference, and what speaks for it."""

    segment_id: Id
    clarity_db: float
    sureness: float
    voiced: float
    dnsmos: float | None
    reason: str


class VoiceDoc(Document):
    """voices/<speaker>.json: which speech the voice is cloned from, and why. `more`: further speech
    of the speaker, whose pitch counts too. A reference given by the user has neither.
    """

    speaker: NamePart
    spans: list[SpanDoc]
    reason: str
    pieces: list[VoicePieceDoc] = []
    more: list[SpanDoc] = []


class PhraseDoc(Document):
    """A phrase of a clip: from where to where in the clip, when and how fast it is heard."""

    clip_start_s: Seconds
    clip_end_s: Seconds
    start_s: Seconds
    rate: Rate

    @model_validator(mode="after")
    def _is_forwards(self) -> Self:
        if self.clip_start_s >= self.clip_end_s:
            raise ValueError("clip_end_s should be after clip_start_s")
        return self


class PlacementDoc(Document):
    """One row of timeline.json; see `dubbing.types.Placement`."""

    segment_id: Id
    start_s: Seconds
    end_s: Seconds
    natural_s: Seconds
    rate: Rate
    borrowed_s: float
    gain_db: float
    phrases: list[PhraseDoc] = []
    status: PlacementStatus
    reason: str

    @model_validator(mode="after")
    def _is_forwards(self) -> Self:
        if self.start_s > self.end_s:
            raise ValueError("end_s should not be before start_s")
        return self

    @property
    def heard(self) -> list[Span]:
        """When its phrases are heard, on the media's clock."""
        return [
            Span(start_s=p.start_s, end_s=p.start_s + (p.clip_end_s - p.clip_start_s) / p.rate)
            for p in self.phrases
        ]

    @property
    def is_spoken(self) -> bool:
        """Whether a clip of its own is heard."""
        return self.natural_s > 0


class TimelineDoc(Document):
    """timeline.json."""

    placements: list[PlacementDoc]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ascending("segment ids", [row.segment_id for row in self.placements])
        return self


def _ascending(what: str, numbers: Sequence[float]) -> None:
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError(f"{what} should ascend")


class SourceRecord(Document):
    """The video a run was made from. `path` is relative to the run folder; `audio_track` is the
    number of the sound track that is dubbed, from 0, of `audio_tracks`.
    """

    path: str
    sha256: str
    duration_s: Annotated[float, Field(gt=0, le=MOST_S)]
    has_video: bool
    audio_track: NonNegativeInt = 0
    audio_tracks: PositiveInt = 1

    @property
    def identity(self) -> str:
        """What the dubbed sound track is known by, for fingerprints: another track is another."""
        return f"{self.sha256}#{self.audio_track}" if self.audio_track else self.sha256


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class ArtifactRecord:
    """What an artifact was made from (fingerprint), and what it holds (sha256). Three hours have
    20,000 of them: with slots they take half of what models take.
    """

    fingerprint: str
    sha256: str


class StageRecord(Document):
    """What a stage did in the last run that reached it. `engine_calls` counts items given to
    engines; `peak_memory_mb` is the process's largest resident set up to the stage's end.
    """

    wall_s: float
    made: int
    kept: int
    engine_calls: int
    peak_memory_mb: int | None = None


class FlowRecord(Document):
    """What the stages that worked at the same time took together, and how long it was until the
    first segment had come through them; None where none was spoken anew.
    """

    stages: list[str]
    wall_s: float
    first_segment_s: float | None


class Manifest(Document):
    """manifest.json: where everything in the folder came from.

    `failed`: what could not be dubbed in the last run ("segment 7", "stretch 2"), and why.
    """

    schema_version: Literal[1] = 1
    name: NamePart
    source: SourceRecord
    config: DubbingConfig
    engines: EngineChoice
    packages: dict[str, str]
    weights: dict[str, str] = {}
    translation: str | None = None
    voice: str | None = None
    output: str | None = None
    stages: dict[str, StageRecord] = {}
    flow: FlowRecord | None = None
    failed: dict[str, str] = {}
    artifacts: dict[str, ArtifactRecord] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_known_voices(cls, values: Any) -> Any:
        """Runs of 0.1.0 name a synthesizer "matched", which there is no more: what a profile would
        take today speaks for it.
        """
        if not isinstance(values, dict):
            return values
        config, engines = values.get("config"), values.get("engines")
        if not isinstance(config, dict) or not isinstance(engines, dict):
            return values
        if str(config.get("synthesizer", "")).startswith(GONE):
            config = config | {"synthesizer": ""}
        if str(engines.get("synthesizer", "")).startswith(GONE):
            speaks = "espeak" if config.get("target") == "de" else "kokoro"
            engines = engines | {"synthesizer": speaks}
        return values | {"config": config, "engines": engines}

    @field_validator("config")
    @classmethod
    def _with_languages(cls, config: DubbingConfig) -> DubbingConfig:
        if config.source not in NAMES or config.target not in LANGUAGES:
            raise ValueError("source and target should be codes of languages that are known here")
        return config

    @field_validator("artifacts")
    @classmethod
    def _with_plain_paths(cls, found: dict[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
        """No path leads out of a folder that it seems to lie in: files are deleted by folder."""
        for path in found:
            if posixpath.normpath(path) != path or "\0" in path:
                raise ValueError(f"{path!r} should be a plain path")
        return found

    @field_validator("failed")
    @classmethod
    def _with_numbers(cls, failed: dict[str, str]) -> dict[str, str]:
        for what in failed:
            if not re.fullmatch(r"(segment|stretch) [0-9]{1,6}", what):
                raise ValueError(f"{what!r} should be a segment or a stretch with its number")
        return failed


D = TypeVar("D", bound=Document)


def read_document(path: Path, kind: type[D]) -> D:
    """The document at `path`.

    Raises:
        RunError: It is missing, damaged or of another version.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise RunError(f"{path} is missing: run the stage before this one first") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise damaged(path, f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def damaged(path: Path, why: str) -> RunError:
    """The error for a document that cannot be true."""
    return RunError(
        f"{path} is damaged or of another version ({why}); delete it and run the same command again"
    )


def fingerprint(*parts: Any) -> str:
    """A hash of JSON-able values: equal values, equal fingerprint."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK_BYTES):
            digest.update(block)
    return digest.hexdigest()
