"""Whether a clip fits its text, where its text ends, and how pieces become one clip."""

from __future__ import annotations

import numpy as np
import pytest

from dubbing.engines import xtts_checks as checks
from dubbing.engines.xtts_joining import faded, joined, pause_s, trimmed
from dubbing.types import Span

pytestmark = pytest.mark.unit

RATE_HZ = 24_000


def span(start_s: float, end_s: float) -> Span:
    return Span(start_s=start_s, end_s=end_s)


def tokens(length_s: float) -> int:
    return round(length_s / checks.TOKEN_S)


@pytest.mark.parametrize("per_s", [10.1, 12.5, 15.1, 22.3])
@pytest.mark.parametrize("characters", [10, 60, 182])
def test_real_paces_are_no_fault(characters: int, per_s: float) -> None:
    """The paces that were measured on Russian voices pass, and stay under the cap."""
    made = tokens(characters / per_s)
    assert checks.length_fault(characters, made, ended=True) == ""
    assert made < checks.token_cap(characters, most=602)


def test_what_does_not_stop_or_stops_early_is_a_fault() -> None:
    """A capped clip and one of 30 characters a second are wrong, and say how long they are."""
    assert "not ended after 8.5 s" in checks.length_fault(60, tokens(8.5), ended=False)
    assert "2.0 s, too short" in checks.length_fault(60, tokens(2.0), ended=True)


def test_the_cap_never_exceeds_the_model() -> None:
    """A long text is capped by what the model can make, a short one by its own length."""
    assert checks.token_cap(1000, most=602) == 602
    assert checks.token_cap(8, most=602) == tokens(2.0) + 1


def test_a_hallucinated_tail_is_cut() -> None:
    """Nobody reads 25 characters for 3.2 s; what is said after a second's silence was not asked."""
    spans = [span(0.1, 3.3), span(4.3, 4.9)]
    assert checks.end_of_text_s(spans, 25, 5.5) == pytest.approx(3.3 + checks.KEEP_S)
    assert "silence at 3.3 s" in checks.tail_fault(spans, 25)


@pytest.mark.parametrize(
    ("spans", "doubtful"),
    [
        ([span(0.1, 2.2), span(3.2, 3.9)], True),
        ([span(1.0, 1.8), span(2.0, 2.9), span(3.7, 3.9)], False),
        ([span(0.1, 1.0), span(2.0, 3.9)], False),
        ([span(0.1, 2.1), span(2.5, 3.9)], False),
        ([span(0.1, 3.9)], False),
    ],
    ids=[
        "a slow reader may not be through",
        "silence is no reading",
        "the text is not over yet",
        "a pause of 0.4 s",
        "one stretch",
    ],
)
def test_speech_that_may_be_asked_for_is_kept(spans: list[Span], doubtful: bool) -> None:
    """Rather an invented word is kept than a real one lost; where it may be one, that is said."""
    assert checks.end_of_text_s(spans, 25, 4.5) == pytest.approx(3.9 + checks.KEEP_S)
    assert bool(checks.tail_fault(spans, 25)) == doubtful


@pytest.mark.parametrize("per_s", [10.1, 12.5, 15.1])
def test_no_pace_that_was_measured_loses_a_sentence(per_s: float) -> None:
    """Of two sentences with a pause between the second stays, however short it is."""
    for last in range(1, 60):
        ends_s = 0.3 + (60 - last) / per_s
        spans = [span(0.3, ends_s), span(ends_s + 1, ends_s + 1 + last / per_s)]
        whole_s = spans[1].end_s + checks.KEEP_S
        assert checks.end_of_text_s(spans, 60, whole_s) == pytest.approx(whole_s)


def test_noise_after_the_last_word_is_cut() -> None:
    """A clip ends soon after its last speech, and never after its own end."""
    assert checks.end_of_text_s([span(0.1, 3.0)], 40, 19.0) == pytest.approx(3.25)
    assert checks.end_of_text_s([span(0.1, 3.0)], 40, 3.1) == pytest.approx(3.1)


def test_pieces_join_without_clicks() -> None:
    """Around the silence between loud pieces no sample jumps; the length is pieces plus pauses."""
    hum = np.sin(2 * np.pi * 100 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    step = float(np.abs(np.diff(hum)).max())
    parts = [trimmed(hum, RATE_HZ)] * 3
    whole = joined(parts, ["Раз,", "два.", "три!"], RATE_HZ)
    assert whole.dtype == np.float32
    assert float(np.abs(np.diff(whole)).max()) < 1.5 * step
    assert abs(whole[0]) < step and abs(whole[-1]) < step
    assert len(whole) == sum(map(len, parts)) + round((0.15 + 0.35) * RATE_HZ)


def test_pauses_follow_the_marks_and_the_speed() -> None:
    """A sentence asks for a longer pause than a clause, and haste shortens both."""
    assert pause_s("Он сказал: «да!»") == pause_s("Да…") > pause_s("да,") == pause_s("да")
    clip = np.ones(10, np.float32)
    lengths = [len(joined([clip, clip], ["Да.", "Нет."], RATE_HZ, speed)) for speed in (1.0, 2.0)]
    assert lengths[0] - 20 == 2 * (lengths[1] - 20) == round(0.35 * RATE_HZ)


def test_silence_around_a_clip_goes() -> None:
    """10 ms stay on both sides; a clip of silence leaves nothing."""
    sound = np.concatenate([np.zeros(RATE_HZ), np.full(RATE_HZ // 2, 0.5), np.zeros(RATE_HZ)])
    kept = trimmed(sound.astype(np.float32), RATE_HZ)
    assert len(kept) == pytest.approx(0.52 * RATE_HZ, abs=0.011 * RATE_HZ)
    assert not len(trimmed(np.zeros(RATE_HZ, np.float32), RATE_HZ))
    assert not len(trimmed(np.zeros(0, np.float32), RATE_HZ))


def test_fading_leaves_the_middle_and_its_argument_alone() -> None:
    """Only the edges change, in a copy; the tiniest clips work too."""
    clip = np.ones(RATE_HZ, np.float32)
    shaped = faded(clip, RATE_HZ)
    assert shaped[0] == 0 and clip[0] == 1
    assert (shaped[300:-300] == 1).all()
    assert faded(clip[:1], RATE_HZ).tolist() == [1]
