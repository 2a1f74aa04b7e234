"""Whether the dub is understood: a recogniser writes down what it hears, which is compared with
what was to be said.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from dubbing.quality.report import BackCheck
from dubbing.text.russian import speakable
from dubbing.types import Span

RECOGNISER = "faster-whisper:base"  # the smallest Whisper that writes Russian usefully
MARGIN_S = (
    0.15  # a clip begins and ends this much outside of its placement, so that no sound is cut
)
ABOVE = 0.3  # with more errors than this a listener loses the sentence
FAR = 0.2  # a segment this far above the run's own median stands out

_STRESS = dict.fromkeys(map(ord, "\u0300\u0301"))


def cuts(placements: Sequence[Span], end_s: float) -> list[Span]:
    """What of the track is recognised for each dub: `MARGIN_S` more on both sides, at most to the
    middle of the gap to its neighbours and to the media's ends.

    Args:
        placements: Ordered by their starts.
        end_s: The media's length.
    """
    ends = [-2 * MARGIN_S, *(p.end_s for p in placements)]  # of the one before each
    starts = [*(p.start_s for p in placements[1:]), end_s + 2 * MARGIN_S]  # of the one after
    return [
        Span(
            start_s=max(0.0, p.start_s - _margin(p.start_s - before_s)),
            end_s=min(max(end_s, p.end_s), p.end_s + _margin(after_s - p.end_s)),
        )
        for p, before_s, after_s in zip(placements, ends, starts, strict=False)
    ]


def _margin(gap_s: float) -> float:
    return min(MARGIN_S, max(0.0, gap_s / 2))


def fold(text: str, language: str) -> str:
    """The text as it is compared: small letters, one blank between words; no stress marks. Russian
    is read aloud first, since a recogniser writes "2014" for words, and "ё" is "е".

    Args:
        text: What was to be said, or what was heard.
        language: ISO 639-1.
    """
    if language == "ru":
        text = speakable(text).casefold().replace("ё", "е")
    plain = unicodedata.normalize("NFC", text.translate(_STRESS).casefold())
    letters = (c if unicodedata.category(c)[0] in "LM" else " " for c in plain)
    return " ".join("".join(letters).split())


def cer(wanted: str, heard: str, language: str) -> float | None:
    """The share of characters that must be changed, 0..1: the edit distance (Levenshtein 1966) over
    the wanted text's length, at most 1; None where nothing was to be said.
    """
    said, found = fold(wanted, language), fold(heard, language)
    if not said:
        return None
    return round(min(1.0, Levenshtein.distance(said, found) / len(said)), 3)


def back_check(recogniser: str, cers: Mapping[int, float]) -> BackCheck:
    """The document, from each segment's rate.

    Args:
        recogniser: Its name.
        cers: Segment id → character error rate, 0..1.
    """
    rates = list(cers.values())
    if not rates:
        return BackCheck(
            recogniser=recogniser,
            segments=0,
            cer_median=None,
            cer_mean=None,
            misheard=None,
            outliers=[],
        )
    median = float(np.median(rates))
    return BackCheck(
        recogniser=recogniser,
        segments=len(rates),
        cer_median=round(median, 3),
        cer_mean=round(float(np.mean(rates)), 3),
        misheard=round(float(np.mean([rate > ABOVE for rate in rates])), 3),
        outliers=[i for i, rate in cers.items() if rate > median + FAR],
    )
