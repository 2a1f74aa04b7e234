"""the finished file → quality.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from dubbing.engines import distillmos
from dubbing.engines.registry import why_unavailable
from dubbing.errors import RunError
from dubbing.media.audio import read_audio
from dubbing.quality.backcheck import RECOGNISER
from dubbing.quality.hearing import RATE_HZ, Track
from dubbing.quality.measure import Evidence, measure
from dubbing.quality.opinions import Rates, misheard, opinions
from dubbing.quality.report import Cost, Scorecard
from dubbing.quality.subject import Subject
from dubbing.quality.text import SpokenText
from dubbing.quality.voice import JUDGE
from dubbing.runs.manifest import (
    FlowRecord,
    PlacementDoc,
    SpeechClipDoc,
    StageRecord,
    TranslationDoc,
    fingerprint,
)
from dubbing.runs.store import Run, scratch
from dubbing.stages.fit import units
from dubbing.steps.documents import (
    read_joins,
    read_losses,
    read_placements,
    read_segments,
    read_transcript,
    shown_text,
)
from dubbing.steps.job import Identity, Job, identity, package_version
from dubbing.text.supplied import read_translation

ALGORITHM = 6  # raised when the same file would be measured otherwise


def evaluate(job: Job) -> Scorecard:
    """Measures the finished file as a player decodes it.

    Raises:
        RunError: There is no finished file.
    """
    run = job.run
    output = _output(run)
    engines = run.manifest.engines
    made_from = fingerprint(
        "evaluate",
        ALGORITHM,
        run.sha256(output),
        identity(engines.detector),
        identity(engines.encoder),
        identity(JUDGE),
        *_judges(),
    )
    stale = not run.is_fresh(run.quality, made_from)
    with job.stage("evaluate", made=int(stale), kept=int(not stale)) as ticker:
        if stale:
            run.put_document(run.quality, made_from, examine(job)[0])
            ticker.done()
    return run.read(run.quality, Scorecard)


def examine(job: Job) -> tuple[Scorecard, Evidence]:
    """The scorecard of the finished file and what it was computed from; nothing is written.

    Raises:
        RunError: There is no finished file.
    """
    run = job.run
    output = _output(run)
    segments = read_segments(run)
    joins = read_joins(run, segments)
    heads = [s.id if head is None else head for s, head in zip(segments, joins, strict=True)]
    rows = [
        row for row, head in zip(read_placements(run, segments), joins, strict=True) if head is None
    ]
    said = {s.id: read_transcript(run, s.id).text for s in segments}
    sources = {
        number: " ".join(
            said[s.id] for s, head in zip(segments, heads, strict=True) if head == number
        )
        for number in heads
    }
    texts = [_spoken_text(run, row, sources[row.segment_id]) for row in rows]
    config, end_s = run.manifest.config, job.source_info.duration_s
    subject = Subject(
        original=Track(path=job.source, stream=job.audio_track),
        dub=Track(path=run.path(output), stream=0),
        segments=units(segments, joins),
        placements=rows,
        texts=texts,
        languages=(config.source, config.target),
        supplied=_supplied(run, [s.id for s in segments]),
        end_s=end_s,
        cost=cost(run.manifest.stages, run.manifest.flow, end_s),
        losses=read_losses(run),
    )
    with scratch(run.path("voice.wav")) as path:
        if config.mix == "voiceover":  # the original's voice lies under the dub
            _write_voice(run, subject, path)
            subject = replace(subject, voice=Track(path=path, stream=0))
        found = opinions(subject, _cers(job, subject))
        judge = None if why_unavailable(JUDGE) else job.judge(2 * len(rows))
        return measure(subject, job.detector(), job.encoder(2 * len(rows)), judge, found)


def _judges() -> list[Identity]:
    """What decides the results of the judges that may be absent."""
    absent: Identity = [RECOGNISER, "absent"]
    recogniser = absent if why_unavailable(RECOGNISER) else identity(RECOGNISER)
    return [recogniser, [distillmos.NAME, package_version(distillmos.NAME)]]


def _cers(job: Job, subject: Subject) -> Rates | None:
    """Of the back-check, whose recogniser is let go: the next judges need the memory."""
    if why_unavailable(RECOGNISER):
        return None
    rates = misheard(subject, job.recogniser(len(subject.spoken)))
    job.release(RECOGNISER)
    return rates


def _read(run: Run, row: PlacementDoc) -> str:
    if not row.is_spoken:
        return ""
    return run.read(run.speech_clip(row.segment_id, "json"), SpeechClipDoc).read


def _spoken_text(run: Run, row: PlacementDoc, source: str) -> SpokenText:
    document = run.read(run.translation(row.segment_id), TranslationDoc)
    return SpokenText(
        id=row.segment_id,
        source=source,
        translation=shown_text(run, document.text),
        status=row.status,
        read=_read(run, row),
        stressed=tuple(m.confidence for m in document.marks if m.by not in {"user", "names"}),
    )


def _write_voice(run: Run, subject: Subject, path: Path) -> None:
    """What the dub says, where it says it, and silence between and up to the media's end."""
    with soundfile.SoundFile(path, "w", RATE_HZ, 1) as file:

        def wait(until_s: float) -> None:
            missing = round(until_s * RATE_HZ) - file.frames
            file.write(np.zeros(max(0, missing), np.float32))

        for segment, row in zip(subject.segments, subject.placements, strict=True):
            if row.is_spoken:
                wait(row.start_s)
                lead = round((row.start_s - segment.span.start_s) * RATE_HZ)
                file.write(read_audio(run.path(run.dubbed(segment.id)), RATE_HZ)[lead:])
        wait(subject.end_s)


def _output(run: Run) -> str:
    output = run.manifest.output
    if output is None or output not in run.manifest.artifacts or not run.path(output).is_file():
        raise RunError(f"{run.name} has no finished file to measure: run `assemble` first")
    return output


def _supplied(run: Run, ids: list[int]) -> str | None:
    """The whole supplied translation; None where there is none, it is gone, or a person has
    changed a segment since.
    """
    name = run.manifest.translation
    if name is None or not run.path(name).is_file():
        return None
    sources = {run.read(run.translation(i), TranslationDoc).source for i in ids}
    if "edited" in sources:
        return None
    return shown_text(run, " ".join(cue.text for cue in read_translation(run.path(name))))


def cost(stages: Mapping[str, StageRecord], flow: FlowRecord | None, duration_s: float) -> Cost:
    """What the stages before this one cost together.

    Args:
        stages: From the manifest.
        flow: What those took that worked at the same time; also from there.
        duration_s: The media's length.
    """
    records = {s: record for s, record in stages.items() if s != "evaluate"}
    peaks = [r.peak_memory_mb for r in records.values() if r.peak_memory_mb is not None]
    together = flow.stages if flow else []
    wall_s = sum(record.wall_s for s, record in records.items() if s not in together)
    first_s = flow.first_segment_s if flow else None
    return Cost(
        wall_s=round(wall_s + (flow.wall_s if flow else 0.0), 3),
        rtf=round((wall_s + (flow.wall_s if flow else 0.0)) / duration_s, 3),
        first_segment_s=None if first_s is None else round(_before(records) + first_s, 3),
        peak_memory_mb=max(peaks, default=None),
        engine_calls=sum(record.engine_calls for record in records.values()),
        kept=sum(record.kept for record in records.values()),
    )


def _before(records: Mapping[str, StageRecord]) -> float:
    """Seconds before the first segment could be recognised."""
    return records["segment"].wall_s if "segment" in records else 0.0
