"""What is taken as a clip, found out from its content; the name says nothing."""

from __future__ import annotations

from pathlib import Path

from dubbing.errors import MediaError, NoSoundTrackError
from dubbing.webui.live.refusal import Refusal

MAX_MB = 20
MAX_S = 60.0
TOLERANCE_S = 0.5  # a recording of a minute is a little longer
REFERENCE_S = (5.0, 30.0)  # shorter says too little of a voice, longer says nothing more


def check_size(content: bytes) -> None:
    """Nothing, when so many bytes may be a clip.

    Raises:
        Refusal: There are none, or too many.
    """
    if not content:
        raise Refusal("empty")
    if len(content) > MAX_MB << 20:
        raise Refusal("too_large", size=len(content) / (1 << 20), limit=str(MAX_MB))


def check_clip(path: Path) -> float:
    """The clip's length in seconds.

    Raises:
        Refusal: It is no media, has no sound track, or is too long.
    """
    from dubbing.media.probe import probe

    try:
        duration_s = probe(path).duration_s
    except NoSoundTrackError as error:
        raise Refusal("no_sound") from error
    except MediaError as error:
        raise Refusal("not_media") from error
    if duration_s > MAX_S + TOLERANCE_S:
        raise Refusal("too_long", seconds=str(round(duration_s)), limit=str(round(MAX_S)))
    return duration_s


def check_reference(path: Path) -> None:
    """Nothing, when a voice can be taken from this.

    Raises:
        Refusal: It is no sound, too short or too long.
    """
    from dubbing.media.probe import probe

    try:
        duration_s = probe(path).duration_s
    except MediaError as error:
        raise Refusal("reference_unreadable") from error
    shortest_s, longest_s = REFERENCE_S
    if duration_s < shortest_s:
        raise Refusal("reference_short", seconds=duration_s, limit=str(round(shortest_s)))
    if duration_s > longest_s + TOLERANCE_S:
        raise Refusal("reference_long", seconds=str(round(duration_s)), limit=str(round(longest_s)))
