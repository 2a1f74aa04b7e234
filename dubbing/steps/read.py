"""translations/ → what is read aloud of them: words, ё, names and stress marks, in the same files.

It has a fingerprint of its own: another accentor or another name has no sentence translated again,
and only lines that are read otherwise are spoken again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubbing.runs.manifest import TranslationDoc, fingerprint
from dubbing.stages.read import accented, readable
from dubbing.steps.documents import mark_docs
from dubbing.steps.job import Job, identity
from dubbing.types import MarkedText

ALGORITHM = 1  # raised when the same text would be read otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stale:
    """A translation that is to be read otherwise than its document says."""

    segment_id: int
    document: TranslationDoc
    given: MarkedText
    made_from: str


def put_readings(job: Job, segment_ids: Sequence[int]) -> None:
    """Writes how translations are read where that is not known, or has changed; all of them are
    given to the accentor at once.

    Raises:
        RunError: A segment is not translated yet.
        NamesFileError: The run's names.csv cannot be read.
    """
    stale = [one for number in segment_ids if (one := _stale(job, number)) is not None]
    readings = _accented(job, [one.given for one in stale])
    for one, reading in zip(stale, readings, strict=True):
        changes = {
            "read": reading.text,
            "marks": mark_docs(reading),
            "read_from": one.made_from,
        }
        name = job.run.translation(one.segment_id)
        words_from = job.run.manifest.artifacts[name].fingerprint
        job.run.put_document(name, words_from, one.document.model_copy(update=changes))


def _stale(job: Job, segment_id: int) -> _Stale | None:
    document = job.run.read(job.run.translation(segment_id), TranslationDoc)
    if not document.text:
        return None
    given = readable(document.text, job.run.manifest.config.target, job.names)
    accentor = job.run.manifest.engines.accentor
    made_from = fingerprint(
        "read",
        ALGORITHM,
        None if accentor is None else identity(accentor),
        given.text,
        [mark.by for mark in given.marks],
    )
    if document.read_from == made_from:
        return None
    return _Stale(segment_id=segment_id, document=document, given=given, made_from=made_from)


def _accented(job: Job, given: Sequence[MarkedText]) -> list[MarkedText]:
    if not given or job.run.manifest.engines.accentor is None:
        return list(given)
    found = job.accentor(len(given)).accent([one.text for one in given])
    return [accented(people, machine) for people, machine in zip(given, found, strict=True)]
