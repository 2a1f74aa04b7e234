"""Sentences put together across segments, and their translations given back to the segments.

Segments are cut at pauses, and speakers pause inside sentences. A translator needs the whole
sentence: of half a one it guesses the rest. So the recognised words are joined over the borders of
segments, taken apart into sentences, and each sentence's translation is divided again among the
segments that its words came from, in proportion to how long they were spoken in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from dubbing.text.phrasing import OPENS
from dubbing.text.russian.tables import MONTHS
from dubbing.text.sentences import split_sentences
from dubbing.types import Transcript, Word

# A longer pause ends what was said, stop or no stop. Campione and Véronis (2002, "A large-scale
# multilingual study of silent pause duration") found pauses over 1 s in free speech only, where a
# speaker looks for words; this is twice as long.
LONGEST_PAUSE_S = 2.0
# A sentence this long has no stop because the recogniser wrote none: it ends with its segment.
LONGEST_SENTENCE = 400  # characters
# A comma this near the right place for a cut, in characters, is a better one, and a place behind a
# preposition this much worse.
COMMA_REACH = 15

_BEHIND_FIGURES = frozenset(
    "тыс млн млрд трлн тысяч тысячи миллионов миллиона миллиардов % г год года году лет".split()
) | frozenset(MONTHS)
_STOP = re.compile(r"[.!?…][\"'”’»)\]]*$")
_CLAUSE_END = re.compile(r"[.!?…,;:][\"'”’»)\]]*$|[—–]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The part of a sentence that lies in one segment.

    Attributes:
        segment: Index of the segment, from 0.
        start_s: Where its first word starts, on the clock of the transcripts.
        end_s: Where its last word ends, ≥ start_s.
        words: How many recognised words it has, ≥ 1.
    """

    segment: int
    start_s: float
    end_s: float
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the source.

    Attributes:
        text: Its words joined by blanks; not empty.
        pieces: Where they lie, in order; at least one, each in another segment.
    """

    text: str
    pieces: tuple[Piece, ...]

    @property
    def segments(self) -> tuple[int, ...]:
        """Indices of the segments that it runs through, ascending."""
        return tuple(piece.segment for piece in self.pieces)


_Placed = tuple[int, Word]  # a word and its segment's index


def assemble(transcripts: Sequence[Transcript], speakers: Sequence[str] = ()) -> list[Sentence]:
    """The sentences of a talk in order; every recognised word is in exactly one.

    A sentence goes on in the next segment where neither a stop nor a pause ends it.

    Args:
        transcripts: Of the segments in order, their words on one clock.
        speakers: Who speaks in each segment: no sentence has two speakers. Empty: one person.
    """
    assembler = Assembler()
    sentences: list[Sentence] = []
    for segment in zip(transcripts, speakers or [""] * len(transcripts), strict=True):
        sentences += assembler.take(segment)
    return sentences + assembler.flush()


class Assembler:
    """Makes the sentences of a talk while its segments come: holds back only what may go on."""

    def __init__(self) -> None:
        self._taken = 0
        self._together: list[_Placed] = []
        self._speaker = ""

    def take(self, segment: tuple[Transcript, str]) -> list[Sentence]:
        """The sentences that are complete with the next segment's transcript and speaker."""
        transcript, speaker = segment
        index = self._taken
        self._taken += 1
        if not transcript.words:
            return []
        ended: list[Sentence] = []
        if self._together and (
            speaker != self._speaker
            or transcript.words[0].start_s - self._together[-1][1].end_s > LONGEST_PAUSE_S
        ):
            ended = self.flush()
        self._together += [(index, word) for word in transcript.words]
        self._speaker = speaker
        return ended + self.flush() if _is_over(_text(self._together)) else ended

    @property
    def holds(self) -> int:
        """How many segments are held back: the last ones."""
        return self._taken - self._together[0][0] if self._together else 0

    def flush(self) -> list[Sentence]:
        """What was held back: nothing comes that could go on with it."""
        held, self._together = self._together, []
        return [_sentence(words) for words in _divided(held)] if held else []


def give_back(
    sentences: Sequence[Sentence], translations: Sequence[str], segment_count: int
) -> list[str]:
    """The text of each segment, in the target language; empty where no sentence has a piece.

    Joined by blanks the texts are the translations, word by word. Every segment that has a piece
    of a sentence gets a word of its translation at least, as long as there are enough words; the
    first ones where there are not.

    Args:
        sentences: In order; not necessarily all of a talk.
        translations: One per sentence.
        segment_count: How many segments there are.
    """
    texts: list[list[str]] = [[] for _ in range(segment_count)]
    for sentence, translation in zip(sentences, translations, strict=True):
        for piece, part in zip(sentence.pieces, _cut(translation, sentence.pieces), strict=True):
            if part:
                texts[piece.segment].append(part)
    return [" ".join(parts) for parts in texts]


# ---- together


def _is_over(text: str) -> bool:
    """Whether a new sentence begins behind the text."""
    if not _STOP.search(text):
        return len(split_sentences(text)[-1]) > LONGEST_SENTENCE
    last = text.split()[-1]
    return len(split_sentences(f"{last} Then")) > 1  # it does not after "Mr."


def _text(words: Sequence[_Placed]) -> str:
    return " ".join(" ".join(word.text for _, word in words).split())


def _divided(together: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """The words sentence by sentence; one that holds a blank is not divided."""
    counts = [len(sentence.split()) for sentence in split_sentences(_text(together))]
    ends = list(accumulate(counts))
    begins = accumulate((len(word.text.split()) for _, word in together), initial=0)
    number = 0
    numbered = []
    for begin, placed in zip(begins, together, strict=False):
        while begin >= ends[number]:
            number += 1
        numbered.append((number, placed))
    for _, group in groupby(numbered, key=lambda item: item[0]):
        yield [placed for _, placed in group]


def _sentence(words: Sequence[_Placed]) -> Sentence:
    pieces = []
    for segment, group in groupby(words, key=lambda placed: placed[0]):
        inside = [word for _, word in group]
        piece = Piece(
            segment=segment,
            start_s=inside[0].start_s,
            end_s=max(inside[0].start_s, inside[-1].end_s),
            words=len(inside),
        )
        pieces.append(piece)
    return Sentence(text=_text(words), pieces=tuple(pieces))


# ---- apart again


def _cut(translation: str, pieces: Sequence[Piece]) -> list[str]:
    """The translation in as many parts as there are pieces; the last ones are empty where the
    words do not suffice.
    """
    words = _speakable(translation)
    if len(words) < len(pieces):
        return words + [""] * (len(pieces) - len(words))
    cuts = _cuts(words, _shares(pieces))
    return [
        " ".join(words[start:end])
        for start, end in zip([0, *cuts], [*cuts, len(words)], strict=True)
    ]


def _speakable(text: str) -> list[str]:
    """The words; a sign that stands alone, such as a dash, keeps to a word beside it."""
    words: list[str] = []
    for word in text.split():
        if words and (not (_sounds(word) and _sounds(words[-1])) or _one_number(words[-1], word)):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _one_number(before: str, word: str) -> bool:
    """Whether a cut would go through "10 000", "5 млн" or "5 мая"."""
    figure = before.rsplit(maxsplit=1)[-1][-1].isdigit()
    return figure and (word[0].isdigit() or word.strip(".,").lower() in _BEHIND_FIGURES)


def _sounds(word: str) -> bool:
    return any(character.isalnum() for character in word)


def _shares(pieces: Sequence[Piece]) -> list[float]:
    """How much of the sentence each piece is, by time, or by words where no word lasts."""
    seconds = [piece.end_s - piece.start_s for piece in pieces]
    sizes = seconds if min(seconds) > 0 else [float(piece.words) for piece in pieces]
    return [size / sum(sizes) for size in sizes]


def _cuts(words: Sequence[str], shares: Sequence[float]) -> list[int]:
    """Before which words to cut, ascending, so that every part has a word: near the place that
    the shares ask for, behind a comma if there is one.
    """
    ends = list(accumulate(len(word) + 1 for word in words))
    cuts: list[int] = []
    for number, share in enumerate(accumulate(shares[:-1]), 1):
        least = (cuts[-1] if cuts else 0) + 1
        most = len(words) - (len(shares) - number)

        def cost(cut: int, ideal: float = share * ends[-1]) -> float:
            comma = _CLAUSE_END.search(words[cut - 1]) is not None
            leans = words[cut - 1].lower() in OPENS
            return abs(ends[cut - 1] - ideal) + COMMA_REACH * (leans - comma)

        cuts.append(min(range(least, most + 1), key=cost))
    return cuts
