"""Whose the words are: a diarizer's turns laid onto recognised words, and what is known of a
speaker.

Turns are exact to some 0.1 s, and so are words; so a word goes to the turn that it shares most time
with, and a change of speaker that falls next to the end of a sentence is moved there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, groupby

from dubbing.text.sentences import ends_sentence
from dubbing.types import Diarization, Span, Turn, Word

FIRST_SPEAKER = "speaker-1"
MIN_TURN_S = 1.0  # a shorter one in the middle of another's sentence is a slip of the diarizer
MIN_SPEAKER_S = 3.0  # less makes no voice
APART_S = 0.05  # two changes of speaker: recognised words may have no length
MIN_OVERLAP_S = 0.3  # a reply that comes a little early is no talking at once


def with_voices(diarization: Diarization) -> Diarization:
    """The turns of those who speak long enough for a voice of their own, "speaker-1" the first.

    What the others say is left to whoever speaks next to it.
    """
    spoken_s: defaultdict[str, float] = defaultdict(float)
    for turn in diarization.turns:
        spoken_s[turn.speaker] += turn.span.duration_s
    turns = [turn for turn in diarization.turns if spoken_s[turn.speaker] >= MIN_SPEAKER_S]
    order = list(dict.fromkeys(turn.speaker for turn in turns))
    named = (replace(t, speaker=f"speaker-{order.index(t.speaker) + 1}") for t in turns)
    return replace(diarization, turns=tuple(named))


def speakers_of(words: Sequence[Word], diarization: Diarization | None) -> list[str]:
    """The speaker of each word; "speaker-1" for all where there are no turns.

    Args:
        words: In order, on the media's clock.
        diarization: Turns on the same clock; None: one person speaks.
    """
    if diarization is None or not diarization.turns:
        return [FIRST_SPEAKER] * len(words)
    speakers = [_nearest(word, diarization.turns) for word in words]
    return _without_slips(words, _moved_to_sentence_ends(words, speakers))


def _nearest(word: Word, turns: Sequence[Turn]) -> str:
    """Whose turn shares most time with the word, or lies least far from its middle."""
    shared_s: defaultdict[str, float] = defaultdict(float)
    for turn in turns:
        shared_s[turn.speaker] += max(
            0.0, min(turn.span.end_s, word.end_s) - max(turn.span.start_s, word.start_s)
        )
    speaker = max(shared_s, key=lambda name: shared_s[name])
    if shared_s[speaker] > 0:
        return speaker
    middle_s = (word.start_s + word.end_s) / 2
    return min(turns, key=lambda t: max(t.span.start_s - middle_s, middle_s - t.span.end_s)).speaker


def _moved_to_sentence_ends(words: Sequence[Word], speakers: Sequence[str]) -> list[str]:
    """A change one word before or after the end of a sentence is moved to it."""
    moved = list(speakers)
    for i in range(1, len(words)):
        if moved[i] == moved[i - 1] or ends_sentence(words[i - 1].text):
            continue
        if ends_sentence(words[i].text) and i + 1 < len(words) and moved[i + 1] == moved[i]:
            moved[i] = moved[i - 1]
        elif i >= 3 and ends_sentence(words[i - 2].text) and moved[i - 2] == moved[i - 1]:
            moved[i - 1] = moved[i]
    return moved


def _without_slips(words: Sequence[Word], speakers: Sequence[str]) -> list[str]:
    """Short runs of words inside a sentence of somebody else's go to that speaker."""
    kept: list[str] = []
    runs = _runs(speakers)
    for number, (start, end) in enumerate(runs):
        around = {speakers[r[0]] for r in runs[max(0, number - 1) : number + 2] if r[0] != start}
        is_short = words[end - 1].end_s - words[start].start_s < MIN_TURN_S
        begins = start == 0 or ends_sentence(words[start - 1].text)
        is_reply = begins and ends_sentence(words[end - 1].text)
        slip = is_short and len(around) == 1 and not is_reply
        kept += [around.pop() if slip else speakers[start]] * (end - start)
    return kept


def _runs(speakers: Sequence[str]) -> list[tuple[int, int]]:
    """Start and end of each run of equal speakers."""
    lengths = [len(list(run)) for _, run in groupby(speakers)]
    ends = list(accumulate(lengths))
    return [(end - length, end) for end, length in zip(ends, lengths, strict=True)]


def changes_s(
    words: Sequence[Word], speakers: Sequence[str], diarization: Diarization | None
) -> list[tuple[int, float]]:
    """Where the speaker changes: (number of the first word of the next one, when), each at least
    `APART_S` after the one before, and after the first word's start.

    The moment is where a turn starts or ends between the middles of the two words, as near as
    possible to the pause between them; else in the middle of that pause.
    """
    turns = diarization.turns if diarization else ()
    edges = [edge for turn in turns for edge in (turn.span.start_s, turn.span.end_s)]
    found: list[tuple[int, float]] = []
    for start, _ in _runs(speakers)[1:]:
        at_s = _change_s(words[start - 1], words[start], edges)
        last_s = found[-1][1] if found else words[0].start_s
        found.append((start, max(at_s, last_s + APART_S)))
    return found


def _change_s(before: Word, after: Word, edges: Sequence[float]) -> float:
    first_s, last_s = (before.start_s + before.end_s) / 2, (after.start_s + after.end_s) / 2
    pause_s = min((before.end_s + after.start_s) / 2, last_s)
    between = [edge for edge in edges if first_s <= edge <= last_s]
    return min(between, key=lambda edge: abs(edge - pause_s), default=pause_s)


def is_overlapped(span: Span, diarization: Diarization | None) -> bool:
    """Whether two speak at once for `MIN_OVERLAP_S` or more of the span."""
    together = diarization.overlapped if diarization is not None else ()
    return sum(span.overlap_s(other) for other in together) >= MIN_OVERLAP_S
