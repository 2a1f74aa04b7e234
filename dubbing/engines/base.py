"""What the pipeline asks of an engine, one `Protocol` per kind.

To add an engine: write one file in this folder with a class that has `info`, `why_unavailable` and
its kind's method, import heavy packages inside `__init__`, add one row to `registry.py`, and let
`tests/contract` run over it. An engine raises `EngineUnavailableError` from `__init__` when a
package, program or weight file is missing, and never falls back to another engine, to empty text
or to silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from dubbing.types import (
    Audio,
    Candidate,
    Diarization,
    MarkedText,
    Span,
    Speech,
    Transcript,
    VoicePrompt,
)

Kind = Literal[
    "detector",
    "diarizer",
    "transcriber",
    "translator",
    "accentor",
    "synthesizer",
    "encoder",
    "separator",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What an engine declares about itself; read before any weights are loaded.

    Attributes:
        name: Its name in the registry.
        kind: Which Protocol it fulfils.
        summary: One line for people.
        licence: Of its weights and code, SPDX where there is one.
        packages: Distributions whose versions decide the result.
        languages: ISO 639-1 codes; for a translator "source-target" pairs; empty: any language.
        variants_languages: Those of variants that know fewer, by name.
        sample_rate_hz: Of the sound taken (detector, diarizer, transcriber, encoder) or made
            (synthesizer); 0: none.
        clones: Whether a synthesizer follows the voice prompt.
        memory_mb: Roughly needed beside the interpreter.
        variants_mb: The same of variants that need more or less, by name.
        weights: Names in `weights.CATALOG` that must have been pulled.
        welcome: Names of other engines that it calls where they are here: whether they are decides
            the result, too.
        variants: What may follow the name after a colon ("whisper:small"), one line for people;
            empty: nothing. An engine with variants takes one, a string, empty for its default, in
            `why_unavailable` and `__init__`.
    """

    name: str
    kind: Kind
    summary: str
    licence: str
    packages: tuple[str, ...]
    languages: tuple[str, ...] = ()
    variants_languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    sample_rate_hz: int = 0
    clones: bool = False
    memory_mb: int = 0
    variants_mb: Mapping[str, int] = field(default_factory=dict, hash=False)
    weights: tuple[str, ...] = ()
    welcome: tuple[str, ...] = ()
    variants: str = ""


class Engine(Protocol):
    """What all kinds have in common."""

    info: EngineInfo

    @classmethod
    def why_unavailable(cls) -> str | None:
        """One sentence on what is missing here and how to get it; None when the engine can be
        made. Imports nothing heavy and reads no weights.
        """
        ...


class SpeechDetector(Engine, Protocol):
    """Finds where somebody speaks."""

    def detect(self, blocks: Iterable[Audio]) -> list[Span]:
        """Stretches of speech, ordered, not overlapping, as found: no padding, no maximum length.

        Args:
            blocks: Consecutive pieces of one signal at `info.sample_rate_hz`: float32, shape
                (samples,), mono.
        """
        ...


class Diarizer(Engine, Protocol):
    """Tells speakers apart."""

    def diarize(self, blocks: Iterable[Audio], *, speakers: int | None) -> Diarization:
        """Who speaks when, inside the signal to one frame; no turns where nobody speaks.

        Args:
            blocks: Consecutive pieces of one signal at `info.sample_rate_hz`: float32, shape
                (samples,), mono.
            speakers: How many there are, ≥ 1; fewer are found where fewer can be told apart.
                None: the engine finds out.
        """
        ...


class Transcriber(Engine, Protocol):
    """Writes down what is said."""

    def transcribe(self, clips: Sequence[Audio], *, language: str) -> list[Transcript]:
        """One transcript per clip, in order, its words on the clip's own clock and inside the clip.

        Args:
            clips: Each float32, shape (samples,), mono, [-1, 1], at `info.sample_rate_hz`.
            language: ISO 639-1 code of the speech.
        """
        ...


@runtime_checkable
class IdentifiesLanguage(Transcriber, Protocol):
    """A recogniser some of whose weights can tell languages. Others do without."""

    def identify_language(self, clips: Sequence[Audio]) -> list[dict[str, float]]:
        """For each clip, in order, ISO 639-1 codes with the probability that the clip's speech is
        in that language; no codes at all where the loaded weights know one language only.

        Args:
            clips: As those of `transcribe`, each of them not empty; their first 30 s count.
        """
        ...


class Translator(Engine, Protocol):
    """Translates sentences."""

    @classmethod
    def check_pair(cls, source: str, target: str) -> None:
        """Nothing, when this pair of languages can be translated here and now.

        Raises:
            UnsupportedLanguageError: It cannot; the message names the ways on.
        """
        ...

    def translate(
        self, sentences: Sequence[str], *, source: str, target: str
    ) -> list[list[Candidate]]:
        """For each sentence, in order, one or more translations, best first, none of them empty
        for a sentence that is not.

        Raises:
            UnsupportedLanguageError: The pair is not among `info.languages`.
        """
        ...


class Accentor(Engine, Protocol):
    """Sets stress marks."""

    def accent(self, texts: Sequence[str]) -> list[MarkedText]:
        """For each text, in order, the same letters with more of the words marked, and one entry
        for each mark that was added. Words that are marked already, words with "ё" and words of one
        syllable stay as they are.

        Args:
            texts: Words and plain punctuation; marks as in `dubbing.text.stress`.
        """
        ...


class Voice(Protocol):
    """A voice made ready by a synthesizer: opaque to everyone else, computed once per speaker."""

    @property
    def description(self) -> str:
        """How the voice was made, for a person to read."""
        ...

    @property
    def characters_per_s(self) -> float:
        """How fast it speaks at speed 1, > 0: blanks, marks and pauses included."""
        ...


class Synthesizer(Engine, Protocol):
    """Speaks."""

    def prepare(self, prompt: VoicePrompt, *, language: str) -> Voice:
        """The voice that comes nearest to the prompt's speaker. The costly work per speaker
        happens here.

        Raises:
            UnsupportedLanguageError: The language is not among `info.languages`.
        """
        ...

    def synthesize(
        self, texts: Sequence[str], voice: Voice, *, language: str, speed: float = 1.0
    ) -> list[Speech]:
        """One clip per text, in order, mono at `info.sample_rate_hz`; the same text, voice and
        speed give the same clip.

        Args:
            texts: What to say. Russian may hold stress marks, U+0301 directly behind the stressed
                vowel, in NFC otherwise; an engine that cannot heed them leaves them out.
            voice: From `prepare`.
            language: ISO 639-1 code.
            speed: Above 1 is faster, > 0. Made where the sound is made, with pitch and timbre as
                they are, not by stretching finished sound.
        """
        ...


class SpeakerEncoder(Engine, Protocol):
    """Turns speech into a vector that is near for the same speaker."""

    def embed(self, clips: Sequence[Audio]) -> list[NDArray[np.float32]]:
        """One unit-length vector per clip, in order.

        Args:
            clips: Each float32, shape (samples,), mono, at `info.sample_rate_hz`, ≥ 1 s of speech.
        """
        ...


class Separator(Engine, Protocol):
    """Takes the voices out of a recording."""

    def background(self, blocks: Iterable[Audio]) -> Iterator[Audio]:
        """Everything but the voices, as long as what was taken in, in pieces of any length.

        Args:
            blocks: Consecutive pieces of one signal at `info.sample_rate_hz`: float32, shape
                (samples, 2), [-1, 1]. Read as they are needed, never all at once.
        """
        ...
