"""What the worker does with a clip: the pipeline, in the job's own folder. Imports the pipeline
when it is first needed, so that pages which only browse never load it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, cast

from dubbing.config import DubbingConfig
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import UnsupportedLanguageError
from dubbing.events import Stage
from dubbing.flow.cancel import working_for
from dubbing.memory import keep_little
from dubbing.runs.store import Run
from dubbing.types import Span
from dubbing.webui.live.job import Job
from dubbing.webui.live.order import Answer
from dubbing.webui.live.refusal import Refusal
from dubbing.webui.live.snapshot import Line

if TYPE_CHECKING:
    from dubbing.engines.base import SpeechDetector

LISTEN_S = 5.0  # of a speaker before the voice is chosen: a clip is short, its visitor waits
SURE = (
    0.7  # mean confidence of a line: 0.91 and more in our English clips, at most 0.53 in our dubs
)
SPEAKER = "speaker-1"  # what a run calls its only speaker
SPEECH = ".reference.wav"  # what is said in the recording of a voice
MOST_TEXT = 1 << 18  # bytes of a supplied translation: a minute's is a hundredth of it


class DubbingWork:
    """See `jobs.Work`.

    Args:
        engines: Stay loaded from one clip to the next.
    """

    def __init__(self, engines: LoadedEngines) -> None:
        self._engines = engines
        keep_little()

    def hear(self, job: Job) -> bool:
        """Recognises the clip, and translates it where the visitor is to check the text. A dub is
        made without asking when that is not wanted, an engine translates, and the recogniser is
        sure that it hears English.
        """
        if job.run is None:
            with working_for(job.cancel()):
                job.run = _prepared(job, self._engines)
            job.tell(run=job.run.root)
        self._run(job, ["segment", "transcribe"])
        lines, translates = job.snapshot.lines, can_translate(job.run)
        job.tell(is_unsure=_is_unsure(lines), has_translator=translates)
        asks = job.order.checks_text or not translates or _is_unsure(lines)
        if asks and translates:
            self._run(job, ["translate"])
        return not asks

    def _run(self, job: Job, stages: Sequence[Stage]) -> None:
        from dubbing.pipeline import run_steps

        assert job.run is not None, "only a prepared run has stages"
        run_steps(job.run, stages, job.listen, self._engines, job.cancel())
        job.refresh()

    def revise(self, job: Job, answer: Answer) -> None:
        """Corrects transcripts; takes a whole translation, or what was typed line by line."""
        from dubbing.steps.transcript_edit import edit_transcript

        run = job.run
        assert run is not None, "only a heard clip is asked about"
        lines = job.snapshot.lines
        _check_answer(lines, answer)
        for line in lines:
            said = " ".join(answer.transcripts.get(line.id, line.transcript).split())
            if said != line.transcript:
                edit_transcript(run, line.id, said)
        if answer.file is not None:
            job.run = _with_translation(job, *answer.file)
        elif any(line.translation is not None for line in lines):
            _edit_translations(run, lines, answer)
        elif any(text.strip() for text in answer.translations.values()):
            job.run = _with_translation(job, "typed.srt", _as_srt(run, answer))
        elif not can_translate(run):
            raise Refusal("no_text")
        job.refresh()

    def dub(self, job: Job) -> None:
        """Translates, speaks, puts the sound together and measures it."""
        self._run(job, ["translate", "speak", "assemble", "evaluate"])


def can_translate(run: Run) -> bool:
    """Whether an engine translates the run, or its translation was supplied."""
    from dubbing.prepare import check_translatable

    try:
        check_translatable(run)
    except UnsupportedLanguageError:
        return False
    return True


def _is_unsure(lines: tuple[Line, ...]) -> bool:
    """Whether the recogniser understood so little that the language may be another one."""
    return bool(lines) and fmean(line.sureness for line in lines) < SURE


# ---- the run


def _prepared(job: Job, engines: LoadedEngines) -> Run:
    from dubbing.media.mux import playable_suffix
    from dubbing.media.probe import probe
    from dubbing.prepare import prepare
    from dubbing.steps.voice_prompt import give_voice
    from dubbing.webui.live.reference import write_speech

    order = job.order
    run = prepare(
        job.clip,
        config=_config(job),
        output=job.folder / f"{order.title}_dubbed{playable_suffix(job.clip, probe(job.clip))}",
        artifacts=job.folder / "runs",
        name=order.title,
        translation=order.translation,
        overwrite=False,
    )
    if job.reference is not None:
        detector = cast("SpeechDetector", engines.get(run.manifest.engines.detector))
        speech = job.folder / SPEECH
        write_speech(job.reference, detector, speech)
        give_voice(run, SPEAKER, speech)
    return run


def _config(job: Job) -> DubbingConfig:
    """A given voice speaks for all."""
    order = job.order
    return DubbingConfig(
        profile=order.profile,
        target=order.target,
        speakers="auto" if job.reference is None else 1,
        listen_s=LISTEN_S,
    )


# ---- what a visitor wrote


def _check_answer(lines: tuple[Line, ...], answer: Answer) -> None:
    """Nothing, when nothing that was there is left empty."""
    for line in lines:
        if not answer.transcripts.get(line.id, line.transcript).strip():
            raise Refusal("empty_line", line=str(line.id))
        emptied = not answer.translations.get(line.id, line.translation or "").strip()
        if answer.file is None and line.translation and emptied:
            raise Refusal("empty_line", line=str(line.id))


def _edit_translations(run: Run, lines: tuple[Line, ...], answer: Answer) -> None:
    from dubbing.steps.translate import edit

    for line in lines:
        text = " ".join(answer.translations.get(line.id, "").split())
        if text and text != line.translation:
            edit(run, line.id, text)


def _as_srt(run: Run, answer: Answer) -> bytes:
    """What was typed, each at its segment's time; segments without text keep the original."""
    from dubbing.stages.subtitles import render
    from dubbing.steps.documents import read_segments

    spans: dict[int, Span] = {segment.id: segment.span for segment in read_segments(run)}
    typed = {id_: " ".join(text.split()) for id_, text in sorted(answer.translations.items())}
    cues = [(spans[id_], text) for id_, text in typed.items() if text and id_ in spans]
    return render(cues, "srt").encode()


def _with_translation(job: Job, name: str, content: bytes) -> Run:
    """The run with a supplied translation.

    Raises:
        TranslationFileError: It cannot be read, or is of something longer.
    """
    from dubbing.prepare import reconfigure

    if len(content) > MOST_TEXT:
        raise Refusal("bad_translation", detail=f"{Path(name).name}: {len(content)} bytes")
    path = job.folder / f"translation{Path(name).suffix.lower()}"
    path.write_bytes(content)
    assert job.run is not None, "only a heard clip is asked about"
    return reconfigure(job.run, translation=path)
