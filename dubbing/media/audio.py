"""Sound in and out: streamed on the media's clock, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain, repeat
from math import sqrt
from pathlib import Path
from typing import Any, Literal

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from dubbing.errors import MediaError
from dubbing.flow.cancel import current
from dubbing.media.losses import GAP_S, Reach
from dubbing.media.probe import decoded_frames, open_media, probe
from dubbing.types import Audio, Span

ANALYSIS_RATE_HZ = 16_000  # what speech detectors and recognisers take
MIX_RATE_HZ = 48_000  # what video carries
FULL_SCALE = 32_768  # of 16 bits; both ways the same, so that copies stay exact


def heard_at(
    blocks: Iterable[Audio], rate_hz: int, to_hz: int, channels: Literal[1, 2], end_s: float
) -> Iterator[Audio]:
    """A stereo track that is decoded already, as `decode` gives it out at another rate.

    Args:
        blocks: float32, shape (samples, 2), in a row.
        rate_hz: Their rate.
        to_hz: The rate wanted.
        channels: 1 for the mean of left and right, 2 for stereo.
        end_s: The media's length.

    Yields:
        Blocks of 1 s: float32, shape (samples,) for mono, (samples, 2) for stereo.
    """
    pieces = (b.mean(axis=1, keepdims=True) if channels == 1 else b for b in blocks)
    resampled = _resampled(pieces, rate_hz, to_hz, channels)
    for block in _blocks(resampled, max(1, round(end_s * to_hz)), to_hz, channels):
        yield block[:, 0] if channels == 1 else block


def decode(
    path: Path,
    *,
    rate_hz: int,
    channels: Literal[1, 2],
    block_s: float = 1.0,
    audio_stream: int = 0,
    reach: Reach | None = None,
) -> Iterator[Audio]:
    """A sound track in blocks of equal length (the last may be shorter), exactly as long as the
    media: a track that starts late, has holes or ends early is filled up with zeros.

    Args:
        path: Video or sound file.
        rate_hz: Rate to resample to.
        channels: 1 for the mean of left and right, 2 for stereo.
        block_s: Length of a block.
        audio_stream: Number of the track among the sound tracks.
        reach: Filled with how far the track goes; then all of it is read, also what lies beyond
            the media's length.

    Yields:
        float32, shape (samples,) for mono, (samples, 2) for stereo.

    Raises:
        MediaError: The file cannot be read, or has no such track.
        CancelledError: The flow that the caller works for was cancelled.
    """
    info = probe(path)
    if audio_stream >= len(info.audio):
        raise MediaError(
            path, f"it has no sound track {audio_stream}; the last one is {len(info.audio) - 1}"
        )
    own_hz = info.audio[audio_stream].sample_rate_hz
    frames = _decoded(path, own_hz, channels, audio_stream, reach=reach)
    pieces = _on_clock(frames, own_hz, channels)
    length, size = max(1, round(info.duration_s * rate_hz)), max(1, round(block_s * rate_hz))
    for block in _blocks(_resampled(pieces, own_hz, rate_hz, channels), length, size, channels):
        current().check()
        yield block[:, 0] if channels == 1 else block
    if reach is not None:
        for _ in frames:
            pass


def excerpt(path: Path, span: Span, rate_hz: int, *, audio_stream: int = 0) -> Audio:
    """About what is heard in a span of a sound track, found without decoding what lies
    before: a packet more or less at either end. Where a file cannot be searched it is read up to
    there.

    Returns:
        float32, shape (samples,), mono; empty where the track has nothing there.

    Raises:
        MediaError: The file cannot be read.
    """
    own_hz = probe(path).audio[audio_stream].sample_rate_hz
    frames = _decoded(path, own_hz, 1, audio_stream, from_s=span.start_s)
    inside = [np.zeros((0, 1), np.float32)]
    for clock, samples in frames:
        current().check()
        if clock >= span.end_s * own_hz:
            break
        if clock + len(samples) > span.start_s * own_hz:
            inside.append(samples)
    return resample(np.concatenate(inside)[:, 0], own_hz, rate_hz)


def _decoded(
    path: Path,
    rate_hz: int,
    channels: int,
    audio_stream: int,
    from_s: float = 0.0,
    reach: Reach | None = None,
) -> Iterator[tuple[int, Audio]]:
    """(sample number on the media's clock, samples of shape (samples, channels)) per frame, from
    one before `from_s` on, where the file can be searched.
    """
    try:
        with open_media(path) as container:
            stream = container.streams.audio[audio_stream]
            origin_s = (container.start_time or 0) / av.time_base
            clock = 0
            if from_s:
                with suppress(av.error.FFmpegError):  # it stays at the start
                    container.seek(round((origin_s + from_s) * av.time_base))
            for frame in decoded_frames(path, container, stream, reach):
                if frame.time is not None:
                    clock = round((frame.time - origin_s) * rate_hz)
                names = tuple(channel.name for channel in frame.layout.channels)
                samples = _floats(frame) @ _weights(names, channels)
                samples = resample(samples, frame.rate, rate_hz)  # broadcasts may change theirs
                yield clock, samples
                clock += len(samples)
    except av.error.FFmpegError as error:
        raise MediaError(path, "its sound cannot be decoded; export the file again") from error


def _floats(frame: av.AudioFrame) -> Audio:
    """The frame's samples: float32, shape (samples, channels), [-1, 1]."""
    raw: NDArray[Any] = frame.to_ndarray()
    raw = raw.T if frame.format.is_planar else raw.reshape(frame.samples, -1)
    if raw.dtype.kind == "f":
        return raw.astype(np.float32, copy=False)
    if raw.dtype.kind == "u":  # 8 bits, silence in the middle
        return (raw.astype(np.float32) - 128) / np.float32(128)
    return (raw / 2.0 ** (8 * raw.itemsize - 1)).astype(np.float32)


@lru_cache
def _weights(names: tuple[str, ...], channels: int) -> Audio:
    """How much of each named channel is heard left and right, or in mono: never above full scale.

    Centre and surround weigh √½ by ITU-R BS.775-4, annex 4; the low-frequency channel is left out.

    Returns:
        float32, shape (len(names), channels).
    """
    if len(names) <= 2:
        stereo = np.ones((1, 2)) if len(names) == 1 else np.eye(2)
    else:
        stereo = np.array([_left_right(name) for name in names])
        stereo /= stereo.sum(axis=0).max()
    mixed = stereo if channels == 2 else stereo.mean(axis=1, keepdims=True)
    return mixed.astype(np.float32)


def _left_right(name: str) -> tuple[float, float]:
    """Channel names of ffmpeg end in L and R; what has neither comes from the middle."""
    if name in {"FL", "FR"}:
        return (1.0, 0.0) if name == "FL" else (0.0, 1.0)
    if name.startswith("LFE"):
        return 0.0, 0.0
    weight = sqrt(0.5)
    return weight * (not name.endswith("R")), weight * (not name.endswith("L"))


def _on_clock(frames: Iterator[tuple[int, Audio]], rate_hz: int, channels: int) -> Iterator[Audio]:
    """Pieces of shape (samples, channels), in a row from the media's start."""
    at = 0
    for start, samples in frames:
        if at == 0 and start < 0:  # sound from before the media's start
            samples = samples[-start:]  # noqa: PLW2901
        elif start - at > (GAP_S * rate_hz if at else 0):
            yield from _zeros(start - at, rate_hz, channels)
            at = start
        at += len(samples)
        yield samples


def _zeros(length: int, size: int, channels: int) -> Iterator[Audio]:
    """Silence in pieces of at most `size`: a hole may last for hours."""
    for start in range(0, length, size):
        yield np.zeros((min(size, length - start), channels), np.float32)


def _resampled(pieces: Iterable[Audio], from_hz: int, to_hz: int, channels: int) -> Iterator[Audio]:
    """The same pieces, of shape (samples, channels), at another rate."""
    if from_hz == to_hz:
        yield from pieces
        return
    import soxr

    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32")
    for piece in _joined(pieces, from_hz // 4):
        yield stream.resample_chunk(piece)
    yield stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)


def _joined(pieces: Iterable[Audio], least: int) -> Iterator[Audio]:
    """The same signal in pieces of `least` samples or more: a codec's frames are so short that each
    call takes longer than its work.
    """
    held: list[Audio] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) >= least:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _blocks(pieces: Iterator[Audio], length: int, size: int, channels: int) -> Iterator[Audio]:
    """`length` samples in blocks of `size`: what is too much is left off, what lacks is zeros."""
    endless = chain(pieces, repeat(np.zeros((size, channels), np.float32)))
    piece = np.zeros((0, channels), np.float32)
    for start in range(0, length, size):
        block = np.empty((min(size, length - start), channels), np.float32)
        filled = 0
        while filled < len(block):
            piece = piece if len(piece) else next(endless)
            taken = piece[: len(block) - filled]
            block[filled : filled + len(taken)] = taken
            filled, piece = filled + len(taken), piece[len(taken) :]
        yield block


def read_audio(path: Path, rate_hz: int, *, channels: Literal[1, 2] = 1) -> Audio:
    """A whole sound track at once, for clips that fit in memory.

    Args:
        path: Sound file or video.
        rate_hz: Rate to resample to.
        channels: 1 for the mean of left and right, 2 for stereo.

    Returns:
        float32, shape (samples,) for mono, (samples, 2) for stereo.

    Raises:
        MediaError: The file cannot be read.
    """
    if path.suffix == ".wav" and (own := _as_written(path, rate_hz, channels)) is not None:
        return own
    return np.concatenate(list(decode(path, rate_hz=rate_hz, channels=channels)))


def _as_written(path: Path, rate_hz: int, channels: int) -> Audio | None:
    """The samples of a file that `write_wav` could have written, at its own rate, in a hundredth
    of the time that finding out what is in it takes. None of any other file, damaged ones too.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            if (file.format, file.subtype) != ("WAV", "PCM_16") or not file.frames:
                return None
            if (file.samplerate, file.channels) != (rate_hz, channels):
                return None
            samples: Audio = file.read(dtype="float32")
            return samples
    except (soundfile.SoundFileError, OSError):
        return None


def write_wav(path: Path, samples: Audio, rate_hz: int) -> None:
    """Writes 16-bit PCM; samples beyond full scale are clipped, what is no number is silence.

    Args:
        path: Where to.
        samples: float32, shape (samples,) or (samples, channels).
        rate_hz: Their rate.

    Raises:
        OSError: The disk is full, or the folder is not there.
    """
    import soundfile

    file = io.BytesIO()  # soundfile hides the reason when the disk fills up
    soundfile.write(file, to_pcm(samples), rate_hz, "PCM_16", format="WAV")
    path.write_bytes(file.getbuffer())


def to_pcm(samples: Audio) -> NDArray[np.int16]:
    """The samples in 16 bits, least significant byte first; what is beyond full scale is clipped,
    what is no number is silence.
    """
    scaled = np.round(np.nan_to_num(samples, posinf=1.0, neginf=-1.0) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")


def resample(samples: Audio, from_hz: int, to_hz: int) -> Audio:
    """The same sound at another rate.

    Args:
        samples: float32, shape (samples,) or (samples, channels).
        from_hz: Their rate.
        to_hz: The rate wanted.

    Returns:
        float32, shape (round(samples * to_hz / from_hz),) or the same with channels.
    """
    if from_hz == to_hz:
        return samples
    import soxr

    resampled: Audio = soxr.resample(samples, from_hz, to_hz)
    return resampled
