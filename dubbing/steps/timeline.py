"""speech/ + chunks/ → timeline.json, dubbed_audio/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import soundfile

from dubbing.engines.torch_threads import threads
from dubbing.flow.together import together
from dubbing.media.audio import read_audio, write_wav
from dubbing.media.levels import to_ratio
from dubbing.runs.manifest import PlacementDoc, SpeechClipDoc, TimelineDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.stages.fit import failed_placement, joined_placement, plan, units
from dubbing.stages.mix import limited, matching_gain_db
from dubbing.stages.phrases import Utterance, islands, phrases
from dubbing.stages.stretch import fitted
from dubbing.steps.chunks import CHUNK_RATE_HZ
from dubbing.steps.documents import cut, placement_doc, read_joins, read_speech, read_timeline
from dubbing.steps.job import Job
from dubbing.text.phrasing import phrase_count
from dubbing.types import Placement, Segment, Span, Speech

ALGORITHM = 2  # raised when the same speech would be placed otherwise


def planned_from(job: Job, segments: Sequence[Segment]) -> str:
    """The fingerprint of a timeline made from what the run holds now."""
    run = job.run
    clips = [
        run.sha256(c) for s in segments if (c := run.speech_clip(s.id)) in run.manifest.artifacts
    ]
    chunks = [run.sha256(run.chunk(s.id)) for s in segments]
    joins = read_joins(run, segments)
    failed = unspoken(run, segments, joins)
    return fingerprint("plan", ALGORITHM, cut(segments), joins, clips, chunks, failed)


def unspoken(run: Run, segments: Sequence[Segment], joins: Sequence[int | None]) -> dict[int, str]:
    """Segment id → why it has no dub, for those that failed and all that were to be spoken with
    them.
    """
    failed = run.manifest.failed
    return {
        segment.id: why
        for segment, head in zip(segments, joins, strict=True)
        if (why := failed.get(f"segment {head or segment.id}"))
    }


def is_planned(run: Run, made_from: str) -> bool:
    """Whether the timeline and all fitted dubs are there, made from this."""
    if not run.is_fresh(run.timeline, made_from):
        return False
    dubs = [run.dubbed(row.segment_id) for row in read_timeline(run) if row.is_spoken]
    return all(
        d in run.manifest.artifacts and run.is_fresh(d, run.manifest.artifacts[d].fingerprint)
        for d in dubs
    )


def plan_timeline(job: Job, segments: Sequence[Segment], made_from: str) -> None:
    """Writes timeline.json and dubbed_audio/."""
    run = job.run
    joins = read_joins(run, segments)
    spoken = units(segments, joins)
    speech = read_speech(run)
    utterances = [_utterance(run, unit, speech) for unit in spoken]
    planned = plan(utterances, job.source_info.duration_s)
    placements = {placement.segment_id: placement for placement in planned}
    failed = unspoken(run, segments, joins)
    for segment, head in zip(segments, joins, strict=True):
        if segment.id in failed:
            placements[segment.id] = failed_placement(segment, failed[segment.id])
        elif head is not None:
            placements[segment.id] = joined_placement(segment, head)
    heard = _spoken_for(segments, joins)
    rows: list[PlacementDoc] = []
    with together(threads()) as pool:
        fit = partial(_fitted, run, heard, placements)
        for row, dub in pool.stream(fit, segments):
            rows.append(row)
            if dub is not None:
                _put_dub(run, heard[row.segment_id], row, dub)
    run.forget_others("dubbed_audio", {run.dubbed(r.segment_id) for r in rows if r.is_spoken})
    run.put_document(run.timeline, made_from, TimelineDoc(placements=rows))


def _utterance(run: Run, segment: Segment, speech: Sequence[Span]) -> Utterance:
    found: tuple[Span, ...] = ()
    if run.speech_clip(segment.id) in run.manifest.artifacts:
        read = run.read(run.speech_clip(segment.id, "json"), SpeechClipDoc).read
        found = phrases(_read_clip(run, segment.id), phrase_count(read))
    return Utterance(segment=segment, islands=islands(segment, speech), phrases=found)


def _read_clip(run: Run, segment_id: int) -> Speech:
    path = run.path(run.speech_clip(segment_id))
    rate_hz = soundfile.info(path).samplerate
    return Speech(samples=read_audio(path, rate_hz), sample_rate_hz=rate_hz)


def _spoken_for(
    segments: Sequence[Segment], joins: Sequence[int | None]
) -> dict[int, list[Segment]]:
    """Segment id → itself and the segments that its dub speaks for."""
    return {
        segment.id: [
            s for s, head in zip(segments, joins, strict=True) if (head or s.id) == segment.id
        ]
        for segment in segments
    }


def _fitted(
    run: Run,
    heard: Mapping[int, Sequence[Segment]],
    placements: Mapping[int, Placement],
    segment: Segment,
) -> tuple[PlacementDoc, Speech | None]:
    """A segment's row of the timeline, and its fitted dub, as loud as all the speech that it stands
    for.
    """
    placement, originals = placements[segment.id], heard[segment.id]
    if not placement.natural_s:
        return placement_doc(placement, 0.0), None
    speech = _read_clip(run, segment.id)
    rate_hz = speech.sample_rate_hz
    sound = fitted(speech, placement)
    chunks = [run.chunk(s.id) for s in originals]
    spoken = np.concatenate([read_audio(run.path(chunk), CHUNK_RATE_HZ) for chunk in chunks])
    row = placement_doc(placement, matching_gain_db(sound, rate_hz, spoken, CHUNK_RATE_HZ))
    # The file starts where the segment starts, so that it can be laid over the chunk.
    lead = np.zeros(round((row.start_s - segment.span.start_s) * rate_hz), np.float32)
    dub = np.concatenate([lead, limited(sound * to_ratio(row.gain_db), rate_hz)])
    return row, Speech(samples=dub, sample_rate_hz=rate_hz)


def _put_dub(run: Run, originals: Sequence[Segment], row: PlacementDoc, dub: Speech) -> None:
    made_from = fingerprint(
        "fit",
        ALGORITHM,
        run.sha256(run.speech_clip(row.segment_id)),
        [run.sha256(run.chunk(s.id)) for s in originals],
        row.model_dump(),
    )
    run.put(
        run.dubbed(row.segment_id),
        made_from,
        lambda path: write_wav(path, dub.samples, dub.sample_rate_hz),
    )
