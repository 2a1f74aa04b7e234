"""the finished file → quality.json."""

from __future__ import annotations

from pathlib import Path

from dubbing.errors import RunError
from dubbing.quality.measure import Track, measure
from dubbing.quality.report import Scorecard
from dubbing.runs.manifest import fingerprint
from dubbing.stages.fit import units
from dubbing.steps.documents import read_joins, read_segments, read_timeline
from dubbing.steps.job import Job, identity

ALGORITHM = 2  # raised when the same file would be measured otherwise


def evaluate(job: Job) -> Scorecard:
    """Measures the finished file as a player decodes it.

    Raises:
        RunError: There is no finished file.
    """
    run = job.run
    output = run.manifest.output
    if output is None or output not in run.manifest.artifacts or not run.path(output).is_file():
        raise RunError(f"{run.name} has no finished file to measure: run `assemble` first")
    engines = run.manifest.engines
    made_from = fingerprint(
        "evaluate",
        ALGORITHM,
        run.sha256(output),
        identity(engines.detector),
        identity(engines.encoder),
    )
    stale = not run.is_fresh(run.quality, made_from)
    with job.stage("evaluate", made=int(stale), kept=int(not stale)) as ticker:
        if stale:
            run.put_document(run.quality, made_from, _measure(job, run.path(output)))
            ticker.done()
    return run.read(run.quality, Scorecard)


def _measure(job: Job, output: Path) -> Scorecard:
    run = job.run
    original = Track(path=job.source, stream=0)
    dub = Track(path=output, stream=0)
    segments = read_segments(run)
    joins = read_joins(run, segments)
    rows = [row for row, head in zip(read_timeline(run), joins, strict=True) if head is None]
    return measure(
        original,
        dub,
        units(segments, joins),
        rows,
        job.detector(),
        job.encoder(len(segments)),
        job.source_info.duration_s,
    )
