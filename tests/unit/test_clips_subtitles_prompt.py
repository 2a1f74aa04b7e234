"""Clips cut from a stream, subtitles from placements, the voice prompt."""

import html
from dataclasses import replace

import numpy as np
import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.media.clips import cut_clips
from dubbing.stages.speak import trimmed
from dubbing.stages.subtitles import LINE_CHARACTERS, cues, render
from dubbing.stages.voice_prompt import (
    Piece,
    choose_prompt,
    clarity_db,
    join,
    shortlist,
    voiced_share,
)
from dubbing.types import Segment, Span, Speech, Transcript, Word

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_clips_are_the_signal_between_their_times(size: int):
    """Each clip holds exactly its samples, whatever blocks the signal comes in."""
    signal = np.arange(1000, dtype=np.float32)
    blocks = (signal[i : i + size] for i in range(0, 1000, size))
    spans = [
        Span(start_s=0.01, end_s=0.2),
        Span(start_s=0.2, end_s=0.25),
        Span(start_s=0.9, end_s=2),
    ]
    first, second, last = cut_clips(blocks, spans, 1000)
    assert np.array_equal(first, signal[10:200])
    assert np.array_equal(second, signal[200:250])
    assert np.array_equal(last, signal[900:])


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_clips_may_overlap(size: int):
    """What two spans share is in both clips; a span inside another is whole."""
    signal = np.arange(1000, dtype=np.float32)
    blocks = (signal[i : i + size] for i in range(0, 1000, size))
    times = [(0.0, 0.5), (0.1, 0.2), (0.4, 0.9)]
    clips = cut_clips(blocks, [Span(start_s=a, end_s=b) for a, b in times], 1000)
    for clip, (start_s, end_s) in zip(clips, times, strict=True):
        assert np.array_equal(clip, signal[round(start_s * 1000) : round(end_s * 1000)])


texts = st.text(
    st.characters(categories=("L", "P", "Zs"), exclude_characters="{}\\<>&"), max_size=400
)


@given(texts, st.floats(0, 100), st.floats(0.5, 15))
def test_subtitles_lose_no_word_and_keep_their_time(text: str, start_s: float, length_s: float):
    """All words come once, in order, in cues inside the span, two lines of 42 at most."""
    span = Span(start_s=start_s, end_s=start_s + length_s)
    made = cues([text], [span])
    said = "".join(piece for _, piece in made)
    assert "".join(said.split()) == "".join(text.split())
    for cue, piece in made:
        assert start_s - 1e-6 <= cue.start_s and cue.end_s <= span.end_s + 1e-6
        lines = piece.split("\n")
        assert len(lines) <= 2 and all(len(line) <= LINE_CHARACTERS for line in lines)


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_subtitle_file_is_read_back(suffix: str):
    """A player reads the same text at the same millisecond."""
    text = "Сад ночью живёт: мотыльки, луна и запах табака. " * 3
    made = cues([text.strip()], [Span(start_s=1.234, end_s=9.876)])
    back = pysubs2.SSAFile.from_string(render(made, suffix), format_=suffix)
    assert " ".join(e.plaintext.replace("\n", " ") for e in back) == text.strip()
    assert (back[0].start, back[-1].end) == (1234, 9876)


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_subtitles_show_whatever_signs_a_text_has(suffix: str):
    """Braces are no style, a backslash ends no line, an arrow is no time; WebVTT is escaped."""
    text = r"Набор {x, y}, путь C:\Nova, a --> b & c < d"
    shown = render([(Span(start_s=1.0, end_s=3661.5), text)], suffix)
    head, times, line = shown.strip().split("\n")[-3:]
    assert (head, times.replace(",", ".")) == ("1", "00:00:01.000 --> 01:01:01.500")
    read = html.unescape(line) if suffix == "vtt" else line
    assert read.replace("-->", "->") == text.replace("-->", "->")
    assert "-->" not in line and "{x, y}" in line and r"C:\Nova" in line
    assert ("<" in line) == (suffix == "srt")


def _speech(level: float, under: float) -> np.ndarray:
    random = np.random.default_rng(0)
    voice = random.normal(0, level, 48_000) * (np.arange(48_000) // 4_800 % 2)
    return (voice + random.normal(0, under, 48_000)).astype(np.float32)


def test_speech_over_music_is_less_clear():
    """Clarity falls by as much as the sound under the voice rises."""
    dry, wet = clarity_db(_speech(0.1, 0.001), 24_000), clarity_db(_speech(0.1, 0.03), 24_000)
    assert dry > 35
    assert wet < 15


def _listed(spans: list[tuple[float, float]], sure: list[float], clear: list[float], **more):
    rows = [Segment(id=i, span=Span(start_s=a, end_s=b)) for i, (a, b) in enumerate(spans, start=1)]
    said = [Transcript(words=(Word(text="a", start_s=0, end_s=1, probability=p),)) for p in sure]
    return shortlist(rows, said, clear, **more)


def _measured(pieces: list[Piece], **figures: float) -> list[Piece]:
    return [replace(piece, **({"voiced": 0.8, "dnsmos": 3.0} | figures)) for piece in pieces]


def test_shortlist_puts_faulty_segments_last():
    """Overlapped, tiny, overlong and musical segments come after a merely doubtful one."""
    spans = [(0, 6), (10, 16), (20, 20.5), (30, 44), (50, 56)]
    listed = _listed(
        spans, [0.9] * 4 + [0.3], [40.0, 12.0, 45.0, 45.0, 30.0], overlapped=[True] + [False] * 4
    )
    assert listed[0].index == 4
    assert {p.index: p.faults for p in listed} == {
        4: (),
        0: ("somebody else speaks too",),
        1: ("music or noise lies under it",),
        2: ("shorter than 2 s",),
        3: ("longer than 12 s",),
    }


def test_prompt_lasts_six_to_twelve_seconds():
    """The best pieces are taken until six seconds are together, in order of time."""
    listed = _listed([(0, 4), (10, 14), (20, 24), (30, 39)], [0.9] * 4, [30.0, 40.0, 41.0, 25.0])
    assert [p.index for p in choose_prompt(_measured(listed))] == [1, 2]


def test_naturalness_and_voice_decide_between_clear_pieces():
    """A clear piece that sounds bad, or that is mostly voiceless, gives way; the reason says why
    when there is nothing better.
    """
    good, bad = _listed([(0, 6), (10, 16)], [0.9, 0.9], [41.0, 40.0])
    (better,) = choose_prompt([*_measured([good], dnsmos=1.5), *_measured([bad])])
    assert better.index == bad.index
    (left,) = choose_prompt(_measured([good], voiced=0.1))
    assert "little of it is voiced" in left.reason


def test_only_tiny_segments_still_give_a_prompt():
    """With nothing long enough the tiny segments serve."""
    assert [p.index for p in choose_prompt(_measured(_listed([(0, 0.5)], [0.9], [30.0])))] == [0]


def test_a_worse_piece_helps_out_where_the_best_is_a_word():
    """Half a second is no sample: what lies over music is taken too. A whole second is enough."""
    spans = [(0, 0.5), (10, 11.5)]
    measured = _measured(_listed(spans, [0.9, 0.9], [30.0, 12.0]))
    assert [len(piece.faults) for piece in measured] == [1, 2]
    assert [p.index for p in choose_prompt(measured)] == [0, 1]
    longer = [replace(measured[0], duration_s=1.0), measured[1]]
    assert [p.index for p in choose_prompt(longer)] == [0]


def test_voiced_share_tells_a_tone_from_hiss():
    """Harmonics are voiced, noise is not, silence is nothing."""
    t = np.arange(16_000) / 16_000
    tone = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 20)).astype(np.float32) / 4
    hiss = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    assert voiced_share(tone, 16_000) > 0.8
    assert voiced_share(hiss, 16_000) < 0.4
    assert voiced_share(np.zeros(16_000, np.float32), 16_000) == 0


def test_joined_clips_keep_all_sound():
    """Joining adds gaps between clips and nothing else."""
    one = np.ones(100, np.float32)
    assert len(join([one, one], 1000)) == 100 + 150 + 100


def test_trimmed_speech_starts_and_ends_with_sound():
    """Silence around speech goes, but for 10 ms; the sound itself stays."""
    clip = np.zeros(22_050, np.float32)
    clip[5_000:15_000] = 0.2
    made = trimmed(Speech(samples=clip, sample_rate_hz=22_050)).samples
    assert np.count_nonzero(made) == 10_000
    assert len(made) <= 10_000 + 2 * (221 + 110)


def test_silent_speech_is_refused():
    """A clip without any sound is an error, not a dub."""
    with pytest.raises(ValueError, match="silent"):
        trimmed(Speech(samples=np.zeros(100, np.float32), sample_rate_hz=100))
