"""translations/ + chunks/ → voices/, speech/."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dubbing.errors import EngineError
from dubbing.events import Notice
from dubbing.media.audio import read_audio, write_wav
from dubbing.runs.manifest import SpeechClipDoc, TranslationDoc, VoiceDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.stages.speak import speakable, trimmed
from dubbing.stages.voice_prompt import choose_prompt, clarity_db, join
from dubbing.steps.documents import read_segments, read_transcript, span_doc
from dubbing.steps.job import Job, Ticker, identity
from dubbing.steps.transcribe import CHUNK_RATE_HZ
from dubbing.types import Segment, Speech, VoicePrompt

BATCH = 8  # texts given to a synthesizer at once: it may speak them in parallel
ALGORITHM = 1  # raised when the same choices would sound otherwise
_SUFFIXES = ("wav", "json")


def speak(job: Job) -> None:
    """Chooses each speaker's voice prompt and speaks every translation at natural speed."""
    run = job.run
    segments = read_segments(run)
    voices = {s: _voice_prompt(run, s, segments) for s in sorted({s.speaker for s in segments})}
    texts = {s.id: run.read(run.translation(s.id), TranslationDoc).text for s in segments}
    spoken = [s for s in segments if texts[s.id]]
    made_from = {s.id: _made_from(job, s, texts[s.id]) for s in spoken}
    stale = [s for s in spoken if not _is_fresh(run, s.id, made_from[s.id])]
    with job.stage("speak", made=len(stale), kept=len(spoken) - len(stale)) as ticker:
        for speaker, prompt in voices.items():
            own = [s for s in stale if s.speaker == speaker]
            if own:
                _speak_all(job, own, texts, made_from, prompt, ticker)
        keep = {run.speech_clip(s.id, x) for s in spoken for x in _SUFFIXES}
        run.forget_others("speech", keep)
        run.forget_others("voices", {run.voice(v, x) for v in voices for x in ("wav", "json")})


def _speak_all(
    job: Job,
    segments: Sequence[Segment],
    texts: dict[int, str],
    made_from: dict[int, str],
    prompt: VoicePrompt,
    ticker: Ticker,
) -> None:
    language = job.run.manifest.config.target
    voice = job.synthesizer(0).prepare(prompt, language=language)
    waiting = iter(segments)
    while batch := list(islice(waiting, BATCH)):
        lines = [speakable(texts[s.id], language) for s in batch]
        clips = job.synthesizer(len(lines)).synthesize(lines, voice, language=language)
        for segment, line, clip in zip(batch, lines, clips, strict=True):
            _put(job, segment.id, made_from[segment.id], line, clip)
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


def _made_from(job: Job, segment: Segment, text: str) -> str:
    run = job.run
    engine = run.manifest.engines.synthesizer
    language = run.manifest.config.target
    voice = run.sha256(run.voice(segment.speaker))
    return fingerprint(
        "speak", ALGORITHM, identity(engine), voice, language, speakable(text, language)
    )


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
