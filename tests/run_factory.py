"""Tiny finished runs, written with the real store: what the app's tests browse."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.config import DubbingConfig, EngineChoice
from dubbing.quality.report import (
    BackCheck,
    Cost,
    Dnsmos,
    Naturalness,
    Scorecard,
    SegmentScore,
    Sound,
    TextScore,
    Timing,
    VoiceScore,
)
from dubbing.runs.manifest import (
    Document,
    Manifest,
    SourceRecord,
    SpeechClipDoc,
    SpeechDoc,
    TimelineDoc,
    TranslationDoc,
    VoiceDoc,
    sha256_file,
)
from dubbing.runs.store import Run
from dubbing.stages.subtitles import cues, render
from dubbing.steps.documents import placement_doc, segments_doc, span_doc, transcript_doc
from dubbing.types import PlacedPhrase, Placement, Segment, Span, Transcript, Word

RATE_HZ = 16_000
DURATION_S = 8.0
SPANS = tuple(
    Span(start_s=start_s, end_s=end_s)
    for start_s, end_s in ((0.5, 2.5), (3.0, 4.0), (4.2, 5.0), (5.5, 7.0))
)
SAID = ("The lamp is <lit>.", "It turns.", "All night.", "Nobody is *there*.")
DUBS = {
    "ru": ("Лампа <горит>.", "Она вращается всю ночь.", "", ""),
    "pt": ("A lâmpada está <acesa>.", "Ela gira a noite toda.", "", ""),
}
JOINS = (None, None, 2, None)  # segment 3 is spoken with 2
ENGINES = EngineChoice(
    detector="energy",
    transcriber="faster-whisper",
    translator="bergamot",
    synthesizer="espeak",
    encoder="resemblyzer",
)


def make_video(path: Path, tone_hz: int = 440) -> Path:
    """A test card with a tone, playable in a browser."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_video(tone_hz))
    return path


@cache
def _video(tone_hz: int) -> bytes:
    """Encoded once: it is wanted by dozens of tests."""
    sources = (f"testsrc=size=160x90:rate=10:d={DURATION_S}", f"sine=f={tone_hz}:d={DURATION_S}")
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    codecs = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "card.mp4"
        command = [get_ffmpeg_exe(), "-v", "error", "-y", *inputs, *codecs, str(path)]
        subprocess.run(command, check=True, timeout=60)
        return path.read_bytes()


def make_run(artifacts: Path, name: str, source: Path, target: str = "ru") -> Run:
    """A finished run: a segment that fits, a late one with one joined to it, one untranslated."""
    root = artifacts / name
    output = make_video(artifacts.parent / "final_video" / f"{name}_dubbed.mp4", tone_hz=660)
    run = Run(root, _manifest(root, name, source, output, target))
    run.put(os.path.relpath(output, root), "made", lambda path: _copy(output, path))
    segments = [Segment(id=i, span=span) for i, span in enumerate(SPANS, start=1)]
    _put(run, run.speech, SpeechDoc(speech=[span_doc(span) for span in SPANS], stretches=[]))
    _put(run, run.segments, segments_doc(segments))
    for segment, said, dub in zip(segments, SAID, DUBS[target], strict=True):
        _put_segment(run, segment, said, dub)
    rows = [placement_doc(placement, 0.0) for placement in _placements()]
    _put(run, run.timeline, TimelineDoc(placements=rows))
    _put_voice(run, segments[0])
    for language, texts in (("en", SAID), (target, DUBS[target])):
        for suffix in ("srt", "vtt"):
            text = render(cues(texts, SPANS), suffix)
            run.put_bytes(run.subtitles(language, suffix), "made", text.encode())
    _put(run, run.quality, scorecard())
    run.save()
    return run


def _manifest(root: Path, name: str, source: Path, output: Path, target: str) -> Manifest:
    return Manifest(
        name=name,
        source=SourceRecord(
            path=os.path.relpath(source, root),
            sha256=sha256_file(source),
            duration_s=DURATION_S,
            has_video=True,
        ),
        config=DubbingConfig(profile="offline", target=target),
        engines=ENGINES,
        packages={},
        output=os.path.relpath(output, root),
    )


def _copy(source: Path, path: Path) -> None:
    path.write_bytes(source.read_bytes())


def _put(run: Run, relative: str, document: Document) -> None:
    run.put_document(relative, "made", document)


def _put_segment(run: Run, segment: Segment, said: str, dub: str) -> None:
    span = segment.span
    words = tuple(
        Word(text=text, start_s=span.start_s, end_s=span.end_s, probability=0.3 if i == 1 else 0.9)
        for i, text in enumerate(said.split())
    )
    _put(run, run.transcription(segment.id), transcript_doc(Transcript(words=words)))
    joined_to = JOINS[segment.id - 1]
    _put(
        run,
        run.translation(segment.id),
        TranslationDoc(text=dub, source="supplied", joined_to=joined_to),
    )
    run.put(run.chunk(segment.id), "made", _tone(220 * segment.id, span.duration_s))
    if dub:
        _put(run, run.speech_clip(segment.id, "json"), SpeechClipDoc(read=dub, warning=""))
        run.put(run.dubbed(segment.id), "made", _tone(330 * segment.id, span.duration_s))


def _put_voice(run: Run, segment: Segment) -> None:
    spans = [span_doc(segment.span)]
    _put(
        run,
        run.voice("speaker-1", "json"),
        VoiceDoc(speaker="speaker-1", spans=spans, reason="clear"),
    )
    run.put(run.voice("speaker-1"), "made", _tone(200, 1.5))


def _tone(pitch_hz: float, length_s: float) -> Callable[[Path], None]:
    clock_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    samples = (0.2 * np.sin(2 * np.pi * pitch_hz * clock_s)).astype(np.float32)
    return lambda path: soundfile.write(path, samples, RATE_HZ)


def _placements() -> list[Placement]:
    def placed(segment_id: int, start_s: float, natural_s: float, **other: object) -> Placement:
        facts = {"rate": 1.0, "borrowed_s": 0.0, "status": "fits", "reason": "fits"} | other
        end_s = start_s + natural_s / facts["rate"]  # type: ignore[operator]
        clip = Span(start_s=0.0, end_s=natural_s) if natural_s else None
        return Placement(
            segment_id=segment_id,
            start_s=start_s,
            end_s=end_s,
            natural_s=natural_s,
            phrases=(PlacedPhrase(clip=clip, start_s=start_s, rate=facts["rate"]),) if clip else (),
            **facts,  # type: ignore[arg-type]
        )

    return [
        placed(1, 0.5, 2.0),
        placed(2, 3.1, 2.2, rate=1.1, borrowed_s=0.1, status="late"),
        placed(3, 4.2, 0.0, status="joined"),
        placed(4, 5.5, 0.0, status="untranslated"),
    ]


def scorecard() -> Scorecard:
    """A scorecard with a value in every field."""
    return Scorecard(
        verdict="Watchable, but 1 of 3 segments are not dubbed.",
        timing=Timing(
            overlap_s=0.0,
            onset_error_median_s=0.04,
            onset_error_p90_s=0.1,
            onset_error_max_s=0.1,
            end_within_half_second=1.0,
            timeline_iou=0.95,
            dub_in_silence=0.01,
            rate_p95=1.1,
            rate_jump_max=0.1,
        ),
        sound=Sound(
            loudness_difference_median_lu=0.2,
            loudness_difference_max_lu=0.4,
            true_peak_dbtp=-1.5,
            digital_silence=0.0,
            loud_music_s=3.0,
            muted_music_s=0.0,
        ),
        voice=VoiceScore(
            encoder="resemblyzer", similarity=0.74, floor=0.54, ceiling=0.94, normalised=0.5
        ),
        judged=VoiceScore(
            encoder="campplus", similarity=0.66, floor=0.36, ceiling=0.86, normalised=0.6
        ),
        naturalness=Naturalness(judge="distillmos", segments=2, original=4.1, dub=3.9),
        dnsmos=Dnsmos(windows=2, original=3.2, dub=3.1),
        back_check=BackCheck(
            recogniser="faster-whisper:base",
            segments=2,
            cer_median=0.04,
            cer_mean=0.05,
            misheard=0.0,
            outliers=[],
        ),
        text=TextScore(
            segments=3,
            sentences_in=4,
            sentences_out=3,
            words_lost=0,
            characters=120,
            untranslated=[4],
            rushed=[],
            faults=[],
        ),
        cost=Cost(
            wall_s=6.0,
            rtf=0.75,
            first_segment_s=None,
            peak_memory_mb=700,
            engine_calls=9,
            kept=0,
        ),
        segments=[_segment_score(1), _segment_score(2)],
        worst=[],
        left_out=[],
    )


def _segment_score(segment_id: int) -> SegmentScore:
    return SegmentScore(
        id=segment_id,
        status="fits",
        rate=1.0,
        onset_error_s=0.04,
        end_error_s=0.0,
        loudness_difference_lu=0.2,
        similarity=0.74,
        naturalness=3.9,
        cer=0.04,
        characters_per_second=14.0,
        fault="",
        severity=0.0,
    )


def make_legacy(artifacts: Path, name: str = "Old_Talk") -> Path:
    """A folder in the first version's layout: a chunk with a dub, one without, one without sound.

    Returns:
        The folder.
    """
    root = artifacts / name
    chunks = root / "splited_audio_robust"
    for folder in (chunks, *(root / n for n in ("dubbed_audio", "transcriptions", "translations"))):
        folder.mkdir(parents=True)
    times = {1: (0.0, 2.0), 2: (2.5, 4.0), 7: (4.5, 6.0)}
    rows = [
        {"chunk_name": f"{name}-chunk-{n}.wav", "start_time": a, "end_time": b}
        for n, (a, b) in times.items()
    ]
    (chunks / f"{name}_timings.json").write_text(json.dumps(rows), encoding="utf-8")
    for number in (1, 2):
        _tone(220, 1.5)(chunks / f"{name}-chunk-{number}.wav")
    _tone(330, 2.5)(root / "dubbed_audio" / f"{name}-chunk-1.wav")
    for number in times:
        file = f"{name}-chunk-{number}.txt"
        (root / "transcriptions" / file).write_text(f"Said <{number}>.", encoding="utf-8")
        (root / "translations" / file).write_text(f"Сказано <{number}>.", encoding="utf-8")
    return root


def make_library(folder: Path) -> Path:
    """A root with two dubs of one talk and a damaged run; returns it."""
    artifacts = folder / "pipeline_artifacts"
    source = make_video(folder / "Lamp_House.mp4")
    make_run(artifacts, "Lamp_House", source)
    make_run(artifacts, "Lamp_House_pt", source, target="pt")
    damaged = artifacts / "Torn"
    damaged.mkdir()
    (damaged / "manifest.json").write_text('{"schema_version": 1', encoding="utf-8")
    return artifacts
