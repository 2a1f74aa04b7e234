"""XTTS's GPT run on several texts at once.

The library takes one text at a time, and its mask is of ones only: padded texts come out wrong.
Here the prefixes (speaker and text) are padded on the left and masked, every row draws from a
random generator of its own, and ends at its own first stop code. The codes of a text are those that
the library makes of it alone.

`gpt` is `TTS.tts.layers.xtts.gpt.GPT`; D is its width (1024), V the number of audio codes (1026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import pad

Tensor = torch.Tensor

FILLER_CODE = 1  # what the library writes in place of the prefix: it counts as said already


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next audio code is chosen; the fields of the checkpoint's config.json.

    Its `length_penalty` is left out: it has a meaning for beams only, and XTTS uses none.

    Attributes:
        temperature: Of the softmax; 0 takes the best code each time.
        top_k: Codes to choose from.
        top_p: The probability that they have together, 0..1.
        repetition_penalty: What the scores of codes said already are divided by, ≥ 1.
    """

    temperature: float
    top_k: int
    top_p: float
    repetition_penalty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text for the model.

    Attributes:
        tokens: The text's, from the tokenizer.
        cap: The most audio codes to make, ≥ 1.
        seed: Of its random choices.
    """

    tokens: tuple[int, ...]
    cap: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What the model made of a line.

    Attributes:
        codes: Audio codes, int64, shape (codes,), the stop code included where there is one.
        ended: Whether it stopped by itself.
    """

    codes: Tensor
    ended: bool


@torch.inference_mode()
def generate(
    gpt: Any, lines: Sequence[Line], conditioning: Tensor, sampling: Sampling
) -> list[Codes]:
    """The audio codes of each line, in order.

    A line's codes do not depend on the others, unless two codes score the same to within the
    rounding of floating-point numbers (1e-6 in single precision; more in half precision).

    Args:
        gpt: In evaluation mode.
        lines: One or more.
        conditioning: The speaker's latents, shape (1, 32, D).
        sampling: See there.
    """
    prefixes = [prefix(gpt, line.tokens, conditioning) for line in lines]
    caps = torch.tensor([line.cap for line in lines])
    done = torch.zeros(len(lines), dtype=torch.bool)
    made: list[Tensor] = []
    for codes, _ in steps(gpt, prefixes, _Chooser(gpt, lines, sampling)):
        made.append(codes.cpu())
        done |= (made[-1] == gpt.stop_audio_token) | (len(made) >= caps)
        if done.all():
            break
    rows = torch.stack(made, dim=1)
    return [
        _until_stop(row[: line.cap], gpt.stop_audio_token)
        for row, line in zip(rows, lines, strict=True)
    ]


@torch.inference_mode()
def stream(
    gpt: Any, line: Line, conditioning: Tensor, sampling: Sampling
) -> Iterator[tuple[int, Tensor]]:
    """(audio code, its latent of shape (D,)) one by one, up to the stop code or the cap."""
    taken = steps(gpt, [prefix(gpt, line.tokens, conditioning)], _Chooser(gpt, [line], sampling))
    for _, (codes, latents) in zip(range(line.cap), taken, strict=False):
        yield int(codes[0]), latents[0]
        if codes[0] == gpt.stop_audio_token:
            return


def prefix(gpt: Any, tokens: Sequence[int], conditioning: Tensor) -> Tensor:
    """The embedded speaker and text that the codes follow, shape (32 + len(tokens) + 2, D)."""
    framed = [gpt.start_text_token, *tokens, gpt.stop_text_token]
    text = torch.tensor([framed], device=conditioning.device)
    embedded = gpt.text_embedding(text) + gpt.text_pos_embedding(text)
    return torch.cat([conditioning[0], embedded[0]])


def steps(
    gpt: Any, prefixes: Sequence[Tensor], choose: Callable[[Tensor], Tensor]
) -> Iterator[tuple[Tensor, Tensor]]:
    """(codes of shape (rows,), latents of shape (rows, D)) of one step after the other, for ever.

    Args:
        gpt: In evaluation mode.
        prefixes: One per row.
        choose: From scores of shape (rows, V) to the next codes, shape (rows,).
    """
    inputs, mask = _padded_left(prefixes)
    start = torch.full((len(prefixes),), gpt.start_audio_token, device=inputs.device)
    inputs = torch.cat([inputs, _embedded(gpt, start, 0)], dim=1)
    cache = None
    position = 0
    while True:
        position += 1
        mask = pad(mask, (0, 1), value=1)
        with _precision(inputs):
            out = gpt.gpt(
                inputs_embeds=inputs, attention_mask=mask, past_key_values=cache, use_cache=True
            )
            latents = gpt.final_norm(out.last_hidden_state[:, -1])
            codes = choose(gpt.mel_head(latents).float())
        yield codes, latents.float()
        cache = out.past_key_values
        inputs = _embedded(gpt, codes, position)


@torch.inference_mode()
def latents_of(gpt: Any, line: Line, codes: Tensor, conditioning: Tensor) -> Tensor:
    """The GPT's latents at each code, from a second pass over the whole line.

    One line at a time and without padding, so that the same codes give the same bytes.

    Args:
        gpt: In evaluation mode.
        line: What was said.
        codes: Its audio codes, shape (codes,).
        conditioning: The speaker's latents, shape (1, 32, D).

    Returns:
        float32, shape (codes, D).
    """
    before = pad(codes[:-1].to(conditioning.device), (1, 0), value=gpt.start_audio_token)[None]
    said = gpt.mel_embedding(before) + gpt.mel_pos_embedding(before)
    inputs = torch.cat([prefix(gpt, line.tokens, conditioning)[None], said], dim=1)
    with _precision(inputs):
        out = gpt.gpt(inputs_embeds=inputs, use_cache=False).last_hidden_state
        latents: Tensor = gpt.final_norm(out[0, -len(codes) :])
    return latents.float()


class _Chooser:
    """Draws the next code of each row, as transformers' processors do, in their order: repetition
    penalty, temperature, top k, top p.

    Every step takes one number from every row's own generator, on the CPU: the choices depend
    neither on the other rows nor on the device.
    """

    def __init__(self, gpt: Any, lines: Sequence[Line], sampling: Sampling) -> None:
        self._sampling = sampling
        self._random = [torch.Generator().manual_seed(line.seed) for line in lines]
        self._said = torch.zeros(len(lines), gpt.num_audio_tokens, dtype=torch.bool)
        self._said[:, [FILLER_CODE, gpt.start_audio_token]] = True

    def __call__(self, scores: Tensor) -> Tensor:
        """Codes of shape (rows,) for scores of shape (rows, V)."""
        codes = self._drawn(self._penalised(scores.cpu()))
        self._said[torch.arange(len(codes)), codes] = True
        return codes.to(scores.device)

    def _penalised(self, scores: Tensor) -> Tensor:
        penalty = self._sampling.repetition_penalty
        worse = torch.where(scores < 0, scores * penalty, scores / penalty)
        return torch.where(self._said, worse, scores)

    def _drawn(self, scores: Tensor) -> Tensor:
        if self._sampling.temperature == 0:
            return scores.argmax(dim=1)
        count = min(self._sampling.top_k, scores.shape[1])
        best, codes = (scores / self._sampling.temperature).topk(count)
        likely = best.softmax(dim=1)
        likely[likely.cumsum(dim=1) - likely >= self._sampling.top_p] = 0
        heaped = likely.cumsum(dim=1)
        chance = torch.cat([torch.rand(1, generator=generator) for generator in self._random])
        index = torch.searchsorted(heaped, (chance * heaped[:, -1])[:, None], right=True)
        return codes.gather(1, index.clamp(max=count - 1))[:, 0]


def _padded_left(prefixes: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The prefixes under each other, shape (rows, longest, D), and the mask of what is real."""
    width = max(map(len, prefixes))
    inputs = torch.stack([pad(rows, (0, 0, width - len(rows), 0)) for rows in prefixes])
    sizes = torch.tensor([len(rows) for rows in prefixes], device=inputs.device)
    mask = torch.arange(width, device=inputs.device) >= width - sizes[:, None]
    return inputs, mask.long()


def _embedded(gpt: Any, codes: Tensor, position: int) -> Tensor:
    """Codes of shape (rows,) at their place among the codes, shape (rows, 1, D)."""
    place = gpt.mel_pos_embedding.get_fixed_embedding(position, codes.device)
    embedded: Tensor = gpt.mel_embedding(codes)[:, None] + place
    return embedded


def _until_stop(row: Tensor, stop: int) -> Codes:
    found = (row == stop).nonzero()
    ended = bool(len(found))
    return Codes(codes=row[: int(found[0]) + 1] if ended else row, ended=ended)


def _precision(inputs: Tensor) -> AbstractContextManager[Any]:
    """Half precision for the GPT where there is a GPU; the vocoder keeps single precision."""
    return torch.autocast("cuda", torch.float16, enabled=inputs.is_cuda)
