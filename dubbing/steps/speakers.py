"""The speakers in segments.json: what they are called, and what a person corrects there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubbing.errors import RunError
from dubbing.media.audio import read_audio
from dubbing.runs.manifest import SegmentsDoc, SpeakerDoc, sha256_file
from dubbing.runs.store import Run
from dubbing.steps.chunks import CHUNK_RATE_HZ, chunk_made_from
from dubbing.steps.documents import span_doc, to_span
from dubbing.steps.gender import heard_gender
from dubbing.steps.job import Job
from dubbing.types import Audio, Segment

ENOUGH_S = 30.0  # of speech: more makes a median pitch no surer


def describe(job: Job, segments: Sequence[Segment]) -> list[SpeakerDoc]:
    """A row for each speaker, in the order in which they are first heard; their chunks must be
    there.
    """
    rows = []
    for speaker in dict.fromkeys(segment.speaker for segment in segments):
        own = [segment for segment in segments if segment.speaker == speaker]
        gender, pitch_hz = heard_gender(job, _some_speech(job.run, own), CHUNK_RATE_HZ)
        rows.append(
            SpeakerDoc(
                id=speaker,
                name=speaker.replace("speaker-", "Speaker "),
                gender=gender,
                pitch_hz=None if pitch_hz is None else round(pitch_hz, 1),
            )
        )
    return rows


def _some_speech(run: Run, segments: Sequence[Segment]) -> Audio:
    """Sound of segments in which nobody else speaks, if there are any, `ENOUGH_S` of it at most:
    float32, shape (samples,), mono, at `CHUNK_RATE_HZ`.
    """
    alone = [segment for segment in segments if not segment.overlapped] or segments
    sounds: list[Audio] = []
    for segment in alone:
        if sum(map(len, sounds)) < ENOUGH_S * CHUNK_RATE_HZ:
            sounds.append(read_audio(run.path(run.chunk(segment.id)), CHUNK_RATE_HZ))
    return np.concatenate([np.zeros(0, np.float32), *sounds])


def adopt_edit(run: Run) -> None:
    """Takes over a segments.json that a person has changed: names, genders, and who says what.

    The edit lasts until other words or other turns give other segments.

    Raises:
        RunError: Something else was changed in it, or it cannot be read.
    """
    record, path = run.manifest.artifacts.get(run.segments), run.path(run.segments)
    if record is None or not path.is_file() or sha256_file(path) == record.sha256:
        return
    edited = run.read(run.segments, SegmentsDoc)
    _check(run, edited)
    run.put_document(run.segments, record.fingerprint, edited)


def _check(run: Run, edited: SegmentsDoc) -> None:
    where = run.path(run.segments)
    again = "put it back, or delete the file to have it made anew"
    named = [speaker.id for speaker in edited.speakers]
    if len(set(named)) != len(named):
        raise RunError(f"{where}: two speakers have the same id; {again}")
    if unknown := {segment.speaker for segment in edited.segments} - set(named):
        raise RunError(f"{where}: no speaker {min(unknown)!r} is listed in it; {again}")
    chunks = {
        a: r.fingerprint for a, r in run.manifest.artifacts.items() if a.startswith("chunks/")
    }
    rows = {
        run.chunk(row.id): chunk_made_from(run, span_doc(to_span(row))) for row in edited.segments
    }
    if rows != chunks:
        raise RunError(f"{where}: segments may be given to other speakers, not moved; {again}")
