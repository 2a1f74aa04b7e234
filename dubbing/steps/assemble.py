"""dubbed_audio/ + source → subtitles/, the finished file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import soundfile

from dubbing.media.audio import MIX_RATE_HZ, decode, read_audio
from dubbing.media.mux import SubtitleTrack, mux
from dubbing.runs.manifest import PlacementDoc, TranslationDoc, fingerprint
from dubbing.runs.store import Run, scratch
from dubbing.stages.mix import Clip, mix, replaced_regions
from dubbing.stages.room_tone import RoomTone
from dubbing.stages.segment import LevelMeter
from dubbing.stages.stereo import StereoImage
from dubbing.stages.subtitles import cues, render
from dubbing.steps.documents import read_segments, read_speech, read_timeline, read_transcript
from dubbing.steps.job import Job
from dubbing.steps.timeline import is_planned, plan_timeline, planned_from
from dubbing.types import Audio, Segment, Span

ALGORITHM = 6  # raised when the same timeline would be mixed otherwise
LABEL = "AI-generated dub: the voice is synthetic, made with dubbing"  # EU AI Act, article 50


def assemble(job: Job) -> None:
    """Places every clip, mixes the new sound track and writes the dubbed file."""
    run = job.run
    segments = read_segments(run)
    made_from = planned_from(job, segments)
    kept = is_planned(run, made_from) and run.is_fresh(*_output(job, segments))
    with job.stage("assemble", made=int(not kept), kept=int(kept)) as ticker:
        if kept:
            return
        if not is_planned(run, made_from):
            plan_timeline(job, segments, made_from)
        _write_subtitles(run, segments)
        _write_output(job, segments)
        ticker.done()


# ---- subtitles/


def _write_subtitles(run: Run, segments: Sequence[Segment]) -> None:
    config = run.manifest.config
    said = [read_transcript(run, s.id).text for s in segments]
    _write_language(run, config.source, said, [s.span for s in segments])
    rows = read_timeline(run)
    texts = [run.read(run.translation(r.segment_id), TranslationDoc).text for r in rows]
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
    texts = [run.sha256(f(s.id)) for s in segments for f in (run.transcription, run.translation)]
    config = run.manifest.config
    parts = [run.manifest.source.sha256, run.sha256(run.timeline), texts, config.model_dump()]
    return output, fingerprint("output", ALGORITHM, parts)


def _write_output(job: Job, segments: Sequence[Segment]) -> None:
    run = job.run
    relative, made_from = _output(job, segments)
    with scratch(run.path("dub.wav")) as wav:
        _write_mix(job, segments, wav)
        run.put(relative, made_from, lambda path: _mux(job, wav, path))


def _write_mix(job: Job, segments: Sequence[Segment], wav: Path) -> None:
    run, source = job.run, job.source
    rows = read_timeline(run)
    speech = [s.span for s in segments]
    tone, image = RoomTone(speech, MIX_RATE_HZ), StereoImage(speech, MIX_RATE_HZ)
    meter = LevelMeter(MIX_RATE_HZ)
    for block in decode(source, rate_hz=MIX_RATE_HZ, channels=2):
        tone.listen(block)
        image.listen(block)
        meter.note(block.mean(axis=1))
    silent = run.manifest.config.on_failure == "silent"
    failed = {s.id for s in segments if silent and f"segment {s.id}" in run.manifest.failed}
    regions = replaced_regions(segments, rows, read_speech(run), meter.levels_db, failed)
    clips = _clips(run, segments, rows, image)
    with scratch(run.path("background.wav")) as bed:
        _write_mixed(job, clips, regions, tone, wav, bed)


def _write_mixed(
    job: Job,
    clips: Iterator[Clip],
    regions: Sequence[Span],
    tone: RoomTone,
    wav: Path,
    bed: Path,
) -> None:
    run, source = job.run, job.source
    mixed = mix(
        decode(source, rate_hz=MIX_RATE_HZ, channels=2),
        clips,
        regions,
        tone,
        manner=run.manifest.config.mix,
        rate_hz=MIX_RATE_HZ,
        background=_background(job, bed) if run.manifest.config.mix == "background" else (),
    )
    with soundfile.SoundFile(wav, "w", MIX_RATE_HZ, 2, "PCM_16", format="WAV") as file:
        for block in mixed:
            file.write(block)


def _background(job: Job, bed: Path) -> Iterator[Audio]:
    """The original without its voices, kept in a file on the way: it does not fit in memory."""
    engine = job.separator()
    rate_hz = engine.info.sample_rate_hz
    blocks = decode(job.source, rate_hz=rate_hz, channels=2)
    with soundfile.SoundFile(bed, "w", rate_hz, 2, "FLOAT", format="WAV") as file:
        for piece in engine.background(blocks):
            file.write(piece)
    return decode(bed, rate_hz=MIX_RATE_HZ, channels=2)


def _clips(
    run: Run, segments: Sequence[Segment], rows: Sequence[PlacementDoc], image: StereoImage
) -> Iterator[Clip]:
    for index, (segment, row) in enumerate(zip(segments, rows, strict=True)):
        if row.is_spoken:
            dub = read_audio(run.path(run.dubbed(segment.id)), MIX_RATE_HZ)
            start = round(segment.span.start_s * MIX_RATE_HZ)
            yield Clip(start=start, samples=dub, sides=image.sides(index))


def _mux(job: Job, wav: Path, output: Path) -> None:
    run, config = job.run, job.run.manifest.config
    subtitles = [
        SubtitleTrack(path=run.path(run.subtitles(language, "srt")), language=language)
        for language in (config.target, config.source)
    ]
    mux(
        job.source,
        wav,
        output,
        info=job.source_info,
        dub_language=config.target,
        original_language=config.source,
        subtitles=subtitles,
        metadata={"title": run.name, "comment": LABEL},
    )
