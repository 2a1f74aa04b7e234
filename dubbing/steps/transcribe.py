"""speech.json → recognition/: every stretch's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dubbing.flow import Worker
from dubbing.media.audio import ANALYSIS_RATE_HZ
from dubbing.runs.manifest import SpeechDoc, TranscriptDoc, fingerprint
from dubbing.stages.transcribe import on_media_clock
from dubbing.steps.chunks import clips_of
from dubbing.steps.documents import to_span, to_transcript, transcript_doc
from dubbing.steps.items import Recognised, Stretch
from dubbing.steps.job import Job, identity

BATCH = 2  # stretches given to the recogniser at once: more, and their segments come later
PATIENCE_S = 0.1  # for the next stretch to be cut out of the file: two go side by side


def wanted(job: Job) -> list[Stretch]:
    """What has to be recognised, without the sound.

    Raises:
        RunError: Nobody has looked for speech yet.
    """
    run, engine = job.run, job.run.manifest.engines.transcriber
    base = [run.manifest.source.identity, identity(engine), run.manifest.config.source]
    spans = [to_span(span) for span in run.read(run.speech, SpeechDoc).stretches]
    return [
        Stretch(
            number=number,
            span=span,
            made_from=fingerprint("transcribe", base, span.start_s, span.end_s),
            sound=None,
        )
        for number, span in enumerate(spans, start=1)
    ]


def is_recognised(job: Job, stretch: Stretch) -> bool:
    """Whether its words are on disk."""
    return job.run.is_fresh(job.run.recognition(stretch.number), stretch.made_from)


class WithSound:
    """The stretches, with sound where they have to be recognised, read as they are asked for."""

    def __init__(self, job: Job, stretches: Sequence[Stretch]) -> None:
        self._job = job
        self._stretches = stretches

    def __len__(self) -> int:
        return len(self._stretches)

    def __iter__(self) -> Iterator[Stretch]:
        return _with_sound(self._job, self._stretches)


def _with_sound(job: Job, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    stale = [stretch.span for stretch in stretches if not is_recognised(job, stretch)]
    sounds = clips_of(job, stale, ANALYSIS_RATE_HZ)
    for stretch in stretches:
        sound = None if is_recognised(job, stretch) else next(sounds)
        yield Stretch(
            number=stretch.number, span=stretch.span, made_from=stretch.made_from, sound=sound
        )


def recogniser(job: Job) -> Worker[Stretch, Recognised]:
    """Recognises what waits: the engine may listen to several stretches at once."""
    run, tally = job.run, job.tally("transcribe")

    def work(batch: Sequence[Stretch]) -> list[Recognised]:
        clips = [stretch.sound for stretch in batch if stretch.sound is not None]
        stale = [stretch for stretch in batch if stretch.sound is not None]
        if stale:
            engine = job.transcriber(len(stale))
            found = engine.transcribe(clips, language=run.manifest.config.source)
            for stretch, transcript in zip(stale, found, strict=True):
                document = transcript_doc(on_media_clock(transcript, stretch.span))
                run.put_document(run.recognition(stretch.number), stretch.made_from, document)
        tally.made += len(stale)
        tally.kept += len(batch) - len(stale)
        return [_read(job, stretch.number) for stretch in batch]

    return Worker(
        name="transcribe",
        work=work,
        batch=BATCH,
        patience_s=PATIENCE_S,
        fatal=job.fatal,
        ended=lambda: job.release(run.manifest.engines.transcriber),
    )


def _read(job: Job, number: int) -> Recognised:
    document = job.run.read(job.run.recognition(number), TranscriptDoc)
    return Recognised(number=number, transcript=to_transcript(document))
