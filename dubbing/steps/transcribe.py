"""speech.json → recognition/, segments.json, chunks/, transcriptions/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from dubbing.errors import NoSpeechError
from dubbing.media.audio import ANALYSIS_RATE_HZ, decode, write_wav
from dubbing.media.clips import cut_clips
from dubbing.runs.manifest import SpeechDoc, TranscriptDoc, fingerprint
from dubbing.stages.transcribe import on_media_clock, recut
from dubbing.steps.documents import segments_doc, span_doc, to_span, to_transcript, transcript_doc
from dubbing.steps.job import Job, identity
from dubbing.types import Audio, Segment, Span, Transcript

CHUNK_RATE_HZ = 24_000  # what XTTS takes as a voice reference; twice what a recogniser needs
ALGORITHM = 1  # raised when the same words would give other segments


def transcribe(job: Job) -> None:
    """Recognises every stretch, then cuts segments at the ends of sentences.

    Raises:
        NoSpeechError: No word was recognised anywhere.
    """
    run = job.run
    speech = run.read(run.speech, SpeechDoc)
    wanted = _recognitions(job, [to_span(s) for s in speech.stretches])
    stale = {
        rel: span for rel, (made_from, span) in wanted.items() if not run.is_fresh(rel, made_from)
    }
    with job.stage("transcribe", made=len(stale), kept=len(wanted) - len(stale)) as ticker:
        for rel, transcript in _recognise(job, stale):
            run.put_document(rel, wanted[rel][0], transcript_doc(transcript))
            ticker.done()
        run.forget_others("recognition", set(wanted))
        transcripts = [to_transcript(run.read(rel, TranscriptDoc)) for rel in wanted]
        _write_segments(job, speech, transcripts)
    job.release(run.manifest.engines.transcriber)


_Wanted = dict[str, tuple[str, Span]]


def _recognitions(job: Job, spans: Sequence[Span]) -> _Wanted:
    """File → (fingerprint, stretch)."""
    run, engine = job.run, job.run.manifest.engines.transcriber
    base = [run.manifest.source.sha256, identity(engine), run.manifest.config.source]
    return {
        run.recognition(i): (fingerprint("transcribe", base, span.start_s, span.end_s), span)
        for i, span in enumerate(spans, start=1)
    }


def _recognise(job: Job, stale: dict[str, Span]) -> Iterator[tuple[str, Transcript]]:
    clips = _clips(job, list(stale.values()), ANALYSIS_RATE_HZ)
    for (relative, span), clip in zip(stale.items(), clips, strict=True):
        found = job.transcriber(1).transcribe([clip], language=job.run.manifest.config.source)
        yield relative, on_media_clock(found[0], span)


def _clips(job: Job, spans: Sequence[Span], rate_hz: int) -> Iterator[Audio]:
    blocks = decode(job.source, rate_hz=rate_hz, channels=1) if spans else iter(())
    return cut_clips(blocks, spans, rate_hz)


def _write_segments(job: Job, speech: SpeechDoc, transcripts: Sequence[Transcript]) -> None:
    run = job.run
    recognised = [run.sha256(r) for r in run.manifest.artifacts if r.startswith("recognition/")]
    made_from = fingerprint("segments", ALGORITHM, run.sha256(run.speech), sorted(recognised))
    if run.is_fresh(run.segments, made_from) and _files_are_whole(job):
        return
    cut = recut([to_span(s) for s in speech.speech], transcripts, job.source_info.duration_s)
    if not cut:
        raise NoSpeechError(job.source, "no word was understood in it, so there is nothing to dub")
    segments = [segment for segment, _ in cut]
    _write_chunks(job, segments)
    texts = set()
    for segment, transcript in cut:
        document, text = run.transcription(segment.id), run.transcription(segment.id, "txt")
        run.put_document(document, made_from, transcript_doc(transcript))
        run.put_bytes(text, made_from, f"{transcript.text}\n".encode())
        texts |= {document, text}
    run.forget_others("transcriptions", texts)
    run.put_document(run.segments, made_from, segments_doc(segments))


def _files_are_whole(job: Job) -> bool:
    artifacts = job.run.manifest.artifacts
    files = [r for r in artifacts if r.startswith(("chunks/", "transcriptions/"))]
    return all(job.run.is_fresh(r, artifacts[r].fingerprint) for r in files)


def _write_chunks(job: Job, segments: Sequence[Segment]) -> None:
    run = job.run
    source = run.manifest.source.sha256
    made_from, stale = {}, {}
    for segment in segments:
        relative = run.chunk(segment.id)
        span = span_doc(segment.span)
        made_from[relative] = fingerprint("chunk", source, CHUNK_RATE_HZ, span.model_dump())
        if not run.is_fresh(relative, made_from[relative]):
            stale[relative] = to_span(span)
    clips = _clips(job, list(stale.values()), CHUNK_RATE_HZ)
    for relative, clip in zip(stale, clips, strict=True):
        run.put(relative, made_from[relative], partial(_write_chunk, clip))
    run.forget_others("chunks", set(made_from))


def _write_chunk(clip: Audio, path: Path) -> None:
    write_wav(path, clip, CHUNK_RATE_HZ)
