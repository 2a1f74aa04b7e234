"""translations/ + chunks/ → voices/, speech/."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dubbing.engines.base import Voice
from dubbing.errors import EngineError
from dubbing.events import Notice
from dubbing.media.audio import read_audio, write_wav
from dubbing.runs.manifest import (
    PaceDoc,
    SpeechClipDoc,
    SpeechDoc,
    TranslationDoc,
    VoiceDoc,
    fingerprint,
    sha256_file,
)
from dubbing.runs.store import Run
from dubbing.stages.fit import units
from dubbing.stages.phrases import islands, pauses
from dubbing.stages.speak import pace, speakable, trimmed
from dubbing.stages.voice_prompt import choose_prompt, clarity_db, join
from dubbing.steps.documents import (
    read_joins,
    read_segments,
    read_transcript,
    span_doc,
    to_span,
)
from dubbing.steps.job import Job, Ticker, identity
from dubbing.steps.transcribe import CHUNK_RATE_HZ
from dubbing.types import Segment, Span, Speech, VoicePrompt

BATCH = 8  # texts given to a synthesizer at once: it may speak them in parallel
ALGORITHM = 2  # raised when the same choices would sound otherwise
_SUFFIXES = ("wav", "json")


def speak(job: Job) -> None:
    """Chooses each speaker's voice prompt and speaks every translation at natural speed."""
    run = job.run
    segments = read_segments(run)
    voices = {s: _voice_prompt(run, s, segments) for s in sorted({s.speaker for s in segments})}
    prepared = _Prepared(job, voices)
    lines = _lines(run, segments)
    spoken = [s for s in segments if s.id in lines]
    paces = _paces(job, segments, lines, prepared)
    made_from = {s.id: _made_from(job, s, lines[s.id], paces[s.speaker]) for s in spoken}
    stale = [s for s in spoken if not _is_fresh(run, s.id, made_from[s.id])]
    with job.stage("speak", made=len(stale), kept=len(spoken) - len(stale)) as ticker:
        for speaker in voices:
            own = [s for s in stale if s.speaker == speaker]
            if own:
                voice = prepared.voice(speaker)
                _speak_all(job, own, lines, made_from, voice, paces[speaker], ticker)
        keep = {run.speech_clip(s.id, x) for s in spoken for x in _SUFFIXES}
        run.forget_others("speech", keep)
        run.forget_others("voices", {run.voice(v, x) for v in voices for x in ("wav", "json")})


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
    voice = run.sha256(run.voice(segment.speaker))
    return fingerprint("speak", ALGORITHM, identity(engine), voice, language, line, pace)


def _units(run: Run, segments: Sequence[Segment]) -> list[tuple[Segment, tuple[Span, ...]]]:
    """What is spoken as one, with the original's islands of speech in it."""
    speech = [to_span(span) for span in run.read(run.speech, SpeechDoc).speech]
    return [(unit, islands(unit, speech)) for unit in units(segments, read_joins(run, segments))]


def _lines(run: Run, segments: Sequence[Segment]) -> dict[int, str]:
    """Segment id → what the engine is given to read; segments that have no text are left out."""
    language = run.manifest.config.target
    lines = {}
    for unit, own in _units(run, segments):
        text = run.read(run.translation(unit.id), TranslationDoc).text
        if text:
            lines[unit.id] = speakable(text, language, pauses(own))
    return lines


# ---- voices


class _Prepared:
    """The speakers' voices, each made ready when it is first asked for."""

    def __init__(self, job: Job, prompts: dict[str, VoicePrompt]) -> None:
        self._job = job
        self._prompts = prompts
        self._voices: dict[str, Voice] = {}

    def voice(self, speaker: str) -> Voice:
        """The speaker's voice, for the run's engine and language."""
        if speaker not in self._voices:
            language = self._job.run.manifest.config.target
            prompt = self._prompts[speaker]
            self._voices[speaker] = self._job.synthesizer(0).prepare(prompt, language=language)
        return self._voices[speaker]


def _paces(
    job: Job, segments: Sequence[Segment], lines: dict[int, str], prepared: _Prepared
) -> dict[str, float]:
    """Speaker → pace. What a person edits afterwards does not change it."""
    run, config = job.run, job.run.manifest.config
    speakers = sorted({s.speaker for s in segments})
    supplied = run.manifest.translation
    translated_by = (
        identity(run.manifest.engines.translator)
        if supplied is None
        else sha256_file(run.root / supplied)
    )
    voices = [run.sha256(run.voice(speaker)) for speaker in speakers]
    spoken_by = [identity(run.manifest.engines.synthesizer), voices, config.target]
    made_from = fingerprint("pace", ALGORITHM, run.sha256(run.segments), translated_by, spoken_by)
    if not run.is_fresh(run.pace, made_from):
        said = [(unit, own) for unit, own in _units(run, segments) if unit.id in lines]
        paces = {}
        for speaker in speakers:
            own = [(unit, islands) for unit, islands in said if unit.speaker == speaker]
            characters = sum(len(lines[unit.id]) for unit, _ in own)
            speech_s = sum(island.duration_s for _, islands in own for island in islands)
            per_s = prepared.voice(speaker).characters_per_s if characters else 1.0
            paces[speaker] = pace(characters, per_s, speech_s)
        run.put_document(run.pace, made_from, PaceDoc(paces=paces))
    return run.read(run.pace, PaceDoc).paces


def _voice_prompt(run: Run, speaker: str, segments: Sequence[Segment]) -> VoicePrompt:
    """The speaker's reference, made anew when their segments changed."""
    own = [s for s in segments if s.speaker == speaker]
    chunks = [run.sha256(run.chunk(s.id)) for s in own]
    made_from = fingerprint("voice", ALGORITHM, chunks)
    wav, document = run.voice(speaker), run.voice(speaker, "json")
    if not (run.is_fresh(wav, made_from) and run.is_fresh(document, made_from)):
        _make_voice_prompt(run, speaker, own, made_from)
    return VoicePrompt(
        speaker=speaker,
        samples=read_audio(run.path(wav), CHUNK_RATE_HZ),
        sample_rate_hz=CHUNK_RATE_HZ,
        reason=run.read(document, VoiceDoc).reason,
    )


def _make_voice_prompt(run: Run, speaker: str, own: Sequence[Segment], made_from: str) -> None:
    clarities = []
    for segment in own:
        chunk = read_audio(run.path(run.chunk(segment.id)), CHUNK_RATE_HZ)
        clarities.append(clarity_db(chunk, CHUNK_RATE_HZ))
    chosen = choose_prompt(own, [read_transcript(run, s.id) for s in own], clarities)
    clips = [read_audio(run.path(run.chunk(own[i].id)), CHUNK_RATE_HZ) for i in chosen]
    ids = ", ".join(str(own[i].id) for i in chosen)
    reason = (
        f"segments {ids}: the clearest and most surely recognised; speech stands "
        f"{min(clarities[i] for i in chosen):.0f} dB or more above what sounds under it"
    )
    spans = [span_doc(own[i].span) for i in chosen]
    joined = join(clips, CHUNK_RATE_HZ)
    run.put(run.voice(speaker), made_from, lambda path: write_wav(path, joined, CHUNK_RATE_HZ))
    document = VoiceDoc(speaker=speaker, spans=spans, reason=reason)
    run.put_document(run.voice(speaker, "json"), made_from, document)
