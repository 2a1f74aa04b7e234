"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Video = Annotated[Path, typer.Argument(help="Video or sound file to dub.", show_default=False)]
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's folder, or its name.", show_default=False)
]
Artifacts = Annotated[Path, typer.Option(help="Folder of the run folders.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Finished file [final_video/NAME_dubbed.mp4].")
]
Name = Annotated[str | None, typer.Option(help="Name of the run [the file's own].")]
Target = Annotated[str, typer.Option(help="Language to dub into: ru pt es fr it de.")]
ProfileName = Annotated[
    str, typer.Option("--profile", help="Set of engines: auto, studio, turbo, lite, offline.")
]
Supplied = Annotated[
    Path | None, typer.Option("--translation", help="Translation to speak: SRT, VTT or text.")
]
SpokenNames = Annotated[
    Path | None,
    typer.Option("--names", help="How names are said in Russian: CSV with written,spoken."),
]
MixManner = Annotated[
    str,
    typer.Option(
        "--mix",
        help="Under the voice: dub: room tone; voiceover: the original; background: its music.",
    ),
]
Detector = Annotated[str, typer.Option(help="Speech detector: silero, energy [the profile's].")]
Recogniser = Annotated[
    str, typer.Option("--transcriber", help="Recogniser, such as whisper:small [the profile's].")
]
Translator = Annotated[str, typer.Option(help="Translator, such as firefox [the profile's].")]
Voice = Annotated[
    str,
    typer.Option(
        "--synthesizer", help="Voice: xtts, kokoro, piper, festival, espeak [the profile's]."
    ),
]
GivenVoices = Annotated[
    list[str] | None,
    typer.Option(
        "--voice",
        metavar="[SPEAKER=]FILE",
        help="Sound of the voice to speak with, instead of what is chosen from the video; of "
        "speaker-1 where none is named.",
    ),
]
Speakers = Annotated[
    str, typer.Option(help="How many people speak: auto (they are told apart), 1, 2, …")
]
AudioTrack = Annotated[
    int | None,
    typer.Option(min=1, help="Sound track to dub, from 1 [the original in the source language]."),
]
Separator = Annotated[
    str, typer.Option(help="For --mix background: demucs, or demucs:FOLDER with its weights.")
]
OnFailure = Annotated[
    str, typer.Option(help="Where a segment cannot be dubbed: original (voice), or silent.")
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit status 1 when a segment could not be dubbed, or the file is not whole.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
