"""speech.json → language.json: whether the speech is in the language that the run dubs from.

Looked at before the first stretch is recognised: Whisper writes any language down as the one that
it was told to hear, and an hour of that would be dubbed.
"""

from __future__ import annotations

from collections.abc import Sequence

from dubbing.engines.base import IdentifiesLanguage
from dubbing.errors import OtherLanguageError
from dubbing.languages import language_name
from dubbing.media.audio import ANALYSIS_RATE_HZ, excerpt
from dubbing.runs.manifest import LanguageDoc, fingerprint
from dubbing.stages.language import mean_probabilities, other_language, spread
from dubbing.steps.documents import span_doc
from dubbing.steps.items import Stretch
from dubbing.steps.job import Job, identity
from dubbing.types import Span

ALGORITHM = 1  # raised when the same sound would give other probabilities


def check_language(job: Job, stretches: Sequence[Stretch]) -> None:
    """Nothing, when the speech may be in the run's language, or the recogniser cannot tell.

    Args:
        job: Of a run whose speech is detected.
        stretches: Of its speech, in order.

    Raises:
        OtherLanguageError: It surely is in another.
    """
    run, wanted = job.run, job.run.manifest.config.source
    spans = spread([stretch.span for stretch in stretches])
    asked = [run.manifest.source.identity, identity(run.manifest.engines.transcriber)]
    made_from = fingerprint("language", ALGORITHM, asked, [[s.start_s, s.end_s] for s in spans])
    if not run.is_fresh(run.language, made_from):
        run.put_document(run.language, made_from, _identify(job, spans))
    probabilities = run.read(run.language, LanguageDoc).probabilities
    if (found := other_language(probabilities, wanted)) is not None:
        raise OtherLanguageError(found, wanted, _refusal(job.source.name, found, wanted))


def _identify(job: Job, spans: Sequence[Span]) -> LanguageDoc:
    told: dict[str, float] = {}
    if isinstance(engine := job.transcriber(len(spans)), IdentifiesLanguage):
        clips = [
            excerpt(job.source, span, ANALYSIS_RATE_HZ, audio_stream=job.audio_track)
            for span in spans
        ]
        clips = [clip for clip in clips if len(clip)]
        found = engine.identify_language(clips)
        told = mean_probabilities(zip(map(len, clips), found, strict=True))
    return LanguageDoc(stretches=[span_doc(span) for span in spans], probabilities=told)


def _refusal(name: str, found: str, wanted: str) -> str:
    spoken, expected = language_name(found), language_name(wanted)
    sentence = f"{name}: the speech is {spoken}, not {expected}: take a recording in {expected}"
    if wanted == "en":  # a recogniser that knows nothing else takes it on trust
        sentence += ", or, if it is English after all, --transcriber faster-whisper:tiny.en"
    return sentence
