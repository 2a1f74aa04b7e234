"""The scorecard as rows for people: what was measured, its value, and what is wanted."""

from __future__ import annotations

from typing import NamedTuple

from dubbing.quality.report import Scorecard


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
    voice, heard = card.voice, card.naturalness
    between = f"{_number(voice.floor, '')}, {_number(voice.ceiling, '')}"
    natural = f"{_number(heard.original, '')}, {_number(heard.dub, '')}"
    return [
        Row(f"voice likeness ({voice.encoder})", _number(voice.similarity, ""), "higher"),
        Row("... a stranger's, the speaker's own", between, ""),
        Row("... normalised between them", _number(voice.normalised, ""), "1 is the same"),
        *_judged(card),
        Row("naturalness (DNSMOS), original, dub", natural, "not lower"),
    ]


def _judged(card: Scorecard) -> list[Row]:
    if card.judged is None:
        return []
    label = f"... by a network that no voice is fitted to ({card.judged.encoder})"
    return [Row(label, _number(card.judged.normalised, ""), "1 is the same")]


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
