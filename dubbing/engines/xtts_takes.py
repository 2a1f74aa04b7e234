"""Pieces of text spoken by XTTS: generated in batches, checked, tried again, remembered."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import torch

from dubbing.engines import xtts_checks
from dubbing.engines.base import SpeechDetector
from dubbing.engines.xtts_generation import Codes, Line, Sampling, generate, latents_of
from dubbing.engines.xtts_vocoder import sound_of
from dubbing.errors import EngineError
from dubbing.media.audio import ANALYSIS_RATE_HZ, resample
from dubbing.types import Audio

TRIES = 3
BATCH = 8  # pieces at once
CACHED = 128  # takes, of 0.18 MB a second: 2.7 MB for the longest texts, 5 MB at the very most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XttsVoice:
    """A speaker as XTTS knows him.

    Attributes:
        description: For a person to read.
        fingerprint: Of the prompt's samples and their rate, hexadecimal.
        conditioning: For the GPT, shape (1, 32, D).
        embedding: For the vocoder, shape (1, 512, 1).
    """

    description: str
    fingerprint: str
    conditioning: torch.Tensor = field(repr=False)
    embedding: torch.Tensor = field(repr=False)

    @property
    def characters_per_s(self) -> float:
        """Not known before it has spoken: what a recorded voice says."""
        return xtts_checks.TYPICAL_PER_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    """A piece of text as it was spoken.

    Attributes:
        latents: The GPT's, for the vocoder, on the CPU: shape (latents, D).
        sound: The same at natural speed, float32, shape (samples,).
        warning: What may be wrong with it; empty: nothing was noticed.
    """

    latents: torch.Tensor
    sound: Audio
    warning: str = ""


@dataclass(slots=True)
class Work:
    """How often the costly things were done.

    Attributes:
        voices: Speakers learnt.
        lines: Pieces of text that the GPT spoke, further tries included.
    """

    voices: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One try at a piece; a take is there when it came as far as being heard."""

    piece: str
    characters: int
    line: Line
    codes: Codes
    take: Take | None = None
    fault: str = ""

    def off_s(self) -> float:
        """How far its length is from what the text needs at a typical pace."""
        tokens = len(self.take.latents if self.take else self.codes.codes)
        length_s = tokens * xtts_checks.TOKEN_S
        return abs(length_s - self.characters / xtts_checks.TYPICAL_PER_S)


class TakeMaker:
    """Takes of pieces by one loaded model; the `CACHED` that were used last are kept."""

    def __init__(
        self, model: Any, sampling: Sampling, detector: SpeechDetector, work: Work
    ) -> None:
        self._model = model
        self._sampling = sampling
        self._detector = detector
        self._work = work
        self._kept: OrderedDict[tuple[str, str, str], Take] = OrderedDict()

    def takes(
        self, pieces: Iterable[str], voice: XttsVoice, language: str
    ) -> Iterator[tuple[str, Take]]:
        """Each piece with its take: first those that are kept, then the others by length, so that
        little is padded.

        Args:
            pieces: Different texts, each with something to pronounce.
            voice: Who speaks.
            language: ISO 639-1 code.

        Raises:
            EngineError: See `line`.
        """
        missing: list[str] = []
        for piece in pieces:
            key = (voice.fingerprint, language, piece)
            if key in self._kept:
                self._kept.move_to_end(key)
                yield piece, self._kept[key]
            else:
                missing.append(piece)
        missing.sort(key=len)
        for start in range(0, len(missing), BATCH):
            for piece, take in self._made(missing[start : start + BATCH], voice, language):
                self._keep((voice.fingerprint, language, piece), take)
                yield piece, take

    def line(self, piece: str, voice: XttsVoice, language: str, attempt: int = 0) -> Line:
        """The piece for the model, with its cap, and a seed that depends on what is said, who says
        it and the number of the try, and on nothing else.

        Raises:
            EngineError: The piece has more in it than the model reads at once, or a number that it
                has no words for.
        """
        try:
            tokens = tuple(self._model.tokenizer.encode(piece.lower(), lang=language))
        except Exception as error:  # num2words raises many: it has no Czech ordinals, for one
            raise EngineError(
                "xtts", f"xtts cannot read a number in {language!r}: write the numbers as words"
            ) from error
        if len(tokens) >= self._model.args.gpt_max_text_tokens:
            raise EngineError(
                "xtts", "a sentence has too many numbers for xtts: write fewer of them, as words"
            )
        cap = xtts_checks.token_cap(
            self._characters(piece, language), self._model.gpt.max_gen_mel_tokens
        )
        said = "\0".join((voice.fingerprint, language, piece, str(attempt)))
        seed = int(hashlib.sha256(said.encode()).hexdigest()[:15], 16)
        return Line(tokens=tokens, cap=cap, seed=seed)

    def _characters(self, piece: str, language: str) -> int:
        """Characters of the piece as the model reads it, numbers written out."""
        return len(self._model.tokenizer.preprocess_text(piece.lower(), language))

    def _keep(self, key: tuple[str, str, str], take: Take) -> None:
        self._kept[key] = take
        if len(self._kept) > CACHED:
            self._kept.popitem(last=False)

    def _made(
        self, pieces: Sequence[str], voice: XttsVoice, language: str
    ) -> Iterator[tuple[str, Take]]:
        """Each piece with its first good take; where none is good, with the likeliest one."""
        failed: dict[str, list[_Try]] = {piece: [] for piece in pieces}
        for attempt in range(TRIES):
            for done in self._tried(list(failed), voice, language, attempt):
                if done.take and not done.fault:
                    del failed[done.piece]
                    yield done.piece, done.take
                else:
                    failed[done.piece].append(done)
        for piece, tries in failed.items():
            likeliest = min(tries, key=_Try.off_s)
            take = likeliest.take or self._heard(likeliest, voice).take
            assert take is not None
            yield piece, replace(take, warning=xtts_checks.warning(likeliest.fault, TRIES))

    def _tried(
        self, pieces: Sequence[str], voice: XttsVoice, language: str, attempt: int
    ) -> list[_Try]:
        """One try at each piece, judged; sound is made only of those with a possible length."""
        if not pieces:
            return []
        lines = [self.line(piece, voice, language, attempt) for piece in pieces]
        self._work.lines += len(lines)
        made = generate(self._model.gpt, lines, voice.conditioning, self._sampling)
        tries = []
        for piece, line, codes in zip(pieces, lines, made, strict=True):
            characters = self._characters(piece, language)
            fault = xtts_checks.length_fault(characters, len(codes.codes), ended=codes.ended)
            one = _Try(piece=piece, characters=characters, line=line, codes=codes, fault=fault)
            tries.append(one if fault else self._heard(one, voice))
        return tries

    def _heard(self, one: _Try, voice: XttsVoice) -> _Try:
        """The try with its take, without what comes after the text, and what is heard to be wrong
        with it.
        """
        latents = latents_of(self._model.gpt, one.line, one.codes.codes, voice.conditioning)
        sound = sound_of(self._model.hifigan_decoder, latents, voice.embedding)
        rate_hz = self._model.hifigan_decoder.output_sample_rate
        spans = self._detector.detect([resample(sound, rate_hz, ANALYSIS_RATE_HZ)])
        if not spans:
            take = Take(latents=latents.cpu(), sound=sound)
            return replace(one, take=take, fault="no speech is heard in it")
        end_s = xtts_checks.end_of_text_s(spans, one.characters, len(sound) / rate_hz)
        count = min(len(latents), ceil(end_s / xtts_checks.TOKEN_S))
        take = Take(
            latents=latents[:count].cpu(), sound=sound[: round(len(sound) * count / len(latents))]
        )
        fault = xtts_checks.length_fault(
            one.characters, count, ended=True
        ) or xtts_checks.tail_fault(spans, one.characters)
        return replace(one, take=take, fault=fault)
