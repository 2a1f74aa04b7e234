"""dubbed_audio/ + source → subtitles/, the finished file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from dubbing.errors import InputError
from dubbing.flow.together import together
from dubbing.media.audio import MIX_RATE_HZ, decode, read_audio
from dubbing.media.mux import SubtitleTrack, check_output_name, mux
from dubbing.runs.manifest import PlacementDoc, TranslationDoc, fingerprint
from dubbing.runs.store import Run, scratch
from dubbing.stages.mix import Clip, mix, replaced_regions
from dubbing.stages.room_tone import RoomTone
from dubbing.stages.segment import LevelMeter
from dubbing.stages.stereo import StereoImage
from dubbing.stages.subtitles import cues, render
from dubbing.steps.documents import (
    read_joins,
    read_placements,
    read_segments,
    read_speech,
    read_transcript,
    shown_text,
    words_sha256,
)
from dubbing.steps.job import Job
from dubbing.steps.timeline import is_planned, plan_timeline, planned_from, unspoken
from dubbing.types import Audio, Segment, Span

ALGORITHM = 7  # raised when the same timeline would be mixed or encoded otherwise
LABEL = "AI-generated dub: the voice is synthetic, made with dubbing"  # EU AI Act, article 50


def assemble(job: Job) -> None:
    """Places every clip, mixes the new sound track and writes the dubbed file.

    Raises:
        InputError: The manifest names no file that can be written of this source.
    """
    run = job.run
    if run.manifest.output is None:
        raise InputError(f"{run.name} has no name for its finished file; give one with -o")
    check_output_name(run.path(run.manifest.output), job.source_info)
    segments = read_segments(run)
    made_from = planned_from(job, segments)
    kept = is_planned(run, made_from) and run.is_fresh(*_output(job, segments))
    with job.stage("assemble", made=int(not kept), kept=int(kept)) as ticker:
        if kept:
            return
        with together(1) as beside:  # the original is heard while the dub is fitted
            listening = beside.start(_heard, job, segments)
            if not is_planned(run, made_from):
                plan_timeline(job, segments, made_from)
            _write_subtitles(run, segments)
            heard = listening.result()
        _write_output(job, segments, heard)
        ticker.done()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the original tells of how a dub has to sound in it: its room, where its voices stand
    between left and right, and how loud it is at each moment.
    """

    tone: RoomTone
    image: StereoImage
    meter: LevelMeter


def _heard(job: Job, segments: Sequence[Segment]) -> Heard:
    speech = [s.span for s in segments]
    heard = Heard(
        tone=RoomTone(speech, MIX_RATE_HZ),
        image=StereoImage(speech, MIX_RATE_HZ),
        meter=LevelMeter(MIX_RATE_HZ),
    )
    for block in job.decode(MIX_RATE_HZ, 2):
        heard.tone.listen(block)
        heard.image.listen(block)
        heard.meter.note(block.mean(axis=1))
    return heard


# ---- subtitles/


def _write_subtitles(run: Run, segments: Sequence[Segment]) -> None:
    config = run.manifest.config
    said = [read_transcript(run, s.id).text for s in segments]
    _write_language(run, config.source, said, [s.span for s in segments])
    rows = read_placements(run, segments)
    translated = [run.read(run.translation(r.segment_id), TranslationDoc).text for r in rows]
    texts = [shown_text(run, text) for text in translated]
    placed = [_heard_span(s, r) for s, r in zip(segments, rows, strict=True)]
    _write_language(run, config.target, texts, placed)


def _heard_span(segment: Segment, row: PlacementDoc) -> Span:
    return Span(start_s=row.start_s, end_s=row.end_s) if row.is_spoken else segment.span


def _write_language(run: Run, language: str, texts: Sequence[str], spans: Sequence[Span]) -> None:
    lines = cues(texts, spans)
    for suffix in ("srt", "vtt"):
        content = render(lines, suffix).encode()
        run.put_bytes(
            run.subtitles(language, suffix), fingerprint("subtitles", content.decode()), content
        )


# ---- the finished file


def _output(job: Job, segments: Sequence[Segment]) -> tuple[str, str]:
    """(relative path, fingerprint) of the finished file."""
    run = job.run
    output = run.manifest.output
    assert output is not None, "the pipeline sets the output before it assembles"
    if run.timeline not in run.manifest.artifacts:
        return output, ""
    texts = [
        sha256
        for s in segments
        for sha256 in (run.sha256(run.transcription(s.id)), words_sha256(run, s.id))
    ]
    source = run.manifest.source.identity  # tells the sound track
    config = run.manifest.config.model_dump(exclude={"audio_track"})
    parts = [source, run.sha256(run.timeline), texts, config]
    return output, fingerprint("output", ALGORITHM, parts)


def _write_output(job: Job, segments: Sequence[Segment], heard: Heard) -> None:
    run = job.run
    relative, made_from = _output(job, segments)
    with scratch(run.path("background.wav")) as bed:
        mixed = _mixed(job, segments, heard, bed)
        run.put(relative, made_from, lambda path: _mux(job, mixed, path))


def _mixed(job: Job, segments: Sequence[Segment], heard: Heard, bed: Path) -> Iterator[Audio]:
    """The new sound track, made as it is asked for."""
    run = job.run
    rows = read_placements(run, segments)
    silent = run.manifest.config.on_failure == "silent"
    failed = unspoken(run, segments, read_joins(run, segments)) if silent else ()
    levels_db = heard.meter.levels_db
    return mix(
        job.decode(MIX_RATE_HZ, 2),
        _clips(run, segments, rows, heard.image),
        replaced_regions(segments, rows, read_speech(run), levels_db, failed),
        heard.tone,
        manner=run.manifest.config.mix,
        rate_hz=MIX_RATE_HZ,
        background=_background(job, bed) if run.manifest.config.mix == "background" else (),
    )


def _background(job: Job, bed: Path) -> Iterator[Audio]:
    """The original without its voices, kept in a file on the way: it does not fit in memory."""
    engine = job.separator()
    rate_hz = engine.info.sample_rate_hz
    blocks = job.decode(rate_hz, 2)
    try:
        with soundfile.SoundFile(bed, "w", rate_hz, 2, "FLOAT", format="WAV") as file:
            for piece in engine.background(blocks):
                file.write(piece)
    except soundfile.LibsndfileError:  # it does not say why: a full disk says so once more
        with bed.open("ab") as rest:
            rest.write(bytes(1 << 16))
        raise
    return decode(bed, rate_hz=MIX_RATE_HZ, channels=2)


def _clips(
    run: Run, segments: Sequence[Segment], rows: Sequence[PlacementDoc], image: StereoImage
) -> Iterator[Clip]:
    for index, (segment, row) in enumerate(zip(segments, rows, strict=True)):
        if row.is_spoken:
            dub = read_audio(run.path(run.dubbed(segment.id)), MIX_RATE_HZ)
            start = round(segment.span.start_s * MIX_RATE_HZ)
            yield Clip(start=start, samples=dub, sides=image.sides(index))


def _mux(job: Job, dub: Iterable[Audio], output: Path) -> None:
    run, config = job.run, job.run.manifest.config
    subtitles = [
        SubtitleTrack(path=run.path(run.subtitles(language, "srt")), language=language)
        for language in (config.target, config.source)
    ]
    mux(
        job.source,
        dub,
        output,
        info=job.source_info,
        audio_stream=job.audio_track,
        dub_language=config.target,
        original_language=config.source,
        subtitles=subtitles,
        metadata={"title": run.name, "comment": LABEL},
    )
