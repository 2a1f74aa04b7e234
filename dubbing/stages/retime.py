"""When the words of a corrected transcript were said.

A person writes words without times. Those that the recogniser had heard as well keep the times that
it gave; the others share the speech between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate

from dubbing.types import Span, Transcript, Word

_Times = tuple[float, float]


def retimed(text: str, heard: Transcript, speech: Sequence[Span]) -> Transcript:
    """The text as a transcript, every word in it timed.

    A word that was heard keeps its time and its probability, however it is now spelt in capitals or
    followed by a comma; any other is certain, as a person wrote it.

    Args:
        text: At least one word.
        heard: What the recogniser made of the same speech, on the media's clock.
        speech: Where it was spoken, ordered, disjoint, on the same clock; at least one.
    """
    texts = text.split()
    words: list[Word] = []
    for kind, old, last_old, new, last_new in _matcher(texts, heard).get_opcodes():
        written = texts[new:last_new]
        if kind == "equal":
            before = heard.words[old:last_old]
            words += [replace(w, text=t) for w, t in zip(before, written, strict=True)]
        elif written:
            to_s = heard.words[last_old].start_s if heard.words[last_old:] else speech[-1].end_s
            from_s = words[-1].end_s if words else min(speech[0].start_s, to_s)
            words += _shared(written, speech, from_s, to_s)
    return Transcript(words=tuple(words))


def _matcher(texts: Sequence[str], heard: Transcript) -> SequenceMatcher[str]:
    before, after = [_sound(word.text) for word in heard.words], [_sound(text) for text in texts]
    return SequenceMatcher(None, before, after, autojunk=False)


def _sound(text: str) -> str:
    """The word as it is heard: without capitals and marks, unless it has nothing else."""
    return "".join(c for c in text.casefold() if c.isalnum()) or text


def _shared(
    texts: Sequence[str], speech: Sequence[Span], from_s: float, to_s: float
) -> Iterator[Word]:
    """Words that lie next to each other, each as long as its letters' share of the speech between
    two moments; where nobody speaks then, of all the time between them.
    """
    inside = [(max(span.start_s, from_s), min(span.end_s, to_s)) for span in speech]
    spoken = [(start_s, end_s) for start_s, end_s in inside if start_s < end_s]
    islands = spoken or [(from_s, max(from_s, to_s))]
    total_s = sum(end_s - start_s for start_s, end_s in islands)
    ends = list(accumulate(len(text) for text in texts))
    for text, end in zip(texts, ends, strict=True):
        start_s = _after(islands, total_s * (end - len(text)) / ends[-1], is_start=True)
        end_s = max(start_s, _after(islands, total_s * end / ends[-1], is_start=False))
        yield Word(text=text, start_s=start_s, end_s=end_s, probability=1.0)


def _after(islands: Sequence[_Times], spoken_s: float, *, is_start: bool) -> float:
    """The moment when so much has been spoken; at a pause, a word starts behind it and ends before
    it.
    """
    for start_s, end_s in islands:
        length_s = end_s - start_s
        if spoken_s < length_s or (spoken_s == length_s and not is_start):
            return start_s + spoken_s
        spoken_s -= length_s
    return islands[-1][1]
