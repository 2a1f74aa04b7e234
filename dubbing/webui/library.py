"""The runs that there are, read once into what the pages show. Knows no Streamlit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dubbing.errors import DubbingError, RunError
from dubbing.quality.report import Scorecard, SegmentScore, is_outdated
from dubbing.runs.legacy import CHUNKS, is_legacy, read_legacy
from dubbing.runs.manifest import (
    D,
    PlacementDoc,
    SegmentsDoc,
    SpeechClipDoc,
    TranscriptDoc,
    TranslationDoc,
    VoiceDoc,
)
from dubbing.runs.store import Run, list_runs, open_run
from dubbing.stages.fit import GUARD_S, units
from dubbing.steps.documents import (
    check_joins,
    read_losses,
    read_segments,
    read_speech,
    read_timeline,
    to_span,
    to_transcript,
)
from dubbing.types import Segment, Span
from dubbing.webui.legacy_view import legacy_view
from dubbing.webui.views import RunFolder, RunView, SegmentView, TalkView, VoiceView, checked

PROJECT = Path(__file__).resolve().parents[2]
DEMO = "demo_output"  # dubbing.demo's folder; importing it would load the whole pipeline
DEMO_PREFIX = "demo:"
ROOTS = (PROJECT / "pipeline_artifacts", PROJECT / DEMO / "pipeline_artifacts")
ROOTS_VARIABLE = "DUBBING_RUNS"  # folders of run folders instead of ROOTS, joined by os.pathsep


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
            return legacy_view(folder, read_legacy(folder.path))
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
        audio_track=manifest.source.audio_track,
        losses=tuple(read_losses(run)),
        output=run.path(manifest.output).resolve() if made and manifest.output else None,
        has_video=manifest.source.has_video,
        duration_s=manifest.source.duration_s,
        synthesizer=manifest.engines.synthesizer,
        speech=tuple(read_speech(run)) if run.speech in manifest.artifacts else None,
        speakers=_speakers(run, segments),
        segments=checked(
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
    joins = [doc.joined_to if doc else None for doc in translations]
    check_joins(run, [segment.id for segment in segments], joins)
    slots_s = _slots_s(run, segments, joins)
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
