"""What a media file holds, read without trusting it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Protocol, cast

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition

from dubbing.errors import MediaError, NoSoundTrackError
from dubbing.flow.cancel import current

_log = logging.getLogger(__name__)

# Beyond these a file of a few hundred bytes makes gigabytes of sound, or minutes of work.
MAX_STREAMS = 64
MAX_CHANNELS = 32
RATES_HZ = range(4_000, 384_001)
MAX_RATE_CHANGE = 4  # inside a track: broadcasts change theirs, HE-AAC's header says half of it
MAX_PIXELS = 8192 * 4320  # 8K; a file of 3 MB may claim a picture that fills the memory
# A playlist that calls itself a video makes ffmpeg read other files and addresses. Only containers
# that hold their own media are opened, and only as files. ffmpeg and PyAV take the same options.
# MPEG-TS is not among them: the static ffmpeg 7.0.2 of imageio-ffmpeg 0.6.0 crashes on it.
SAFE_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,flac,mp3,ogg,aac",
    "protocol_whitelist": "file,pipe",
    "max_pixels": str(MAX_PIXELS),
    "max_streams": str(MAX_STREAMS),
}
CHECKED_FRAMES = 20  # of a sound track, when a file is looked at
CHECKED_PICTURES = 300  # packets, to find one that can be decoded
GUESSED_LENGTHS = {"mp3", "aac"}  # without a header ffmpeg guesses from the first bit rates
_SECONDARY = Disposition.comment | Disposition.visual_impaired | Disposition.karaoke
_SECONDARY_TITLE = re.compile(r"commentar|audio descri|комментари|тифло", re.IGNORECASE)
_NO_LANGUAGE = {"", "und", "mul", "mis"}  # of ISO 639-2: unknown, several, none that has a code
HEADER_TOLERANCE_S = 0.1  # an honest header leaves out the padding of the first and last frame


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """One sound track.

    Attributes:
        index: Its number among all streams of the file, from 0.
        codec: ffmpeg's name of the codec; "unknown" when nothing here can decode it.
        sample_rate_hz: Its rate; 0 when unknown.
        channels: How many; 0 when unknown.
        language: As the file tags it, mostly an ISO 639-2 code; None when it does not say.
        title: What the file calls it; None when it does not say.
        is_default: Whether players start it unasked.
        is_original: Whether the file marks it as the original language.
        is_secondary: Whether it is a commentary or describes the picture.
    """

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    language: str | None
    title: str | None = None
    is_default: bool = False
    is_original: bool = False
    is_secondary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """The picture track.

    Attributes:
        codec: ffmpeg's name of the codec; "unknown" when nothing here can decode it.
        width: In pixels, as stored; 0 when unknown.
        height: In pixels, as stored; 0 when unknown.
        rate: Frames per second; None when the file does not say.
        rotation_deg: How far a player turns the picture, clockwise: 0, 90, 180, 270.
        has_times: Whether the file says when each picture is shown; AVI says when it is decoded.
    """

    codec: str
    width: int
    height: int
    rate: Fraction | None
    rotation_deg: int
    has_times: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What a media file holds.

    Attributes:
        duration_s: Length of the whole, > 0.
        audio: Sound tracks, at least one.
        video: The first picture track; None for a sound file, whose cover does not count.
    """

    duration_s: float
    audio: tuple[AudioStream, ...]
    video: VideoStream | None

    @property
    def has_video(self) -> bool:
        """Whether there is a moving picture."""
        return self.video is not None


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """An open container, closed after the block.

    Raises:
        MediaError: There is no such file, or it is not media of a known kind.
    """
    _check_file(path)
    try:
        # "file:" keeps a name such as "a:b.mp4" from being taken for a protocol.
        container = av.open(f"file:{path}", options=SAFE_OPTIONS, metadata_errors="replace")
    except PermissionError as error:
        raise MediaError(path, "it may not be read; change its permissions") from error
    except av.error.MemoryError as error:  # ffmpeg's word for too many streams, too
        raise MediaError(
            path,
            f"it says that it has more than {MAX_STREAMS} tracks, or one too large for the memory; "
            "export it again with its picture and its sound alone",
        ) from error
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(
            path,
            "this is not a video or sound file that can be read; "
            "convert it to MP4, MKV, WebM, WAV, MP3, FLAC, M4A or OGG",
        ) from error
    with container:
        yield container


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise MediaError(path, "this is a folder; name a video or sound file in it")
    if not path.is_file():
        raise MediaError(path, "there is no such file; check the name")
    if path.stat().st_size == 0:
        raise MediaError(path, "the file is empty; copy or download it again")


class Notes(Protocol):
    """What is met while a sound track is decoded."""

    damaged: int

    def note_frame(self, frame: av.AudioFrame) -> None:
        """The next frame of the sound."""

    def note_picture(self, packet: av.Packet) -> None:
        """The next packet of the picture."""


def decoded_frames(
    path: Path,
    container: InputContainer,
    stream: av.AudioStream,
    notes: Notes | None = None,
) -> Iterator[av.AudioFrame]:
    """The frames of a sound track from where the container stands; damaged packets are left out.

    Args:
        path: The file, for the error.
        container: Of the file.
        stream: The track.
        notes: Gets what is met on the way.

    Raises:
        MediaError: A frame's rate or number of channels cannot be true.
        CancelledError: The flow that the caller works for was cancelled.
        av.error.FFmpegError: The container itself cannot be read on.
    """
    if stream.codec_context is None:  # the track's codec is unknown
        return
    own_hz = stream.codec_context.sample_rate
    damaged = 0
    try:
        pictures = [] if notes is None else moving_pictures(container)[:1]
        for packet in container.demux([stream, *pictures]):
            current().check()
            if packet.stream.index != stream.index:  # the last packet, which is empty, has no index
                assert notes is not None, "without notes the sound alone is read"
                notes.note_picture(packet)
                continue
            try:
                frames = cast(list[av.AudioFrame], packet.decode())
            except av.error.InvalidDataError:
                damaged += 1
                continue
            for frame in frames:
                _check_sound(path, frame.rate, frame.layout.nb_channels, own_hz)
                if notes is not None:
                    notes.note_frame(frame)
                yield frame
    finally:  # the caller may stop early
        if notes is not None:
            notes.damaged = damaged
        if damaged:
            _log.warning("%s: left out %d damaged packets of sound", container.name, damaged)


def _check_sound(path: Path, rate_hz: int, channels: int, own_hz: int) -> None:
    """Nothing, when sound can have such a rate and so many channels, in a track of that rate."""
    if rate_hz not in RATES_HZ:
        raise MediaError(
            path,
            f"its sound track says that it has {rate_hz} samples a second, which no sound has; "
            "it is damaged: export the file again",
        )
    if not own_hz / MAX_RATE_CHANGE <= rate_hz <= own_hz * MAX_RATE_CHANGE:
        raise MediaError(
            path,
            f"its sound track changes from {own_hz} to {rate_hz} samples a second; "
            "it is damaged: export the file again",
        )
    if channels > MAX_CHANNELS:
        raise MediaError(
            path,
            f"its sound track has {channels} channels; mix it down to {MAX_CHANNELS} or fewer",
        )


def probe(path: Path) -> MediaInfo:
    """The streams and length of a media file.

    Raises:
        MediaError: It cannot be used for dubbing; the sentence says why.
    """
    with open_media(path) as container:
        audio = tuple(_audio(stream) for stream in container.streams.audio)
        for track in audio:
            if track.sample_rate_hz:
                _check_sound(path, track.sample_rate_hz, track.channels, track.sample_rate_hz)
        if not audio:
            raise NoSoundTrackError(path, "it has no sound track, so there is nothing to dub")
        video = _video(path, container)
    _check_decodes(path)
    duration_s = _duration_s(path)
    if duration_s <= 0:
        raise MediaError(path, "its length cannot be found; export the file again")
    return MediaInfo(duration_s=duration_s, audio=audio, video=video)


def _audio(stream: av.AudioStream) -> AudioStream:
    context = stream.codec_context
    title = stream.metadata.get("title") or None
    return AudioStream(
        index=stream.index,
        codec=_codec(context),
        sample_rate_hz=context.sample_rate if context else 0,
        channels=context.channels if context else 0,
        language=_language(stream),
        title=title,
        is_default=bool(stream.disposition & Disposition.default),
        is_original=bool(stream.disposition & Disposition.original),
        is_secondary=bool(stream.disposition & _SECONDARY)
        or bool(title and _SECONDARY_TITLE.search(title)),
    )


def _codec(context: av.CodecContext | None) -> str:
    """The codec's own name: decoders have others, such as libdav1d for AV1 and mp3float for MP3."""
    return str(context.codec.canonical_name) if context else "unknown"


def _language(stream: av.AudioStream) -> str | None:
    language = stream.metadata.get("language", "")
    return None if language in _NO_LANGUAGE else language


def moving_pictures(container: InputContainer) -> list[av.VideoStream]:
    """The picture tracks that are no covers."""
    cover = Disposition.attached_pic
    return [s for s in container.streams.video if not s.disposition & cover]


def _video(path: Path, container: InputContainer) -> VideoStream | None:
    """The first track that is a moving picture."""
    for stream in moving_pictures(container)[:1]:
        context = stream.codec_context
        width, height = (context.width, context.height) if context else (0, 0)
        if context and not 0 < width * height <= MAX_PIXELS:  # 0: larger than `max_pixels`
            raise MediaError(path, "its picture is damaged or larger than 8K; scale it down")
        return VideoStream(
            codec=_codec(context),
            width=width,
            height=height,
            rate=stream.average_rate,
            rotation_deg=_rotation_deg(container, stream) if context else 0,
            has_times=container.format.name != "avi",
        )
    return None


def _rotation_deg(container: InputContainer, stream: av.VideoStream) -> int:
    """The display matrix comes with the first decoded frame; PyAV counts it anticlockwise."""
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    try:
        for packet in islice(container.demux(stream), CHECKED_PICTURES):
            current().check()
            for frame in cast(list[av.VideoFrame], packet.decode()):
                return -round(frame.rotation) % 360
    except av.error.FFmpegError:  # a damaged picture is copied as it is
        return 0
    return 0


def _check_decodes(path: Path) -> None:
    """Nothing, when a sound track gives at least one frame."""
    with open_media(path) as container:
        count = len(container.streams.audio)
    if not any(_decodes(path, number) for number in range(count)):
        raise MediaError(path, "its sound track is empty or damaged; export the file again")


def check_track(path: Path, number: int) -> None:
    """Nothing, when a sound track gives at least one frame.

    Args:
        path: The file.
        number: Of the track among the sound tracks, from 0.

    Raises:
        MediaError: It does not.
    """
    if not _decodes(path, number):
        raise MediaError(
            path,
            f"sound track {number + 1} is empty or damaged; "
            "choose another with --audio-track, or export the file again",
        )


def _decodes(path: Path, number: int) -> bool:
    """Whether a sound track gives a frame; the first few are looked at."""
    found = False
    with open_media(path) as container, suppress(av.error.FFmpegError):
        frames = decoded_frames(path, container, container.streams.audio[number])
        for _ in islice(frames, CHECKED_FRAMES):
            found = True
    return found


def _duration_s(path: Path) -> float:
    """The header's word, or the packets' times where there is none or it is a guess."""
    with open_media(path) as container:
        kind = container.format.name
        header_s = (container.duration or 0) / av.time_base
        if header_s and "matroska" in kind:  # counts from zero, the others from the first packet
            header_s -= (container.start_time or 0) / av.time_base
        if header_s > 0 and kind not in GUESSED_LENGTHS:
            return header_s
        measured_s = _packets_s(container)
    return header_s if abs(header_s - measured_s) < HEADER_TOLERANCE_S else measured_s


def _packets_s(container: InputContainer) -> float:
    """Time from the container's start to the end of its last packet."""
    streams = [*moving_pictures(container), *container.streams.audio]
    end_s = 0.0
    for packet in container.demux(streams):
        current().check()
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end_s - (container.start_time or 0) / av.time_base
