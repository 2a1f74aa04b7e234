"""The finished file: picture untouched, the dub and the original as sound tracks, subtitles."""

from __future__ import annotations

import errno
import mmap
import os
import signal
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from dubbing.errors import NO_ROOM, InputError, MediaError
from dubbing.flow.children import feed_child
from dubbing.languages import CODES_639_2
from dubbing.media.audio import MIX_RATE_HZ, to_pcm
from dubbing.media.probe import SAFE_OPTIONS, AudioStream, MediaInfo, VideoStream
from dubbing.media.tracks import original_title
from dubbing.types import Audio


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFile:
    """A container for picture, sound and subtitles; what it takes was tried with ffmpeg 7.0.2.

    Attributes:
        muxer: ffmpeg's name of it.
        subtitles: Codec of soft subtitles.
        pictures: Codecs that it takes as they are; None for all.
        sounds: Codecs that it takes as they are; others are encoded anew.
    """

    muxer: str
    subtitles: str
    pictures: frozenset[str] | None
    sounds: frozenset[str]


_PICTURES = frozenset({"h264", "hevc", "mpeg4", "mpeg2video", "mjpeg"})
_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})
_PCM = frozenset({"pcm_s16le", "pcm_s24le"})
_MP4 = VideoFile(
    muxer="mp4",
    subtitles="mov_text",
    pictures=_PICTURES | {"vp9", "av1"},
    sounds=_SOUNDS | {"opus"},
)
VIDEO_FILES = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": VideoFile(
        muxer="mov", subtitles="mov_text", pictures=_PICTURES | {"prores"}, sounds=_SOUNDS | _PCM
    ),
    ".mkv": VideoFile(
        muxer="matroska",
        subtitles="subrip",
        pictures=None,
        sounds=_SOUNDS | _PCM | {"opus", "vorbis", "flac"},
    ),
}
BITRATE = "192k"
# What ffmpeg ends with when a limit on the size of files stops it; Windows has no such signal.
TOO_LARGE = {-number for name in ("SIGXFSZ",) if (number := getattr(signal, name, 0))}
MP4_MP3_HZ = 16_000  # the lowest rate of MP3 that ffmpeg's mp4 muxer takes


def aac(stream: str) -> list[str]:
    """AAC of `BITRATE`, in ffmpeg's words.

    Its quick search for scale factors, without intensity stereo, which is meant for low bit rates:
    half of the time of what it does unasked, and nearer to the original by both ViSQOL and
    Zimtohrli (benchmarks/RESULTS.md).

    Args:
        stream: Of the output, such as "a:0".
    """
    quick = [f"-aac_coder:{stream}", "fast", f"-aac_is:{stream}", "0"]
    return [f"-c:{stream}", "aac", f"-b:{stream}", BITRATE, *quick]


# Suffix → ffmpeg's words for the container and its sound.
SOUND_FILES = {
    ".wav": ("-f", "wav", "-c:a", "pcm_s16le"),
    ".m4a": ("-f", "ipod", *aac("a"), "-movflags", "+faststart"),
    ".mp3": ("-f", "mp3", "-c:a", "libmp3lame", "-b:a", BITRATE),
    ".flac": ("-f", "flac", "-c:a", "flac"),
    ".ogg": ("-f", "ogg", "-c:a", "libvorbis", "-b:a", BITRATE),
}
# ISO 639-1 → ISO 639-2/T, which containers hold.
LANGUAGES_639_2 = {language: codes[0] for language, codes in CODES_639_2.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleTrack:
    """Soft subtitles.

    Attributes:
        path: An SRT file in UTF-8.
        language: ISO 639-1 code, a key of `LANGUAGES_639_2`.
    """

    path: Path
    language: str


def playable_suffix(source: Path, info: MediaInfo) -> str:
    """What most players open: for sound the source's own suffix where it can be written, for a
    picture `.mp4` unless that cannot hold it as it is.
    """
    if info.video is None:
        suffix = source.suffix.lower()
        return suffix if suffix in SOUND_FILES else ".m4a"
    return ".mp4" if info.video.codec in (_MP4.pictures or ()) else ".mkv"


def check_output_name(output: Path, info: MediaInfo) -> None:
    """Nothing, when a finished file of this name can be made from such a source.

    Raises:
        InputError: The suffix is unknown, is for sound where there is a picture or the other way
            round, or its container does not take the picture as it is.
    """
    known = VIDEO_FILES if info.has_video else SOUND_FILES
    suffix = output.suffix.lower()
    if suffix not in known:
        what = "a dubbed video" if info.has_video else "a dubbed sound file"
        raise InputError(
            f"{output}: {what} can be written as {', '.join(known)}; rename the output"
        )
    if info.video is None:
        return
    pictures = VIDEO_FILES[suffix].pictures
    if pictures is not None and info.video.codec not in pictures:
        raise InputError(
            f"{output}: {suffix} cannot hold {info.video.codec} video; name an output in .mkv"
        )


def mux(
    source: Path,
    dub: Iterable[Audio],
    output: Path,
    *,
    info: MediaInfo,
    dub_language: str,
    original_language: str,
    subtitles: Sequence[SubtitleTrack],
    metadata: Mapping[str, str],
    audio_stream: int = 0,
) -> None:
    """Writes the finished file. From a video: the picture copied bit by bit, the dub as first and
    default sound, the original's as second, soft subtitles. From a sound file: the dub alone.
    The same input gives the same bytes.

    Args:
        source: The original.
        dub: The new sound track, as long as the original, in blocks that are asked for while
            earlier ones are encoded: float32, shape (samples, 2), at `MIX_RATE_HZ`.
        output: Where to; its suffix, which `check_output_name` has passed, decides the container.
        info: Of the source.
        dub_language: ISO 639-1 code.
        original_language: ISO 639-1 code.
        subtitles: In order of tracks; left out of sound files.
        metadata: Tags of the whole file, added to the source's.
        audio_stream: Number of the track that was dubbed among the source's sound tracks.

    Raises:
        MediaError: ffmpeg cannot make the file; its last line says why.
        OSError: The disk is full.
    """
    container = VIDEO_FILES.get(output.suffix.lower())
    if container is not None:
        assert info.video is not None, "check_output_name has passed the output"
        original = info.audio[audio_stream]
        words = _streams(source, info.video, original, subtitles)
        words += _codecs(container, info.video, original)
        words += _labels(original, (dub_language, original_language), subtitles)
    else:
        words = [*_DUB, "-map", "0:a:0", *SOUND_FILES[output.suffix.lower()]]
        words += _language("a:0", dub_language)
    for key, value in metadata.items():
        words += ["-metadata", f"{key}={value}"]
    _run(words, dub, source, output)
    if container is not None and container.subtitles == "mov_text":
        _switch_subtitles_off(output)


# Raw samples from the standard input.
_DUB = ("-f", "s16le", "-ar", str(MIX_RATE_HZ), "-ac", "2", "-i", "pipe:0")


def _streams(
    source: Path, video: VideoStream, original: AudioStream, subtitles: Sequence[SubtitleTrack]
) -> list[str]:
    """The inputs, and which of their streams are taken, in order."""
    words = [] if video.has_times else ["-fflags", "+genpts"]
    words += [*_input(source), *_DUB]
    for track in subtitles:
        words += ["-protocol_whitelist", "file", "-f", "srt", "-i", f"file:{track.path}"]
    words += ["-map", "0:V:0", "-map", "1:a:0"]  # V: a picture, not a cover
    words += ["-map", f"0:{original.index}"]
    for number in range(len(subtitles)):
        words += ["-map", f"{number + 2}:s:0"]
    return words


def _input(path: Path) -> list[str]:
    """The name of an input that is not trusted; "file:" keeps "-a" and "a:b" names of files."""
    guards = [word for name, value in SAFE_OPTIONS.items() for word in (f"-{name}", value)]
    return [*guards, "-i", f"file:{path}"]


def _codecs(container: VideoFile, video: VideoStream, original: AudioStream) -> list[str]:
    words = ["-c:v", "copy", *_times(video), *aac("a:0"), "-ar:a:0", str(MIX_RATE_HZ)]
    words += ["-c:a:1", "copy"] if _takes(container, original) else aac("a:1")
    words += ["-c:s", container.subtitles, "-f", container.muxer]
    if container.muxer == "matroska":
        # AAC starts with a packet from before time zero, which MP4's edit list skips. Matroska has
        # none: ffmpeg would move all tracks by these 21 ms instead.
        return [*words, "-bsf:a", "noise=drop='lte(pts+duration,0)'"]
    return [*words, "-movflags", "+faststart"]


def _times(video: VideoStream) -> list[str]:
    """When pictures are shown, where the source does not say it: in their order, from zero."""
    if video.has_times:
        return []
    from_zero = "setts=pts=PTS-STARTPTS:dts=DTS-STARTPTS"
    return ["-bsf:v", f"dts2pts,{from_zero}" if video.codec == "h264" else from_zero]


def _takes(container: VideoFile, sound: AudioStream) -> bool:
    """Whether a track can be copied; to ffmpeg slow MP3 in MP4 is no standard."""
    is_slow_mp3 = sound.codec == "mp3" and sound.sample_rate_hz < MP4_MP3_HZ
    return sound.codec in container.sounds and not (container.muxer == "mp4" and is_slow_mp3)


def _labels(
    original: AudioStream, audio: Sequence[str], subtitles: Sequence[SubtitleTrack]
) -> list[str]:
    """Languages and titles; a player starts the dub, and no subtitles."""
    words: list[str] = []
    for number, title in enumerate(
        ("Dub", original_title(original))
    ):  # MP4 shows the handler as the title
        words += [f"-metadata:s:a:{number}", f"title={title}"]
        words += [f"-metadata:s:a:{number}", f"handler_name={title}"]
    words += ["-disposition:a:0", "default", "-disposition:a:1"]
    words += ["comment" if original.is_secondary else "0"]
    for number, language in enumerate(audio):
        words += _language(f"a:{number}", language)
    for number, track in enumerate(subtitles):
        words += [*_language(f"s:{number}", track.language), f"-disposition:s:{number}", "0"]
    return words


def _language(stream: str, language: str) -> list[str]:
    return [f"-metadata:s:{stream}", f"language={LANGUAGES_639_2[language]}"]


def _run(words: Sequence[str], dub: Iterable[Audio], source: Path, output: Path) -> None:
    """Runs ffmpeg; it ends with an exception here, Ctrl-C too, and when the flow is cancelled."""
    quiet = ["-hide_banner", "-nostdin", "-v", "error", "-y"]
    # Without dates, versions and random ids in the file.
    same_bytes = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    line = [get_ffmpeg_exe(), *quiet, *words, *same_bytes, f"file:{output}"]
    done = feed_child(line, (to_pcm(block).tobytes() for block in dub))
    if done.returncode == 0:
        return
    said = done.stderr.decode(errors="replace")
    for code in NO_ROOM:
        if os.strerror(code) in said or (code == errno.EFBIG and done.returncode in TOO_LARGE):
            raise OSError(code, os.strerror(code), str(output.parent))
    lines = [one for one in said.splitlines() if one not in {"", "Conversion failed!"}]
    reason = lines[-1] if lines else f"status {done.returncode}"
    advice = "" if output.suffix.lower() == ".mkv" else "; try an output that ends in .mkv"
    raise MediaError(source, f"ffmpeg cannot write the dubbed file ({reason}){advice}")


def _switch_subtitles_off(output: Path) -> None:
    """Clears the "enabled" bit of subtitle tracks in MP4 and MOV (ISO 14496-12, 8.3.2): ffmpeg sets
    the first one's whatever its disposition, and players would show it unasked.
    """
    with output.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for moov in _boxes(data, b"moov", 0, len(data)):
            for start, end in _boxes(data, b"trak", *moov):
                handler = data.find(b"hdlr", start, end) + 12
                if data[handler : handler + 4] in {b"sbtl", b"text"}:
                    flags = data.find(b"tkhd", start, end) + 7
                    data[flags] &= ~1


def _boxes(data: mmap.mmap, wanted: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """(start, end) of what is inside each box of a kind, between two places of an MP4 file."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:  # 64 bits, for more than 4 GB
            header, (size,) = 16, struct.unpack_from(">Q", data, start + 8)
        if kind == wanted:
            yield start + header, start + size
        start += size
