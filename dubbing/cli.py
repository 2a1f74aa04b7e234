"""The command line. Exit status: 0 done, 1 failed, 2 bad input or usage, 130 interrupted."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from dubbing import console
from dubbing.config import DubbingConfig
from dubbing.demo import DEMO_FOLDER, dub_samples
from dubbing.diagnosis import diagnose, engine_rows
from dubbing.engines.bergamot import pull
from dubbing.errors import DubbingError, InputError, RunError
from dubbing.events import STAGES, Stage
from dubbing.pipeline import dub as dub_video
from dubbing.pipeline import edit as edit_segment
from dubbing.pipeline import run_steps
from dubbing.prepare import ARTIFACTS, check_translatable, prepare, reconfigure
from dubbing.runs.store import Run, open_run

app = typer.Typer(
    name="dubbing",
    help="Dubs English talks into Russian in the speaker's own voice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models = typer.Typer(help="Model weights that do not come with the packages.", no_args_is_help=True)
app.add_typer(models, name="models")

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
ProfileName = Annotated[str, typer.Option("--profile", help="Set of engines: auto, offline.")]
Supplied = Annotated[
    Path | None, typer.Option("--translation", help="Translation to speak: SRT, VTT or text.")
]
MixManner = Annotated[
    str, typer.Option("--mix", help="dub: room tone under the voice; voiceover: the original, low.")
]
Detector = Annotated[str, typer.Option(help="Speech detector: silero, energy [the profile's].")]
Voice = Annotated[str, typer.Option("--synthesizer", help="Voice engine: espeak, festival [best].")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command()
def demo(as_json: AsJson = False) -> None:
    """Dub the bundled samples offline into demo_output/ and print the scorecards."""
    with console.progress() as listen:
        runs = dub_samples(DEMO_FOLDER, listen)
    if as_json:
        console.show_json([console.run_document(run) for run in runs])
    else:
        for run in runs:
            console.show_run(run)


@app.command()
def dub(
    video: Video,
    output: Output = None,
    name: Name = None,
    target: Target = "ru",
    profile: ProfileName = "auto",
    translation: Supplied = None,
    mix: MixManner = "dub",
    detector: Detector = "",
    synthesizer: Voice = "",
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Dub a video: all stages, then the scorecard. Run again to go on after an interruption."""
    config = _config(target, profile, mix, detector, synthesizer)
    with console.progress() as listen:
        run = dub_video(
            video,
            config=config,
            output=output,
            artifacts=artifacts,
            name=name,
            translation=translation,
            overwrite=overwrite,
            listen=listen,
        )
    _show(run, as_json)


@app.command()
def segment(
    video: Video,
    output: Output = None,
    name: Name = None,
    target: Target = "ru",
    profile: ProfileName = "auto",
    translation: Supplied = None,
    mix: MixManner = "dub",
    detector: Detector = "",
    synthesizer: Voice = "",
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Stage 1: make a run from a video and find where somebody speaks."""
    run = prepare(
        video,
        config=_config(target, profile, mix, detector, synthesizer),
        output=output,
        artifacts=artifacts,
        name=name,
        translation=translation,
        overwrite=overwrite,
    )
    _run(run, ["segment"], as_json)


@app.command()
def transcribe(run: RunName, artifacts: Artifacts = ARTIFACTS, as_json: AsJson = False) -> None:
    """Stage 2: recognise the words and cut segments at the ends of sentences."""
    _run(_find(run, artifacts), ["transcribe"], as_json)


@app.command()
def translate(
    run: RunName,
    translation: Supplied = None,
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Stage 3: give every segment its text in the target language."""
    found = reconfigure(_find(run, artifacts), translation=translation)
    check_translatable(found)
    _run(found, ["translate"], as_json)


@app.command()
def speak(
    run: RunName,
    synthesizer: Voice = "",
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Stage 4: choose the speaker's voice prompt and speak every segment."""
    _run(reconfigure(_find(run, artifacts), synthesizer=synthesizer), ["speak"], as_json)


@app.command()
def assemble(
    run: RunName,
    output: Output = None,
    mix: MixManner = "",
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Stage 5: fit the speech to the talk, mix the sound, write the finished file."""
    found = _find(run, artifacts)
    found = reconfigure(found, output=output, mix=mix, overwrite=overwrite)
    _run(found, ["assemble"], as_json)


@app.command()
def edit(
    run: RunName,
    segment_id: Annotated[int, typer.Option("--segment", help="Its number.")],
    text: Annotated[str, typer.Option(help="What it should say.")],
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Change one segment's translation; just that is spoken again."""
    found = _find(run, artifacts)
    with console.progress() as listen:
        edit_segment(found, segment_id, text, listen=listen)
    _show(found, as_json)


@app.command()
def evaluate(run: RunName, artifacts: Artifacts = ARTIFACTS, as_json: AsJson = False) -> None:
    """Measure the finished file and print its scorecard."""
    found = _find(run, artifacts)
    with console.progress() as listen:
        run_steps(found, ["evaluate"], listen)
    _show(found, as_json)


@app.command()
def engines(as_json: AsJson = False) -> None:
    """List the engines: kind, languages, licence, and whether they can run here."""
    rows = engine_rows()
    if as_json:
        console.show_json(rows)
        return
    about = "{kind} · languages: {languages} · {licence}\n{summary}"
    console.show_table(
        [{"engine": r["engine"], "state": r["state"], "about": about.format(**r)} for r in rows]
    )


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check this machine: what works, what is missing, and how to get it."""
    rows = diagnose()
    if as_json:
        console.show_json(rows)
    else:
        console.show_table(rows)
    if any(row["state"] == "missing" for row in rows):
        raise typer.Exit(1)


@models.command("pull")
def models_pull(
    pair: Annotated[str, typer.Argument(help="Language pair, such as en-ru.", show_default=False)],
) -> None:
    """Download a translation model once (Firefox Translations, MPL-2.0)."""
    console.out.print(str(pull(pair)), highlight=False)


def _config(target: str, profile: str, mix: str, detector: str, synthesizer: str) -> DubbingConfig:
    return DubbingConfig.checked(
        target=target, profile=profile, mix=mix, detector=detector, synthesizer=synthesizer
    )


def _find(name: str, artifacts: Path) -> Run:
    for folder in (Path(name), artifacts / name):
        if (folder / "manifest.json").is_file():
            return open_run(folder)
    raise RunError(f"there is no run {name!r} here or in {artifacts}; `segment VIDEO` makes one")


def _run(run: Run, stages: list[Stage], as_json: bool) -> None:
    with console.progress() as listen:
        run_steps(run, stages, listen)
    if as_json:
        console.show_json(console.run_document(run))
    else:
        following = STAGES[STAGES.index(stages[-1]) + 1]
        console.out.print(f"{run.root}\nnext: python -m dubbing {following} {run.root}")


def _show(run: Run, as_json: bool) -> None:
    if as_json:
        console.show_json(console.run_document(run))
    else:
        console.show_run(run)


def main() -> None:
    """Runs the command line and ends the process with its exit status."""
    try:
        status = app(prog_name="dubbing", standalone_mode=False)
    except TyperException as error:
        _usage(error)
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _fail(130, "interrupted; run the same command again to go on")
    except InputError as error:
        _fail(2, str(error))
    except DubbingError as error:
        _fail(1, str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        where = error.filename or "while writing"
        _fail(2, f"the disk is full ({where}); free some space and run the same command again")
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: TyperException) -> NoReturn:
    """Typer's own errors in one line; a call without arguments gets the whole help."""
    message = str(getattr(error, "format_message", error.__str__)())
    if "\n" in message:
        sys.stderr.write(message + "\n")
        sys.exit(2)
    _fail(2, f"{message.rstrip('.')}; see --help")


def _fail(status: int, message: str) -> NoReturn:
    sys.stderr.write(f"dubbing: {message}\n")
    sys.exit(status)
