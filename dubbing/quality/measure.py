"""Measures a finished file against the original, on decoded sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.base import SpeakerEncoder, SpeechDetector
from dubbing.media.audio import ANALYSIS_RATE_HZ, MIX_RATE_HZ, decode, resample
from dubbing.media.clips import cut_clips
from dubbing.media.levels import loudness_lufs, oversampled_peaks, to_db
from dubbing.quality.report import (
    Scorecard,
    SegmentScore,
    Sound,
    TextScore,
    Timing,
    VoiceScore,
    verdict,
)
from dubbing.quality.timing import (
    EdgeErrors,
    edge_errors,
    heard,
    share_in_silence,
    speech_mask,
    timeline_iou,
    windows,
)
from dubbing.runs.manifest import PlacementDoc
from dubbing.stages.segment import LevelMeter, speech_spans
from dubbing.types import Audio, Segment, Span

RATE_HZ = 24_000  # for loudness and voice: whole speech is below 12 kHz
DIGITAL_SILENCE_DB = -90.0
MIN_EMBEDDING_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One sound track of a file.

    Attributes:
        path: The file.
        stream: Number of the track among the file's sound tracks.
    """

    path: Path
    stream: int

    def blocks(self, rate_hz: int, channels: Literal[1, 2] = 1) -> Iterator[Audio]:
        """Its sound, streamed."""
        return decode(self.path, rate_hz=rate_hz, channels=channels, audio_stream=self.stream)


def measure(
    original: Track,
    dub: Track,
    segments: Sequence[Segment],
    placements: Sequence[PlacementDoc],
    detector: SpeechDetector,
    encoder: SpeakerEncoder,
    end_s: float,
) -> Scorecard:
    """The scorecard of a dub.

    Args:
        original: The original sound.
        dub: The finished dub, as a player decodes it.
        segments: What is spoken as one, in order; see `fit.units`.
        placements: One per segment, in the same order.
        detector: Finds speech in both tracks.
        encoder: Compares voices.
        end_s: The media's length.
    """
    original_speech, original_db = _speech(original, detector, end_s)
    dub_speech, dub_db = _speech(dub, detector, end_s)
    pairs = list(zip(segments, placements, strict=True))
    spoken = [(s, p) for s, p in pairs if p.status != "untranslated"]
    sounds = _compare(original, dub, spoken, encoder)
    edges = _edges(spoken, original_speech, dub_speech)
    rows = [_score(p, edges.get(s.id), sounds.get(s.id)) for s, p in pairs]
    timing = _timing(
        rows, spoken, speech_mask(original_speech, end_s), speech_mask(dub_speech, end_s)
    )
    sound = _sound(rows, dub, original_db, dub_db)
    text = TextScore(
        segments=len(rows),
        untranslated=[r.id for r in rows if r.status == "untranslated"],
        rushed=[r.id for r in rows if r.status == "rushed"],
    )
    similar = [r.similarity for r in rows if r.similarity is not None]
    voice = VoiceScore(
        encoder=encoder.info.name, similarity=_rounded(float(np.mean(similar))) if similar else None
    )
    return Scorecard(
        verdict=verdict(timing, sound, text),
        timing=timing,
        sound=sound,
        voice=voice,
        text=text,
        segments=rows,
    )


_Spoken = Sequence[tuple[Segment, PlacementDoc]]


def _speech(
    track: Track, detector: SpeechDetector, end_s: float
) -> tuple[list[Span], NDArray[np.float32]]:
    meter = LevelMeter(ANALYSIS_RATE_HZ)
    found = detector.detect(meter.listen(track.blocks(ANALYSIS_RATE_HZ)))
    return speech_spans(found, meter.levels_db, end_s), meter.levels_db


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    loudness_difference_lu: float
    similarity: float | None


def _compare(
    original: Track, dub: Track, spoken: _Spoken, encoder: SpeakerEncoder
) -> dict[int, _Compared]:
    originals = cut_clips(original.blocks(RATE_HZ), [s.span for s, _ in spoken], RATE_HZ)
    dubs = cut_clips(dub.blocks(RATE_HZ), [_placed(p) for _, p in spoken], RATE_HZ)
    compared = {}
    for (segment, _), before, after in zip(spoken, originals, dubs, strict=True):
        difference = loudness_lufs(after, RATE_HZ) - loudness_lufs(before, RATE_HZ)
        compared[segment.id] = _Compared(
            loudness_difference_lu=_rounded(difference),
            similarity=_similarity(encoder, before, after),
        )
    return compared


def _similarity(encoder: SpeakerEncoder, before: Audio, after: Audio) -> float | None:
    if min(len(before), len(after)) < MIN_EMBEDDING_S * RATE_HZ:
        return None
    rate_hz = encoder.info.sample_rate_hz
    one, other = encoder.embed([resample(x, RATE_HZ, rate_hz) for x in (before, after)])
    return _rounded(float(one @ other))


def _placed(placement: PlacementDoc) -> Span:
    return Span(start_s=placement.start_s, end_s=placement.end_s)


def _edges(
    spoken: _Spoken, original_speech: Sequence[Span], dub_speech: Sequence[Span]
) -> dict[int, EdgeErrors]:
    """Segment id → errors, where speech is found in both tracks."""
    before = windows([s.span for s, _ in spoken])
    after = windows([_placed(p) for _, p in spoken])
    errors = {}
    for (segment, _), one, other in zip(spoken, before, after, strict=True):
        original, dub = heard(original_speech, one), heard(dub_speech, other)
        if original and dub:
            errors[segment.id] = edge_errors(original, dub)
    return errors


def _score(
    placement: PlacementDoc, edges: EdgeErrors | None, sound: _Compared | None
) -> SegmentScore:
    return SegmentScore(
        id=placement.segment_id,
        status=placement.status,
        rate=placement.rate,
        onset_error_s=_rounded(edges.onset_s) if edges else None,
        end_error_s=_rounded(edges.end_s) if edges else None,
        loudness_difference_lu=sound.loudness_difference_lu if sound else None,
        similarity=sound.similarity if sound else None,
    )


def _timing(
    rows: Sequence[SegmentScore],
    spoken: _Spoken,
    original: NDArray[np.bool_],
    dub: NDArray[np.bool_],
) -> Timing:
    onsets = [abs(r.onset_error_s) for r in rows if r.onset_error_s is not None]
    ends = [abs(r.end_error_s) for r in rows if r.end_error_s is not None]
    rates = [p.rate for _, p in spoken]
    overlaps = [max(0.0, a.end_s - b.start_s) for (_, a), (_, b) in pairwise(spoken)]
    return Timing(
        overlap_s=_rounded(sum(overlaps)),
        onset_error_median_s=_percentile(onsets, 50),
        onset_error_p90_s=_percentile(onsets, 90),
        onset_error_max_s=_percentile(onsets, 100),
        end_within_half_second=_rounded(float(np.mean([e <= 0.5 for e in ends]))) if ends else None,
        timeline_iou=_rounded(timeline_iou(original, dub)),
        dub_in_silence=_rounded(share_in_silence(original, dub)),
        rate_p95=_percentile(rates, 95),
        rate_jump_max=_percentile([abs(a - b) for a, b in pairwise(rates)], 100),
    )


def _sound(
    rows: Sequence[SegmentScore],
    dub: Track,
    original_db: NDArray[np.float32],
    dub_db: NDArray[np.float32],
) -> Sound:
    differences = [
        abs(r.loudness_difference_lu) for r in rows if r.loudness_difference_lu is not None
    ]
    frames = min(len(original_db), len(dub_db))
    dead = (dub_db[:frames] < DIGITAL_SILENCE_DB) & (original_db[:frames] >= DIGITAL_SILENCE_DB)
    return Sound(
        loudness_difference_median_lu=_percentile(differences, 50),
        loudness_difference_max_lu=_percentile(differences, 100),
        true_peak_dbtp=_rounded(_true_peak_dbtp(dub.blocks(MIX_RATE_HZ, 2))),
        digital_silence=_rounded(float(dead.mean())) if frames else 0.0,
    )


def _true_peak_dbtp(blocks: Iterable[Audio]) -> float:
    return to_db(max((float(oversampled_peaks(b).max(initial=0.0)) for b in blocks), default=0.0))


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return _rounded(float(np.percentile(values, percent))) if values else None


def _rounded(value: float) -> float:
    return round(value, 3)
