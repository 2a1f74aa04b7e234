"""What the pages show of finished runs: frozen values. Knows no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubbing.quality.report import Scorecard
from dubbing.runs.legacy import CHUNKS
from dubbing.runs.manifest import CandidateDoc, VoicePieceDoc
from dubbing.text.completeness import faults
from dubbing.types import Loss, PlacementStatus, Span, TranslationSource, Word

ROUNDING_S = 0.001  # segments.json is written to the millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """Where a run lies, damaged or not.

    Attributes:
        key: Names the run in a link: the folder's name, with "demo:" before it, or the number of
            a root that is not the first. A colon is in no run's name, so keys never clash.
        path: The folder.
        is_demo: Whether `python -m dubbing demo` made it on this machine.
        is_legacy: Whether it has the layout of the project's first version, which holds no more
            than the segments' texts and sounds.
    """

    key: str
    path: Path
    is_demo: bool
    is_legacy: bool = False

    def changed_ns(self) -> int:
        """When what is read first of it was last written.

        Raises:
            OSError: It is gone.
        """
        first = CHUNKS if self.is_legacy else "manifest.json"
        return (self.path / first).stat().st_mtime_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """One segment at every stage; None where a stage has not come to it.

    Attributes:
        id: Its number, from 1.
        span: Where it lies on the media's clock.
        speaker: Who speaks.
        words: What was recognised, in order, with the times.
        text: What was recognised, where only the text was kept.
        translation: What the dub says; empty when nothing was supplied for it alone.
        source: Who wrote the translation.
        candidates: What the engine would have said instead, its best first.
        faults: What may be lost or broken in the translation, a sentence each.
        read: What the voice was given to read, None before it spoke.
        warning: What may be wrong with the sound of the voice; empty: nothing was noticed.
        joined_to: Number of the segment before it whose dub speaks for this one too.
        slot_s: The time the dub may take: up to the next dub, less a guard. None where joined.
        length_s: How long the dub is heard; None where none of its own is.
        rate: Speed of the dub against natural speech; None where there is no dub of its own.
        late_s: How much later than the original the dub starts, ≥ 0.
        borrowed_s: How much of the following pause it takes, ≥ 0.
        status: How it fits.
        placed: When the dub is heard; None where none of its own is.
        similarity: Likeness of the voice, -1..1; None where it is not measured.
        fault: The worst that a listener will notice by the scorecard; empty: nothing.
        chunk: The original sound.
        dub: The dub's sound, None where none of its own is heard.
    """

    id: int
    span: Span
    speaker: str
    words: tuple[Word, ...] | None
    text: str | None = None
    translation: str | None
    source: TranslationSource | None
    candidates: tuple[CandidateDoc, ...] = ()
    faults: tuple[str, ...] = ()
    read: str | None = None
    warning: str = ""
    joined_to: int | None
    slot_s: float | None
    length_s: float | None
    rate: float | None
    late_s: float | None
    borrowed_s: float | None
    status: PlacementStatus | None
    placed: Span | None = None
    similarity: float | None = None
    fault: str = ""
    chunk: Path
    dub: Path | None

    @property
    def transcript(self) -> str:
        """The words joined by blanks; empty when there are none."""
        return self.text or " ".join(word.text for word in self.words or ())

    @property
    def is_checked(self) -> bool:
        """Whether a stage looked for faults when the translation was made."""
        return self.source == "engine" and self.text is None

    @property
    def delays_next(self) -> bool:
        """Whether the dub fills all its time and more, so that the next one starts later."""
        if self.status != "borrowed" or self.slot_s is None or self.length_s is None:
            return False
        return (self.late_s or 0) + self.length_s > self.slot_s + ROUNDING_S


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceView:
    """The reference that a speaker's voice was cloned from.

    Attributes:
        speaker: Whose it is.
        clip: Its sound.
        segments: Numbers of the segments that it was taken from.
        pieces: The stretches that it consists of, and what speaks for each; empty where a person
            gave the reference.
    """

    speaker: str
    clip: Path
    segments: tuple[int, ...]
    pieces: tuple[VoicePieceDoc, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the pages show it.

    Attributes:
        folder: Where it lies.
        name: Its own name.
        title: The talk's name, for people.
        language: ISO 639-1 code of the dub.
        source_language: ISO 639-1 code of the original.
        source_sha256: Hash of the original: runs that share it dub the same talk.
        source: The original file; it may be gone. None where the run does not say which it was.
        output: The finished file, None before it is made.
        audio_track: Number of the dubbed track among the original's sound tracks, from 0.
        losses: What the original lacks against what it declares.
        has_video: Whether both are videos.
        duration_s: Length of the original.
        synthesizer: Name of the engine that speaks.
        speech: Where speech was found in the original, in order; None where that is not kept.
        speakers: Key of each who speaks → name, in order of their first words.
        segments: In order of time.
        voices: By speaker.
        subtitles: Language → suffix ("srt", "vtt") → file.
        scorecard: None before it is measured, and where an older version measured it.
        is_scorecard_outdated: Whether an older version measured it: to be measured anew.
    """

    folder: RunFolder
    name: str
    title: str
    language: str
    source_language: str
    source_sha256: str
    source: Path | None
    output: Path | None
    has_video: bool
    duration_s: float
    synthesizer: str
    speech: tuple[Span, ...] | None
    speakers: dict[str, str]
    segments: tuple[SegmentView, ...]
    voices: tuple[VoiceView, ...]
    subtitles: dict[str, dict[str, Path]]
    scorecard: Scorecard | None
    is_scorecard_outdated: bool
    audio_track: int = 0
    losses: tuple[Loss, ...] = ()

    @property
    def key(self) -> str:
        """Names the run in a link."""
        return self.folder.key


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """A talk and its dubs.

    Attributes:
        title: Its name, for people.
        runs: At least one; all made from the same file.
    """

    title: str
    runs: tuple[RunView, ...]


def checked(segments: Sequence[SegmentView], languages: tuple[str, str]) -> tuple[SegmentView, ...]:
    """The segments with what the checks find in those translations that no stage has checked: it
    checks what an engine wrote, sentence by sentence, and keeps that.

    Args:
        segments: All of them.
        languages: (source, target), ISO 639-1.
    """
    said: dict[int, list[str]] = {}
    for segment in segments:
        said.setdefault(segment.joined_to or segment.id, []).append(segment.transcript)
    return tuple(
        replace(segment, faults=_found(" ".join(said[segment.id]), segment.translation, languages))
        if segment.translation and not segment.is_checked
        else segment
        for segment in segments
    )


def _found(source: str, translation: str, languages: tuple[str, str]) -> tuple[str, ...]:
    return tuple(fault.explanation for fault in faults(source, translation, *languages))
