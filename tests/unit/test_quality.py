"""Measures of sound, text and voice on values whose answer is known; the scorecard in words."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dubbing.errors import RunError
from dubbing.quality.backcheck import back_check
from dubbing.quality.naturalness import WINDOW_S, WINDOWS, sample_windows
from dubbing.quality.report import Naturalness, Scorecard, is_outdated, read_scorecard
from dubbing.quality.sound import digital_silence, loud_music_s, true_peak_dbtp
from dubbing.quality.table import table_rows
from dubbing.quality.text import SpokenText, text_score, words_lost
from dubbing.quality.timing import windows
from dubbing.quality.verdict import segment_fault, verdict, worst
from dubbing.quality.voice import SAME_VOICE, everybody, strangers, voice_score
from dubbing.runs.manifest import FlowRecord, StageRecord
from dubbing.steps.evaluate import cost
from dubbing.types import Span
from tests.run_factory import scorecard

pytestmark = pytest.mark.unit


def levels(*pieces: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(frames, db, np.float32) for db, frames in pieces])


def test_muted_music_is_loud_outside_speech_and_gone_in_the_dub():
    """Of 3 s of music the dub mutes 1 s; loud speech, with 30 ms on both sides, and quiet pauses do
    not count.
    """
    original = levels((-20, 300), (-10, 200), (-55, 100))
    dub = levels((-20, 200), (-70, 100), (-90, 200), (-90, 100))
    speech = np.arange(600) // 100 == 3
    speech |= np.arange(600) // 100 == 4
    assert loud_music_s(original, dub, speech) == (pytest.approx(2.97), pytest.approx(0.97))


def test_digital_silence_counts_only_where_the_original_sounds():
    """1 s of zeros in 4 s of sound is a quarter; zeros where the original has them are none."""
    original, dub = levels((-30, 400), (-120, 100)), levels((-30, 300), (-120, 200))
    assert digital_silence(original, dub) == pytest.approx(0.25)
    assert digital_silence(original, original) == 0
    assert digital_silence(levels((-120, 10)), levels((-120, 10))) == 0


def test_true_peak_lies_between_samples_and_over_the_border_of_blocks():
    """A sine at a quarter of the rate, 45° off, peaks 3 dB above its samples; cuts add none."""
    phase = 2 * np.pi * np.arange(48_000) / 4 + np.pi / 4
    signal = (0.5 * np.sin(phase)).astype(np.float32)[:, None]
    signal *= np.hanning(len(signal)).astype(np.float32)[:, None]
    whole = true_peak_dbtp([signal])
    assert whole == pytest.approx(20 * np.log10(0.5), abs=0.1)
    assert np.abs(signal).max() < 0.36
    assert true_peak_dbtp([signal[:23_999], signal[23_999:]]) == pytest.approx(whole, abs=0.1)


@pytest.mark.parametrize(
    ("found", "lost"),
    [("один два три", 0), ("один три", 1), ("два один три", 1), ("один два и три", 0), ("", 3)],
)
def test_words_lost_are_those_not_found_in_order(found: str, lost: int):
    """Left out and misplaced words are lost; added ones are not."""
    assert words_lost("один два три", found) == lost


def test_text_is_counted_from_transcript_to_dub():
    """Sentences in and out, characters, untranslated and faulty segments."""
    rows = [
        SpokenText(
            id=1, source="I see. You see.", translation="Я вижу. Ты видишь.", status="fits", read=""
        ),
        SpokenText(
            id=2,
            source="The garden lives at night. Nobody ever sees it. It smells of tobacco and rain.",
            translation="Сад живёт ночью.",
            status="rushed",
            read="",
        ),
        SpokenText(id=3, source="The end.", translation="", status="untranslated", read=""),
    ]
    score = text_score(rows, ("en", "ru"), "Я вижу. Ты видишь. Сад живёт ночью. Никто не видит.")
    assert (score.sentences_in, score.sentences_out, score.words_lost) == (6, 3, 3)
    assert score.characters == len("Я вижу. Ты видишь. Сад живёт ночью.")
    assert (score.untranslated, score.rushed, score.faults) == ([3], [2], [2])
    assert text_score(rows, ("en", "ru"), None).words_lost is None


def test_words_whose_stress_is_not_sure_are_counted():
    """In what is spoken, below the stated confidence; shown where there are any."""
    rows = [
        SpokenText(
            id=1, source="A.", translation="А.", status="fits", read="", stressed=(1.0, 0.9)
        ),
        SpokenText(
            id=2, source="B.", translation="Б.", status="late", read="", stressed=(0.69, 0.7, 0.5)
        ),
        SpokenText(
            id=3, source="C.", translation="", status="untranslated", read="", stressed=(0.5,)
        ),
    ]
    score = text_score(rows, ("en", "ru"), None)
    assert (score.unsure_stress, score.unsure_words) == ([2], 2)
    shown = {r.measure: r.value for r in table_rows(scorecard().model_copy(update={"text": score}))}
    assert shown["words whose stress is not sure"] == "2 in 1 segments"
    assert "words whose stress is not sure" not in {r.measure for r in table_rows(scorecard())}


def test_what_could_not_be_spoken_counts_as_lost():
    """A segment without a dub has no sentence in it and no character, whatever was to be said."""
    rows = [
        SpokenText(id=1, source="I see.", translation="Я вижу.", status="fits", read=""),
        SpokenText(
            id=2, source="The end.", translation="Конец уже здесь.", status="untranslated", read=""
        ),
    ]
    score = text_score(rows, ("en", "ru"), "Я вижу. Конец уже здесь.")
    assert (score.sentences_in, score.sentences_out, score.words_lost) == (2, 1, 3)
    assert (score.characters, score.untranslated) == (len("Я вижу."), [2])


def vector(*values: float) -> np.ndarray:
    found = np.zeros(256, np.float32)
    found[: len(values)] = values
    return found / np.linalg.norm(found)


def test_voice_is_placed_between_a_stranger_and_the_speaker(monkeypatch: pytest.MonkeyPatch):
    """Own segments at cosine 1, a stranger at 0, a dub at 0.6: normalised 0.6. A stranger with the
    speaker's own voice is no floor; another speaker's segments are no ceiling.
    """
    own, other = vector(1), vector(0, 0, 1)
    monkeypatch.setattr("dubbing.quality.voice.strangers", lambda _: (vector(0, 1), vector(1)))
    score = voice_score(
        "resemblyzer", ["a", "a", "b"], [own, own, other], [vector(0.6, 0.8), None, None]
    )
    assert (score.similarity, score.floor, score.ceiling) == (0.6, 0.0, 1.0)
    assert score.normalised == 0.6


def test_voice_without_strangers_is_not_normalised():
    """An encoder that the strangers were not measured with has no floor."""
    assert strangers("unknown") == ()
    score = voice_score("unknown", ["a", "a"], [vector(1), vector(1)], [vector(1), vector(1)])
    assert (score.similarity, score.floor, score.normalised) == (1.0, None, None)


@pytest.mark.parametrize("encoder", ["resemblyzer", "campplus"])
def test_strangers_are_women_and_men_of_several_engines(encoder: str):
    """As many of each, eight at least; unit vectors, and no talk's speaker is another's."""
    sexes = [person.sex for person in everybody()]
    assert sexes.count("female") == sexes.count("male") >= 4
    assert len({person.engine for person in everybody()}) >= 3
    vectors = np.stack(strangers(encoder))
    assert len(vectors) == len(sexes)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=0.01)
    names = [person.name for person in everybody()]
    alike = vectors @ vectors.T - 2 * np.eye(len(vectors))
    for talk in ("Night_Garden", "Lighthouse"):
        assert alike[names.index(talk)].max() < SAME_VOICE[encoder]


def test_naturalness_is_heard_in_windows_spread_over_the_speech():
    """Many segments give `WINDOWS` windows, in order, apart, up to the end of the talk."""
    speech = [Span(start_s=10.0 * i, end_s=10.0 * i + 8) for i in range(40)]
    found = sample_windows(speech, 400)
    assert len(found) == WINDOWS
    assert found[0].start_s == 0
    assert found[-1].start_s == 350
    assert all(a.end_s <= b.start_s for a, b in pairwise(found))


def test_short_media_gives_one_window():
    """What is shorter than a window is heard whole; no speech gives none."""
    speech = [Span(start_s=1, end_s=2), Span(start_s=3, end_s=4)]
    assert sample_windows(speech, 5) == [Span(start_s=0, end_s=5)]
    assert sample_windows([], 5) == []
    assert sample_windows(speech, 20)[0].duration_s == pytest.approx(WINDOW_S)


FINE = {
    "status": "fits",
    "is_heard": True,
    "rate": 1.0,
    "jump": 0.0,
    "onset_error_s": 0.0,
    "end_error_s": None,
    "loudness_difference_lu": 0.1,
    "cer": 0.05,
}


@pytest.mark.parametrize(
    ("changed", "words", "severity"),
    [
        ({}, "", 0),
        ({"status": "untranslated"}, "is not dubbed", 10),
        ({"is_heard": False}, "is not heard", 10),
        ({"onset_error_s": -0.6}, "starts 0.60 s early", 2),
        ({"end_error_s": 2.0}, "ends 2.0 s late", 4),
        ({"rate": 1.5}, "is spoken 1.50 times as fast as natural", 3),
        ({"jump": -0.3}, "is 0.30 slower than the one before it", 2),
        ({"loudness_difference_lu": 6.0}, "is 6.0 LU louder than the original", 3),
        ({"cer": 0.6}, "is hard to understand: 60 % of it are misheard", 2),
        ({"cer": None}, "", 0),
        ({"end_error_s": 2.0, "onset_error_s": 0.6}, "ends 2.0 s late", 4),
    ],
)
def test_a_segment_is_judged_by_its_worst(changed: dict[str, object], words: str, severity: float):
    """The measure that lies farthest beyond its bound, in words; nothing within all bounds."""
    assert segment_fault(**(FINE | changed)) == (words, pytest.approx(severity))  # type: ignore[arg-type]


def test_verdict_names_the_three_worst_segments():
    """The worst first, three at most, with what is wrong."""
    card = scorecard()
    rows = [
        card.segments[0].model_copy(update={"id": i, "fault": f"fault {i}", "severity": float(i)})
        for i in (2, 5, 3, 4)
    ]
    assert [row.id for row in worst([*card.segments, *rows])] == [5, 4, 3]
    parts = (card.timing, card.sound, card.text, card.naturalness, card.back_check)
    said = verdict(*parts, rows)
    assert said.endswith("Worst segments: 5 fault 5; 4 fault 4; 3 fault 3.")
    assert "Worst" not in verdict(*parts, card.segments)


PERFECT = scorecard().model_copy(
    update={
        "text": scorecard().text.model_copy(update={"untranslated": []}),
    }
)


PARTS = ("timing", "sound", "text", "naturalness", "back_check")


@pytest.mark.parametrize(
    ("part", "changed", "words"),
    [
        ("text", {"words_lost": 7}, "7 words of the supplied translation are not spoken"),
        ("text", {"untranslated": [4]}, "1 of 3 segments are not dubbed"),
        ("text", {"faults": [1]}, "1 translations seem to lack something"),
        ("timing", {"unheard": [1, 3]}, "2 dubbed segments are not heard"),
        ("timing", {"overlap_s": 0.2}, "dubs overlap for 0.2 s"),
        ("timing", {"onset_error_max_s": 0.4}, "one segment starts 0.40 s off"),
        ("timing", {"onset_error_p90_s": 0.2}, "start 0.20 s off or more"),
        ("timing", {"end_within_half_second": 0.75}, "25% of the segments end over 0.5 s off"),
        ("timing", {"dub_in_silence": 0.08}, "8% of the dub falls where the original pauses"),
        ("timing", {"timeline_iou": 0.85}, "both speak together only 85% of the time"),
        ("timing", {"rate_p95": 1.3}, "one segment in 20 is 1.30 times as fast"),
        ("timing", {"rate_jump_max": 0.2}, "jumps by up to 0.20"),
        ("sound", {"loudness_difference_max_lu": 3.0}, "3.0 LU off in loudness"),
        ("sound", {"loudness_difference_median_lu": 1.9}, "half of the segments are 1.9 LU off"),
        ("sound", {"true_peak_dbtp": -0.5}, "peaks reach -0.5 dBTP"),
        ("sound", {"digital_silence": 0.02}, "2.0% of what sounds in the original is dead silence"),
        ("sound", {"muted_music_s": 2.5}, "2.5 s of loud music are gone"),
        ("naturalness", {"dub": 2.5}, "it sounds less natural (2.5 against 4.1 of 5)"),
        ("back_check", {"cer_mean": 0.2}, "a recogniser mishears 20% of what is said"),
        ("back_check", {"misheard": 0.5}, "50% of the segments are hard to understand"),
    ],
)
def test_every_missed_bound_is_in_the_verdict(part: str, changed: dict[str, object], words: str):
    """The word "Good" is said only where all bounds hold."""
    parts = {name: getattr(PERFECT, name) for name in PARTS}
    assert verdict(*parts.values()).startswith("Good")
    parts[part] = parts[part].model_copy(update=changed)
    said = verdict(*parts.values())
    assert said.startswith("Watchable, but")
    assert words in said


@pytest.mark.parametrize(("original", "dub"), [(3.2, 3.0), (4.6, 3.6), (None, 2.0)])
def test_a_voice_is_unnatural_only_below_both_bounds(original: float | None, dub: float):
    """One as good as its original, or good in itself, is no fault; nor one without an original."""
    natural = Naturalness(judge="distillmos", segments=2, original=original, dub=dub)
    said = verdict(PERFECT.timing, PERFECT.sound, PERFECT.text, natural, None)
    assert said.startswith("Good")


def test_the_verdict_names_what_is_misheard():
    """The worst first, five of them, and how many more there are."""
    row = PERFECT.segments[0]
    rates = [0.1, 0.4, 0.9, 0.5, 0.6, 0.7, 0.8]
    rows = [row.model_copy(update={"id": i, "cer": rate}) for i, rate in enumerate(rates)]
    checked = back_check("faster-whisper:base", dict(enumerate(rates)))
    said = verdict(PERFECT.timing, PERFECT.sound, PERFECT.text, None, checked, rows)
    assert "86% of the segments are hard to understand (2, 6, 5, 4, 3 and 1 more)" in said


def test_cost_is_that_of_the_stages_before():
    """Sums over the stages but the measurement's own; the highest peak."""
    record = StageRecord(wall_s=6, made=2, kept=1, engine_calls=3, peak_memory_mb=500)
    stages = {
        "speak": record,
        "assemble": record.model_copy(update={"peak_memory_mb": None}),
        "evaluate": record.model_copy(update={"peak_memory_mb": 900}),
    }
    found = cost(stages, None, 48)
    assert (found.wall_s, found.rtf, found.peak_memory_mb) == (12, 0.25, 500)
    assert (found.engine_calls, found.kept, found.first_segment_s) == (6, 2, None)


def test_stages_that_worked_at_the_same_time_count_once():
    """Not the sum of their work but the time they took together; the first segment comes after the
    search for speech.
    """
    record = StageRecord(wall_s=6, made=2, kept=1, engine_calls=3)
    stages = dict.fromkeys(("segment", "transcribe", "translate", "speak", "assemble"), record)
    flow = FlowRecord(stages=["transcribe", "translate", "speak"], wall_s=10, first_segment_s=4)
    found = cost(stages, flow, 48)
    assert (found.wall_s, found.first_segment_s) == (22, 10)


def test_windows_of_dubs_that_overlap_still_hold_them():
    """A dub of 25 s over one of 7 s: both are looked for where they are."""
    spans = [Span(start_s=0, end_s=25), Span(start_s=7, end_s=14), Span(start_s=14, end_s=20)]
    for own, window in zip(spans, windows(spans), strict=True):
        assert window.start_s <= own.start_s
        assert window.end_s >= own.end_s


def test_every_measure_is_shown_and_missing_ones_are_a_dash():
    """The table has the new measures; what could not be measured is "-", and no cost no row."""
    card = scorecard()
    shown = {row.measure: row.value for row in table_rows(card)}
    assert shown["loud music muted"] == "0.0 of 3.0 s"
    assert shown["naturalness (DistillMOS), original, dub"] == "4.10, 3.90"
    assert shown["... by DNSMOS"] == "3.20, 3.10"
    assert shown["misheard by a recogniser, of all characters"] == "5.0 %"
    assert shown["voice likeness (campplus)"] == "0.60"
    assert shown["voice likeness (resemblyzer, fitted)"] == "0.50"
    assert shown["peak memory"] == "700 MB"
    bare = card.model_copy(
        update={
            "cost": None,
            "left_out": [3, 4],
            "voice": card.voice.model_copy(update={"normalised": None}),
            "judged": None,
            "naturalness": None,
            "back_check": None,
        }
    )
    rows = {row.measure: row.value for row in table_rows(bare)}
    for name in ("misheard by a recogniser, of all characters", "voice likeness (campplus)"):
        assert rows[name] == "-"
    assert rows["naturalness (DistillMOS), original, dub"] == "-"
    assert rows["voice likeness (resemblyzer, fitted)"] == "-"
    assert rows["segments without sound, left out"] == "2"
    assert "peak memory" not in rows


def test_a_judge_that_a_voice_is_fitted_to_is_marked(monkeypatch: pytest.MonkeyPatch):
    """In the table, by one constant."""
    monkeypatch.setattr("dubbing.quality.table.FITTED_TO", frozenset({"resemblyzer"}))
    shown = {row.measure for row in table_rows(scorecard())}
    assert {"voice likeness (resemblyzer, fitted)", "voice likeness (campplus)"} <= shown


def test_an_older_scorecard_is_told_from_a_damaged_one(tmp_path: Path):
    """Schemas 1 and 2 read as none; today's reads as itself; anything else is refused in a
    sentence.
    """
    path = tmp_path / "quality.json"
    for older in (1, 2):
        path.write_text(json.dumps({"schema_version": older, "verdict": ""}), encoding="utf-8")
        assert is_outdated(path)
        assert read_scorecard(path) is None
    path.write_bytes(scorecard().to_bytes())
    assert read_scorecard(path) == scorecard()
    for content in ("{", '{"schema_version": 9}', "[]"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(RunError, match=r"quality\.json is damaged"):
            read_scorecard(path)


def test_the_schema_describes_every_part():
    """The JSON schema names each document with its docstring."""
    parts = Scorecard.model_json_schema()["$defs"]
    assert {"Timing", "Sound", "VoiceScore", "Naturalness", "TextScore", "Cost"} <= set(parts)
    assert all(
        field in parts[name]["description"] for name in parts for field in parts[name]["properties"]
    )
