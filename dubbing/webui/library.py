"""What the pages show of finished runs, read once into frozen values. Knows no Streamlit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dubbing.errors import DubbingError, RunError
from dubbing.quality.report import Scorecard
from dubbing.runs.manifest import D, PlacementDoc, TranscriptDoc, TranslationDoc, VoiceDoc
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.stages.fit import GUARD_S
from dubbing.steps.documents import read_segments, read_timeline, to_span, to_transcript
from dubbing.types import PlacementStatus, Segment, Span, TranslationSource, Word

PROJECT = Path(__file__).resolve().parents[2]
DEMO = "demo_output"  # dubbing.demo's folder; importing it would load the whole pipeline
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
    """

    key: str
    path: Path
    is_demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """One segment at every stage; None where a stage has not come to it.

    Attributes:
        id: Its number, from 1.
        span: Where it lies on the media's clock.
        speaker: Who speaks.
        words: What was recognised, in order.
        translation: What the dub says; empty when nothing was supplied for it.
        source: Who wrote the translation.
        slot_s: The time the dub may take: up to the next segment, less a guard.
        length_s: How long the dub is heard; 0 where the original voice is kept.
        rate: Speed of the dub against natural speech.
        late_s: How much later than the original the dub starts, ≥ 0.
        borrowed_s: How much of the following pause it takes, ≥ 0.
        status: How it fits.
        chunk: The original sound.
        dub: The dub's sound, None where the original voice is kept.
    """

    id: int
    span: Span
    speaker: str
    words: tuple[Word, ...] | None
    translation: str | None
    source: TranslationSource | None
    slot_s: float
    length_s: float | None
    rate: float | None
    late_s: float | None
    borrowed_s: float | None
    status: PlacementStatus | None
    chunk: Path
    dub: Path | None

    @property
    def transcript(self) -> str:
        """The words joined by blanks; empty when there are none."""
        return " ".join(word.text for word in self.words or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceView:
    """The reference that a speaker's voice was cloned from.

    Attributes:
        speaker: Whose it is.
        clip: Its sound.
        segments: Numbers of the segments that it was taken from.
    """

    speaker: str
    clip: Path
    segments: tuple[int, ...]


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
        source: The original file; it may be gone.
        output: The finished file, None before it is made.
        has_video: Whether both are videos.
        duration_s: Length of the original.
        synthesizer: Name of the engine that speaks.
        segments: In order of time.
        voices: By speaker.
        subtitles: Language → suffix ("srt", "vtt") → file.
        scorecard: None before it is measured.
    """

    folder: RunFolder
    name: str
    title: str
    language: str
    source_language: str
    source_sha256: str
    source: Path
    output: Path | None
    has_video: bool
    duration_s: float
    synthesizer: str
    segments: tuple[SegmentView, ...]
    voices: tuple[VoiceView, ...]
    subtitles: dict[str, dict[str, Path]]
    scorecard: Scorecard | None

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
        RunFolder(key=prefix + path.name, path=path, is_demo=prefix == DEMO_PREFIX)
        for root, prefix in zip(roots, _prefixes(roots), strict=True)
        for path in list_runs(root)
    ]


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
        segments=_segment_views(run, segments),
        voices=_voice_views(run, segments),
        subtitles=_subtitles(run),
        scorecard=_document(run, run.quality, Scorecard),
    )


def _document(run: Run, relative: str, kind: type[D]) -> D | None:
    """A document of the run, None when its stage has not made it yet."""
    return run.read(relative, kind) if relative in run.manifest.artifacts else None


def _segment_views(run: Run, segments: Sequence[Segment]) -> tuple[SegmentView, ...]:
    timeline = read_timeline(run) if run.timeline in run.manifest.artifacts else []
    placed = {row.segment_id: row for row in timeline}
    next_s = [segment.span.start_s - GUARD_S for segment in segments[1:]]
    ends_s = [*next_s, run.manifest.source.duration_s][: len(segments)]
    return tuple(
        _segment_view(run, segment, placed.get(segment.id), slot_s=end_s - segment.span.start_s)
        for segment, end_s in zip(segments, ends_s, strict=True)
    )


def _segment_view(
    run: Run, segment: Segment, placed: PlacementDoc | None, *, slot_s: float
) -> SegmentView:
    transcript = _document(run, run.transcription(segment.id), TranscriptDoc)
    translation = _document(run, run.translation(segment.id), TranslationDoc)
    dub = run.dubbed(segment.id)
    return SegmentView(
        id=segment.id,
        span=segment.span,
        speaker=segment.speaker,
        words=to_transcript(transcript).words if transcript else None,
        translation=translation.text if translation else None,
        source=translation.source if translation else None,
        slot_s=slot_s,
        length_s=_length_s(placed) if placed else None,
        rate=placed.rate if placed else None,
        late_s=max(0.0, placed.start_s - segment.span.start_s) if placed else None,
        borrowed_s=placed.borrowed_s if placed else None,
        status=placed.status if placed else None,
        chunk=run.path(run.chunk(segment.id)),
        dub=run.path(dub) if dub in run.manifest.artifacts else None,
    )


def _length_s(placed: PlacementDoc) -> float:
    return 0.0 if placed.status == "untranslated" else placed.end_s - placed.start_s


def _voice_views(run: Run, segments: Sequence[Segment]) -> tuple[VoiceView, ...]:
    views = []
    for speaker in sorted({segment.speaker for segment in segments}):
        voice = _document(run, run.voice(speaker, "json"), VoiceDoc)
        if voice is not None:
            spans = [to_span(span) for span in voice.spans]
            ids = tuple(s.id for s in segments if any(s.span.overlap_s(span) > 0 for span in spans))
            clip = run.path(run.voice(speaker))
            views.append(VoiceView(speaker=speaker, clip=clip, segments=ids))
    return tuple(views)


def _subtitles(run: Run) -> dict[str, dict[str, Path]]:
    files: dict[str, dict[str, Path]] = {}
    for language in (run.manifest.config.target, run.manifest.config.source):
        for suffix in ("srt", "vtt"):
            relative = run.subtitles(language, suffix)
            if relative in run.manifest.artifacts:
                files.setdefault(language, {})[suffix] = run.path(relative)
    return files
