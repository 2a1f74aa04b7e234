"""What a file declares and does not hold, or holds beyond: half a download, damage in the middle.

A player stops there without a word, and so would a dub. What was decoded is compared with what the
container says of the track; of WAV, MP3, FLAC and Ogg their own headers are read, because ffmpeg
makes of a shorter file a shorter header.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from dubbing.media.probe import moving_pictures, open_media, probe
from dubbing.types import Loss

TOLERANCE_S = 0.1  # honest headers are off by the padding of the first and last frame
PICTURE_TOLERANCE_S = 1.0  # Matroska does not say for how long the last picture is shown
GAP_S = 0.05  # timestamps jitter by a frame; a larger hole is silence in the recording
UNKNOWN_BYTES = {0, 0xFFFFFFFF}  # what a WAV says that was written to a pipe
OGG_TAIL = 1 << 17  # a page has at most 65,307 bytes
XING_WITHIN = 4096  # bytes after the tags: in the first frame


@dataclass(slots=True, kw_only=True)
class Reach:
    """How far a sound track was decoded, on the file's own clock; filled while it is read.

    Attributes:
        sound_s: End of its last frame; None: there was none.
        picture_s: End of the last packet of the picture; None: there was none.
        missing_s: Holes between its frames.
        damaged: Packets that could not be decoded.
    """

    sound_s: float | None = None
    picture_s: float | None = None
    missing_s: float = 0.0
    damaged: int = 0

    def note_frame(self, frame: av.AudioFrame) -> None:
        """Notes the next frame of the sound."""
        start_s = frame.time if frame.time is not None else self.sound_s or 0.0
        if self.sound_s is not None and start_s - self.sound_s > GAP_S:
            self.missing_s += start_s - self.sound_s
        self.sound_s = max(self.sound_s or start_s, start_s + frame.samples / frame.rate)

    def note_picture(self, packet: av.Packet) -> None:
        """Notes the next packet of the picture."""
        if packet.pts is not None and packet.time_base is not None:
            end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.picture_s = max(self.picture_s or end_s, end_s)


def find_losses(path: Path, audio_stream: int, reach: Reach) -> list[Loss]:
    """What a file lacks against what it declares, and what it holds beyond.

    Args:
        path: The file.
        audio_stream: Number of the track that was decoded among its sound tracks.
        reach: How far all of it was decoded.

    Raises:
        MediaError: The file cannot be read.
    """
    with open_media(path) as container:
        origin_s = (container.start_time or 0) / av.time_base
        sound_s = (reach.sound_s or origin_s) - origin_s
        picture_s = None if reach.picture_s is None else reach.picture_s - origin_s
        declared = _declared_sound_s(path, container, audio_stream, origin_s)
        shown_s = _declared_picture_s(container, origin_s)
        file_s = _declared_file_s(container, origin_s)
        is_cut = container.format.name == "ogg" and not _ends_as_declared(path)
    if declared is None and file_s is not None and file_s - (picture_s or 0) > TOLERANCE_S:
        declared = file_s  # the track alone can reach so far
    found: list[Loss] = []
    if declared is not None and declared - sound_s > TOLERANCE_S:
        found.append(Loss(kind="end", seconds=_rounded(declared - sound_s)))
    elif is_cut:
        found.append(Loss(kind="cut"))
    if shown_s is not None and shown_s - (picture_s or 0) > PICTURE_TOLERANCE_S:
        found.append(Loss(kind="picture", seconds=_rounded(shown_s - (picture_s or 0))))
    if reach.missing_s:
        found.append(Loss(kind="inside", seconds=_rounded(reach.missing_s)))
    beyond_s = max(sound_s - probe(path).duration_s, _beyond_wav_s(path))
    if beyond_s > TOLERANCE_S:
        found.append(Loss(kind="beyond", seconds=_rounded(beyond_s)))
    if reach.damaged and not found:
        found.append(Loss(kind="damaged", packets=reach.damaged))
    return found


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def _declared_sound_s(
    path: Path, container: InputContainer, audio_stream: int, origin_s: float
) -> float | None:
    """Where the track should end, after the media's start; None where nothing says it."""
    stream = container.streams.audio[audio_stream]
    match container.format.name.partition(",")[0]:
        case "wav":
            wav = _read_wav(path)
            return wav.declared_s if wav else None
        case "flac":
            return _flac_s(path)
        case "mp3":
            return (container.duration or 0) / av.time_base if _has_xing(path) else None
        case "matroska":
            return _tagged_s(container, stream, origin_s)
        case "mov":
            return _track_s(stream, origin_s)
        case _:
            return None


def _declared_picture_s(container: InputContainer, origin_s: float) -> float | None:
    """Where the picture should end, after the media's start; None where nothing says it."""
    for stream in moving_pictures(container)[:1]:
        match container.format.name.partition(",")[0]:
            case "matroska":
                return _tagged_s(container, stream, origin_s)
            case "mov":
                return _track_s(stream, origin_s)
            case "avi" if stream.average_rate:  # its length is cut to the file's, its count is not
                return float(stream.frames / stream.average_rate)
    return None


def _declared_file_s(container: InputContainer, origin_s: float) -> float | None:
    """Where Matroska's header says that the longest track ends; it counts from zero."""
    if "matroska" not in container.format.name or not container.duration:
        return None
    return container.duration / av.time_base - origin_s


def _track_s(stream: av.AudioStream | av.VideoStream, origin_s: float) -> float | None:
    if stream.duration is None or stream.time_base is None:
        return None
    return float((stream.duration + (stream.start_time or 0)) * stream.time_base) - origin_s


def _tagged_s(
    container: InputContainer, stream: av.AudioStream | av.VideoStream, origin_s: float
) -> float | None:
    """From the tag that ffmpeg and mkvmerge write, which may be older than a cut."""
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    tagged_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds) - origin_s
    whole_s = _declared_file_s(container, origin_s)
    return tagged_s if whole_s is None else min(tagged_s, whole_s)


# ---- headers of sound files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wav:
    """What a WAV's header says: bytes of sound, where they end, how many a second has."""

    declared_bytes: int
    end: int
    bytes_a_second: int

    @property
    def declared_s(self) -> float:
        return self.declared_bytes / self.bytes_a_second


def _read_wav(path: Path) -> _Wav | None:
    """None where the file does not say, or is no WAV (ffmpeg reads RF64 and Wave64 as such)."""
    bytes_a_second = 0
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return None
        while (header := file.read(8)) and len(header) == 8:
            kind, size = struct.unpack("<4sI", header)
            if kind == b"data":
                if size in UNKNOWN_BYTES or not bytes_a_second:
                    return None
                return _Wav(
                    declared_bytes=size,
                    end=file.tell() + size,
                    bytes_a_second=bytes_a_second,
                )
            content_at = file.tell()
            if kind == b"fmt ":
                bytes_a_second = int.from_bytes(file.read(12)[8:], "little")
            file.seek(content_at + size + size % 2)
    return None


def _beyond_wav_s(path: Path) -> float:
    """How much of a WAV comes after what its header calls its sound and is no other chunk."""
    wav = _read_wav(path)
    if wav is None:
        return 0.0
    size, at = path.stat().st_size, wav.end
    with path.open("rb") as file:
        while at < size:
            start = at + at % 2
            file.seek(start)
            header = file.read(8)
            if len(header) < 8 or not re.fullmatch(rb"[ -~]{4}", header[:4]):
                return max(0, size - at) / wav.bytes_a_second
            at = start + 8 + int.from_bytes(header[4:], "little")
            if at > size + 1:
                return (size - start) / wav.bytes_a_second
    return 0.0


def _flac_s(path: Path) -> float | None:
    """Of its first metadata block (RFC 9639, 8.2); None where that does not say."""
    with path.open("rb") as file:
        if file.read(4) != b"fLaC":
            return None
        packed = int.from_bytes(file.read(22)[14:], "big")
    rate_hz, samples = packed >> 44, packed & ((1 << 36) - 1)
    return samples / rate_hz if rate_hz and samples else None


def _has_xing(path: Path) -> bool:
    """Whether an MP3 says how many frames it has; ffmpeg guesses elsewhere."""
    with path.open("rb") as file:
        _skip_id3(file)
        start = file.read(XING_WITHIN)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _skip_id3(file: BinaryIO) -> None:
    head = file.read(10)
    size = 0
    if head[:3] == b"ID3" and len(head) == 10:
        size = 10 + sum((byte & 0x7F) << 7 * (3 - n) for n, byte in enumerate(head[6:]))
    file.seek(size)


def _ends_as_declared(path: Path) -> bool:
    """Whether the last page of an Ogg file says that it is the last (RFC 3533, 6)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - OGG_TAIL))
        tail = file.read()
    last = tail.rfind(b"OggS")
    return last >= 0 and len(tail) > last + 5 and bool(tail[last + 5] & 4)
