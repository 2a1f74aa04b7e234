"""chunks/, translations/ → voices/: whose voice speaks, at what pace, and what it is given to read.

A voice is chosen from what its speaker says in the first `listen_s` seconds from their first word
on, so that the first segment can be spoken while later ones are still recognised; where that is
less than `LEAST_S`, from what they say next too. Where the
translation is supplied everything is known at once, and all of it is listened to unless less is
asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from dubbing.engines.base import Voice
from dubbing.engines.registry import engine_info
from dubbing.events import Notice
from dubbing.flow import Gather
from dubbing.media.audio import resample
from dubbing.runs.manifest import PaceDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.stages.fit import units
from dubbing.stages.phrases import islands, pauses
from dubbing.stages.speak import pace
from dubbing.stages.voice_prompt import MIN_CLIP_S
from dubbing.steps.documents import cut, read_speech
from dubbing.steps.gender import heard_gender, listed_gender
from dubbing.steps.items import Line, Translated
from dubbing.steps.job import Job, identity
from dubbing.steps.translate import supplied_sha256
from dubbing.steps.voice_prompt import is_given, voice_prompt
from dubbing.text.phrasing import breathe
from dubbing.text.stress import without_marks
from dubbing.types import Gender, Segment, Span, VoicePrompt

ALGORITHM = 5  # raised when the same choices would sound otherwise
LISTEN_S = 120.0  # of a speaker: a voice is settled by then
LEAST_S = MIN_CLIP_S  # of their speech: a "yes" is no voice sample
PACE_ALGORITHM = 3  # raised when the same talk would be spoken at another pace


class PreparedVoices:
    """The speakers' voices, each made ready when it is first asked for, by whichever stage."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._prompts: dict[str, VoicePrompt] = {}
        self._voices: dict[str, Voice] = {}
        self._lock = Lock()

    def choose(self, speaker: str, own: Sequence[Segment]) -> Gender:
        """Sets whose speech the speaker's voice is made from; returns the speaker's gender."""
        prompt = voice_prompt(self._job.run, own, self._job.listen)
        given = is_given(self._job.run, speaker)  # perhaps somebody else's voice
        gender = "unknown" if given else listed_gender(self._job, speaker)
        if gender == "unknown":
            gender, _ = heard_gender(self._job, prompt.samples, prompt.sample_rate_hz)
        self._prompts[speaker] = replace(prompt, gender=gender)
        return gender

    def get(self, speaker: str) -> Voice:
        """The speaker's voice, for the run's engine and language."""
        with self._lock:
            if speaker not in self._voices:
                language = self._job.run.manifest.config.target
                prompt = self._compared(self._prompts[speaker])
                voice = self._job.synthesizer(0).prepare(prompt, language=language)
                self._voices[speaker] = voice
            return self._voices[speaker]

    def _compared(self, prompt: VoicePrompt) -> VoicePrompt:
        """The prompt with its vector, for an engine that has to choose among its own voices."""
        if engine_info(self._job.run.manifest.engines.synthesizer).clones:
            return prompt
        encoder = self._job.encoder(1)
        clip = resample(prompt.samples, prompt.sample_rate_hz, encoder.info.sample_rate_hz)
        (vector,) = encoder.embed([clip])
        return replace(prompt, vector=tuple(vector.tolist()))


def chooser(job: Job, voices: PreparedVoices) -> Gather[Translated, Line]:
    """Holds a speaker's lines back until enough of their speech is known."""
    return Gather(name="voices", start=lambda: _Chooser(job, voices), fatal=(Exception,))


@dataclass
class _Waiting:
    """A speaker whose voice is not chosen yet.

    Attributes:
        until_s: What they begin to say before is listened to.
        heard: That, in order, and what comes after it as long as it is not enough.
        units: What is to be spoken.
    """

    until_s: float
    heard: list[Segment] = field(default_factory=list)
    units: list[_Unit] = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        """Whether a voice can be made from what was heard."""
        return sum(segment.span.duration_s for segment in self.heard) >= LEAST_S

    def hear(self, segment: Segment) -> None:
        """Listens to a segment, as long as that is wanted."""
        if segment.span.start_s <= self.until_s or not self.is_enough:
            self.heard.append(segment)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """What is spoken as one: the segments together, their translation, and the text to be read."""

    segment: Segment
    islands: tuple[Span, ...]
    read: str
    lines: tuple[Line, ...]


class _Chooser:
    """See `Gatherer`."""

    def __init__(self, job: Job, voices: PreparedVoices) -> None:
        config = job.run.manifest.config
        self._job = job
        self._voices = voices
        self._speech = read_speech(job.run)
        free_s = math.inf if job.run.manifest.translation else LISTEN_S
        self._listen_s = free_s if config.listen_s is None else config.listen_s
        self._waiting: dict[str, _Waiting] = {}
        self._paces: dict[str, float] = {}
        self._genders: dict[str, Gender] = {}

    def take(self, item: Translated) -> Iterator[Line]:
        """Lines of every speaker of whom enough is known by now."""
        now_s = item.heard[-1].segment.span.start_s
        for unit in self._units(item):
            speaker = unit.segment.speaker
            if speaker in self._paces:
                yield from self._finished(unit)
                continue
            until_s = unit.segment.span.start_s + self._listen_s
            waiting = self._waiting.setdefault(speaker, _Waiting(until_s=until_s))
            waiting.units.append(unit)
            for line in unit.lines:
                waiting.hear(line.heard.segment)
        ready = [s for s, w in self._waiting.items() if now_s > w.until_s and w.is_enough]
        for speaker in ready:
            yield from self._chosen(speaker)

    def flush(self) -> Iterator[Line]:
        """The rest."""
        for speaker in list(self._waiting):
            yield from self._chosen(speaker)
        for path in sorted(self._job.run.path("voices").glob("*.own.*")):
            if path.name.partition(".own.")[0] not in self._paces:
                told = f"voices/{path.name} is nobody's: {', '.join(self._paces)} speak"
                self._job.listen(Notice(message=told))

    def _units(self, item: Translated) -> Iterator[_Unit]:
        """What of neighbouring segments is spoken as one."""
        language = self._job.run.manifest.config.target
        joins = [translation.joined_to for translation in item.translations]
        lines = [
            Line(heard=h, translation=t) for h, t in zip(item.heard, item.translations, strict=True)
        ]
        segments = [heard.segment for heard in item.heard]
        for segment in units(segments, joins):
            own = tuple(
                line
                for line in lines
                if (line.translation.joined_to or line.heard.segment.id) == segment.id
            )
            found = islands(segment, self._speech)
            reading = own[0].translation.reading
            read = "" if reading is None else reading.text
            if language == "ru":
                read = breathe(read, pauses(found))
            yield _Unit(segment=segment, islands=found, read=read, lines=own)

    def _chosen(self, speaker: str) -> Iterator[Line]:
        waiting = self._waiting[speaker]
        self._genders[speaker] = self._voices.choose(speaker, waiting.heard)
        self._paces[speaker] = self._pace(speaker, waiting)
        del self._waiting[speaker]
        for unit in waiting.units:
            yield from self._finished(unit)

    def _pace(self, speaker: str, waiting: _Waiting) -> float:
        """The speaker's pace, kept on disk: what a person edits afterwards does not change it."""
        run, relative = self._job.run, self._job.run.pace(speaker)
        gender = self._genders[speaker]
        made_from = _pace_made_from(self._job, speaker, gender, waiting.heard)
        if not run.is_fresh(relative, made_from):
            listened = {segment.id for segment in waiting.heard}
            known = [u for u in waiting.units if u.read and u.segment.id in listened]
            characters = sum(len(without_marks(unit.read)) for unit in known)
            speech_s = sum(span.duration_s for unit in known for span in unit.islands)
            per_s = self._voices.get(speaker).characters_per_s if characters else 1.0
            run.put_document(relative, made_from, PaceDoc(pace=pace(characters, per_s, speech_s)))
        return run.read(relative, PaceDoc).pace

    def _finished(self, unit: _Unit) -> Iterable[Line]:
        """The unit's lines: the first is read aloud for all."""
        first, *others = unit.lines
        speaker = unit.segment.speaker
        pace_of = self._paces[speaker]
        gender = self._genders[speaker]
        made_from = _line_made_from(self._job, speaker, gender, unit.read, pace_of)
        yield Line(
            heard=first.heard,
            translation=first.translation,
            read=unit.read,
            pace=pace_of,
            made_from=made_from,
        )
        yield from others


def _pace_made_from(job: Job, speaker: str, gender: Gender, heard: Sequence[Segment]) -> str:
    run, engines = job.run, job.run.manifest.engines
    supplied = run.manifest.translation is not None
    translated_by = supplied_sha256(run) if supplied else identity(engines.translator)
    voice = [*_voice(run, speaker), gender]
    spoken_by = [identity(engines.synthesizer), voice, run.manifest.config.target]
    return fingerprint("pace", PACE_ALGORITHM, cut(heard), translated_by, spoken_by)


def _line_made_from(job: Job, speaker: str, gender: Gender, read: str, pace_of: float) -> str:
    run = job.run
    engine, language = run.manifest.engines.synthesizer, run.manifest.config.target
    voice = [*_voice(run, speaker), gender]
    return fingerprint("speak", ALGORITHM, identity(engine), voice, language, read, pace_of)


def _voice(run: Run, speaker: str) -> list[str]:
    return [run.sha256(run.voice(speaker, suffix)) for suffix in ("wav", "json")]
