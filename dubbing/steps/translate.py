"""transcriptions/ → translations/.

A translation that a person has edited stays until its segment moves: neither another engine nor a
new file of supplied text replaces it. Editing a .txt by hand counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dubbing.errors import InputError
from dubbing.runs.manifest import TranslationDoc, fingerprint, sha256_file
from dubbing.runs.store import Run
from dubbing.stages.align import align
from dubbing.steps.documents import read_segments, read_transcript, span_doc
from dubbing.steps.job import Job, identity
from dubbing.text.sentences import split_sentences
from dubbing.text.supplied import read_translation
from dubbing.types import Segment, Translation

ALGORITHM = 1  # raised when the same texts would be aligned otherwise


def translate(job: Job) -> None:
    """Gives every segment its text in the target language: supplied, edited or by the engine.

    Raises:
        TranslationFileError: The supplied translation is gone, damaged, or cannot be placed.
        UnsupportedLanguageError: Nothing is supplied and no engine translates this pair.
    """
    run = job.run
    segments = read_segments(run)
    for segment in segments:
        _adopt_edit_by_hand(run, segment)
    wanted = [s for s in segments if not _is_edited(run, s)]
    made_from = _made_from(job, segments)
    stale = [s for s in wanted if not _is_fresh(run, s.id, made_from[s.id])]
    with job.stage("translate", made=len(stale), kept=len(segments) - len(stale)) as ticker:
        for segment, translation in _translations(job, segments, stale):
            _put(run, segment.id, made_from[segment.id], translation)
            ticker.done()
        keep = {run.translation(s.id, x) for s in segments for x in ("json", "txt")}
        run.forget_others("translations", keep)


def edit(run: Run, segment_id: int, text: str) -> None:
    """Replaces a segment's translation by a person's text.

    Raises:
        InputError: There is no such segment, or the text is empty.
    """
    by_id = {segment.id: segment for segment in read_segments(run)}
    if segment_id not in by_id:
        known = f"1 to {max(by_id)}"
        raise InputError(f"{run.name} has no segment {segment_id}; choose one from {known}")
    if not text.strip():
        raise InputError("the new text is empty; give the words that should be spoken with --text")
    translation = Translation(text=" ".join(text.split()), source="edited")
    _put(run, segment_id, _edited_mark(by_id[segment_id]), translation)
    run.save()


def _translations(
    job: Job, segments: Sequence[Segment], stale: Sequence[Segment]
) -> Iterable[tuple[Segment, Translation]]:
    if not stale:
        return []
    supplied = job.run.manifest.translation
    if supplied is None:
        return ((segment, _by_engine(job, segment)) for segment in stale)
    sources = [read_transcript(job.run, s.id).text for s in segments]
    aligned = align(read_translation(job.run.root / supplied), segments, sources)
    by_id = {s.id: t for s, t in zip(segments, aligned, strict=True)}
    return [(segment, by_id[segment.id]) for segment in stale]


def _by_engine(job: Job, segment: Segment) -> Translation:
    config = job.run.manifest.config
    sentences = split_sentences(read_transcript(job.run, segment.id).text)
    translator = job.translator(len(sentences))
    texts = translator.translate(sentences, source=config.source, target=config.target)
    return Translation(text=" ".join(texts), source="engine")


def _made_from(job: Job, segments: Sequence[Segment]) -> dict[int, str]:
    """Segment id → fingerprint. A supplied file is aligned as a whole, an engine goes by
    segment.
    """
    run = job.run
    sources = {s.id: run.sha256(run.transcription(s.id)) for s in segments}
    supplied = run.manifest.translation
    if supplied is not None:
        file = sha256_file(run.root / supplied)
        whole = fingerprint(
            "supplied", ALGORITHM, file, run.sha256(run.segments), sorted(sources.items())
        )
        return dict.fromkeys(sources, whole)
    config = run.manifest.config
    base = [identity(run.manifest.engines.translator), config.source, config.target]
    return {id_: fingerprint("translate", base, source) for id_, source in sources.items()}


def _is_fresh(run: Run, segment_id: int, made_from: str) -> bool:
    return all(run.is_fresh(run.translation(segment_id, x), made_from) for x in ("json", "txt"))


def _is_edited(run: Run, segment: Segment) -> bool:
    return _is_fresh(run, segment.id, _edited_mark(segment))


def _edited_mark(segment: Segment) -> str:
    return fingerprint("edited", span_doc(segment.span).model_dump())


def _adopt_edit_by_hand(run: Run, segment: Segment) -> None:
    """A .txt that no longer holds what its .json says was changed by a person."""
    path = run.path(run.translation(segment.id, "txt"))
    document = run.translation(segment.id)
    if document not in run.manifest.artifacts or not path.is_file():
        return
    text = " ".join(path.read_text(encoding="utf-8").split())
    if text and text != run.read(document, TranslationDoc).text:
        _put(run, segment.id, _edited_mark(segment), Translation(text=text, source="edited"))


def _put(run: Run, segment_id: int, made_from: str, translation: Translation) -> None:
    document = TranslationDoc(
        text=translation.text, source=translation.source, joined_to=translation.joined_to
    )
    run.put_document(run.translation(segment_id), made_from, document)
    run.put_bytes(run.translation(segment_id, "txt"), made_from, f"{translation.text}\n".encode())
