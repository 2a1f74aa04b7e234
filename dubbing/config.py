"""What a run is asked to do, and the profiles that name its engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dubbing.engines.registry import engine_info, engine_names, why_unavailable
from dubbing.errors import EngineUnavailableError, InputError, UnsupportedLanguageError

Mix = Literal["dub", "voiceover"]

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
    """

    summary: str
    needs: str
    detector: str
    transcriber: str
    translator: str
    synthesizers: tuple[str, ...]
    encoder: str


PROFILES = {
    "offline": Profile(
        summary="no network and no model hub: everything comes with the Python packages",
        needs="requirements.txt, 1 GB of memory",
        detector="silero",
        transcriber="faster-whisper",
        translator="bergamot",
        synthesizers=("festival", "espeak"),
        encoder="resemblyzer",
    ),
}


class DubbingConfig(BaseModel):
    """Everything that decides what a run makes. Kept in its manifest.

    Attributes:
        profile: A key of `PROFILES`, or "auto": the richest whose engines are all on this machine.
        source: ISO 639-1 code of the language spoken.
        target: ISO 639-1 code of the language to dub into, a key of `LANGUAGES`.
        detector: Speech detector; empty: the profile's.
        synthesizer: Synthesizer; empty: the profile's best that is installed and speaks `target`.
        mix: "dub" puts room tone under the new voice, "voiceover" the original, turned down.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = "auto"
    source: str = "en"
    target: str = "ru"
    detector: str = ""
    synthesizer: str = ""
    mix: Mix = "dub"

    @classmethod
    def checked(cls, **options: str) -> DubbingConfig:
        """The options as a config.

        Raises:
            InputError: A value is not one of those that there are.
        """
        try:
            return cls.model_validate(options)
        except ValidationError as error:
            first = error.errors()[0]
            name, given = first["loc"][0], first["input"]
            message = first["msg"].removeprefix("Input ")
            raise InputError(f"--{name} {given!r} cannot be used: it {message}") from error

    def resolved(self) -> DubbingConfig:
        """The same with "auto" replaced by the profile that it stands for here."""
        if self.profile != "auto":
            return self
        return self.model_copy(update={"profile": _richest_profile()})


class EngineChoice(BaseModel):
    """The engines of a run, by kind, as names in the registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: str = Field(description="finds speech")
    transcriber: str = Field(description="writes it down")
    translator: str = Field(description="translates it; not called for a supplied translation")
    synthesizer: str = Field(description="speaks it")
    encoder: str = Field(description="measures whose voice it is")


def choose_engines(config: DubbingConfig) -> EngineChoice:
    """The engines that a run will use.

    Raises:
        InputError: The profile, language or an engine's name is unknown.
        EngineUnavailableError: An engine that was asked for by name cannot run here.
        UnsupportedLanguageError: No installed engine speaks the target language.
    """
    profile = find_profile(config.profile)
    if config.target not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputError(f"cannot dub into {config.target!r}; choose one of {known}")
    return EngineChoice(
        detector=_named("detector", config.detector) if config.detector else profile.detector,
        transcriber=profile.transcriber,
        translator=profile.translator,
        synthesizer=_choose_synthesizer(config, profile),
        encoder=profile.encoder,
    )


def _richest_profile() -> str:
    """The first of `PROFILES`, which stand richest first, whose engines are all installed."""
    for name, profile in PROFILES.items():
        needed = (profile.detector, profile.transcriber, profile.translator, profile.encoder)
        speaks = any(why_unavailable(engine) is None for engine in profile.synthesizers)
        if speaks and all(why_unavailable(engine) is None for engine in needed):
            return name
    raise EngineUnavailableError(
        "auto", "no profile is complete on this machine: see `python -m dubbing doctor`"
    )


def find_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        InputError: There is none.
    """
    if name not in PROFILES:
        raise InputError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def _named(kind: Literal["detector", "synthesizer"], name: str) -> str:
    if name not in engine_names(kind):
        known = ", ".join(engine_names(kind))
        raise InputError(f"there is no {kind} {name!r}; choose one of {known}")
    if reason := why_unavailable(name):
        raise EngineUnavailableError(name, reason)
    return name


def _choose_synthesizer(config: DubbingConfig, profile: Profile) -> str:
    if config.synthesizer:
        name = _named("synthesizer", config.synthesizer)
        if config.target not in engine_info(name).languages:
            spoken = ", ".join(engine_info(name).languages)
            raise UnsupportedLanguageError(
                name, config.target, f"{name} speaks {spoken}, not {config.target!r}"
            )
        return name
    for name in profile.synthesizers:
        if config.target in engine_info(name).languages and why_unavailable(name) is None:
            return name
    raise UnsupportedLanguageError(
        config.profile,
        config.target,
        f"no installed voice speaks {config.target!r}; see `python -m dubbing engines`",
    )
