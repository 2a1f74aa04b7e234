"""Which sound track of a file is dubbed, where it has several."""

from __future__ import annotations

from pathlib import Path

from dubbing.errors import MediaError
from dubbing.languages import CODES_639_2
from dubbing.media.probe import AudioStream, MediaInfo


def choose_track(path: Path, info: MediaInfo, language: str, wanted: int | None = None) -> int:
    """The number of the sound track to dub, from 0 among the file's sound tracks.

    A commentary or a description of the picture comes last; then the language that a track is
    tagged with decides, then whether it is marked as the original, then whether players start it,
    then the order in the file.

    Args:
        path: The file, for the error.
        info: Of the file.
        language: ISO 639-1 code of the language that is dubbed from.
        wanted: The user's choice, counted from 1; None: none.

    Raises:
        MediaError: There is no such track, or nothing here can decode it.
    """
    if wanted is not None:
        if wanted > len(info.audio):
            raise MediaError(
                path, f"it has no sound track {wanted}; --audio-track can be {_tracks(info)}"
            )
        if not is_decodable(info.audio[wanted - 1]):
            raise MediaError(
                path,
                f"sound track {wanted} cannot be decoded; --audio-track can be {_tracks(info)}",
            )
        return wanted - 1

    def rank(number: int) -> tuple[bool, bool, int, bool, bool]:
        track = info.audio[number]
        return (
            not is_decodable(track),
            track.is_secondary,
            _language_rank(track, language),
            not track.is_original,
            not track.is_default,
        )

    return min(range(len(info.audio)), key=rank)


def choice_told(info: MediaInfo, chosen: int) -> str:
    """One sentence on which track was chosen; empty where there was only one."""
    if len(info.audio) < 2:
        return ""
    return (
        f"dubs sound track {chosen + 1} ({_about(info.audio[chosen])}) of {len(info.audio)}: "
        f"--audio-track can be {_tracks(info)}"
    )


def original_title(track: AudioStream) -> str:
    """What the track is called where it stands beside its dub."""
    return (track.title or "Commentary") if track.is_secondary else "Original"


def is_decodable(track: AudioStream) -> bool:
    """Whether there is a decoder for the track."""
    return track.codec != "unknown" and track.sample_rate_hz > 0 and track.channels > 0


def _language_rank(track: AudioStream, language: str) -> int:
    """0 for the language wanted, 1 where the file does not say, 2 for another."""
    if track.language is None:
        return 1
    code = track.language.lower().replace("_", "-").partition("-")[0]
    return 0 if code in {language, *CODES_639_2.get(language, ())} else 2


def _tracks(info: MediaInfo) -> str:
    return ", ".join(f"{n} ({_about(track)})" for n, track in enumerate(info.audio, start=1))


def _about(track: AudioStream) -> str:
    """Its language and title, as the file tells them, on one line."""
    told = [track.language or "language unknown", " ".join((track.title or "").split())]
    if track.is_secondary and "comment" not in told[1].lower():
        told.append("a commentary or description")
    return ", ".join(part for part in told if part)
