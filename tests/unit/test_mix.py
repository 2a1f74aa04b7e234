"""The new sound track."""

from dataclasses import replace

import numpy as np
import pytest

from dubbing.media.levels import loudness_lufs, oversampled_peaks, to_db
from dubbing.stages.fit import plan
from dubbing.stages.mix import (
    CEILING_DBTP,
    FADE_S,
    Clip,
    Limiter,
    keep_gain,
    limited,
    matching_gain_db,
    mix,
    replaced_regions,
)
from dubbing.stages.phrases import Utterance
from dubbing.stages.room_tone import RoomTone
from dubbing.stages.stereo import StereoImage
from dubbing.types import Segment, Span

pytestmark = pytest.mark.unit
RATE = 48_000
QUIET = np.full(1000, -70, np.float32)  # 10 s


def noise(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    return (
        np.random.default_rng(seed).normal(0, level, (round(seconds * RATE), 2)).astype("float32")
    )


def blocks(sound: np.ndarray, size: int = 10_000) -> list[np.ndarray]:
    return [sound[i : i + size] for i in range(0, len(sound), size)]


def learned(sound: np.ndarray, *speech: tuple[float, float]) -> RoomTone:
    tone = RoomTone([Span(start_s=a, end_s=b) for a, b in speech], RATE)
    for block in blocks(sound):
        tone.listen(block)
    return tone


def mixed(
    sound: np.ndarray, regions: list[Span], clips: list[Clip], manner: str = "dub", size=10_000
):
    tone = learned(sound, *((r.start_s, r.end_s) for r in regions))
    parts = mix(blocks(sound, size), clips, regions, tone, manner=manner, rate_hz=RATE)
    return np.concatenate(list(parts))


def test_outside_speech_the_original_is_kept_to_the_bit():
    """Where nobody speaks nothing is changed, and the length is the original's."""
    sound = noise(6, 0.05)
    made = mixed(sound, [Span(start_s=2, end_s=4)], [])
    assert len(made) == len(sound)
    edge = round((2 - FADE_S) * RATE) - 1
    assert np.array_equal(made[:edge], sound[:edge])


def test_under_the_dub_lies_room_tone_as_loud_as_the_pauses():
    """The voice is gone, the room is not: its level is kept within 1.5 dB, nothing is dead."""
    sound = noise(8, 0.002)
    sound[2 * RATE : 6 * RATE] += noise(4, 0.2, seed=1)
    made = mixed(sound, [Span(start_s=2, end_s=6)], [])
    inside, pause = made[3 * RATE : 5 * RATE].std(), sound[: 2 * RATE].std()
    assert abs(to_db(inside / pause)) < 1.5
    assert np.abs(made[3 * RATE : 5 * RATE]).reshape(-1, 960).max(axis=1).min() > 0


def test_room_tone_is_silent_where_the_pauses_are():
    """An original with dead silent pauses gets no invented noise."""
    sound = np.zeros((4 * RATE, 2), np.float32)
    sound[RATE : 2 * RATE] = noise(1, 0.2)
    assert not learned(sound, (1.0, 2.0)).play(0, RATE).any()


def test_a_gated_recording_has_no_room_tone():
    """Its pauses are digitally silent but for a jingle, which is none; a moment of silence where a
    file begins changes nothing.
    """
    jingle, talk, silence = noise(3, 0.1), noise(1, 0.05, 1), np.zeros((RATE, 2), np.float32)
    parts, speech, at = [jingle], [], 3
    for _ in range(10):
        parts += [silence, talk]
        speech.append((at + 1, at + 2))
        at += 2
    assert not learned(np.concatenate(parts), *speech).play(0, RATE).any()
    room = np.concatenate([silence, noise(5, 0.001), talk])
    assert learned(room, (6, 7)).play(0, RATE).std() == pytest.approx(0.001, rel=0.2)


@pytest.mark.parametrize("pause_s", [0.2, 2.0])
@pytest.mark.parametrize("side", ["a track that starts late", "a muted outro", "a fade to nothing"])
def test_silence_around_the_talk_is_no_pause(side: str, pause_s: float):
    """It neither switches the room tone off nor makes it quieter, with pauses to learn from or
    none that is long enough.
    """
    room, silence = noise(10 + pause_s, 0.002), np.zeros((20 * RATE, 2), np.float32)
    talk = room.copy()
    speech = [(0.0, 5.0), (5 + pause_s, 10 + pause_s)]
    for start_s, end_s in speech:
        words = slice(round((start_s + 0.5) * RATE), round((end_s - 0.5) * RATE))
        talk[words] += noise(end_s - start_s - 1, 0.2, 1)[: len(talk[words])]
    if side == "a track that starts late":
        sound, speech = np.concatenate([silence, talk]), [(a + 20, b + 20) for a, b in speech]
    else:
        fade = noise(20, 0.002, 2) * np.geomspace(1, 1e-2, 20 * RATE, dtype="float32")[:, None]
        sound = np.concatenate([talk, silence if side == "a muted outro" else fade])
    wanted = pytest.approx(0.002, rel=0.3)
    if pause_s > 1 or side != "a fade to nothing":
        assert learned(sound, *speech).play(0, RATE).std() == wanted


def test_room_tone_keeps_the_stereo_width():
    """Room tone of a nearly mono room is nearly mono too."""
    middle, side = noise(10, 0.01)[:, :1], noise(10, 0.003, seed=3)[:, :1]
    tone = learned(np.concatenate([middle + side, middle - side], axis=1)).play(0, 5 * RATE)
    assert np.corrcoef(tone.T)[0, 1] == pytest.approx(0.83, abs=0.06)


def test_clip_is_added_at_its_sample():
    """A dub sounds from its first sample, in both channels, across block borders."""
    sound = np.zeros((2 * RATE, 2), np.float32)
    clip = Clip(start=9_990, samples=np.full(20_020, 0.25, np.float32))
    made = mixed(sound, [], [clip])
    assert not made[:9_990].any()
    assert made[9_990:30_010] == pytest.approx(0.25)
    assert not made[30_010:].any()


def test_voiceover_keeps_the_original_low():
    """In the voiceover manner the original goes on 15 dB lower."""
    made = mixed(noise(4, 0.1), [Span(start_s=1, end_s=3)], [], manner="voiceover")
    inside, before = made[RATE : 3 * RATE].std(), made[: RATE // 2].std()
    assert to_db(inside / before) == pytest.approx(-15, abs=0.5)


def test_block_size_changes_nothing():
    """The mix is the same, to -80 dB, whatever pieces it streams in: only the oversampling filter
    sees a block's edge.
    """
    sound, clip = noise(3, 0.3), Clip(start=50_000, samples=np.full(30_000, 0.9, np.float32))
    region = [Span(start_s=1, end_s=2)]
    one, other = mixed(sound, region, [clip], size=480), mixed(sound, region, [clip], size=48_000)
    assert one == pytest.approx(other, abs=1e-4)


def test_limiter_holds_true_peaks_and_leaves_the_rest():
    """Peaks between samples stay under the ceiling; quiet parts are untouched."""
    sound = noise(3, 0.02)
    sound[RATE : RATE + 2_000] *= 60
    sound[100_000] = 1.5
    limiter = Limiter(RATE)
    made = np.concatenate([*(limiter.process(b) for b in blocks(sound, 5_000)), limiter.finish()])
    assert to_db(float(oversampled_peaks(made).max())) <= CEILING_DBTP + 0.05
    assert np.array_equal(made[: RATE // 2], sound[: RATE // 2])


def test_a_clip_that_is_too_loud_is_turned_down_not_cut_off():
    """It keeps its shape, its length and its place; one that fits keeps every bit."""
    clock_s = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 220 * clock_s).astype(np.float32)
    assert (limited(tone, RATE) == tone).all()
    held = limited(2.4 * tone, RATE)
    assert len(held) == len(tone) and np.abs(held).max() < 1
    inside = slice(RATE // 4, -RATE // 4)
    shape = held[inside] / np.abs(held[inside]).max()
    assert np.abs(shape - tone[inside]).max() < 0.02
    assert not len(limited(np.zeros(0, np.float32), RATE))


def test_gain_matches_loudness():
    """A dub 12 dB too quiet is lifted by 12 dB."""
    voice = noise(3, 0.1)[:, 0]
    gain_db = matching_gain_db(voice / 4, RATE, voice, RATE)
    assert gain_db == pytest.approx(12.04, abs=0.1)


def test_loudness_of_a_full_scale_tone():
    """A 997 Hz tone at full scale in one channel is -3.01 LUFS (ITU-R BS.1770-4, annex 1)."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE).astype(np.float32)
    assert loudness_lufs(tone, RATE) == pytest.approx(-3.01, abs=0.1)
    assert loudness_lufs(tone[: RATE // 5], RATE) == pytest.approx(-3.01, abs=0.2)


def test_untranslated_segment_keeps_its_sound():
    """No region covers a segment that has no dub, not even its neighbour's tail."""
    rows = [
        Segment(id=1, span=Span(start_s=1, end_s=2)),
        Segment(id=2, span=Span(start_s=2.02, end_s=4)),
    ]
    spoken = Utterance(
        segment=rows[0],
        islands=(rows[0].span,),
        phrases=(Span(start_s=0, end_s=1),),
    )
    utterances = [spoken, replace(spoken, segment=rows[1], islands=(rows[1].span,), phrases=())]
    (region,) = replaced_regions(rows, plan(utterances, 10), [row.span for row in rows], QUIET)
    assert region.end_s <= 2.02


def test_a_short_word_that_is_kept_between_two_dubs_is_heard():
    """Its original voice is in no region; what is shorter than both fades goes with the dubs."""
    for middle_s, regions in ((2.15, 2), (2.05, 1)):
        edges = [(0.0, 2.0), (2.0, middle_s), (middle_s, 4.0)]
        rows = [Segment(id=i, span=Span(start_s=a, end_s=b)) for i, (a, b) in enumerate(edges, 1)]
        utterances = [
            Utterance(segment=r, islands=(r.span,), phrases=(Span(start_s=0, end_s=1.5),))
            for r in rows
        ]
        utterances[1] = replace(utterances[1], phrases=())
        speech = [row.span for row in rows]
        found = replaced_regions(rows, plan(utterances, 10), speech, QUIET)
        assert len(found) == regions
    assert keep_gain(found, 0, RATE, RATE).max() <= 1


def test_a_long_pause_inside_a_segment_keeps_its_sound():
    """A second in which neither the original nor the dub speaks is heard as it was recorded; a
    short pause, and the time of the dub's own words, are not.
    """
    row = Segment(id=1, span=Span(start_s=1, end_s=6))
    islands = (Span(start_s=1, end_s=2), Span(start_s=3.5, end_s=4.5), Span(start_s=4.7, end_s=6))
    phrases = (Span(start_s=0, end_s=1), Span(start_s=1.1, end_s=3.6))
    spoken = Utterance(segment=row, islands=islands, phrases=phrases)
    first, second = replaced_regions([row], plan([spoken], 10), list(islands), QUIET)
    assert first.end_s < 2.5 and second.start_s == pytest.approx(3.5, abs=0.05)
    assert second.end_s >= 6


def test_what_does_not_die_away_after_a_word_is_kept():
    """A word's echo goes with it; a laugh that follows at once, in a pause of half a second, stays
    from the word's end on.
    """
    row = Segment(id=1, span=Span(start_s=1, end_s=4))
    islands = (Span(start_s=1, end_s=2), Span(start_s=2.5, end_s=4))
    spoken = Utterance(segment=row, islands=islands, phrases=islands)
    laugh = QUIET.copy()
    laugh[200:250] = -35
    for levels_db, end_s in ((QUIET, 2.18), (laugh, 2.06)):
        first, _ = replaced_regions([row], plan([spoken], 10), list(islands), levels_db)
        assert first.end_s == pytest.approx(end_s, abs=0.005)


def test_music_is_heard_until_the_first_word():
    """A dub that begins before the original's first word takes nothing of what is there."""
    row = Segment(id=1, span=Span(start_s=1.94, end_s=4))
    word = Span(start_s=2, end_s=4)
    (placed,) = plan([Utterance(segment=row, islands=(word,), phrases=(word,))], 10)
    assert placed.start_s == pytest.approx(1.98)
    (region,) = replaced_regions([row], [placed], [word], QUIET)
    assert region.start_s == pytest.approx(2)


def test_keep_gain_fades_outside_the_region():
    """The original is fully gone at the region's first sample and fully back after the fade."""
    gain = keep_gain([Span(start_s=1, end_s=2)], 0, 3 * RATE, RATE)
    assert gain[RATE] == pytest.approx(0, abs=1e-6)
    assert gain[round((1 - FADE_S) * RATE)] == pytest.approx(1)
    assert gain[round((2 + FADE_S) * RATE)] == pytest.approx(1)


def _image(sound: np.ndarray, start_s: float, end_s: float, size: int = 10_000) -> StereoImage:
    image = StereoImage([Span(start_s=start_s, end_s=end_s)], RATE)
    for block in blocks(sound, size):
        image.listen(block)
    return image


@pytest.mark.parametrize("size", [999, 48_000])
def test_a_dub_stands_where_the_voice_stood(size: int):
    """A voice at a third of the strength on the right is dubbed so; a mono player hears no change
    of loudness, and what sounds outside of the segment does not count.
    """
    sound = noise(3, 0.1)[:, :1].repeat(2, axis=1)
    sound[RATE : 2 * RATE, 1] /= 3
    left, right = _image(sound, 1, 2, size).sides(0)
    assert left / right == pytest.approx(3, rel=1e-3)
    assert left + right == pytest.approx(2)


def test_a_mono_original_gives_the_same_dub_left_and_right():
    """A voice in the middle stays exactly there: both sides of the mix are equal to the bit."""
    sound = noise(3, 0.01)[:, :1].repeat(2, axis=1)
    sides = _image(sound, 1, 2).sides(0)
    clip = Clip(start=RATE, samples=noise(1, 0.1)[:, 0], sides=sides)
    made = mixed(sound, [], [clip])
    assert sides == (1.0, 1.0)
    assert np.array_equal(made[:, 0], made[:, 1])


def test_the_mix_places_a_dub_by_its_sides():
    """A dub that is all on the left is not heard on the right."""
    silence = np.zeros((2 * RATE, 2), np.float32)
    clip = Clip(start=RATE // 2, samples=noise(1, 0.05)[:, 0], sides=(2.0, 0.0))
    made = mixed(silence, [], [clip])
    assert np.abs(made[:, 0]).max() > 0.1
    assert np.abs(made[:, 1]).max() == 0


def test_the_separated_background_lies_under_the_dub():
    """Inside speech the background is heard, outside the original; a bed that is a sample short
    of the original is no error.
    """
    sound, music = noise(4, 0.05), noise(4, 0.02, seed=1)
    region = Span(start_s=1, end_s=3)
    parts = mix(
        blocks(sound),
        [],
        [region],
        learned(sound),
        manner="background",
        rate_hz=RATE,
        background=blocks(music[:-1]),
    )
    made = np.concatenate(list(parts))
    assert np.array_equal(made[RATE : 3 * RATE], music[RATE : 3 * RATE])
    assert np.array_equal(made[: RATE // 2], sound[: RATE // 2])
    assert len(made) == len(sound)
