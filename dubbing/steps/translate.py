"""transcriptions/ → translations/.

A translation that a person has edited stays until its segment moves: neither another engine nor a
new file of supplied text replaces it. Editing a .txt by hand counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dubbing.errors import InputError, TranslationFileError
from dubbing.flow import Gather, Gatherer, Worker, after_all
from dubbing.runs.manifest import TranslationDoc, fingerprint, sha256_file
from dubbing.runs.store import Run
from dubbing.stages.align import align
from dubbing.stages.sentences import Assembler, Sentence, assemble
from dubbing.stages.translate import given_back, soundest_first
from dubbing.steps.documents import (
    check_joins,
    cut,
    find_segment,
    read_joins,
    read_one,
    span_doc,
    translation_doc,
)
from dubbing.steps.items import Group, Heard, Translated
from dubbing.steps.job import Job, identity
from dubbing.steps.read import put_readings
from dubbing.text.supplied import read_translation
from dubbing.types import Candidate, Segment, Translation

BATCH = 8  # groups of sentences given to a translator at once
ALIGN_ALGORITHM = 3  # raised when the same supplied text would be aligned otherwise
ALGORITHM = 3  # raised when the same sentences would be given back otherwise


def grouper(job: Job) -> Gather[Heard, Group]:
    """Holds segments back until their sentences are complete; a supplied translation is laid onto
    all segments together.
    """
    start: Callable[[], Gatherer[Heard, Group]] = _Sentences
    if job.run.manifest.translation is not None:
        start = after_all(lambda heard: _aligned(job, heard))
    return Gather(name="sentences", start=start, fatal=(Exception,))


class _Sentences:
    """See `Gatherer`."""

    def __init__(self) -> None:
        self._assembler = Assembler()
        self._held: list[Heard] = []

    def take(self, item: Heard) -> list[Group]:
        """The segments of which no sentence can go on."""
        self._assembler.take((item.transcript, item.segment.speaker))
        self._held.append(item)
        complete = len(self._held) - self._assembler.holds
        ready, self._held = self._held[:complete], self._held[complete:]
        return [Group(heard=tuple(ready))] if ready else []

    def flush(self) -> list[Group]:
        """The rest."""
        return [Group(heard=tuple(self._held))] if self._held else []


def translator(job: Job) -> Worker[Group, Translated]:
    """Gives every segment its text in the target language: supplied, edited or by the engine.

    The engine's batch is all sentences of the groups that wait.
    """

    def work(groups: Sequence[Group]) -> list[Translated]:
        for group in groups:
            if group.supplied is not None:
                _put_supplied(job, group)
        _put_by_engine(job, [group for group in groups if group.supplied is None])
        put_readings(job, [heard.segment.id for group in groups for heard in group.heard])
        return [_read(job.run, group) for group in groups]

    return Worker(
        name="translate",
        work=work,
        batch=BATCH,
        fatal=job.fatal,
        ended=lambda: _release(job),
    )


def _release(job: Job) -> None:
    job.release(job.run.manifest.engines.translator)
    job.release(job.run.manifest.engines.accentor)


def edit(run: Run, segment_id: int, text: str) -> None:
    """Replaces a segment's translation by a person's text.

    Raises:
        InputError: There is no such segment, or the text is empty.
    """
    segment = find_segment(run, segment_id)
    if not text.strip():
        raise InputError("the new text is empty; give the words that should be spoken with --text")
    _put_edited(run, segment, " ".join(text.split()))
    run.save()


def tidy(job: Job, segments: Sequence[Segment]) -> None:
    """Deletes translations of segments that there are no more."""
    keep = {job.run.translation(s.id, x) for s in segments for x in ("json", "txt")}
    job.run.forget_others("translations", keep)


# ---- supplied


def _aligned(job: Job, heard: Sequence[Heard]) -> Iterator[Group]:
    """What is spoken as one, each with its text.

    Raises:
        TranslationFileError: The supplied translation is gone, damaged, or cannot be placed.
    """
    run, name = job.run, job.run.manifest.translation
    assert name is not None, "only a supplied translation is aligned"
    segments = [one.segment for one in heard]
    file = supplied_sha256(run)
    # The words as they were recognised: a corrected transcript moves nobody's supplied text.
    known = run.manifest.artifacts
    said = {a: r.sha256 for a, r in known.items() if a.startswith("recognition/")}
    made_from = fingerprint("supplied", ALIGN_ALGORITHM, file, cut(segments), said)
    if all(_is_fresh(run, s.id, made_from) for s in segments if not _is_edited(run, s)):
        read_joins(run, segments)  # refuses those that cannot be
        aligned = [read_one(run, s.id) for s in segments]
    else:
        texts = [one.transcript.text for one in heard]
        aligned = align(read_translation(run.root / name), segments, texts)
    heads = [i for i, translation in enumerate(aligned) if translation.joined_to is None]
    for first, last in zip(heads, [*heads[1:], len(heard)], strict=True):
        supplied = (made_from, tuple(aligned[first:last]))
        yield Group(heard=tuple(heard[first:last]), supplied=supplied)


def _put_supplied(job: Job, group: Group) -> None:
    assert group.supplied is not None, "it has a supplied translation"
    made_from, translations = group.supplied
    for heard, translation in zip(group.heard, translations, strict=True):
        if _is_stale(job, heard.segment, made_from):
            _put(job.run, heard.segment.id, made_from, translation)


def supplied_sha256(run: Run) -> str:
    """The hash of the translation that was supplied.

    Raises:
        TranslationFileError: It is gone.
    """
    assert run.manifest.translation is not None, "one was supplied"
    path = (run.root / run.manifest.translation).resolve()
    if not path.is_file():
        again = "put it back, or give another with --translation"
        raise TranslationFileError(path, f"this translation of the run is gone; {again}")
    return sha256_file(path)


# ---- by an engine


def _put_by_engine(job: Job, groups: Sequence[Group]) -> None:
    """Translates every sentence that has a word in a stale segment, all groups' together."""
    wanted = [_Wanted(job, group) for group in groups]
    lines = [sentence.text for one in wanted for sentence in one.sentences]
    found = iter(_translated(job, lines))
    for one in wanted:
        one.put(job, [next(found) for _ in one.sentences])


class _Wanted:
    """What of a group is stale, and the sentences that it takes.

    Attributes:
        sentences: Those that have a word in a stale segment, in order.
    """

    def __init__(self, job: Job, group: Group) -> None:
        self._heard = group.heard
        speakers = [heard.segment.speaker for heard in group.heard]
        whole = assemble([heard.transcript for heard in group.heard], speakers)
        config = job.run.manifest.config
        base = [identity(job.run.manifest.engines.translator), config.source, config.target]
        self._made_from = [
            fingerprint("translate", ALGORITHM, base, [_about(s) for s in whole if i in s.segments])
            for i in range(len(group.heard))
        ]
        self._stale = [
            i
            for i, heard in enumerate(group.heard)
            if _is_stale(job, heard.segment, self._made_from[i])
        ]
        self.sentences = [s for s in whole if set(s.segments) & set(self._stale)]

    def put(self, job: Job, candidates: Sequence[Sequence[Candidate]]) -> None:
        """Writes the stale segments' translations, each sentence's candidates best first."""
        config = job.run.manifest.config
        ids = [heard.segment.id for heard in self._heard]
        made = given_back(self.sentences, candidates, ids, config.source, config.target)
        for i in self._stale:
            _put(job.run, self._heard[i].segment.id, self._made_from[i], made[i])


def _translated(job: Job, lines: Sequence[str]) -> list[list[Candidate]]:
    """The candidates of each sentence, the one to be spoken first."""
    if not lines:
        return []
    config = job.run.manifest.config
    engine = job.translator(len(lines))
    found = engine.translate(lines, source=config.source, target=config.target)
    return [
        soundest_first(line, candidates, config.source, config.target)
        for line, candidates in zip(lines, found, strict=True)
    ]


def _about(sentence: Sentence) -> list[object]:
    return [sentence.text, [(p.start_s, p.end_s, p.words) for p in sentence.pieces]]


# ---- on disk


def _is_stale(job: Job, segment: Segment, made_from: str) -> bool:
    """Whether the segment needs a translation, after an edit by hand was taken over; counted."""
    _adopt_edit_by_hand(job.run, segment)
    fresh = _is_edited(job.run, segment) or _is_fresh(job.run, segment.id, made_from)
    tally = job.tally("translate")
    tally.made, tally.kept = tally.made + (not fresh), tally.kept + fresh
    return not fresh


def _is_fresh(run: Run, segment_id: int, made_from: str) -> bool:
    return all(run.is_fresh(run.translation(segment_id, x), made_from) for x in ("json", "txt"))


def _is_edited(run: Run, segment: Segment) -> bool:
    return _is_fresh(run, segment.id, _edited_mark(segment))


def _edited_mark(segment: Segment) -> str:
    return fingerprint("edited", span_doc(segment.span).model_dump())


def _adopt_edit_by_hand(run: Run, segment: Segment) -> None:
    """A .txt that no longer holds what its .json says was changed by a person. An edit whose .json
    was lost, by a kill while its reading was written, is put back from the .txt.
    """
    document, name = run.translation(segment.id), run.translation(segment.id, "txt")
    if run.is_fresh(name, _edited_mark(segment)) and not run.is_whole(document):
        _put_edited(run, segment, run.read_words(name))
    if name not in run.manifest.artifacts or not run.is_whole(document) or run.is_whole(name):
        return
    text = run.read_words(name)
    if text and text != run.read(document, TranslationDoc).text:
        _put_edited(run, segment, text)


def _put_edited(run: Run, segment: Segment, text: str) -> None:
    """A person's text. Where the segment was spoken with one before it, it speaks for itself now,
    and for those behind it that were spoken with the same.
    """
    document = run.translation(segment.id)
    head = read_one(run, segment.id).joined_to if run.is_whole(document) else None
    _put(run, segment.id, _edited_mark(segment), Translation(text=text, source="edited"))
    following = segment.id + 1
    while head is not None and run.is_whole(name := run.translation(following)):
        behind = read_one(run, following)
        if behind.joined_to != head:
            break
        made_from = run.manifest.artifacts[name].fingerprint
        _put(run, following, made_from, replace(behind, joined_to=segment.id))
        following += 1


def _read(run: Run, group: Group) -> Translated:
    ids = [heard.segment.id for heard in group.heard]
    translations = tuple(read_one(run, number) for number in ids)
    check_joins(run, ids, [translation.joined_to for translation in translations])
    return Translated(heard=group.heard, translations=translations)


def _put(run: Run, segment_id: int, made_from: str, translation: Translation) -> None:
    run.put_document(run.translation(segment_id), made_from, translation_doc(translation))
    run.put_bytes(run.translation(segment_id, "txt"), made_from, f"{translation.text}\n".encode())
