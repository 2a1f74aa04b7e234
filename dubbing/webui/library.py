"""What the pages show of finished runs, read once into frozen values. Knows no Streamlit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubbing.errors import DubbingError, RunError
from dubbing.media.probe import probe
from dubbing.quality.report import Scorecard, SegmentScore, is_outdated
from dubbing.runs.legacy import CHUNKS, LegacyChunk, LegacyRun, is_legacy, read_legacy
from dubbing.runs.manifest import (
    CandidateDoc,
    D,
    PlacementDoc,
    SegmentsDoc,
    SpeechClipDoc,
    TranscriptDoc,
    TranslationDoc,
    VoiceDoc,
    VoicePieceDoc,
)
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.stages.fit import GUARD_S, units
from dubbing.steps.documents import (
    read_segments,
    read_speech,
    read_timeline,
    to_span,
    to_transcript,
)
from dubbing.text.completeness import faults
from dubbing.types import PlacementStatus, Segment, Span, TranslationSource, Word

PROJECT = Path(__file__).resolve().parents[2]
DEMO = "demo_output"  # dubbing.demo's folder; importing it would load the whole pipeline
LEGACY_LANGUAGES = ("en", "ru")  # the first version knew no others
LEGACY_SPEAKER = "speaker-1"  # the first version told nobody apart
ROUNDING_S = 0.001  # segments.json is written to the millisecond
DEMO_PREFIX = "demo:"
ROOTS = (PROJECT / "pipeline_artifacts", PROJECT / DEMO / "pipeline_artifacts")
ROOTS_VARIABLE = "DUBBING_RUNS"  # folders of run folders instead of ROOTS, joined by os.pathsep


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


def run_roots() -> list[Path]:
    """Folders of run folders: those in the variable DUBBING_RUNS, or the project's own two."""
    given = os.environ.get(ROOTS_VARIABLE, "")
    return [Path(part) for part in given.split(os.pathsep) if part] or list(ROOTS)


def list_folders(roots: Sequence[Path]) -> list[RunFolder]:
    """Every run below the roots, by root and name."""
    return [
        RunFolder(
            key=prefix + path.name,
            path=path,
            is_demo=prefix == DEMO_PREFIX,
            is_legacy=not (path / "manifest.json").is_file(),
        )
        for root, prefix in zip(roots, _prefixes(roots), strict=True)
        for path in sorted({*list_runs(root), *_legacy_folders(root)})
    ]


def _legacy_folders(root: Path) -> list[Path]:
    """Folders below the root in the first version's layout."""
    return [path.parent for path in root.glob(f"*/{CHUNKS}") if is_legacy(path.parent)]


def _prefixes(roots: Sequence[Path]) -> list[str]:
    """What stands before the names of each root's runs."""
    numbered = ["", *(f"{number}:" for number in range(2, len(roots) + 1))]
    return [
        DEMO_PREFIX if root.parent.name == DEMO else prefix
        for root, prefix in zip(roots, numbered, strict=False)
    ]


def read_run(folder: RunFolder) -> RunView:
    """Everything a page shows of a run.

    Raises:
        RunError: The run is damaged; the message says where, with paths as seen from its folder.
    """
    try:
        if folder.is_legacy:
            return _read_legacy(folder, read_legacy(folder.path))
        return _read(folder, open_run(folder.path))
    except (DubbingError, OSError, ValueError) as error:
        raise RunError(str(error).replace(f"{folder.path}{os.sep}", "")) from error


def group_talks(runs: Sequence[RunView]) -> list[TalkView]:
    """The runs by talk, in order of each talk's first run."""
    talks: dict[str, list[RunView]] = {}
    for run in runs:
        talks.setdefault(run.source_sha256, []).append(run)
    return [TalkView(title=same[0].title, runs=tuple(same)) for same in talks.values()]


def _read(folder: RunFolder, run: Run) -> RunView:
    manifest = run.manifest
    segments = read_segments(run) if run.segments in manifest.artifacts else []
    source = (run.root / manifest.source.path).resolve()
    made = manifest.output is not None and manifest.output in manifest.artifacts
    outdated = run.quality in manifest.artifacts and is_outdated(run.path(run.quality))
    scorecard = None if outdated else _document(run, run.quality, Scorecard)
    return RunView(
        folder=folder,
        name=run.name,
        title=source.stem.replace("_", " "),
        language=manifest.config.target,
        source_language=manifest.config.source,
        source_sha256=manifest.source.sha256,
        source=source,
        output=run.path(manifest.output).resolve() if made and manifest.output else None,
        has_video=manifest.source.has_video,
        duration_s=manifest.source.duration_s,
        synthesizer=manifest.engines.synthesizer,
        speech=tuple(read_speech(run)) if run.speech in manifest.artifacts else None,
        speakers=_speakers(run, segments),
        segments=_checked(
            _segment_views(run, segments, scorecard),
            (manifest.config.source, manifest.config.target),
        ),
        voices=_voice_views(run, segments),
        subtitles=_subtitles(run),
        scorecard=scorecard,
        is_scorecard_outdated=outdated,
    )


def _document(run: Run, relative: str, kind: type[D]) -> D | None:
    """A document of the run, None when its stage has not made it yet."""
    return run.read(relative, kind) if relative in run.manifest.artifacts else None


def _speakers(run: Run, segments: Sequence[Segment]) -> dict[str, str]:
    """Key → name of those who speak in the segments."""
    document = _document(run, run.segments, SegmentsDoc)
    names = {speaker.id: speaker.name for speaker in document.speakers} if document else {}
    return {s.speaker: names.get(s.speaker, s.speaker) for s in segments}


def _segment_views(
    run: Run, segments: Sequence[Segment], scorecard: Scorecard | None
) -> tuple[SegmentView, ...]:
    scores = {score.id: score for score in scorecard.segments} if scorecard else {}
    timeline = read_timeline(run) if run.timeline in run.manifest.artifacts else []
    placed = {row.segment_id: row for row in timeline}
    translations = [_document(run, run.translation(s.id), TranslationDoc) for s in segments]
    slots_s = _slots_s(run, segments, [doc.joined_to if doc else None for doc in translations])
    return tuple(
        _segment_view(
            run,
            segment,
            translation,
            placed.get(segment.id),
            slots_s.get(segment.id),
            scores.get(segment.id),
        )
        for segment, translation in zip(segments, translations, strict=True)
    )


def _slots_s(
    run: Run, segments: Sequence[Segment], joins: Sequence[int | None]
) -> dict[int, float]:
    """The time that each dub may take, by the segment that it starts with."""
    spoken = units(segments, joins)
    next_s = [unit.span.start_s - GUARD_S for unit in spoken[1:]]
    ends_s = [*next_s, run.manifest.source.duration_s]
    return {unit.id: end_s - unit.span.start_s for unit, end_s in zip(spoken, ends_s, strict=False)}


def _segment_view(
    run: Run,
    segment: Segment,
    translation: TranslationDoc | None,
    placed: PlacementDoc | None,
    slot_s: float | None,
    score: SegmentScore | None,
) -> SegmentView:
    transcript = _document(run, run.transcription(segment.id), TranscriptDoc)
    clip = _document(run, run.speech_clip(segment.id, "json"), SpeechClipDoc)
    dub = run.dubbed(segment.id)
    spoken = placed if placed and placed.is_spoken else None
    return SegmentView(
        id=segment.id,
        span=segment.span,
        speaker=segment.speaker,
        words=to_transcript(transcript).words if transcript else None,
        translation=translation.text if translation else None,
        source=translation.source if translation else None,
        candidates=tuple(translation.candidates) if translation else (),
        faults=tuple(translation.faults) if translation else (),
        read=clip.read if clip else None,
        warning=clip.warning if clip else "",
        joined_to=translation.joined_to if translation else None,
        slot_s=slot_s,
        length_s=spoken.end_s - spoken.start_s if spoken else None,
        rate=spoken.rate if spoken else None,
        late_s=max(0.0, spoken.start_s - segment.span.start_s) if spoken else None,
        borrowed_s=spoken.borrowed_s if spoken else None,
        status=placed.status if placed else None,
        placed=_heard(spoken),
        similarity=score.similarity if score else None,
        fault=score.fault if score else "",
        chunk=run.path(run.chunk(segment.id)),
        dub=run.path(dub) if dub in run.manifest.artifacts else None,
    )


def _checked(
    segments: Sequence[SegmentView], languages: tuple[str, str]
) -> tuple[SegmentView, ...]:
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


def _heard(placed: PlacementDoc | None) -> Span | None:
    if placed is None or placed.end_s <= placed.start_s:
        return None
    return Span(start_s=placed.start_s, end_s=placed.end_s)


def _voice_views(run: Run, segments: Sequence[Segment]) -> tuple[VoiceView, ...]:
    views = []
    for speaker in sorted({segment.speaker for segment in segments}):
        voice = _document(run, run.voice(speaker, "json"), VoiceDoc)
        if voice is not None:
            spans = [to_span(span) for span in voice.spans]
            ids = tuple(s.id for s in segments if any(s.span.overlap_s(span) > 0 for span in spans))
            clip = run.path(run.voice(speaker))
            pieces = tuple(voice.pieces)
            views.append(VoiceView(speaker=speaker, clip=clip, segments=ids, pieces=pieces))
    return tuple(views)


def _subtitles(run: Run) -> dict[str, dict[str, Path]]:
    files: dict[str, dict[str, Path]] = {}
    for language in (run.manifest.config.target, run.manifest.config.source):
        for suffix in ("srt", "vtt"):
            relative = run.subtitles(language, suffix)
            if relative in run.manifest.artifacts:
                files.setdefault(language, {})[suffix] = run.path(relative)
    return files


def _read_legacy(folder: RunFolder, run: LegacyRun) -> RunView:
    """The first version kept neither the talk nor when a word was said: texts and sounds alone."""
    segments = _checked([_legacy_segment(run, chunk) for chunk in run.chunks], LEGACY_LANGUAGES)
    return RunView(
        folder=folder,
        name=run.name,
        title=run.name.replace("_", " "),
        language=LEGACY_LANGUAGES[1],
        source_language=LEGACY_LANGUAGES[0],
        source_sha256=f"legacy {run.name}",
        source=None,
        output=None,
        has_video=False,
        duration_s=max(end_s for s in segments for end_s in (s.span.end_s, _end_s(s.placed))),
        synthesizer="",
        speech=None,
        speakers={LEGACY_SPEAKER: LEGACY_SPEAKER},
        segments=segments,
        voices=(),
        subtitles={},
        scorecard=None,
        is_scorecard_outdated=False,
    )


def _end_s(placed: Span | None) -> float:
    return placed.end_s if placed else 0.0


def _legacy_segment(run: LegacyRun, chunk: LegacyChunk) -> SegmentView:
    """As its player had it: the dub sounds from the chunk's start on, as long as it is."""
    start_s = chunk.span.start_s
    length_s = None if chunk.dub is None else probe(chunk.dub).duration_s
    borrowed_s = None if length_s is None else max(0.0, start_s + length_s - chunk.span.end_s)
    is_longer = borrowed_s is not None and borrowed_s > ROUNDING_S
    return SegmentView(
        id=chunk.number,
        span=chunk.span,
        speaker=LEGACY_SPEAKER,
        words=None,
        text=chunk.source,
        translation=chunk.translation,
        source="engine" if chunk.translation else None,
        joined_to=None,
        slot_s=None,
        length_s=length_s,
        rate=None,
        late_s=None if length_s is None else 0.0,
        borrowed_s=borrowed_s,
        status="untranslated" if length_s is None else "borrowed" if is_longer else "fits",
        placed=None if length_s is None else Span(start_s=start_s, end_s=start_s + length_s),
        chunk=chunk.sound or run.root / CHUNKS / f"{run.name}-chunk-{chunk.number}.wav",
        dub=chunk.dub,
    )
