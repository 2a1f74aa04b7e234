"""The scorecard as rows for people: what was measured, its value, and what is wanted."""

from __future__ import annotations

from typing import NamedTuple

from dubbing.quality.report import Scorecard, VoiceScore
from dubbing.quality.voice import FITTED_TO, JUDGE


class Row(NamedTuple):
    """One measure, as it is shown."""

    measure: str
    value: str
    wanted: str


def table_rows(card: Scorecard) -> list[Row]:
    """The measures in the order of the pipeline; "-" for what could not be measured."""
    return [*_text(card), *_timing(card), *_sound(card), *_voice(card), *_cost(card)]


def _text(card: Scorecard) -> list[Row]:
    text = card.text
    spoken = f"{text.segments - len(text.untranslated)} of {text.segments}"
    lost = "-" if text.words_lost is None else str(text.words_lost)
    rows = [
        Row("segments spoken", spoken, "all"),
        Row("spoken segments in which no speech is found", str(len(card.timing.unheard)), "0"),
        Row("words of the supplied translation lost", lost, "0"),
        Row("sentences said, and dubbed", f"{text.sentences_in}, {text.sentences_out}", ""),
        Row("translations that seem to lack something", str(len(text.faults)), "0"),
    ]
    if text.unsure_stress:
        unsure = f"{text.unsure_words} in {len(text.unsure_stress)} segments"
        rows.append(Row("words whose stress is not sure", unsure, "0"))
    if card.losses:
        rows.append(Row("the source is whole", "; ".join(map(str, card.losses)), "yes"))
    if card.left_out:
        rows.append(Row("segments without sound, left out", str(len(card.left_out)), "0"))
    return rows


def _timing(card: Scorecard) -> list[Row]:
    timing = card.timing
    return [
        Row("two dubs at once", f"{timing.overlap_s:.2f} s", "0 s"),
        Row("onset error, 90th percentile", _number(timing.onset_error_p90_s, "s"), "<= 0.1 s"),
        Row("onset error, worst", _number(timing.onset_error_max_s, "s"), "<= 0.3 s"),
        Row("ends within 0.5 s", _share(timing.end_within_half_second), ">= 90 %"),
        Row("isochrony: both speak / either", _share(timing.timeline_iou), ">= 90 %"),
        Row("dub in original silence", _share(timing.dub_in_silence), "<= 5 %"),
        Row("speech rate, 95th percentile", _number(timing.rate_p95, "x"), "<= 1.20 x"),
        Row("rate jump between neighbours", _number(timing.rate_jump_max, "x"), "<= 0.15 x"),
    ]


def _sound(card: Scorecard) -> list[Row]:
    sound = card.sound
    median, worst = sound.loudness_difference_median_lu, sound.loudness_difference_max_lu
    muted = f"{sound.muted_music_s:.1f} of {sound.loud_music_s:.1f} s"
    return [
        Row("loudness, dub against original, median", _number(median, "LU"), "<= 1 LU"),
        Row("loudness, worst", _number(worst, "LU"), "<= 2 LU"),
        Row("true peak", _number(sound.true_peak_dbtp, "dBTP"), "<= -1 dBTP"),
        Row("digital silence", _share(sound.digital_silence), "0 %"),
        Row("loud music muted", muted, "0 s"),
    ]


def _voice(card: Scorecard) -> list[Row]:
    """What chooses no speaker's voice comes first, then the second opinions."""
    natural, dnsmos = card.naturalness, card.dnsmos
    pair = _pair(natural.original, natural.dub) if natural else "-"
    return [
        Row("naturalness (DistillMOS), original, dub", pair, ">= 3.5 or as the original"),
        Row("... by DNSMOS", _pair(dnsmos.original, dnsmos.dub), ""),
        *_understood(card),
        *_likeness(card.judged, JUDGE),
        *_likeness(card.voice, card.voice.encoder),
    ]


def _understood(card: Scorecard) -> list[Row]:
    checked = card.back_check
    mean = _share(checked.cer_mean) if checked else "-"
    median = _share(checked.cer_median) if checked else "-"
    misheard = _share(checked.misheard) if checked else "-"
    return [
        Row("misheard by a recogniser, of all characters", mean, "<= 15 %"),
        Row("... of half of the segments, at most", median, ""),
        Row("... segments that are hard to understand", misheard, "<= 5 %"),
    ]


def _likeness(voice: VoiceScore | None, encoder: str) -> list[Row]:
    mark = ", fitted" if encoder in FITTED_TO else ""
    between = _pair(voice.floor, voice.ceiling) if voice else "-"
    normalised = _number(voice.normalised, "") if voice else "-"
    return [
        Row(f"voice likeness ({encoder}{mark})", normalised, "1 is the same, 0 a stranger's"),
        Row("... cosine", _number(voice.similarity, "") if voice else "-", "higher"),
        Row("... a stranger's, the speaker's own", between, ""),
    ]


def _pair(one: float | None, other: float | None) -> str:
    return f"{_number(one, '')}, {_number(other, '')}"


def _cost(card: Scorecard) -> list[Row]:
    cost = card.cost
    if cost is None:
        return []
    made = "" if not cost.kept else f", {cost.kept} items kept from before"
    return [
        Row("time taken, of the media's length", f"{cost.wall_s:.0f} s, {cost.rtf:.2f}{made}", ""),
        Row("peak memory", _number(cost.peak_memory_mb, "MB", digits=0), "<= 1000 MB (offline)"),
    ]


def _number(value: float | None, unit: str, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f} {unit}".strip()


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}".replace("%", " %")
