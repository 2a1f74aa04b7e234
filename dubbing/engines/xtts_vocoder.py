"""XTTS's vocoder: the GPT's latents made into sound, at any speed, whole or as they come.

`decoder` is `TTS.tts.layers.xtts.hifigan_decoder.HifiDecoder`; D is the latents' width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.nn.functional import interpolate

from dubbing.types import Audio

Tensor = torch.Tensor

CHUNK_LATENTS = 20  # of a stream, 0.9 s: the library's own
EDGE_FRAMES = 16  # that the vocoder hears on either side of a frame: its kernels add up to 14
OPEN_FRAMES = 8  # at the end, which the next latent still changes: it spans 4.4 frames


@torch.inference_mode()
def sound_of(decoder: Any, latents: Tensor, speaker: Tensor, speed: float = 1.0) -> Audio:
    """The sound of a whole clip, float32, shape (samples,), 24 kHz.

    Args:
        decoder: The vocoder.
        latents: Shape (latents, D).
        speaker: The speaker's embedding, shape (1, 512, 1).
        speed: Above 1 is faster; the clip's length is divided by it.
    """
    return _sound(decoder, _frames(decoder, latents.to(speaker.device), speed), speaker)


@torch.inference_mode()
def streamed(decoder: Any, latents: Iterable[Tensor], speaker: Tensor) -> Iterator[Audio]:
    """The sound that `sound_of` gives of all latents, in chunks, each as soon as no later latent
    can change it.

    Args:
        decoder: The vocoder.
        latents: One by one, each of shape (D,).
        speaker: The speaker's embedding, shape (1, 512, 1).
    """
    heard: list[Tensor] = []
    given = 0  # frames
    for latent in latents:
        heard.append(latent)
        if len(heard) % CHUNK_LATENTS == 0:
            frames = _frames(decoder, torch.stack(heard))
            ready = frames.shape[2] - EDGE_FRAMES - OPEN_FRAMES
            yield _part(decoder, frames, speaker, given, ready)
            given = ready
    if heard:
        frames = _frames(decoder, torch.stack(heard))
        yield _part(decoder, frames, speaker, given, frames.shape[2])


def _part(decoder: Any, frames: Tensor, speaker: Tensor, start: int, end: int) -> Audio:
    """The sound of the frames from start to end, as it is within the whole."""
    left = max(0, start - EDGE_FRAMES)
    sound = _sound(decoder, frames[:, :, left : end + EDGE_FRAMES], speaker)
    hop = decoder.output_hop_length
    return sound[(start - left) * hop : (end - left) * hop]


def _frames(decoder: Any, latents: Tensor, speed: float = 1.0) -> Tensor:
    """Latents stretched to the vocoder's frames of 256 samples, shape (1, D, frames).

    As in `Xtts.inference(speed=…)` and `HifiDecoder.forward`, but rounded to the nearest whole
    number of latents: rounded down, a clip of 2 s can come out 2 % too short.
    """
    frames = latents.T[None]
    if speed != 1.0:
        frames = interpolate(frames, size=max(1, round(len(latents) / speed)), mode="linear")
    for scale in (
        decoder.ar_mel_length_compression / decoder.output_hop_length,
        decoder.output_sample_rate / decoder.input_sample_rate,
    ):
        frames = interpolate(frames, scale_factor=[scale], mode="linear")
    return frames


def _sound(decoder: Any, frames: Tensor, speaker: Tensor) -> Audio:
    sound: Audio = decoder.waveform_decoder(frames, g=speaker).flatten().float().cpu().numpy()
    return sound
