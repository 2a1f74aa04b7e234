"""source → speech.json."""

from __future__ import annotations

from dubbing.errors import NoSpeechError
from dubbing.media.audio import ANALYSIS_RATE_HZ, decode
from dubbing.runs.manifest import SpeechDoc, fingerprint
from dubbing.stages.segment import LevelMeter, speech_spans, stretches
from dubbing.steps.documents import span_doc
from dubbing.steps.job import Job, identity

ALGORITHM = 1  # raised when the same sound would give other stretches


def segment(job: Job) -> None:
    """Finds speech and cuts it into stretches of at most 15 s.

    Raises:
        NoSpeechError: Nobody speaks.
    """
    run = job.run
    engine = run.manifest.engines.detector
    made_from = fingerprint("segment", ALGORITHM, run.manifest.source.sha256, identity(engine))
    stale = not run.is_fresh(run.speech, made_from)
    with job.stage("segment", made=int(stale), kept=int(not stale)) as ticker:
        if stale:
            run.put_document(run.speech, made_from, _find_speech(job))
            ticker.done()


def _find_speech(job: Job) -> SpeechDoc:
    end_s = job.source_info.duration_s
    meter = LevelMeter(ANALYSIS_RATE_HZ)
    blocks = decode(job.source, rate_hz=ANALYSIS_RATE_HZ, channels=1)
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
