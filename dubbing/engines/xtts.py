"""Speech by XTTSv2 (coqui-tts): the speaker's voice cloned from a few seconds.

Long texts are spoken in pieces, pieces in batches. Every piece is checked and said again where it
went wrong; what is no better after that is kept and marked for a person to listen to.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import numpy as np

from dubbing.engines import licences
from dubbing.engines.base import EngineInfo, SpeechDetector, Voice
from dubbing.engines.torch_threads import limited_torch
from dubbing.engines.weights import verified_folder, why_missing
from dubbing.engines.xtts_joining import joined, trimmed
from dubbing.errors import EngineError, EngineUnavailableError, InputError, UnsupportedLanguageError
from dubbing.media.audio import resample
from dubbing.text.pieces import split_pieces
from dubbing.text.stress import without_marks
from dubbing.types import Audio, Speech, VoicePrompt

if TYPE_CHECKING:
    from torch import Tensor

    from dubbing.engines.xtts_takes import Take, XttsVoice

WEIGHTS = "xtts-v2"
LICENCE = "CPML"
RATE_HZ = 24_000  # of XTTS's sound
PROMPT_RATE_HZ = 22_050  # of the sound that it learns a voice from
MIN_PROMPT_S = 1.0  # the model takes 0.33 s, which is less than a word
MAX_CHARACTERS = 182  # coqui-tts's limit for Russian, the lowest among the languages below


class XttsSynthesizer:
    """XTTSv2 as published: on a GPU, with the GPT in half precision, else on the CPU.

    On the CPU a text in a voice gives the same samples in any company, unless two codes score the
    same to within rounding. On a GPU half precision rounds coarsely: in another batch a text may be
    read another way, just as well.

    Attributes:
        work: What was computed so far.
    """

    info = EngineInfo(
        name="xtts",
        kind="synthesizer",
        summary="XTTSv2: clones the speaker's voice; slow without a GPU, non-commercial licence",
        licence="CPML (non-commercial): weights; MPL-2.0: code",
        packages=("coqui-tts", "torch"),
        # Those in an alphabet. Arabic, Chinese, Hindi, Japanese and Korean, which XTTS speaks too,
        # need packages of their own, and have other lengths for the same number of characters.
        languages=("ru", "en", "pt", "es", "fr", "it", "de", "pl", "tr", "nl", "cs", "hu"),
        sample_rate_hz=RATE_HZ,
        clones=True,
        memory_mb=2_400,
        weights=(WEIGHTS,),
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages and weights are here and the licence is accepted."""
        for module in ("TTS", "torch", "torchaudio", "silero_vad"):
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        if licences.accepted(LICENCE) is None:
            return (
                f"XTTSv2 is for non-commercial use only: read {licences.URLS[LICENCE]} and, if you "
                "agree, run `python -m dubbing models accept-cpml`"
            )
        return why_missing(WEIGHTS)

    def __init__(self, *, detector: SpeechDetector | None = None) -> None:
        """Loads the model.

        Args:
            detector: What hears where the speech in a clip ends; Silero if none is given.
        """
        if reason := self.why_unavailable():
            raise EngineUnavailableError(self.info.name, reason)
        folder = verified_folder(WEIGHTS, self.info.name)
        import torch

        from dubbing.engines.silero import SileroDetector
        from dubbing.engines.xtts_checkpoint import load
        from dubbing.engines.xtts_generation import Sampling
        from dubbing.engines.xtts_takes import TakeMaker, Work

        self._model = load(folder, "cuda" if torch.cuda.is_available() else "cpu")
        settings = self._model.config
        self._sampling = Sampling(
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            repetition_penalty=settings.repetition_penalty,
        )
        self.work = Work()
        self._maker = TakeMaker(
            self._model, self._sampling, detector or SileroDetector(), self.work
        )

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """See `Synthesizer`. How much of the prompt is used stands in the checkpoint's config.json.

        Raises:
            InputError: The prompt is too short.
        """
        from dubbing.engines.xtts_takes import XttsVoice

        _require_language(language)
        length_s = len(prompt.samples) / prompt.sample_rate_hz
        if length_s < MIN_PROMPT_S:
            raise InputError(
                f"the voice sample of {prompt.speaker} lasts {length_s:.1f} s; give 3 s or more"
            )
        with limited_torch():
            conditioning, embedding = self._cloned(prompt)
        self.work.voices += 1
        return XttsVoice(
            description=f"xtts clone of {length_s:.1f} s of {prompt.speaker}'s speech",
            fingerprint=_fingerprint(prompt),
            conditioning=conditioning,
            embedding=embedding,
        )

    def _cloned(self, prompt: VoicePrompt) -> tuple[Tensor, Tensor]:
        """The speaker for the GPT, shape (1, 32, D), and for the vocoder, shape (1, 512, 1)."""
        import torch

        settings, rate_hz = self._model.config, PROMPT_RATE_HZ
        samples = resample(prompt.samples, prompt.sample_rate_hz, rate_hz)
        samples = samples[: settings.max_ref_len * rate_hz].copy()
        if settings.sound_norm_refs:
            samples *= np.float32(0.75 / max(float(np.abs(samples).max()), 1e-6))
        sound = torch.from_numpy(samples)[None].to(self._model.device)
        conditioning = self._model.get_gpt_cond_latents(
            sound, rate_hz, length=settings.gpt_cond_len, chunk_length=settings.gpt_cond_chunk_len
        )
        return conditioning, self._model.get_speaker_embedding(sound, rate_hz)

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """See `Synthesizer`. A clip that may be wrong says so in its `warning`. Another speed is
        made before the vocoder: of a text that was among the last ones spoken nothing is generated
        again.

        Raises:
            EngineError: A text holds nothing to pronounce, or the model made no sound of it.
            ValueError: The speed is not above 0.
        """
        _require_language(language)
        if not speed > 0:
            raise ValueError(f"a speed is above 0, not {speed}")
        speaker, texts_pieces = cast("XttsVoice", voice), [_pieces(text) for text in texts]
        different = dict.fromkeys(piece for pieces in texts_pieces for piece in pieces)
        said: dict[str, Speech] = {}
        with limited_torch():
            for piece, take in self._maker.takes(different, speaker, language):
                said[piece] = _audible(self._sound(take, speaker, speed), take.warning)
        return [_whole([said[p] for p in pieces], pieces, speed) for pieces in texts_pieces]

    def _sound(self, take: Take, voice: XttsVoice, speed: float) -> Audio:
        from dubbing.engines.xtts_vocoder import sound_of

        if speed == 1.0:
            return take.sound
        return sound_of(self._model.hifigan_decoder, take.latents, voice.embedding, speed)

    def stream(self, text: str, voice: Voice, *, language: str) -> Iterator[Audio]:
        """The sound of the text while it is made, in chunks of about a second that follow each
        other without a gap: float32, shape (samples,), at `info.sample_rate_hz`.

        What is heard already cannot be said again: nothing but the longest length is checked. While
        the caller waits between two chunks, torch keeps to `torch_threads.threads()`.

        Raises:
            EngineError: The text holds nothing to pronounce.
        """
        from dubbing.engines.xtts_generation import stream
        from dubbing.engines.xtts_vocoder import streamed

        _require_language(language)
        speaker = cast("XttsVoice", voice)
        for piece in _pieces(text):
            line = self._maker.line(piece, speaker, language)
            self.work.lines += 1
            with limited_torch():
                made = stream(self._model.gpt, line, speaker.conditioning, self._sampling)
                latents = (latent for _, latent in made)
                yield from streamed(self._model.hifigan_decoder, latents, speaker.embedding)


def _fingerprint(prompt: VoicePrompt) -> str:
    digest = hashlib.sha256(f"{prompt.sample_rate_hz} Hz ".encode())
    digest.update(prompt.samples.tobytes())
    return digest.hexdigest()


def _require_language(language: str) -> None:
    known = XttsSynthesizer.info.languages
    if language not in known:
        raise UnsupportedLanguageError(
            "xtts", language, f"xtts speaks {', '.join(known)}, not {language!r}; choose one"
        )


def _pieces(text: str) -> list[str]:
    """The text in pieces that the model takes at once, each with something to pronounce.

    Raises:
        EngineError: There is nothing to pronounce.
    """
    # A semicolon asks for a pause; a comma is what the model has read most of.
    plain = _plain(text).replace(";", ",")
    pieces = [p for p in split_pieces(plain, MAX_CHARACTERS) if any(map(str.isalnum, p))]
    if not pieces:
        raise EngineError("xtts", "a text holds nothing to pronounce; edit it")
    return pieces


def _plain(text: str) -> str:
    """The text without what the tokenizer takes for commands ("[en]", "[STOP]"), control characters
    and invisible ones, and stress marks, which it knows no token for.
    """
    kinds = ((c, unicodedata.category(c)) for c in without_marks(text))
    return "".join(" " if c in "[]" or kind[0] == "C" else c for c, kind in kinds if kind != "Cf")


def _audible(samples: Audio, warning: str) -> Speech:
    """The clip without the silence around it.

    Raises:
        EngineError: There is nothing but silence.
    """
    kept = trimmed(np.clip(samples, -1, 1), RATE_HZ)
    if not len(kept):
        raise EngineError("xtts", "xtts made no sound of a text; change its wording")
    return Speech(samples=kept, sample_rate_hz=RATE_HZ, warning=warning)


def _whole(said: Sequence[Speech], pieces: Sequence[str], speed: float = 1.0) -> Speech:
    """The clips of a text's pieces as one, with the first warning among them."""
    samples = joined([speech.samples for speech in said], pieces, RATE_HZ, speed)
    warning = next((speech.warning for speech in said if speech.warning), "")
    return Speech(samples=samples, sample_rate_hz=RATE_HZ, warning=warning)
