"""What is measured on tracks whose answer is known: the voices are tones, found by their energy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from dubbing.engines.base import EngineInfo, SpeakerEncoder
from dubbing.engines.energy import EnergyDetector
from dubbing.quality.hearing import Track, judged
from dubbing.quality.measure import measure
from dubbing.quality.opinions import Opinions
from dubbing.quality.report import Scorecard
from dubbing.quality.subject import Subject
from dubbing.quality.text import SpokenText
from dubbing.quality.voice import Vector
from dubbing.runs.manifest import PlacementDoc
from dubbing.types import Audio, PlacementStatus, Segment, Span

pytestmark = pytest.mark.unit

RATE_HZ = 16_000
END_S = 12.0
SPANS = tuple(Span(start_s=a, end_s=a + 2.0) for a in (1.0, 5.0, 9.0))


class PitchEncoder:
    """Tells tones apart by how much of each of two pitches is in them."""

    info = EngineInfo(
        name="pitch",
        kind="encoder",
        summary="two pitches",
        licence="MIT",
        packages=(),
        sample_rate_hz=RATE_HZ,
    )

    def embed(self, clips: Sequence[Audio]) -> list[Vector]:
        """See `SpeakerEncoder`."""
        return [_both_pitches(clip) for clip in clips]


ORIGINAL_HZ, DUB_HZ = 200, 500


def _both_pitches(clip: Audio) -> Vector:
    at = np.arange(len(clip)) / RATE_HZ
    waves = [np.exp(2j * np.pi * hz * at) for hz in (ORIGINAL_HZ, DUB_HZ)]
    found = np.array([abs(clip @ wave) for wave in waves], np.float32)
    return found / max(np.linalg.norm(found), 1e-9)


def tone(pitch_hz: float, spans: Sequence[Span]) -> Audio:
    """A tone where the spans are, silence between."""
    at_s = np.arange(round(END_S * RATE_HZ)) / RATE_HZ
    sounds = np.any([(at_s >= s.start_s) & (at_s < s.end_s) for s in spans], axis=0)
    return np.where(sounds, 0.2 * np.sin(2 * np.pi * pitch_hz * at_s), 0.0).astype(np.float32)


def measured(
    folder: Path,
    dub: Audio,
    statuses: Sequence[PlacementStatus],
    spans: Sequence[Span] = SPANS,
    *,
    judges: bool = False,
    found: Opinions | None = None,
) -> Scorecard:
    """The scorecard of a dub of three segments, each placed where the original is."""
    tracks = {"original": tone(ORIGINAL_HZ, spans), "dub": dub}
    for name, samples in tracks.items():
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ)
    numbered = list(zip(range(1, 4), spans, statuses, strict=True))
    subject = Subject(
        original=Track(path=folder / "original.wav", stream=0),
        dub=Track(path=folder / "dub.wav", stream=0),
        segments=[Segment(id=i, span=span) for i, span, _ in numbered],
        placements=[placed(i, span, status) for i, span, status in numbered],
        texts=[
            SpokenText(id=i, source="It is.", translation="Вот.", status=status, read="Вот.")
            for i, _, status in numbered
        ],
        languages=("en", "ru"),
        supplied=None,
        end_s=END_S,
        cost=None,
    )
    encoder = cast(SpeakerEncoder, PitchEncoder())
    return measure(subject, EnergyDetector(), encoder, encoder if judges else None, found)[0]


def placed(segment_id: int, span: Span, status: PlacementStatus = "fits") -> PlacementDoc:
    """A dub that is heard where the original is."""
    is_spoken = status != "untranslated"
    return PlacementDoc(
        segment_id=segment_id,
        start_s=span.start_s,
        end_s=span.end_s if is_spoken else span.start_s,
        natural_s=span.duration_s if is_spoken else 0.0,
        rate=1.0,
        borrowed_s=0.0,
        gain_db=0.0,
        status=status,
        reason="",
    )


def test_an_original_voice_that_is_kept_is_no_dub(tmp_path: Path):
    """Where a segment is not dubbed, neither its voice nor silence there changes the timing."""
    statuses: list[PlacementStatus] = ["fits", "fits", "untranslated"]
    late = [Span(start_s=s.start_s + 0.5, end_s=s.end_s + 0.5) for s in SPANS[:2]]
    silent = measured(tmp_path, tone(DUB_HZ, late), statuses)
    kept = tone(DUB_HZ, late) + tone(ORIGINAL_HZ, SPANS[2:])
    assert measured(tmp_path, kept, statuses).timing == silent.timing
    assert silent.timing.timeline_iou == pytest.approx(1.5 / 2.5, abs=0.02)
    assert silent.timing.dub_in_silence == pytest.approx(0.25, abs=0.02)


def test_a_kept_voice_that_follows_at_once_is_not_taken_for_the_dub(tmp_path: Path):
    """A dub's end is not looked for in the segment after it where the original speaks on."""
    spans = [Span(start_s=1, end_s=3), Span(start_s=3, end_s=5), Span(start_s=9, end_s=11)]
    statuses: list[PlacementStatus] = ["fits", "untranslated", "fits"]
    dub = tone(DUB_HZ, [Span(start_s=1, end_s=2), spans[2]]) + tone(ORIGINAL_HZ, spans[1:2])
    first = measured(tmp_path, dub, statuses, spans).segments[0]
    assert first.end_error_s == pytest.approx(-1, abs=0.02)


def test_a_dub_in_which_no_speech_is_found_is_a_fault(tmp_path: Path):
    """It is named, counted in the verdict, and ends nowhere near the original's end."""
    card = measured(tmp_path, tone(DUB_HZ, SPANS[:2]), ["fits", "fits", "fits"])
    assert [row.fault for row in card.segments] == ["", "", "is not heard"]
    assert card.timing.unheard == card.worst == [3]
    assert card.timing.end_within_half_second == pytest.approx(2 / 3, abs=0.001)
    assert "1 dubbed segments are not heard" in card.verdict


def test_a_second_judge_hears_the_same_segments(tmp_path: Path):
    """The same encoder as judge gives the same likeness; without one there is none."""
    dub, statuses = tone(DUB_HZ, SPANS), ("fits", "fits", "fits")
    card = measured(tmp_path, dub, statuses, judges=True)
    assert card.judged is not None
    assert card.judged.similarity == card.voice.similarity < 0.2
    assert measured(tmp_path, dub, statuses).judged is None


def test_what_other_judges_heard_is_in_the_scorecard(tmp_path: Path):
    """Each segment has its own; the whole has medians, and names what stands out. Without judges
    there is nothing.
    """
    found = Opinions(
        original={1: 4.0, 2: 4.4, 3: 4.2}, dub={1: 3.0, 3: 3.2}, cers={1: 0.02, 2: 0.9, 3: 0.04}
    )
    dub, statuses = tone(DUB_HZ, SPANS), ("fits", "fits", "fits")
    card = measured(tmp_path, dub, statuses, found=found)
    assert [row.naturalness for row in card.segments] == [3.0, None, 3.2]
    assert [row.cer for row in card.segments] == [0.02, 0.9, 0.04]
    assert card.naturalness is not None and card.back_check is not None
    assert (card.naturalness.original, card.naturalness.dub) == (4.2, 3.1)
    assert card.back_check.outliers == card.worst == [2]
    bare = measured(tmp_path, dub, statuses)
    assert bare.naturalness is bare.back_check is None
    assert [row.cer for row in bare.segments] == [None, None, None]


def test_of_many_segments_a_hundred_are_judged(tmp_path: Path):
    """Spread over all of them, each vector at its segment's place."""
    spans = [Span(start_s=i * 1.5, end_s=i * 1.5 + 1.2) for i in range(250)]
    sound = np.zeros(round(380 * RATE_HZ), np.float32)
    for number, span in enumerate(spans):
        at = np.arange(round(span.start_s * RATE_HZ), round(span.end_s * RATE_HZ))
        hz = DUB_HZ if number == 249 else ORIGINAL_HZ
        sound[at] = 0.2 * np.sin(2 * np.pi * hz * at / RATE_HZ)
    encoder = cast(SpeakerEncoder, PitchEncoder())
    found = judged(spans, encoder).find(iter([sound]))
    assert [number for number, one in enumerate(found) if one is not None] == [*range(0, 250, 3)]
    assert found[249] is not None and found[249][1] > 0.9
    assert found[0] is not None and found[0][0] > 0.9
