"""The two tracks of a run's timeline: where their sound lies, and what is drawn of it."""

from __future__ import annotations

from dataclasses import dataclass

from dubbing.types import Span
from dubbing.webui.peaks import Clip, music, outline
from dubbing.webui.views import RunView


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """What a timeline draws of the sound.

    Attributes:
        original: Peaks of the original, see `dubbing.webui.peaks.Outline`; empty where there is
            no sound of it.
        dub: The same of the dub.
        music: Where the original is loud and nobody speaks.
    """

    original: tuple[int, ...]
    dub: tuple[int, ...]
    music: tuple[Span, ...]


NO_TRACKS = Tracks(original=(), dub=(), music=())


def original_clips(run: RunView) -> tuple[Clip, ...]:
    """The original's file, or the segments' cut sound where that is gone."""
    if run.source is not None and run.source.is_file():
        return (Clip(path=run.source, audio_stream=run.audio_track),)
    cut = [Clip(path=s.chunk, start_s=s.span.start_s) for s in run.segments]
    return tuple(clip for clip in cut if clip.path.is_file())


def dub_clips(run: RunView) -> tuple[Clip, ...]:
    """The finished file, or the segments' dubs where there is none."""
    if run.output is not None and run.output.is_file():
        return (Clip(path=run.output),)
    dubs = [Clip(path=s.dub, start_s=s.span.start_s) for s in run.segments if s.dub is not None]
    return tuple(clip for clip in dubs if clip.path.is_file())


def changed_ns(clips: tuple[Clip, ...]) -> tuple[int, ...]:
    """When each file was last written."""
    return tuple(clip.path.stat().st_mtime_ns for clip in clips)


def read_tracks(
    original: tuple[Clip, ...],
    dub: tuple[Clip, ...],
    duration_s: float,
    speech: tuple[Span, ...] | None,
) -> Tracks:
    """The tracks, decoded.

    Args:
        original: Its files.
        dub: Its files.
        duration_s: Length of the talk.
        speech: Where the original speaks; None: not known, so nothing is said of music.

    Raises:
        MediaError: A file cannot be read.
    """
    first = outline(original, duration_s) if original else None
    second = outline(dub, duration_s) if dub else None
    return Tracks(
        original=first.peaks if first else (),
        dub=second.peaks if second else (),
        music=music(first.levels_db, speech) if first and speech is not None else (),
    )
