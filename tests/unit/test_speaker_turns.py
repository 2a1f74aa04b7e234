"""Who says which word, and segments of one speaker each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubbing.media.pitch import median_pitch_hz
from dubbing.stages.speakers import speakers_of, with_voices
from dubbing.stages.transcribe import recut
from dubbing.types import Diarization, Span, Transcript, Turn, Word

pytestmark = pytest.mark.unit


def said(text: str, start_s: float, end_s: float) -> list[Word]:
    """The text's words, evenly spread."""
    texts = text.split()
    step = (end_s - start_s) / len(texts)
    return [
        Word(text=t, start_s=start_s + i * step, end_s=start_s + (i + 1) * step, probability=0.9)
        for i, t in enumerate(texts)
    ]


def turns(*rows: tuple[str, float, float]) -> Diarization:
    return Diarization(
        turns=tuple(Turn(speaker=n, span=Span(start_s=a, end_s=b)) for n, a, b in rows)
    )


def test_one_speaker_without_a_diarizer():
    """No turns: everything is the first speaker's."""
    assert speakers_of(said("One two.", 0, 1), None) == ["speaker-1", "speaker-1"]
    assert speakers_of(said("One two.", 0, 1), Diarization(turns=())) == ["speaker-1"] * 2


def test_words_go_to_the_turn_that_they_share_most_time_with():
    """The one that covers most of a word says it."""
    words = said("Who lit the lamp here?", 0, 4) + said("I did it last night.", 4.2, 8)
    found = speakers_of(words, turns(("b", 0, 4.1), ("a", 4.1, 8)))
    assert found == ["b"] * 5 + ["a"] * 5


def test_a_turn_that_is_a_word_off_moves_to_the_sentence_end():
    """The diarizer changed one word too early: the sentence keeps its last word."""
    words = said("Who lit the lamp here?", 0, 4) + said("I did it last night.", 4, 8)
    found = speakers_of(words, turns(("a", 0, 3.3), ("b", 3.3, 8)))
    assert found == ["a"] * 5 + ["b"] * 5


def test_a_slip_inside_a_sentence_is_mended_and_a_short_reply_stays():
    """Half a second of somebody else in the middle of a sentence is a slip; "Yes." is a reply."""
    one = said("We went up the long stairs to the lamp.", 0, 4.5)
    other = said("I have seen that every single night since May.", 6, 10)
    slip = turns(("a", 0, 2), ("b", 2, 2.5), ("a", 2.5, 4.6), ("b", 5.9, 10))
    assert speakers_of(one + other, slip) == ["a"] * 9 + ["b"] * 9
    reply = said("Yes.", 4.8, 5.2)
    heard = turns(("a", 0, 4.6), ("b", 4.7, 5.3), ("a", 5.4, 5.9), ("b", 5.9, 10))
    assert speakers_of(one + reply + other, heard)[9] == "b"


def test_who_says_too_little_for_a_voice_has_none():
    """Two seconds make no voice: they are spoken by whoever is next to them. The others are
    numbered as they are heard.
    """
    heard = with_voices(turns(("x", 0, 2), ("b", 2, 5.1), ("x", 5.1, 5.9), ("a", 6, 9)))
    assert [turn.speaker for turn in heard.turns] == ["speaker-1", "speaker-2"]
    assert set(speakers_of(said("Did you?", 0.2, 1.5), heard)) == {"speaker-1"}
    assert set(speakers_of(said("Hi.", 0, 1), with_voices(turns(("a", 0, 1))))) == {"speaker-1"}


def test_segments_are_cut_where_the_speaker_changes():
    """Without any pause between two people the cut lies at the turn, inside detected speech."""
    words = said("Who lit the lamp here?", 0.5, 4) + said("I did it last night.", 4, 8)
    diarization = turns(("a", 0.4, 4.05), ("b", 4.05, 8.1))
    speech = [Span(start_s=0.5, end_s=8)]
    (one, first), (two, second) = recut(
        speech, Transcript(words=tuple(words)), Span(start_s=0, end_s=10), diarization
    )
    assert (one.speaker, two.speaker) == ("a", "b")
    assert (first.text, second.text) == ("Who lit the lamp here?", "I did it last night.")
    assert one.span.end_s == two.span.start_s == pytest.approx(4.05)


@pytest.mark.parametrize("first_s", [0.0, 0.02, 0.06])
def test_a_change_of_speaker_at_the_very_start(first_s: float):
    """A first word of no length, or a turn of a few milliseconds, breaks nothing."""
    words = (
        Word(text="Yes.", start_s=0.0, end_s=first_s, probability=0.9),
        Word(text="Hello", start_s=first_s, end_s=0.5, probability=0.9),
        Word(text="there.", start_s=0.5, end_s=1.0, probability=0.9),
    )
    found = recut(
        [Span(start_s=0, end_s=1)],
        Transcript(words=words),
        Span(start_s=0, end_s=2),
        turns(("speaker-1", 0, 0.03), ("speaker-2", 0.03, 2)),
    )
    assert " ".join(text.text for _, text in found) == "Yes. Hello there."
    spans = [segment.span for segment, _ in found]
    assert spans[0].start_s >= 0
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(spans))


def test_overlapped_speech_is_flagged():
    """Where two speak at once for a third of a second, the segment says so; elsewhere not."""
    words = said("Who lit the lamp here?", 0.5, 4) + said("I did it last night.", 5, 8)
    heard = turns(("a", 0.4, 4), ("b", 3.5, 8))
    overlapped = Diarization(turns=heard.turns, overlapped=(Span(start_s=3.5, end_s=4),))
    speech = [Span(start_s=0.5, end_s=4), Span(start_s=5, end_s=8)]
    cut = recut(speech, Transcript(words=tuple(words)), Span(start_s=0, end_s=10), overlapped)
    assert [segment.overlapped for segment, _ in cut] == [True, False]


@given(
    rows=st.lists(
        st.tuples(st.floats(0, 0.6), st.floats(0, 1.5), st.booleans(), st.sampled_from("abc")),
        min_size=1,
        max_size=30,
    ),
    shift=st.floats(-0.4, 0.4),
)
def test_no_word_is_lost_whoever_speaks(rows: list[tuple[float, float, bool, str]], shift: float):
    """Whatever the turns and the words' lengths: each word in one segment, in order; segments
    ordered, within the limit, of one speaker; neighbours of one sentence differ in speaker only.
    """
    words, speech, heard, at = [], [], [], 0.1
    for index, (pause, length, ends, who) in enumerate(rows):
        at += pause
        words.append(
            Word(
                text=f"w{index}{'.' if ends else ''}",
                start_s=at,
                end_s=at + length,
                probability=1,
            )
        )
        if length > 0.02 and (not speech or at > speech[-1].end_s):
            speech.append(Span(start_s=at, end_s=at + length))
        if length > 0.02:
            start_s = max(0.0, at + shift)
            heard.append((who, start_s, start_s + length))
        at += length
    cut = recut(
        speech or [Span(start_s=0, end_s=at + 0.1)],
        Transcript(words=tuple(words)),
        Span(start_s=0, end_s=at + 1),
        turns(*heard),
    )
    assert [w.text for _, t in cut for w in t.words] == [w.text for w in words]
    assert all(a.span.end_s <= b.span.start_s + 1e-9 for (a, _), (b, _) in pairwise(cut))
    assert all(s.span.duration_s <= 15 + 1e-9 for s, _ in cut)


def test_median_pitch():
    """A pulse train's own; silence has none."""
    time = np.arange(24_000) / 24_000
    buzz = (0.3 * np.sign(np.sin(2 * np.pi * 120 * time))).astype(np.float32)
    assert median_pitch_hz([buzz, buzz[:0]], 24_000) == pytest.approx(120, rel=0.05)
    assert median_pitch_hz([np.zeros(24_000, np.float32)], 24_000) is None
