"""source → speech.json, turns.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from dubbing.errors import NoSpeechError
from dubbing.events import Notice
from dubbing.flow.shared import shared
from dubbing.media.audio import ANALYSIS_RATE_HZ
from dubbing.media.losses import Reach, find_losses
from dubbing.media.tracks import choice_told
from dubbing.runs.manifest import Document, SpeechDoc, TurnsDoc, fingerprint
from dubbing.stages.segment import LevelMeter, speech_spans, stretches
from dubbing.steps.documents import read_losses, span_doc, turns_doc
from dubbing.steps.job import Job, identity
from dubbing.types import Audio

ALGORITHM = 1  # raised when the same sound would give other stretches


def segment(job: Job) -> None:
    """Finds speech, cuts it into stretches of at most 15 s, and tells the speakers apart.

    Raises:
        NoSpeechError: Nobody speaks.
    """
    run = job.run
    if told := choice_told(job.source_info, job.audio_track):
        job.listen(Notice(message=f"{job.source.name}: {told}"))
    engine = run.manifest.engines.detector
    made_from = fingerprint("segment", ALGORITHM, run.manifest.source.identity, identity(engine))
    wanted: list[tuple[str, str, Callable[[Job, Iterator[Audio]], Document]]] = [
        (run.speech, made_from, _find_speech)
    ]
    if run.manifest.engines.diarizer is not None:
        wanted.append((run.turns, _told_apart_from(job), _tell_apart))
    stale = [w for w in wanted if not run.is_fresh(w[0], w[1])]
    with job.stage("segment", made=len(stale), kept=len(wanted) - len(stale)) as ticker:
        # Neither keeps two cores busy alone, and the sound is decoded once for both.
        listeners = [partial(find, job) for _, _, find in stale]
        reach = Reach()
        found = shared(job.decode(ANALYSIS_RATE_HZ, 1, reach), listeners) if stale else []
        for (relative, from_what, _), document in zip(stale, found, strict=True):
            run.put_document(relative, from_what, _with_losses(job, document, reach))
            ticker.done()
        for loss in read_losses(run):
            job.listen(Notice(message=f"{job.source.name}: {loss}"))


def _with_losses(job: Job, document: Document, reach: Reach) -> Document:
    """The document, with what the source lacks if it is that of the speech."""
    if not isinstance(document, SpeechDoc):
        return document
    losses = find_losses(job.source, job.audio_track, reach)
    return document.model_copy(update={"losses": losses})


def _find_speech(job: Job, blocks: Iterator[Audio]) -> SpeechDoc:
    end_s = job.source_info.duration_s
    meter = LevelMeter(ANALYSIS_RATE_HZ)
    detected = job.detector().detect(meter.listen(blocks))
    speech = speech_spans(detected, meter.levels_db, end_s)
    if not speech:
        silent = not len(meter.levels_db) or meter.levels_db.max() < -60
        what = "there is only silence" if silent else "nobody speaks"
        raise NoSpeechError(job.source, f"{what} in it, so there is nothing to dub")
    return SpeechDoc(
        speech=[span_doc(s) for s in speech],
        stretches=[span_doc(s) for s in stretches(speech, end_s)],
    )


def _told_apart_from(job: Job) -> str:
    manifest = job.run.manifest
    engine = identity(manifest.engines.diarizer or "")
    return fingerprint(
        "turns", ALGORITHM, manifest.source.identity, engine, manifest.config.speakers
    )


def _tell_apart(job: Job, blocks: Iterator[Audio]) -> TurnsDoc:
    wanted = job.run.manifest.config.speakers
    speakers = None if wanted == "auto" else wanted
    found = job.diarizer().diarize(blocks, speakers=speakers)
    job.release(job.run.manifest.engines.diarizer)
    return turns_doc(found)
