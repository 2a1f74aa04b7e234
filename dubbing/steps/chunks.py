"""segments → chunks/: the original sound of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from dubbing.media.audio import decode, write_wav
from dubbing.media.clips import cut_clips
from dubbing.runs.manifest import SpanDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.steps.documents import span_doc, to_span
from dubbing.steps.job import Job
from dubbing.types import Audio, Segment, Span

CHUNK_RATE_HZ = 24_000  # what XTTS takes as a voice reference; twice what a recogniser needs


def write_chunks(job: Job, segments: Sequence[Segment]) -> None:
    """Writes the chunks that are stale, and deletes those of segments that there are no more."""
    run = job.run
    made_from = {run.chunk(s.id): chunk_made_from(run, span_doc(s.span)) for s in segments}
    stale = {
        run.chunk(s.id): to_span(span_doc(s.span))
        for s in segments
        if not run.is_fresh(run.chunk(s.id), made_from[run.chunk(s.id)])
    }
    clips = clips_of(job, list(stale.values()), CHUNK_RATE_HZ)
    for relative, clip in zip(stale, clips, strict=True):
        run.put(relative, made_from[relative], partial(_write, clip))
    run.forget_others("chunks", set(made_from))


def chunk_made_from(run: Run, span: SpanDoc) -> str:
    """The fingerprint of a segment's chunk."""
    return fingerprint("chunk", run.manifest.source.sha256, CHUNK_RATE_HZ, span.model_dump())


def clips_of(job: Job, spans: Sequence[Span], rate_hz: int) -> Iterator[Audio]:
    """Stretches of the source, one after another: float32, shape (samples,), mono."""
    blocks = decode(job.source, rate_hz=rate_hz, channels=1) if spans else iter(())
    return cut_clips(blocks, spans, rate_hz)


def _write(clip: Audio, path: Path) -> None:
    write_wav(path, clip, CHUNK_RATE_HZ)
