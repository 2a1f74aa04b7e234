"""Measures a finished file against the original, on decoded sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubbing.engines import distillmos
from dubbing.engines.base import SpeakerEncoder, SpeechDetector
from dubbing.quality.backcheck import back_check
from dubbing.quality.hearing import (
    Hearing,
    Voices,
    excerpts,
    judged,
    levels,
    speech,
    true_peak,
    voices,
)
from dubbing.quality.naturalness import naturalness, sample_windows
from dubbing.quality.opinions import Opinions
from dubbing.quality.report import Dnsmos, Naturalness, Scorecard, SegmentScore, Sound, Timing
from dubbing.quality.sound import digital_silence, loud_music_s
from dubbing.quality.subject import Subject, placed
from dubbing.quality.text import SpokenText, text_score
from dubbing.quality.timing import (
    EdgeErrors,
    edge_errors,
    heard,
    overlap_s,
    share_in_silence,
    speech_mask,
    timeline_iou,
    windows,
    without,
)
from dubbing.quality.verdict import END_S, segment_fault, verdict, worst
from dubbing.quality.voice import Vector, voice_score
from dubbing.runs.manifest import PlacementDoc
from dubbing.types import Audio, Segment, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the scorecard was computed from, for the plots.

    Attributes:
        original_speech: Detected speech of the original.
        dub_speech: Detected speech of the dub.
        original_db: RMS of each 10 ms of the original, dBFS, shape (frames,).
        dub_db: The same of the dub.
        encoder: Whose speaker vectors these are: the judge's, or the run's own without a judge.
        originals: Speaker vectors by segment id.
        dubs: The same of the dub.
    """

    original_speech: Sequence[Span]
    dub_speech: Sequence[Span]
    original_db: NDArray[np.float32] = field(repr=False)
    dub_db: NDArray[np.float32] = field(repr=False)
    encoder: str
    originals: dict[int, Vector] = field(repr=False)
    dubs: dict[int, Vector] = field(repr=False)


def measure(
    subject: Subject,
    detector: SpeechDetector,
    encoder: SpeakerEncoder,
    judge: SpeakerEncoder | None = None,
    found: Opinions | None = None,
) -> tuple[Scorecard, Evidence]:
    """The scorecard of a dub.

    Args:
        subject: The dub.
        detector: Finds speech in both tracks.
        encoder: Compares voices.
        judge: Compares them once more; None: nobody does.
        found: What other judges heard before; None: there are none.
    """
    end_s, spoken, kept = subject.end_s, subject.spoken, subject.kept
    found = found or Opinions()
    original, dub, peak_dbtp = _hear(subject, spoken, detector, encoder, judge)
    sounds = _compared(spoken, original.voices, dub.voices)
    dnsmos = _dnsmos(original.sampled, dub.sampled)  # alone: it takes 110 MB, and all cores
    in_dubbed = [without(original.speech, kept), without(dub.speech, kept)]
    edges = _edges(spoken, *in_dubbed)
    unheard = [number for number, edge in edges.items() if edge is None]
    rows = _score(subject, edges, sounds, found)
    timing = _timing(rows, spoken, unheard, *(speech_mask(s, end_s) for s in in_dubbed))
    sound = _sound(
        rows, peak_dbtp, original.levels_db, dub.levels_db, speech_mask(original.speech, end_s)
    )
    text = text_score(subject.texts, subject.languages, subject.supplied)
    compared = [sounds[s.id] for s, _ in spoken]
    speakers = [s.speaker for s, _ in spoken]
    natural = _naturalness(found)
    checked = None if found.cers is None else back_check(found.recogniser, found.cers)
    card = Scorecard(
        verdict=verdict(timing, sound, text, natural, checked, rows, subject.losses),
        timing=timing,
        sound=sound,
        voice=voice_score(
            encoder.info.name,
            speakers,
            [c.original for c in compared],
            [c.dub for c in compared],
        ),
        judged=None
        if judge is None
        else voice_score(judge.info.name, speakers, original.judged, dub.judged),
        naturalness=natural,
        dnsmos=dnsmos,
        back_check=checked,
        text=text,
        cost=subject.cost,
        segments=rows,
        worst=[row.id for row in worst(rows)],
        left_out=list(subject.left_out),
        losses=list(subject.losses),
    )
    return card, _evidence(spoken, original, dub, encoder, judge)


def _evidence(
    spoken: _Spoken,
    original: _Heard,
    dub: _Heard,
    encoder: SpeakerEncoder,
    judge: SpeakerEncoder | None,
) -> Evidence:
    def vectors(heard_in: _Heard) -> dict[int, Vector]:
        found = heard_in.judged if judge else [vector for _, vector in heard_in.voices]
        return {s.id: v for (s, _), v in zip(spoken, found, strict=True) if v is not None}

    return Evidence(
        original_speech=original.speech,
        dub_speech=dub.speech,
        original_db=original.levels_db,
        dub_db=dub.levels_db,
        encoder=(judge or encoder).info.name,
        originals=vectors(original),
        dubs=vectors(dub),
    )


_Spoken = Sequence[tuple[Segment, PlacementDoc]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    loudness_difference_lu: float
    original: Vector | None
    dub: Vector | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What is heard in a track; without a judge `judged` is empty."""

    speech: list[Span]
    levels_db: NDArray[np.float32]
    voices: Voices
    judged: list[Vector | None]
    sampled: list[Audio]


def _hear(
    subject: Subject,
    spoken: _Spoken,
    detector: SpeechDetector,
    encoder: SpeakerEncoder,
    judge: SpeakerEncoder | None,
) -> tuple[_Heard, _Heard, float]:
    """What is heard in the original and in the dub, and the dub's true peak in dBTP; in one pass
    over each file.
    """
    before, after = [s.span for s, _ in spoken], [placed(p) for _, p in spoken]
    sampled = excerpts(sample_windows(before, subject.end_s))

    def of_voice(spans: Sequence[Span]) -> list[Hearing]:
        judging = [] if judge is None else [judged(spans, judge)]
        return [speech(detector, subject.end_s), voices(spans, encoder), *judging]

    def heard(found: Sequence[Any], levels_db: NDArray[np.float32], samples: list[Audio]) -> _Heard:
        (spoken_in, _), vectors, *by_judge = found
        return _Heard(
            speech=spoken_in,
            levels_db=levels_db,
            voices=vectors,
            judged=by_judge[0] if by_judge else [],
            sampled=samples,
        )

    *found, samples = subject.original.hear([*of_voice(before), sampled])
    original = heard(found, found[0][1], samples)
    of_whole = [levels(), sampled, true_peak()]
    if subject.voice is None:
        *found, levels_db, samples, peak_dbtp = subject.dub.hear([*of_voice(after), *of_whole])
    else:
        found = subject.voice.hear(of_voice(after))
        levels_db, samples, peak_dbtp = subject.dub.hear(of_whole)
    return original, heard(found, levels_db, samples), peak_dbtp


def _compared(spoken: _Spoken, before: Voices, after: Voices) -> dict[int, _Compared]:
    """Loudness and voice of each spoken segment, by its id."""
    return {
        segment.id: _Compared(
            loudness_difference_lu=_rounded(dub_lufs - original_lufs), original=original, dub=dub
        )
        for (segment, _), (original_lufs, original), (dub_lufs, dub) in zip(
            spoken, before, after, strict=True
        )
    }


def _edges(
    spoken: _Spoken, original_speech: Sequence[Span], dub_speech: Sequence[Span]
) -> dict[int, EdgeErrors | None]:
    """Segment id → errors, where speech is found in the original; None where the dub has none."""
    before = windows([s.span for s, _ in spoken])
    after = windows([placed(p) for _, p in spoken])
    errors: dict[int, EdgeErrors | None] = {}
    for (segment, _), one, other in zip(spoken, before, after, strict=True):
        original, dub = heard(original_speech, one), heard(dub_speech, other)
        if original:
            errors[segment.id] = edge_errors(original, dub) if dub else None
    return errors


def _score(
    subject: Subject,
    edges: dict[int, EdgeErrors | None],
    sounds: dict[int, _Compared],
    found: Opinions,
) -> list[SegmentScore]:
    rows: list[SegmentScore] = []
    rate_before: float | None = None
    for placement, text in zip(subject.placements, subject.texts, strict=True):
        edge, sound = edges.get(placement.segment_id), sounds.get(placement.segment_id)
        onset = _rounded(edge.onset_s) if edge else None
        end = _rounded(edge.end_s) if edge else None
        louder = sound.loudness_difference_lu if sound else None
        spoken = placement.status != "untranslated"
        cer = (found.cers or {}).get(placement.segment_id)
        fault, severity = segment_fault(
            status=placement.status,
            is_heard=edge is not None or placement.segment_id not in edges,
            rate=placement.rate,
            jump=placement.rate - rate_before if spoken and rate_before else 0.0,
            onset_error_s=onset,
            end_error_s=end,
            loudness_difference_lu=louder,
            cer=cer,
        )
        rate_before = placement.rate if spoken else rate_before
        rows.append(
            SegmentScore(
                id=placement.segment_id,
                status=placement.status,
                rate=placement.rate,
                onset_error_s=onset,
                end_error_s=end,
                loudness_difference_lu=louder,
                similarity=_similarity(sound),
                naturalness=(found.dub or {}).get(placement.segment_id),
                cer=cer,
                characters_per_second=_pace(text, placement) if spoken else None,
                fault=fault,
                severity=severity,
            )
        )
    return rows


def _similarity(sound: _Compared | None) -> float | None:
    if sound is None or sound.original is None or sound.dub is None:
        return None
    return _rounded(float(sound.original @ sound.dub))


def _pace(text: SpokenText, placement: PlacementDoc) -> float:
    return _rounded(len(text.translation) / (placement.end_s - placement.start_s))


def _timing(
    rows: Sequence[SegmentScore],
    spoken: _Spoken,
    unheard: Sequence[int],
    original: NDArray[np.bool_],
    dub: NDArray[np.bool_],
) -> Timing:
    onsets = [abs(r.onset_error_s) for r in rows if r.onset_error_s is not None]
    ends = [abs(r.end_error_s) <= END_S for r in rows if r.end_error_s is not None]
    ends += [False for _ in unheard]
    rates = [p.rate for _, p in spoken]
    return Timing(
        unheard=list(unheard),
        overlap_s=_rounded(overlap_s([placed(p) for _, p in spoken])),
        onset_error_median_s=_percentile(onsets, 50),
        onset_error_p90_s=_percentile(onsets, 90),
        onset_error_max_s=_percentile(onsets, 100),
        end_within_half_second=_rounded(float(np.mean(ends))) if ends else None,
        timeline_iou=_rounded(timeline_iou(original, dub)),
        dub_in_silence=_rounded(share_in_silence(original, dub)),
        rate_p95=_percentile(rates, 95),
        rate_jump_max=_percentile([abs(a - b) for a, b in pairwise(rates)], 100),
    )


def _sound(
    rows: Sequence[SegmentScore],
    peak_dbtp: float,
    original_db: NDArray[np.float32],
    dub_db: NDArray[np.float32],
    speech: NDArray[np.bool_],
) -> Sound:
    differences = [
        abs(r.loudness_difference_lu) for r in rows if r.loudness_difference_lu is not None
    ]
    loud_s, muted_s = loud_music_s(original_db, dub_db, speech)
    return Sound(
        loudness_difference_median_lu=_percentile(differences, 50),
        loudness_difference_max_lu=_percentile(differences, 100),
        true_peak_dbtp=_rounded(peak_dbtp),
        digital_silence=_rounded(digital_silence(original_db, dub_db)),
        loud_music_s=_rounded(loud_s),
        muted_music_s=_rounded(muted_s),
    )


def _naturalness(found: Opinions) -> Naturalness | None:
    if found.original is None or found.dub is None:
        return None
    return Naturalness(
        judge=distillmos.NAME,
        segments=len(found.dub),
        original=_percentile(list(found.original.values()), 50),
        dub=_percentile(list(found.dub.values()), 50),
    )


def _dnsmos(before: Sequence[Audio], after: Sequence[Audio]) -> Dnsmos:
    original, dub = naturalness(before), naturalness(after)
    return Dnsmos(
        windows=len(before),
        original=None if original is None else _rounded(original),
        dub=None if dub is None else _rounded(dub),
    )


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return _rounded(float(np.percentile(values, percent))) if values else None


def _rounded(value: float) -> float:
    return round(value, 3)
