"""speech.json, turns.json → recognition/, segments.json, chunks/, transcriptions/.

Who says what, and what the speakers are called, may be corrected in segments.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dubbing.errors import NoSpeechError
from dubbing.events import Notice
from dubbing.media.audio import ANALYSIS_RATE_HZ
from dubbing.runs.manifest import SpeechDoc, TranscriptDoc, fingerprint
from dubbing.stages.speakers import with_voices
from dubbing.stages.transcribe import on_media_clock, segments_of
from dubbing.steps.chunks import clips_of, write_chunks
from dubbing.steps.documents import (
    read_diarization,
    segments_doc,
    to_span,
    to_transcript,
    transcript_doc,
)
from dubbing.steps.job import Job, identity
from dubbing.steps.speakers import adopt_edit, describe
from dubbing.types import Span, Transcript

ALGORITHM = 2  # raised when the same words would give other segments


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
    clips = clips_of(job, list(stale.values()), ANALYSIS_RATE_HZ)
    for (relative, span), clip in zip(stale.items(), clips, strict=True):
        found = job.transcriber(1).transcribe([clip], language=job.run.manifest.config.source)
        yield relative, on_media_clock(found[0], span)


def _write_segments(job: Job, speech: SpeechDoc, transcripts: Sequence[Transcript]) -> None:
    run = job.run
    recognised = [run.sha256(r) for r in run.manifest.artifacts if r.startswith("recognition/")]
    heard = [run.sha256(run.turns)] if run.manifest.engines.diarizer is not None else []
    made_from = fingerprint(
        "segments", ALGORITHM, run.sha256(run.speech), heard, sorted(recognised)
    )
    adopt_edit(run)
    if run.is_fresh(run.segments, made_from) and _files_are_whole(job):
        return
    found, recognised_in = ([to_span(s) for s in x] for x in (speech.speech, speech.stretches))
    told_apart = read_diarization(run)
    cut = segments_of(
        found,
        recognised_in,
        transcripts,
        job.source_info.duration_s,
        told_apart and with_voices(told_apart),
    )
    if not cut:
        raise NoSpeechError(job.source, "no word was understood in it, so there is nothing to dub")
    segments = [segment for segment, _ in cut]
    write_chunks(job, segments)
    texts = set()
    for segment, transcript in cut:
        document, text = run.transcription(segment.id), run.transcription(segment.id, "txt")
        run.put_document(document, made_from, transcript_doc(transcript))
        run.put_bytes(text, made_from, f"{transcript.text}\n".encode())
        texts |= {document, text}
    run.forget_others("transcriptions", texts)
    run.forget(run.segments)
    run.put_document(run.segments, made_from, segments_doc(segments, describe(run, segments)))
    for segment in segments:
        if segment.overlapped:
            told = f"segment {segment.id}: two people speak at once, and only one of them is dubbed"
            job.listen(Notice(message=told))


def _files_are_whole(job: Job) -> bool:
    artifacts = job.run.manifest.artifacts
    files = [r for r in artifacts if r.startswith(("chunks/", "transcriptions/"))]
    return all(job.run.is_fresh(r, artifacts[r].fingerprint) for r in files)
