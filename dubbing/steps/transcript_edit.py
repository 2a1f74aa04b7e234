"""transcriptions/: what a person corrects in them.

A corrected transcript stays until its segment moves. Subtitles follow it at the next `assemble`.
What a machine translated of its sentence is stale then, and is translated again by the next
`translate`; a translation that a person wrote stays.
"""

from __future__ import annotations

from dubbing.errors import InputError
from dubbing.runs.manifest import fingerprint
from dubbing.runs.store import Run
from dubbing.stages.phrases import islands
from dubbing.stages.retime import retimed
from dubbing.steps.documents import (
    find_segment,
    read_speech,
    read_transcript,
    span_doc,
    transcript_doc,
)
from dubbing.types import Segment


def edit_transcript(run: Run, segment_id: int, text: str) -> None:
    """Replaces a segment's transcript by what a person wrote.

    Raises:
        InputError: There is no such segment, or the text is empty.
    """
    segment = find_segment(run, segment_id)
    if not text.strip():
        raise InputError("the new transcript is empty; give the words that are said")
    heard = read_transcript(run, segment_id)
    said = retimed(text, heard, islands(segment, read_speech(run)))
    made_from = _edited_mark(segment)
    run.put_document(run.transcription(segment_id), made_from, transcript_doc(said))
    run.put_bytes(run.transcription(segment_id, "txt"), made_from, f"{said.text}\n".encode())
    run.save()


def is_edited(run: Run, segment: Segment) -> bool:
    """Whether a person wrote the segment's transcript."""
    names = [run.transcription(segment.id, suffix) for suffix in ("json", "txt")]
    return all(run.is_fresh(name, _edited_mark(segment)) for name in names)


def _edited_mark(segment: Segment) -> str:
    return fingerprint("edited transcript", span_doc(segment.span).model_dump())
