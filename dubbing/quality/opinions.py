"""What is heard by judges that choose no speaker's voice, before the rest is measured: each
takes much memory, so that they come one after another.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from dubbing.engines import distillmos
from dubbing.engines.base import Transcriber
from dubbing.errors import UnsupportedLanguageError
from dubbing.quality.backcheck import RECOGNISER, cer, cuts
from dubbing.quality.hearing import natural, recognised
from dubbing.quality.subject import Subject, placed

LOG = logging.getLogger(__name__)

Rates = Mapping[int, float]
"""Segment id → number; segments that could not be judged are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What the judges found; None where a judge is not here.

    Attributes:
        original: Naturalness of the original's segments, 1..5.
        dub: The same of the dub's.
        recogniser: Name of the one that wrote down the dub.
        cers: Character error rates of the dub's segments, 0..1.
    """

    original: Rates | None = None
    dub: Rates | None = None
    recogniser: str = RECOGNISER
    cers: Rates | None = None


def opinions(subject: Subject, cers: Rates | None) -> Opinions:
    """All of them.

    Args:
        subject: The dub.
        cers: From `misheard`; None: no recogniser is here.
    """
    if distillmos.why_unavailable():
        return Opinions(cers=cers)
    judge = distillmos.DistillMos()
    segments, placements = zip(*subject.spoken, strict=True) if subject.spoken else ((), ())
    ids = [segment.id for segment in segments]
    (before,) = subject.original.hear([natural([s.span for s in segments], judge)])
    voice = subject.voice or subject.dub
    (after,) = voice.hear([natural([placed(p) for p in placements], judge)])
    found = [
        {i: round(score, 3) for i, score in zip(ids, scores, strict=True) if score is not None}
        for scores in (before, after)
    ]
    return Opinions(original=found[0], dub=found[1], cers=cers)


def misheard(subject: Subject, recogniser: Transcriber) -> Rates | None:
    """The character error rate of each dubbed segment; None where the recogniser does not know the
    language.

    Args:
        subject: The dub.
        recogniser: Writes down what it hears.
    """
    language = subject.languages[1]
    spans = cuts([placed(p) for _, p in subject.spoken], subject.end_s)
    voice = subject.voice or subject.dub
    try:
        (texts,) = voice.hear([recognised(spans, recogniser, language)])
    except UnsupportedLanguageError as error:
        LOG.warning("the dub is not written down: %s", error)
        return None
    wanted = {text.id: text.read for text in subject.texts}
    rates = {
        segment.id: cer(wanted[segment.id], text, language)
        for (segment, _), text in zip(subject.spoken, texts, strict=True)
    }
    return {i: rate for i, rate in rates.items() if rate is not None}
