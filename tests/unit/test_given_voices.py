"""`--voice`: whose sound is spoken with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.errors import InputError
from dubbing.runs.store import Run
from dubbing.steps.documents import read_segments
from dubbing.steps.given_voices import check_voices, given_voices, put_voices
from dubbing.steps.voice_prompt import voice_prompt
from tests.run_factory import make_run, make_video

pytestmark = pytest.mark.unit


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Three seconds of a tone, in a file whose name looks like an assignment."""
    path = tmp_path / "my=voice.wav"
    soundfile.write(path, np.sin(np.arange(66_150) / 30) / 4, 22_050)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run of one speaker."""
    return make_run(tmp_path / "runs", "Lamp_House", make_video(tmp_path / "lamp.mp4"))


def test_a_voice_is_the_first_speakers_unless_one_is_named(sound: Path, tmp_path: Path) -> None:
    """Also where the file's own name holds the sign between both."""
    other = tmp_path / "b.wav"
    other.write_bytes(sound.read_bytes())
    assert given_voices([str(sound)]) == {"speaker-1": sound}
    assert given_voices([f"Анна={other}", str(sound)]) == {"Анна": other, "speaker-1": sound}


def test_what_is_no_voice_is_refused(sound: Path, tmp_path: Path) -> None:
    """No file, no sound in it, or two of one speaker."""
    (tmp_path / "text.wav").write_text("no sound")
    for words in (["gone.wav"], [str(tmp_path / "text.wav")], [str(sound), f"speaker-1={sound}"]):
        with pytest.raises(InputError):
            given_voices(words)


def test_a_given_voice_speaks(run: Run, sound: Path) -> None:
    """It is copied into the run, and is its speaker's reference from then on."""
    put_voices(run, {"speaker-1": sound})
    assert "given by the user" in voice_prompt(run, read_segments(run)).reason
    assert run.path("voices/speaker-1.own.wav").is_file()


def test_a_voice_of_nobody_is_refused(run: Run, sound: Path) -> None:
    """Those who speak are named, once they are known."""
    with pytest.raises(InputError, match="speaker-1 speak"):
        check_voices(run, {"speaker-9": sound})
