"""transcriptions/: what a person corrects in them, by a command, in the app or in a .txt.

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
    read_segments,
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


def adopt_by_hand(run: Run) -> None:
    """Takes over every .txt that a person has changed; emptied ones are written anew.

    Raises:
        RunError: One is not in UTF-8.
    """
    for segment in read_segments(run):
        document, name = run.transcription(segment.id), run.transcription(segment.id, "txt")
        if name not in run.manifest.artifacts or not run.is_whole(document) or run.is_whole(name):
            continue
        text = run.read_words(name)
        if text and text != read_transcript(run, segment.id).text:
            edit_transcript(run, segment.id, text)


def is_edited(run: Run, segment: Segment) -> bool:
    """Whether a person wrote the segment's transcript."""
    names = [run.transcription(segment.id, suffix) for suffix in ("json", "txt")]
    return all(run.is_fresh(name, _edited_mark(segment)) for name in names)


def _edited_mark(segment: Segment) -> str:
    return fingerprint("edited transcript", span_doc(segment.span).model_dump())
