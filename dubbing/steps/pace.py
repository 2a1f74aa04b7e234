"""translations/ + voices/ → pace.json: how fast each voice speaks in this talk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dubbing.engines.base import Voice
from dubbing.runs.manifest import PaceDoc, fingerprint, sha256_file
from dubbing.runs.store import Run
from dubbing.stages.fit import units
from dubbing.stages.phrases import islands
from dubbing.stages.speak import pace
from dubbing.steps.documents import cut, read_joins, read_speech
from dubbing.steps.job import Job, identity
from dubbing.types import Segment, Span

ALGORITHM = 1  # raised when the same talk would be spoken at another pace


def spoken_units(run: Run, segments: Sequence[Segment]) -> list[tuple[Segment, tuple[Span, ...]]]:
    """What is spoken as one, with the original's islands of speech in it."""
    speech = read_speech(run)
    return [(unit, islands(unit, speech)) for unit in units(segments, read_joins(run, segments))]


def paces(
    job: Job, segments: Sequence[Segment], lines: Mapping[int, str], voice: Callable[[str], Voice]
) -> dict[str, float]:
    """Speaker → pace, kept in pace.json. What a person edits afterwards does not change it.

    Args:
        job: Of the run.
        segments: All of them.
        lines: Segment id → what is read aloud for it.
        voice: Gives a speaker's voice; asked only when a pace has to be chosen anew.
    """
    run = job.run
    made_from = _made_from(job, segments)
    if not run.is_fresh(run.pace, made_from):
        said = [(unit, own) for unit, own in spoken_units(run, segments) if unit.id in lines]
        found = {}
        for speaker in {segment.speaker for segment in segments}:
            own = [(unit, spans) for unit, spans in said if unit.speaker == speaker]
            characters = sum(len(lines[unit.id]) for unit, _ in own)
            speech_s = sum(span.duration_s for _, spans in own for span in spans)
            per_s = voice(speaker).characters_per_s if characters else 1.0
            found[speaker] = pace(characters, per_s, speech_s)
        run.put_document(run.pace, made_from, PaceDoc(paces=dict(sorted(found.items()))))
    return run.read(run.pace, PaceDoc).paces


def _made_from(job: Job, segments: Sequence[Segment]) -> str:
    run, engines = job.run, job.run.manifest.engines
    supplied = run.manifest.translation
    translated_by = (
        identity(engines.translator) if supplied is None else sha256_file(run.root / supplied)
    )
    speakers = sorted({segment.speaker for segment in segments})
    voices = [run.sha256(run.voice(name, x)) for name in speakers for x in ("wav", "json")]
    spoken_by = [identity(engines.synthesizer), voices, run.manifest.config.target]
    return fingerprint("pace", ALGORITHM, cut(segments), translated_by, spoken_by)
