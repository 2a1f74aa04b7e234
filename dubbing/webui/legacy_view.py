"""The first version's runs as the pages show them: read only, with what is there."""

from __future__ import annotations

from dubbing.media.probe import probe
from dubbing.runs.legacy import CHUNKS, LegacyChunk, LegacyRun
from dubbing.types import Span
from dubbing.webui.views import ROUNDING_S, RunFolder, RunView, SegmentView, checked

LEGACY_LANGUAGES = ("en", "ru")  # the first version knew no others
LEGACY_SPEAKER = "speaker-1"  # the first version told nobody apart


def legacy_view(folder: RunFolder, run: LegacyRun) -> RunView:
    """The first version kept neither the talk nor when a word was said: texts and sounds alone."""
    segments = checked([_legacy_segment(run, chunk) for chunk in run.chunks], LEGACY_LANGUAGES)
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
