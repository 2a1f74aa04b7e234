"""What a Whisper decoder heard, as words; the same for every runtime that Whisper has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dubbing.errors import UnsupportedLanguageError
from dubbing.types import Transcript, Word

RATE_HZ = 16_000
BEAM_SIZE = 5
# Whisper's own two thresholds for "nobody speaks here" (arXiv:2212.04356, section 4.5).
NO_SPEECH_PROBABILITY = 0.6
MIN_AVERAGE_LOGPROB = -1.0
# Whisper invents a "Thank you." after the last word and gives it no time. Fast talkers reach 25
# characters a second.
MAX_CHARACTERS_PER_S = 35.0
MIN_PROBABILITY = 1e-3  # of a language, to be told at all
# Millions of parameters (github.com/openai/whisper and huggingface.co/distil-whisper, model cards);
# those for English only have as many.
PARAMETERS_M = {
    "tiny": 39,
    "base": 74,
    "small": 244,
    "medium": 769,
    "large": 1550,
    "large-v1": 1550,
    "large-v2": 1550,
    "large-v3": 1550,
    "large-v3-turbo": 809,
    "turbo": 809,
    "distil-small": 166,
    "distil-medium": 394,
    "distil-large-v2": 756,
    "distil-large-v3": 756,
    "distil-large-v3.5": 756,
}

# Sizes that know one language only.
ENGLISH_ONLY = {f"{size}.en": ("en",) for size in PARAMETERS_M}


class Piece(NamedTuple):
    """A word or part of one: " R", "&D" are one word; a leading blank starts a new one."""

    text: str
    start_s: float
    end_s: float
    probability: float


class Passage(NamedTuple):
    """What Whisper calls a segment: about a sentence, with its words' pieces."""

    text: str
    start_s: float
    end_s: float
    no_speech_probability: float
    average_logprob: float
    pieces: tuple[Piece, ...]


def sizes_mb(*, beside_mb: int, bytes_each: int) -> dict[str, int]:
    """The memory that each size takes, in MB.

    Args:
        beside_mb: What a runtime takes for any size.
        bytes_each: For each parameter.
    """
    sizes = {size: beside_mb + bytes_each * count for size, count in PARAMETERS_M.items()}
    return sizes | {f"{size}.en": mb for size, mb in sizes.items()}


def transcript(passages: Iterable[Passage], length_s: float) -> Transcript:
    """The words of the passages that are speech, none of them outside 0 … `length_s`."""
    pieces = [p for heard in passages if is_speech(heard) for p in heard.pieces if p.text.strip()]
    return Transcript(words=tuple(_word(group, length_s) for group in _whole_words(pieces)))


def is_speech(heard: Passage) -> bool:
    """Whether somebody said this: False for what Whisper makes up in silence."""
    silent = heard.no_speech_probability >= NO_SPEECH_PROBABILITY
    if silent and heard.average_logprob <= MIN_AVERAGE_LOGPROB:
        return False
    return len(heard.text) <= MAX_CHARACTERS_PER_S * (heard.end_s - heard.start_s)


def check_language(name: str, language: str, known: Sequence[str], *, multilingual: bool) -> None:
    """Nothing, when the model understands the language.

    Args:
        name: Of the engine, with its variant.
        language: ISO 639-1 code asked for.
        known: Codes that multilingual models were trained on.
        multilingual: Whether this model is one; others understand English only.

    Raises:
        UnsupportedLanguageError: It does not.
    """
    if language == "en" or (multilingual and language in known):
        return
    why = "is not among Whisper's languages" if multilingual else "is not English"
    way_on = (
        "choose one of its languages" if multilingual else "choose --transcriber faster-whisper"
    )
    raise UnsupportedLanguageError(
        name, language, f"{name} does not understand {language!r}, which {why}: {way_on}"
    )


def by_code(probabilities: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Probabilities of languages by ISO 639-1 code, most probable first, without the tiny ones."""
    told = sorted(probabilities, key=lambda one: -one[1])
    return {code: round(float(p), 4) for code, p in told if p >= MIN_PROBABILITY}


def _whole_words(pieces: Sequence[Piece]) -> list[list[Piece]]:
    words: list[list[Piece]] = []
    for piece in pieces:
        if words and not piece.text.startswith(" "):
            words[-1].append(piece)
        else:
            words.append([piece])
    return words


def _word(pieces: Sequence[Piece], length_s: float) -> Word:
    start_s = min(max(0.0, pieces[0].start_s), length_s)
    end_s = min(max(start_s, pieces[-1].end_s), length_s)
    return Word(
        text="".join(piece.text for piece in pieces).strip(),
        start_s=start_s,
        end_s=end_s,
        probability=min(1.0, max(0.0, min(piece.probability for piece in pieces))),
    )
