"""Whether a clip that XTTS made can be what was asked for. Pure: numbers in, decisions out.

XTTS sometimes does not stop, stops early, or goes on after the last word with noise or invented
speech. Texts and clips here are pieces: one run of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from dubbing.types import Span

TOKEN_S = 1024 / 22_050  # sound in one audio token: the stride of XTTS's codes at their rate

# Characters in a second, blanks and marks included. A recorded Russian voice (Festival's, 24
# sentences of talks, pauses included) says 10.1 to 15.1, median 12.5; espeak-ng at its usual pace
# 13.3 to 22.3. Beyond these bounds nobody reads any of the languages in an alphabet.
SLOWEST_PER_S = 8.0
TYPICAL_PER_S = 12.5
FASTEST_PER_S = 25.0
SLACK_S = 1.0  # before the first and after the last sound, and for the slowness of a single word

LONG_SILENCE_S = 0.7  # the longest inside of that voice's sentences was 0.3 s
KEEP_S = 0.25  # behind the last speech: a soft last consonant is not heard as speech


def longest_s(characters: int) -> float:
    """Seconds that the text can last at most."""
    return characters / SLOWEST_PER_S + SLACK_S


def shortest_s(characters: int) -> float:
    """Seconds that the text lasts at least."""
    return characters / FASTEST_PER_S


def token_cap(characters: int, most: int) -> int:
    """How many audio tokens the model may make for the text.

    Args:
        characters: Of the text as the model reads it, numbers written out.
        most: What the model can make at all.
    """
    return min(most, ceil(longest_s(characters) / TOKEN_S))


def length_fault(characters: int, tokens: int, *, ended: bool) -> str:
    """What is wrong with a clip's length, as the end of a sentence; empty: nothing.

    Args:
        characters: Of the text as the model reads it.
        tokens: Audio tokens that were made.
        ended: Whether the model stopped by itself.
    """
    length_s = tokens * TOKEN_S
    if not ended:
        return f"it had not ended after {length_s:.1f} s"
    if length_s < shortest_s(characters):
        return f"it lasts {length_s:.1f} s, too short for its text"
    return ""


def end_of_text_s(spans: Sequence[Span], characters: int, length_s: float) -> float:
    """Where the text ends in the clip: what comes later is noise, or was never asked for.

    Speech after a long silence is cut off only when even the slowest reader would have been through
    the text before that silence: rather an invented word is kept than a real one lost.

    Args:
        spans: Where speech is heard, in order, at least one.
        characters: Of the text.
        length_s: Of the clip.

    Returns:
        Seconds, ≤ `length_s`; `length_s` itself when the clip ends as it should.
    """
    return min(length_s, _last(spans, characters / SLOWEST_PER_S).end_s + KEEP_S)


def tail_fault(spans: Sequence[Span], characters: int) -> str:
    """What is wrong with speech at the end of a clip, cut off or not; empty: nothing.

    Speech after a long silence may be invented when the text, at a typical pace, was over before.

    Args:
        spans: Where speech is heard, in order, at least one.
        characters: Of the text.
    """
    last = _last(spans, characters / TYPICAL_PER_S)
    return "" if last is spans[-1] else f"it goes on after a silence at {last.end_s:.1f} s"


def _last(spans: Sequence[Span], enough_s: float) -> Span:
    """The text's last span when it is over after that much speech, pauses not counted."""
    spoken_s = 0.0
    for before, after in pairwise(spans):
        spoken_s += before.duration_s
        if after.start_s - before.end_s >= LONG_SILENCE_S and spoken_s >= enough_s:
            return before
    return spans[-1]


def warning(text_fault: str, tries: int) -> str:
    """The sentence for a person, when the last try was no better than the ones before it."""
    return (
        f"the voice may have failed here ({text_fault}, {tries} tries): listen to it, and change "
        "the wording if it is wrong"
    )
