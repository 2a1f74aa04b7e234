"""speech.json → language.json: whether the speech is in the language that the run dubs from.

Looked at before the first stretch is recognised: Whisper writes any language down as what it was
told to hear, and an hour of that would be dubbed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from dubbing.engines.base import IdentifiesLanguage
from dubbing.errors import OtherLanguageError
from dubbing.languages import language_name
from dubbing.media.audio import ANALYSIS_RATE_HZ, excerpt
from dubbing.runs.manifest import LanguageDoc, fingerprint
from dubbing.steps.documents import span_doc
from dubbing.steps.items import Stretch
from dubbing.steps.job import Job, identity
from dubbing.types import Span

ALGORITHM = 1  # raised when the same sound would give other probabilities
STRETCHES = 3  # so that a quotation in another language is outvoted
# Both must hold. Whisper base gives the right language MEASURED.
MOST_OF_WANTED = 0.1
LEAST_OF_ANOTHER = 0.5


def check_language(job: Job, stretches: Sequence[Stretch]) -> None:
    """Nothing, when the speech may be in the run's language, or the recogniser cannot tell.

    Args:
        job: Of a run whose speech is detected.
        stretches: Of its speech, in order.

    Raises:
        OtherLanguageError: It surely is in another.
    """
    run, wanted = job.run, job.run.manifest.config.source
    engine = identity(run.manifest.engines.transcriber)
    spans = spread([stretch.span for stretch in stretches])
    asked = [run.manifest.source.sha256, engine, [[s.start_s, s.end_s] for s in spans]]
    made_from = fingerprint("language", ALGORITHM, *asked)
    if not run.is_fresh(run.language, made_from):
        run.put_document(run.language, made_from, _identify(job, spans))
    told = run.read(run.language, LanguageDoc).probabilities
    found = max(told, key=told.__getitem__, default=wanted)
    if told.get(wanted, 0.0) <= MOST_OF_WANTED and told.get(found, 0.0) >= LEAST_OF_ANOTHER:
        raise OtherLanguageError(found, wanted, _refusal(job, found, wanted))


def spread(spans: Sequence[Span], most: int = STRETCHES) -> list[Span]:
    """Up to `most` spans from all over the recording: the longest of each part of it."""
    parts = min(most, len(spans))
    edges = [round(part * len(spans) / parts) for part in range(parts + 1)] if parts else []
    return [
        max(spans[first:end], key=lambda span: span.duration_s) for first, end in pairwise(edges)
    ]


def _identify(job: Job, spans: Sequence[Span]) -> LanguageDoc:
    """The mean over the spans, each weighted by its length."""
    mean: dict[str, float] = defaultdict(float)
    if isinstance(engine := job.transcriber(len(spans)), IdentifiesLanguage):
        clips = [excerpt(job.source, span, ANALYSIS_RATE_HZ) for span in spans]
        clips = [clip for clip in clips if len(clip)]
        found = engine.identify_language(clips)
        for clip, probabilities in zip(clips, found, strict=True):
            for code, probability in probabilities.items():
                mean[code] += probability * len(clip) / sum(map(len, clips))
    told = {code: round(probability, 4) for code, probability in sorted(mean.items())}
    return LanguageDoc(stretches=[span_doc(span) for span in spans], probabilities=told)


def _refusal(job: Job, found: str, wanted: str) -> str:
    way_on = f"dub it with --source {found} and a --translation"
    if wanted == "en":
        way_on += ", or if it is English after all with --transcriber faster-whisper:tiny.en"
    name, other = language_name(found), language_name(wanted)
    return f"{job.source.name}: the speech is {name}, not {other}: {way_on}"
