"""segments → chunks/: the original sound of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from dubbing.media.audio import write_wav
from dubbing.media.clips import cut_clips
from dubbing.runs.manifest import SpanDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.steps.documents import span_doc, to_span
from dubbing.steps.job import Job
from dubbing.types import Audio, Segment, Span

CHUNK_RATE_HZ = 24_000  # what XTTS takes as a voice reference; twice what a recogniser needs


class ChunkWriter:
    """Writes chunks in order of time, in one pass over the source."""

    def __init__(self, job: Job) -> None:
        self._run = job.run
        self._wanted: deque[Span] = deque()
        self._clips = clips_of(job, iter(self._wanted.popleft, None), CHUNK_RATE_HZ)

    def write(self, segments: Sequence[Segment]) -> None:
        """The segments' chunks, those that are stale; none lies before one written earlier."""
        for segment in segments:
            if not is_chunk(self._run, segment):
                self._wanted.append(to_span(span_doc(segment.span)))
                made_from = chunk_made_from(self._run, span_doc(segment.span))
                self._run.put(
                    self._run.chunk(segment.id), made_from, partial(_write, next(self._clips))
                )


def is_chunk(run: Run, segment: Segment) -> bool:
    """Whether the segment's sound is on disk."""
    return run.is_fresh(run.chunk(segment.id), chunk_made_from(run, span_doc(segment.span)))


def chunk_made_from(run: Run, span: SpanDoc) -> str:
    """The fingerprint of a segment's chunk."""
    return fingerprint("chunk", run.manifest.source.identity, CHUNK_RATE_HZ, span.model_dump())


def clips_of(job: Job, spans: Iterable[Span], rate_hz: int) -> Iterator[Audio]:
    """Stretches of the source, one after another: float32, shape (samples,), mono. Nothing is read
    before the first is asked for.
    """
    return cut_clips(job.decode(rate_hz, 1), spans, rate_hz)


def _write(clip: Audio, path: Path) -> None:
    write_wav(path, clip, CHUNK_RATE_HZ)
