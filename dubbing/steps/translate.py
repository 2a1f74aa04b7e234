"""transcriptions/ → translations/.

A translation that a person has edited stays until its segment moves: neither another engine nor a
new file of supplied text replaces it. Editing a .txt by hand counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dubbing.errors import InputError
from dubbing.runs.manifest import CandidateDoc, TranslationDoc, fingerprint, sha256_file
from dubbing.runs.store import Run
from dubbing.stages.align import align
from dubbing.stages.sentences import Sentence, assemble
from dubbing.stages.translate import given_back, soundest_first
from dubbing.steps.documents import cut, read_segments, read_transcript, span_doc
from dubbing.steps.job import Job, identity
from dubbing.text.supplied import read_translation
from dubbing.types import Candidate, Segment, Translation

BATCH = 16  # sentences given to a translator at once
ALGORITHM = 2  # raised when the same texts would be aligned otherwise


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
        return _by_engine(job, segments, stale)
    sources = [read_transcript(job.run, s.id).text for s in segments]
    aligned = align(read_translation(job.run.root / supplied), segments, sources)
    by_id = {s.id: t for s, t in zip(segments, aligned, strict=True)}
    return [(segment, by_id[segment.id]) for segment in stale]


def _by_engine(
    job: Job, segments: Sequence[Segment], stale: Sequence[Segment]
) -> Iterator[tuple[Segment, Translation]]:
    """Each stale segment as soon as every sentence that has a word in it is translated."""
    config = job.run.manifest.config
    sentences = _sentences(job.run, segments)
    ids = {segment.id for segment in stale}
    places = [i for i, segment in enumerate(segments) if segment.id in ids]
    wanted = [s for s in sentences if set(s.segments) & set(places)]
    made: list[list[Candidate]] = []
    while places:
        ready = [i for i in places if not any(i in s.segments for s in wanted[len(made) :])]
        done = given_back(wanted[: len(made)], made, len(segments), config.source, config.target)
        yield from ((segments[i], done[i]) for i in ready)
        places = [i for i in places if i not in ready]
        made += _translated(job, wanted[len(made) : len(made) + BATCH])


def _translated(job: Job, sentences: Sequence[Sentence]) -> list[list[Candidate]]:
    """The candidates of each sentence, the one to be spoken first."""
    if not sentences:
        return []
    config = job.run.manifest.config
    lines = [sentence.text for sentence in sentences]
    engine = job.translator(len(lines))
    found = engine.translate(lines, source=config.source, target=config.target)
    return [
        soundest_first(line, candidates, config.source, config.target)
        for line, candidates in zip(lines, found, strict=True)
    ]


def _sentences(run: Run, segments: Sequence[Segment]) -> list[Sentence]:
    transcripts = [read_transcript(run, segment.id) for segment in segments]
    return assemble(transcripts, [segment.speaker for segment in segments])


def _made_from(job: Job, segments: Sequence[Segment]) -> dict[int, str]:
    """Segment id → fingerprint. A supplied file is aligned as a whole; an engine's text depends on
    the sentences that have a word in the segment.
    """
    run = job.run
    supplied = run.manifest.translation
    if supplied is not None:
        sources = {s.id: run.sha256(run.transcription(s.id)) for s in segments}
        file = sha256_file(run.root / supplied)
        whole = fingerprint("supplied", ALGORITHM, file, cut(segments), sorted(sources.items()))
        return dict.fromkeys(sources, whole)
    config = run.manifest.config
    base = [identity(run.manifest.engines.translator), config.source, config.target]
    sentences = _sentences(run, segments)
    return {
        segment.id: fingerprint(
            "translate", ALGORITHM, base, [_about(s) for s in sentences if i in s.segments]
        )
        for i, segment in enumerate(segments)
    }


def _about(sentence: Sentence) -> list[object]:
    return [sentence.text, [(p.start_s, p.end_s, p.words) for p in sentence.pieces]]


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
        text=translation.text,
        source=translation.source,
        joined_to=translation.joined_to,
        candidates=[CandidateDoc(text=c.text, score=c.score) for c in translation.candidates],
        faults=list(translation.faults),
    )
    run.put_document(run.translation(segment_id), made_from, document)
    run.put_bytes(run.translation(segment_id, "txt"), made_from, f"{translation.text}\n".encode())
