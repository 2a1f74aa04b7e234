"""The voices that a person gives: `--voice FILE`, or `--voice SPEAKER=FILE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dubbing.errors import InputError
from dubbing.media.probe import probe
from dubbing.runs.store import Run
from dubbing.steps.documents import read_segments
from dubbing.steps.voice_prompt import give_voice

FIRST = "speaker-1"  # who is heard first


def given_voices(words: Sequence[str]) -> dict[str, Path]:
    """Speaker → sound file.

    Args:
        words: "FILE", which is the first speaker's, or "SPEAKER=FILE".

    Raises:
        InputError: A file is not there or holds no sound, or a speaker has two.
    """
    found: dict[str, Path] = {}
    for word in words:
        speaker, _, name = word.rpartition("=") if not Path(word).exists() else ("", "", word)
        if (speaker or FIRST) in found:
            raise InputError(f"--voice {word}: {speaker or FIRST} has a voice already; give one")
        found[speaker or FIRST] = Path(name)
    for path in found.values():
        if not path.is_file():
            raise InputError(f"--voice {path}: there is no such file; check the name")
        probe(path)  # raises where it holds no sound
    return found


def check_voices(run: Run, voices: Mapping[str, Path]) -> None:
    """Nothing, when the run has all of the speakers, or does not know them yet.

    Raises:
        InputError: One does not speak in it.
    """
    if not run.path(run.segments).is_file():
        return
    known = sorted({segment.speaker for segment in read_segments(run)})
    for speaker in voices:
        if speaker not in known:
            raise InputError(
                f"--voice: nobody is called {speaker!r} here; {', '.join(known)} speak"
            )


def put_voices(run: Run, voices: Mapping[str, Path]) -> None:
    """Puts the voices into the run folder, where every later command finds them.

    Raises:
        MediaError: One cannot be read.
    """
    for speaker, sound in voices.items():
        give_voice(run, speaker, sound)
