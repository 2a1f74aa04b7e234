"""A folder of the project's first version → a scorecard by the same measures."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import soundfile

from dubbing.engines.base import SpeakerEncoder, SpeechDetector, Transcriber
from dubbing.engines.registry import load_engine, why_unavailable
from dubbing.errors import RunError
from dubbing.media.audio import read_audio
from dubbing.quality.backcheck import RECOGNISER
from dubbing.quality.hearing import RATE_HZ, Track
from dubbing.quality.measure import Evidence, measure
from dubbing.quality.opinions import Rates, misheard, opinions
from dubbing.quality.report import Scorecard
from dubbing.quality.subject import Subject
from dubbing.quality.text import SpokenText
from dubbing.quality.voice import JUDGE
from dubbing.runs.legacy import LegacyChunk, LegacyRun
from dubbing.runs.manifest import PlacementDoc
from dubbing.types import Audio, PlacementStatus, Segment

LANGUAGES = ("en", "ru")  # the first version knew no others
DETECTOR, ENCODER = "silero", "resemblyzer"


def examine_legacy(run: LegacyRun) -> tuple[Scorecard, Evidence]:
    """The scorecard of such a run, and what it was computed from.

    Its dub is laid out as its player did: each clip from its chunk's start on, added to whatever
    still sounds; where a chunk has no dub the original plays on. A chunk without the original's
    sound is left out. Its rate counts as natural: its voice engine was never told another.

    Raises:
        RunError: No chunk has the original's sound.
    """
    chunks = [chunk for chunk in run.chunks if chunk.sound is not None]
    if not chunks:
        raise RunError(f"{run.root} has no sound of the original: it cannot be measured")
    sounds = [_read(chunk.sound) for chunk in chunks]
    dubs = [None if chunk.dub is None else _read(chunk.dub) for chunk in chunks]
    heard = [sound if dub is None else dub for sound, dub in zip(sounds, dubs, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        original = _lay_out(Path(folder) / "original.wav", chunks, sounds)
        dub = _lay_out(Path(folder) / "dub.wav", chunks, heard)
        ends_s = [chunk.span.end_s for chunk in chunks]
        subject = Subject(
            original=Track(path=original, stream=0),
            dub=Track(path=dub, stream=0),
            segments=[Segment(id=chunk.number, span=chunk.span) for chunk in chunks],
            placements=[_placement(*pair) for pair in zip(chunks, dubs, strict=True)],
            texts=[_spoken(*pair) for pair in zip(chunks, dubs, strict=True)],
            languages=LANGUAGES,
            supplied=None,
            end_s=max(*ends_s, soundfile.info(dub).duration),
            cost=None,
            left_out=[chunk.number for chunk in run.chunks if chunk.sound is None],
        )
        detector = cast(SpeechDetector, load_engine(DETECTOR))
        encoder = cast(SpeakerEncoder, load_engine(ENCODER))
        found = opinions(subject, _cers(subject))
        judge = None if why_unavailable(JUDGE) else cast(SpeakerEncoder, load_engine(JUDGE))
        return measure(subject, detector, encoder, judge, found)


def _cers(subject: Subject) -> Rates | None:
    if why_unavailable(RECOGNISER):
        return None
    return misheard(subject, cast(Transcriber, load_engine(RECOGNISER)))


def _read(path: Path | None) -> Audio:
    assert path is not None, "chunks without sound are left out before"
    return read_audio(path, RATE_HZ)


def _lay_out(path: Path, chunks: Sequence[LegacyChunk], clips: Sequence[Audio]) -> Path:
    """Writes the clips at their chunks' starts, added where they overlap, in 32-bit floats: what
    goes beyond full scale is to be measured.
    """
    starts = [round(chunk.span.start_s * RATE_HZ) for chunk in chunks]
    length = max(start + len(clip) for start, clip in zip(starts, clips, strict=True))
    track = np.zeros(length, np.float32)
    for start, clip in zip(starts, clips, strict=True):
        track[start : start + len(clip)] += clip
    soundfile.write(path, track, RATE_HZ, subtype="FLOAT")
    return path


def _status(dub: Audio | None) -> PlacementStatus:
    return "untranslated" if dub is None else "fits"


def _placement(chunk: LegacyChunk, dub: Audio | None) -> PlacementDoc:
    length_s = 0.0 if dub is None else len(dub) / RATE_HZ
    end_s = chunk.span.start_s + length_s
    return PlacementDoc(
        segment_id=chunk.number,
        start_s=chunk.span.start_s,
        end_s=end_s,
        natural_s=length_s,
        rate=1.0,
        borrowed_s=max(0.0, end_s - chunk.span.end_s),
        gain_db=0.0,
        status=_status(dub),
        reason="played from the chunk's start on" if length_s else "no dub: the original plays on",
    )


def _spoken(chunk: LegacyChunk, dub: Audio | None) -> SpokenText:
    text = "" if dub is None else chunk.translation
    status = _status(dub)
    return SpokenText(
        id=chunk.number, source=chunk.source, translation=text, status=status, read=text
    )
