"""The command line. Exit status: 0 done, 1 failed, 2 bad input or usage, 130 interrupted."""

from __future__ import annotations

import io
import shlex
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from dubbing import console
from dubbing.cli_batch import batch
from dubbing.cli_models import models
from dubbing.cli_options import (
    Artifacts,
    AsJson,
    AudioTrack,
    Detector,
    GivenVoices,
    MixManner,
    Name,
    OnFailure,
    Output,
    Overwrite,
    ProfileName,
    Recogniser,
    RunName,
    Separator,
    Speakers,
    SpokenNames,
    Strict,
    Supplied,
    Target,
    Translator,
    Video,
    Voice,
)
from dubbing.compare import compare_translators, totals, write_csv
from dubbing.config import DubbingConfig
from dubbing.demo import DEMO_FOLDER, dub_samples
from dubbing.diagnosis import diagnose, engine_rows
from dubbing.errors import NO_ROOM, DubbingError, InputError
from dubbing.events import STAGES, Stage
from dubbing.judge import check_plots, find_run, judge
from dubbing.memory import keep_little
from dubbing.pipeline import dub as dub_video
from dubbing.pipeline import edit as edit_segment
from dubbing.pipeline import run_steps
from dubbing.prepare import ARTIFACTS, check_translatable, prepare, reconfigure
from dubbing.quality.report import Scorecard
from dubbing.runs.store import Run, sole_owner
from dubbing.steps.documents import read_losses
from dubbing.steps.given_voices import check_voices, given_voices, put_voices

INTERRUPTED = 130

app = typer.Typer(
    name="dubbing",
    help="Dubs English talks into Russian in the speaker's cloned voice, or a natural one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(models, name="models")


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
    names: SpokenNames = None,
    voice: GivenVoices = None,
    mix: MixManner = "dub",
    detector: Detector = "",
    transcriber: Recogniser = "",
    translator: Translator = "",
    synthesizer: Voice = "",
    speakers: Speakers = "auto",
    audio_track: AudioTrack = None,
    separator: Separator = "demucs",
    on_failure: OnFailure = "original",
    strict: Strict = False,
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Dub a video: all stages, then the scorecard. Run again to go on after an interruption."""
    config = DubbingConfig.checked(
        target=target,
        profile=profile,
        mix=mix,
        detector=detector,
        transcriber=transcriber,
        translator=translator,
        synthesizer=synthesizer,
        speakers=speakers,
        audio_track=audio_track,
        separator=separator,
        on_failure=on_failure,
    )
    with console.progress() as listen:
        run = dub_video(
            video,
            config=config,
            output=output,
            artifacts=artifacts,
            name=name,
            translation=translation,
            names=names,
            voices=given_voices(voice or []),
            overwrite=overwrite,
            listen=listen,
        )
    _show(run, as_json)
    if strict and run.manifest.failed:
        raise typer.Exit(1)
    if strict and (losses := read_losses(run)):
        raise DubbingError(f"{video}: {'; '.join(map(str, losses))}; get the whole file")


app.command()(batch)


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
    transcriber: Recogniser = "",
    translator: Translator = "",
    synthesizer: Voice = "",
    speakers: Speakers = "auto",
    audio_track: AudioTrack = None,
    artifacts: Artifacts = ARTIFACTS,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Stage 1: make a run from a video and find where somebody speaks."""
    run = prepare(
        video,
        config=DubbingConfig.checked(
            target=target,
            profile=profile,
            mix=mix,
            detector=detector,
            transcriber=transcriber,
            translator=translator,
            synthesizer=synthesizer,
            speakers=speakers,
            audio_track=audio_track,
        ),
        output=output,
        artifacts=artifacts,
        name=name,
        translation=translation,
        overwrite=overwrite,
    )
    _run(run, ["segment"], as_json)


@app.command()
def transcribe(
    run: RunName,
    transcriber: Recogniser = "",
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Stage 2: recognise the words and cut segments at the ends of sentences."""
    found = reconfigure(find_run(run, artifacts), transcriber=transcriber)
    _run(found, ["transcribe"], as_json)


@app.command()
def translate(
    run: RunName,
    translation: Supplied = None,
    translator: Translator = "",
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Stage 3: give every segment its text in the target language."""
    found = reconfigure(find_run(run, artifacts), translation=translation, translator=translator)
    check_translatable(found)
    _run(found, ["translate"], as_json)


@app.command()
def speak(
    run: RunName,
    synthesizer: Voice = "",
    voice: GivenVoices = None,
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Stage 4: choose the speaker's voice prompt and speak every segment."""
    found = reconfigure(find_run(run, artifacts), synthesizer=synthesizer)
    voices = given_voices(voice or [])
    check_voices(found, voices)
    with sole_owner(found):
        put_voices(found, voices)
    _run(found, ["speak"], as_json)


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
    found = find_run(run, artifacts)
    found = reconfigure(found, output=output, mix=mix, overwrite=overwrite)
    _run(found, ["assemble"], as_json)


@app.command()
def edit(
    run: RunName,
    segment_id: Annotated[int, typer.Option("--segment", help="Its number.")],
    text: Annotated[str | None, typer.Option(help="What the dub should say.")] = None,
    transcript: Annotated[
        str | None, typer.Option(help="What is said in the original; a machine translates it anew.")
    ] = None,
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Change one segment's translation or transcript; just that is spoken again."""
    if text is None and transcript is None:
        raise InputError("nothing is changed: give --text, --transcript or both")
    found = find_run(run, artifacts)
    with console.progress() as listen:
        edit_segment(found, segment_id, text, transcript=transcript, listen=listen)
    _show(found, as_json)


@app.command()
def evaluate(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's folder, or its name.", show_default=False)
    ] = "",
    against: Annotated[str, typer.Option(help="Another run to be shown beside it.")] = "",
    plots: Annotated[
        Path | None, typer.Option(help="Draw timeline, rates, loudness, voices into this folder.")
    ] = None,
    plot_kind: Annotated[str, typer.Option(help="Of the plots: png, svg.")] = "png",
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of quality.json.")
    ] = False,
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Measure a finished file and print its scorecard; a run of the first version's too."""
    if schema:
        console.show_json(Scorecard.model_json_schema())
        return
    if not run:
        raise InputError("name a run: its folder, or its name in pipeline_artifacts")
    check_plots(plots, plot_kind)
    with console.progress() as listen:
        measured = judge(run, artifacts, plots, plot_kind, listen)
        other = judge(against, artifacts, None, plot_kind, listen) if against else None
    if as_json:
        documents = [console.judged_document(m) for m in (measured, other) if m is not None]
        console.show_json(documents if other else documents[0])
    elif other is not None:
        console.show_side_by_side(measured.name, measured.card, other.name, other.card)
    elif measured.run is not None:
        console.show_run(measured.run)
    else:
        console.show_scorecard(measured.name, measured.card)
    if plots is not None and not as_json:
        console.out.print(f"plots: {plots}", highlight=False)


@app.command()
def compare(
    run: RunName,
    engines: Annotated[str, typer.Option(help="Translators, separated by commas.")],
    stage: Annotated[str, typer.Option(help="What to compare: translate.")] = "translate",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows to this file.")] = None,
    artifacts: Artifacts = ARTIFACTS,
    as_json: AsJson = False,
) -> None:
    """Translate a run's sentences with several engines and show them side by side."""
    if stage != "translate":
        raise InputError(f"cannot compare the stage {stage!r}; choose translate")
    rows = compare_translators(find_run(run, artifacts), engines.split(","))
    if csv is not None:
        write_csv(rows, csv)
    if as_json:
        console.show_json([asdict(row) for row in rows])
        return
    shown = ("sentence", "engine", "translation", "characters", "seconds", "faults")
    console.show_table([{key: str(getattr(row, key)) for key in shown} for row in rows])
    console.show_table(totals(rows))


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


def _run(run: Run, stages: list[Stage], as_json: bool) -> None:
    with console.progress() as listen:
        run_steps(run, stages, listen)
    if as_json:
        console.show_json(console.run_document(run))
    else:
        following = STAGES[STAGES.index(stages[-1]) + 1]
        then = f"next: python -m dubbing {following} {shlex.quote(str(run.root))}"
        console.out.print(f"{run.root}\n{then}", highlight=False)


def _show(run: Run, as_json: bool) -> None:
    if as_json:
        console.show_json(console.run_document(run))
    else:
        console.show_run(run)


def main() -> None:
    """Runs the command line and ends the process with its exit status."""
    keep_little()
    _write_any_name()
    _end_as_by_ctrl_c()
    try:
        status = app(prog_name="dubbing", standalone_mode=False)
    except TyperException as error:
        _usage(error)
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _fail(INTERRUPTED, "interrupted; run the same command again to go on")
    except InputError as error:
        _fail(2, str(error))
    except DubbingError as error:
        _fail(1, str(error))
    except OSError as error:
        if error.errno in NO_ROOM:
            why, where = NO_ROOM[error.errno], error.filename or "while writing"
            _fail(2, f"{why} ({where}); free some space and run the same command again")
        if error.filename is None:
            raise
        why = (error.strerror or type(error).__name__).lower()
        _fail(2, f"{error.filename}: {why}; mend that and run the same command again")
    if status == INTERRUPTED:  # what typer makes of Ctrl-C
        _fail(INTERRUPTED, "interrupted; run the same command again to go on")
    sys.exit(status if isinstance(status, int) else 0)


def _write_any_name() -> None:
    """A file's name in another encoding ends no output; what a program reads is UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _end_as_by_ctrl_c() -> None:
    """Asked to end, or left by its terminal, this process ends what it has started; not where
    somebody has said that it shall stay, as nohup does.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _usage(error: TyperException) -> NoReturn:
    """Typer's own errors in one line; a call without arguments gets the whole help."""
    message = str(getattr(error, "format_message", error.__str__)())
    if "\n" in message:
        sys.stderr.write(console.plain(message) + "\n")
        sys.exit(2)
    _fail(2, f"{message.rstrip('.')}; see --help")


def _fail(status: int, message: str) -> NoReturn:
    sys.stderr.write(f"dubbing: {console.one_line(message)}\n")
    sys.exit(status)
