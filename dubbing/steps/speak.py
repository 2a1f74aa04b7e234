"""translations/ + chunks/ → voices/, speech/."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dubbing.engines.base import Voice
from dubbing.errors import EngineError
from dubbing.events import Notice
from dubbing.media.audio import write_wav
from dubbing.runs.manifest import SpeechClipDoc, TranslationDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.stages.phrases import pauses
from dubbing.stages.speak import speakable, trimmed
from dubbing.steps.documents import read_segments
from dubbing.steps.job import Job, Ticker, identity
from dubbing.steps.pace import paces, spoken_units
from dubbing.steps.prepared_voice import kept_voices, prepared_voice
from dubbing.steps.voice_prompt import voice_prompt
from dubbing.types import Segment, Speech, VoicePrompt

BATCH = 8  # texts given to a synthesizer at once: it may speak them in parallel
ALGORITHM = 4  # raised when the same choices would sound otherwise
_SUFFIXES = ("wav", "json")


def speak(job: Job) -> None:
    """Chooses each speaker's voice prompt and speaks every translation at natural speed."""
    run = job.run
    segments = read_segments(run)
    speakers = sorted({segment.speaker for segment in segments})
    voices = {s: voice_prompt(run, [x for x in segments if x.speaker == s]) for s in speakers}
    prepared = _Prepared(job, voices)
    lines = _lines(run, segments)
    spoken = [s for s in segments if s.id in lines]
    pace_of = paces(job, segments, lines, prepared.voice)
    made_from = {s.id: _made_from(job, s, lines[s.id], pace_of[s.speaker]) for s in spoken}
    stale = [s for s in spoken if not _is_fresh(run, s.id, made_from[s.id])]
    with job.stage("speak", made=len(stale), kept=len(spoken) - len(stale)) as ticker:
        for speaker in voices:
            own = [s for s in stale if s.speaker == speaker]
            if own:
                voice = prepared.voice(speaker)
                _speak_all(job, own, lines, made_from, voice, pace_of[speaker], ticker)
        keep = {run.speech_clip(s.id, x) for s in spoken for x in _SUFFIXES}
        run.forget_others("speech", keep)
        kept = {run.voice(v, x) for v in voices for x in ("wav", "json")}
        run.forget_others("voices", kept | kept_voices(run, voices))


def _speak_all(
    job: Job,
    segments: Sequence[Segment],
    lines: dict[int, str],
    made_from: dict[int, str],
    voice: Voice,
    pace: float,
    ticker: Ticker,
) -> None:
    language = job.run.manifest.config.target
    waiting = iter(segments)
    while batch := list(islice(waiting, BATCH)):
        texts = [lines[s.id] for s in batch]
        engine = job.synthesizer(len(texts))
        clips = engine.synthesize(texts, voice, language=language, speed=pace)
        for segment, text, clip in zip(batch, texts, clips, strict=True):
            _put(job, segment.id, made_from[segment.id], text, clip)
            ticker.done()


def _put(job: Job, segment_id: int, made_from: str, line: str, clip: Speech) -> None:
    try:
        speech = trimmed(clip)
    except ValueError as error:
        name = job.run.manifest.engines.synthesizer
        message = f"{name} spoke nothing for segment {segment_id}; edit its text, then run again"
        raise EngineError(name, message, segment_id) from error
    job.run.put(
        job.run.speech_clip(segment_id),
        made_from,
        lambda path: write_wav(path, speech.samples, speech.sample_rate_hz),
    )
    document = SpeechClipDoc(read=line, warning=clip.warning)
    job.run.put_document(job.run.speech_clip(segment_id, "json"), made_from, document)
    if clip.warning:
        job.listen(Notice(message=f"segment {segment_id}: {clip.warning}"))


def _is_fresh(run: Run, segment_id: int, made_from: str) -> bool:
    return all(run.is_fresh(run.speech_clip(segment_id, x), made_from) for x in _SUFFIXES)


def _made_from(job: Job, segment: Segment, line: str, pace: float) -> str:
    run = job.run
    engine = run.manifest.engines.synthesizer
    language = run.manifest.config.target
    voice = [run.sha256(run.voice(segment.speaker, suffix)) for suffix in _SUFFIXES]
    return fingerprint("speak", ALGORITHM, identity(engine), voice, language, line, pace)


def _lines(run: Run, segments: Sequence[Segment]) -> dict[int, str]:
    """Segment id → what the engine is given to read; segments that have no text are left out."""
    language = run.manifest.config.target
    lines = {}
    for unit, islands in spoken_units(run, segments):
        text = run.read(run.translation(unit.id), TranslationDoc).text
        if text:
            lines[unit.id] = speakable(text, language, pauses(islands))
    return lines


class _Prepared:
    """The speakers' voices, each made ready when it is first asked for."""

    def __init__(self, job: Job, prompts: dict[str, VoicePrompt]) -> None:
        self._job = job
        self._prompts = prompts
        self._voices: dict[str, Voice] = {}

    def voice(self, speaker: str) -> Voice:
        """The speaker's voice, for the run's engine and language."""
        if speaker not in self._voices:
            self._voices[speaker] = prepared_voice(self._job, self._prompts[speaker])
        return self._voices[speaker]
