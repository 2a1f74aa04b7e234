"""What a timeline draws: outlines and music, from files that the tests make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.errors import MediaError
from dubbing.quality.music import EDGE_FRAMES, loud_outside_speech
from dubbing.types import Span
from dubbing.webui.peaks import COUNT, FULL, Clip, music, outline

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def write(path: Path, *levels: tuple[float, float], rate_hz: int = RATE_HZ) -> Path:
    """A tone that lasts and sounds as each (seconds, amplitude) says."""
    parts = [
        amplitude * np.sin(2 * np.pi * 500 * np.arange(round(seconds * rate_hz)) / rate_hz)
        for seconds, amplitude in levels
    ]
    soundfile.write(path, np.concatenate(parts).astype(np.float32), rate_hz, subtype="FLOAT")
    return path


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100])
def test_peaks_follow_the_sound(tmp_path: Path, rate_hz: int) -> None:
    """Half the time loud, half at half the loudness: full peaks, then half of them."""
    path = write(tmp_path / "a.wav", (10.0, 0.5), (10.0, 0.25), rate_hz=rate_hz)
    peaks = outline([Clip(path=path)], 20.0).peaks
    assert len(peaks) == COUNT
    assert set(peaks[10 : COUNT // 2 - 10]) <= {FULL - 1, FULL}
    assert set(peaks[COUNT // 2 + 10 : -10]) <= {FULL // 2 - 1, FULL // 2, FULL // 2 + 1}


def test_levels_are_in_decibels(tmp_path: Path) -> None:
    """A sine of amplitude 0.5 has an RMS of -9 dBFS; silence is -120."""
    path = write(tmp_path / "a.wav", (2.0, 0.5), (2.0, 0.0))
    levels = outline([Clip(path=path)], 4.0).levels_db
    assert len(levels) == 400
    assert levels[100] == pytest.approx(-9.03, abs=0.05)
    assert levels[300] == pytest.approx(-120, abs=0.1)


def test_clips_lie_where_they_start(tmp_path: Path) -> None:
    """Between and around short clips there is silence; what goes beyond the end is left out."""
    path = write(tmp_path / "a.wav", (1.0, 0.5))
    peaks = outline([Clip(path=path, start_s=2.0), Clip(path=path, start_s=9.5)], 10.0).peaks
    at = [round(COUNT * time_s / 10) for time_s in (1, 2.5, 5, 9.7)]
    assert [peaks[i] > FULL // 2 for i in at] == [False, True, False, True]


def test_a_short_track_and_silence_have_an_outline(tmp_path: Path) -> None:
    """Fewer frames than peaks are no error, nor is silence."""
    short = write(tmp_path / "a.wav", (0.05, 0.5))
    silent = write(tmp_path / "b.wav", (1.0, 0.0))
    assert len(outline([Clip(path=short)], 0.05).peaks) == COUNT
    assert set(outline([Clip(path=silent)], 1.0).peaks) == {0}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """The error carries the file."""
    (tmp_path / "a.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(MediaError) as raised:
        outline([Clip(path=tmp_path / "a.wav")], 1.0)
    assert raised.value.path.name == "a.wav"


def levels(*parts: tuple[int, float]) -> np.ndarray:
    """(frames, dB) after each other."""
    return np.concatenate([np.full(frames, db, np.float32) for frames, db in parts])


def test_music_is_loud_sound_outside_of_speech() -> None:
    """Loud before the speech is music, loud within it is not, quiet never is."""
    track = levels((300, -20), (100, -60), (200, -20), (100, -60))
    found = music(track, [Span(start_s=4.0, end_s=6.0)])
    assert found == (Span(start_s=0.0, end_s=3.0),)


def test_music_with_short_pauses_is_one_piece() -> None:
    """Claps stand apart by less than half a second; a cough of 0.2 s is left out."""
    claps = [(30, -20.0), (20, -70.0)] * 4
    found = music(levels(*claps, (200, -70), (20, -20), (100, -70)), [])
    assert [(span.start_s, span.end_s) for span in found] == [(0.0, pytest.approx(1.8))]


def test_music_is_not_joined_across_speech() -> None:
    """A word between two pieces keeps them apart, however short."""
    track = levels((200, -20))
    found = music(track, [Span(start_s=0.9, end_s=1.1)])
    assert [round(span.end_s - span.start_s, 2) for span in found] == [0.87, 0.87]


def test_the_edge_of_speech_is_no_music() -> None:
    """Frames next to speech do not count; an empty track has none."""
    speech = np.zeros(20, bool)
    speech[10] = True
    loud = loud_outside_speech(levels((20, -20)), speech)
    assert np.flatnonzero(~loud).tolist() == list(range(10 - EDGE_FRAMES, 11 + EDGE_FRAMES))
    assert loud_outside_speech(levels((0, 0)), np.zeros(0, bool)).shape == (0,)
