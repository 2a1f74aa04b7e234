"""What a page sees of a job: frozen, replaced as the job goes on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import fmean
from typing import Literal

from dubbing.events import STAGES
from dubbing.runs.manifest import TranscriptDoc, TranslationDoc
from dubbing.runs.store import Run
from dubbing.webui.live.refusal import Refusal

State = Literal["waiting", "hearing", "checking", "dubbing", "done", "failed", "cancelled"]
BUSY: tuple[State, ...] = ("waiting", "hearing", "dubbing")
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A segment, as far as the stages have come with it.

    Attributes:
        id: Its number, from 1.
        start_s: Where it starts on the clip's clock.
        end_s: Where it ends.
        transcript: What was recognised.
        sureness: Mean confidence of its words, 0..1.
        translation: What the dub says; None: not known yet; empty: nothing.
        joined_to: The line that is spoken for this one too.
        clip: Its dub, once it is spoken.
    """

    id: int
    start_s: float
    end_s: float
    transcript: str
    sureness: float
    translation: str | None = None
    joined_to: int | None = None
    clip: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a stage is.

    Attributes:
        stage: Which of `STAGES`.
        state: Whether it has begun, and ended.
        done: Items that it has made.
        total: How many it will make; None where nobody knows yet.
    """

    stage: str
    state: Literal["ahead", "running", "done"] = "ahead"
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A job at one moment.

    Attributes:
        id: Names it in the link.
        state: Where it is.
        title: The clip's name.
        source: The clip.
        duration_s: Its length.
        target: ISO 639-1 code of the dub's language.
        checked: Whether the text was shown to the visitor and sent on.
        place: How many jobs are before it, while it waits.
        left_s: About how long it still takes, waiting included.
        share: How much of its work is done, 0..1.
        steps: One per stage.
        lines: What was heard so far, in order.
        is_unsure: Whether the recogniser was unsure of most words: it may be no English.
        has_translator: Whether an engine translates it, or the translation was supplied.
        refusal: Why it failed.
        run: Its run folder, once there is one.
    """

    id: str
    state: State
    title: str
    source: Path
    duration_s: float
    target: str
    checked: bool = False
    place: int = 0
    left_s: float = 0.0
    share: float = 0.0
    steps: tuple[Step, ...] = tuple(Step(stage=stage) for stage in STAGES)
    lines: tuple[Line, ...] = ()
    is_unsure: bool = False
    has_translator: bool = True
    refusal: Refusal | None = None
    run: Path | None = None


def read_lines(run: Run) -> tuple[Line, ...]:
    """What the run holds by now of each segment, in order."""
    lines: list[Line] = []
    for number in count(1):
        if run.transcription(number) not in run.manifest.artifacts:
            break
        said = run.read(run.transcription(number), TranscriptDoc)
        if said.words:
            lines.append(_line(run, number, said))
    return tuple(lines)


def _line(run: Run, number: int, said: TranscriptDoc) -> Line:
    known, name = run.manifest.artifacts, run.translation(number)
    translation = run.read(name, TranslationDoc) if name in known else None
    clip = run.speech_clip(number)
    return Line(
        id=number,
        start_s=said.words[0].start_s,
        end_s=said.words[-1].end_s,
        transcript=said.text,
        sureness=fmean(word.probability for word in said.words),
        translation=translation.text if translation else None,
        joined_to=translation.joined_to if translation else None,
        clip=run.path(clip) if clip in known else None,
    )
