"""What the page on quality shows of scorecards: measures, their bounds, and rows for charts.

Knows no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dubbing.quality import verdict
from dubbing.quality.backcheck import ABOVE
from dubbing.quality.first_version import FirstVersion
from dubbing.quality.report import Scorecard, SegmentScore
from dubbing.quality.voice import FITTED_TO, JUDGE

Unit = Literal["s", "share", "rate", "db", "plain", "count", "mos"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a whole dub.

    Attributes:
        name: Of its texts.
        unit: How it is written.
        read: From a scorecard; None: not measured.
        before: The same from what the first version reached; None: never measured of it.
        most: The value may not be greater; None: no such bound.
        least: The value may not be smaller; None: no such bound.
        encoder: Which speaker encoder measured it; empty: none.
    """

    name: str
    unit: Unit
    read: Callable[[Scorecard], float | None]
    before: Callable[[FirstVersion], float | None] | None = None
    most: float | None = None
    least: float | None = None
    encoder: str = ""

    @property
    def is_fitted(self) -> bool:
        """Whether a voice is chosen or fitted by what measures this."""
        return self.encoder in FITTED_TO

    @property
    def bound(self) -> float | None:
        """The one of both that there is."""
        return self.least if self.most is None else self.most

    def is_met(self, value: float | None) -> bool | None:
        """Whether the value lies within the bound; None where there is none, or no value."""
        if value is None or self.bound is None:
            return None
        return value <= self.bound if self.least is None else value >= self.bound


def _dnsmos(card: Scorecard) -> float | None:
    heard = card.dnsmos
    if heard.dub is None or heard.original is None:
        return None
    return heard.dub - heard.original


MEASURES = (
    Measure(
        name="spoken",
        unit="share",
        read=lambda c: 1 - len(c.text.untranslated) / max(1, c.text.segments),
        least=1.0,
    ),
    Measure(
        name="incomplete",
        unit="share",
        read=lambda c: len(c.text.faults) / max(1, c.text.segments),
        before=lambda f: f.chunks_with_lost_sentences / f.chunks,
        most=0.0,
    ),
    Measure(name="words_lost", unit="count", read=lambda c: c.text.words_lost, most=0.0),
    Measure(
        name="overlap",
        unit="s",
        read=lambda c: c.timing.overlap_s,
        before=lambda f: f.overlap_s,
        most=0.0,
    ),
    Measure(
        name="onset_p90",
        unit="s",
        read=lambda c: c.timing.onset_error_p90_s,
        before=lambda f: f.onset_error_p90_s,
        most=verdict.ONSET_P90_S,
    ),
    Measure(
        name="onset_max",
        unit="s",
        read=lambda c: c.timing.onset_error_max_s,
        before=lambda f: f.onset_error_max_s,
        most=verdict.ONSET_S,
    ),
    Measure(
        name="end",
        unit="share",
        read=lambda c: c.timing.end_within_half_second,
        before=lambda f: f.end_within_half_second,
        least=verdict.ENDS,
    ),
    Measure(
        name="together",
        unit="share",
        read=lambda c: c.timing.timeline_iou,
        before=lambda f: f.timeline_iou,
        least=verdict.IOU,
    ),
    Measure(
        name="in_silence",
        unit="share",
        read=lambda c: c.timing.dub_in_silence,
        before=lambda f: f.dub_in_silence,
        most=verdict.IN_SILENCE,
    ),
    Measure(name="rate", unit="rate", read=lambda c: c.timing.rate_p95, most=verdict.RATE),
    Measure(
        name="rate_jump", unit="rate", read=lambda c: c.timing.rate_jump_max, most=verdict.RATE_JUMP
    ),
    Measure(
        name="loudness",
        unit="db",
        read=lambda c: c.sound.loudness_difference_median_lu,
        before=lambda f: f.loudness_difference_lu,
        most=verdict.LOUDNESS_MEDIAN_LU,
    ),
    Measure(
        name="peak",
        unit="db",
        read=lambda c: c.sound.true_peak_dbtp,
        before=lambda f: 0.0 if f.chunks_at_full_scale else None,
        most=verdict.PEAK_DBTP,
    ),
    Measure(
        name="dead",
        unit="share",
        read=lambda c: c.sound.digital_silence,
        before=lambda f: f.digital_silence,
        most=0.0,
    ),
    Measure(
        name="muted",
        unit="s",
        read=lambda c: round(c.sound.muted_music_s, 1),
        before=lambda f: f.muted_music_s,
        most=0.0,
    ),
    Measure(
        name="naturalness",
        unit="mos",
        read=lambda c: c.naturalness.dub if c.naturalness else None,
        least=verdict.NATURAL,
    ),
    Measure(
        name="misheard",
        unit="share",
        read=lambda c: c.back_check.cer_mean if c.back_check else None,
        most=verdict.CER_MEAN,
    ),
    Measure(
        name="hard",
        unit="share",
        read=lambda c: c.back_check.misheard if c.back_check else None,
        most=verdict.MISHEARD,
    ),
    Measure(
        name="judged",
        unit="share",
        read=lambda c: c.judged.normalised if c.judged else None,
        encoder=JUDGE,
    ),
    Measure(
        name="voice",
        unit="share",
        read=lambda c: c.voice.normalised,
        before=lambda f: f.normalised,
        encoder="resemblyzer",
    ),
    Measure(
        name="dnsmos",
        unit="mos",
        read=_dnsmos,
        before=lambda f: f.naturalness_dub - f.naturalness_original,
    ),
    Measure(name="time", unit="plain", read=lambda c: c.cost.rtf if c.cost else None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMeasure:
    """One number of each segment.

    Attributes:
        name: Of its texts.
        read: From a segment's row of the scorecard.
        bounds: Beyond them a viewer notices; empty: there are none.
    """

    name: str
    read: Callable[[SegmentScore], float | None]
    bounds: tuple[float, ...] = ()


SEGMENT_MEASURES = (
    SegmentMeasure(
        name="onset",
        read=lambda s: s.onset_error_s,
        bounds=(-verdict.ONSET_S, verdict.ONSET_S),
    ),
    SegmentMeasure(name="rate", read=lambda s: s.rate, bounds=(verdict.RATE,)),
    SegmentMeasure(
        name="loudness",
        read=lambda s: s.loudness_difference_lu,
        bounds=(-verdict.LOUDNESS_LU, verdict.LOUDNESS_LU),
    ),
    SegmentMeasure(name="similarity", read=lambda s: s.similarity),
    SegmentMeasure(name="naturalness", read=lambda s: s.naturalness, bounds=(verdict.NATURAL,)),
    SegmentMeasure(name="cer", read=lambda s: s.cer, bounds=(ABOVE,)),
)


def segment_rows(cards: Mapping[str, Scorecard], measure: SegmentMeasure) -> list[dict[str, Any]]:
    """Rows for a chart: "dub", "segment" (its number) and "value"; only what was measured.

    Args:
        cards: The dub's name → its scorecard.
        measure: Which number.
    """
    return [
        {"dub": name, "segment": row.id, "value": value}
        for name, card in cards.items()
        for row in card.segments
        if row.status != "untranslated" and (value := measure.read(row)) is not None
    ]


def whole_rows(
    cards: Mapping[str, Scorecard], before: Mapping[str, FirstVersion], measure: Measure
) -> list[dict[str, Any]]:
    """Rows for a chart of whole dubs: "dub", "value" and "is_first", whether the first version made
    it; only what was measured.
    """
    rows = [(name, measure.read(card), False) for name, card in cards.items()]
    if measure.before is not None:
        rows += [(name, measure.before(found), True) for name, found in before.items()]
    return [
        {"dub": name, "value": value, "is_first": is_first}
        for name, value, is_first in rows
        if value is not None
    ]


def faulty(card: Scorecard) -> Sequence[SegmentScore]:
    """Segments of which a viewer will notice something, the worst first."""
    return sorted((row for row in card.segments if row.fault), key=lambda row: -row.severity)
