"""Everything that can be checked before work starts, checked; nothing is written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dubbing.config import PROFILES, DubbingConfig, EngineChoice, choose_engines, lack
from dubbing.engines.registry import check_pair, engine_info, engine_weights, why_unavailable
from dubbing.engines.weights import recorded_revision, verified_folder
from dubbing.errors import (
    EngineUnavailableError,
    InputError,
    OutputExistsError,
    RunError,
    UnsupportedLanguageError,
)
from dubbing.media.mux import check_output_name, playable_suffix
from dubbing.media.probe import MediaInfo, check_track, probe
from dubbing.media.tracks import choose_track
from dubbing.runs.manifest import Manifest, SourceRecord, sha256_file
from dubbing.runs.store import (
    Run,
    atomic,
    check_file_name,
    check_name,
    folder_name,
    is_left_over,
    open_run,
)
from dubbing.steps.job import package_versions
from dubbing.steps.translate import supplied_sha256
from dubbing.text.names import FILE, read_names
from dubbing.text.supplied import check_fits, read_translation

ARTIFACTS = Path("pipeline_artifacts")
OUTPUTS = Path("final_video")
BYTES_PER_S = 400_000  # chunks, speech, dubs and the mix while it is made, measured


def prepare(
    source: Path,
    *,
    config: DubbingConfig,
    output: Path | None,
    artifacts: Path,
    name: str | None,
    translation: Path | None,
    overwrite: bool,
    names: Path | None = None,
) -> Run:
    """The run that a source will be dubbed in: a new one, or the one that is there to be continued.

    See `pipeline.dub` for the arguments.

    Raises:
        InputError: Something that was given cannot be used.
    """
    _check_readable_name(source)
    info = probe(source)
    name = check_name(name or default_name(source, config))
    root = artifacts / name
    known = _known_run(root, source, overwrite)
    config = settled(config, known)
    engines = choose_engines(config, translates=translation is None)
    output = output or _output(source, info, name, OUTPUTS)
    check_output_name(output, info)
    check_file_name(output)
    track = choose_track(source, info, config.source, config.audio_track)
    check_track(source, track)
    _check_source_language(config, engines)
    _check_weights(engines, translates=translation is None)
    if translation is not None:
        check_fits(read_translation(translation), info.duration_s, translation)
    _check_names(names or root / FILE, given=names is not None)
    _check_output(output, source, root, known, overwrite)
    _check_space(artifacts, info)
    for folder in (root, output.parent):
        _check_writable(folder)
    return Run(
        root,
        Manifest(
            name=name,
            source=_source_record(source, root, info, track),
            config=config,
            engines=engines,
            packages=_packages(engines),
            weights=_weights(engines, translates=translation is None),
            translation=relative_to_run(translation, root) if translation else None,
            output=relative_to_run(output, root),
            stages={},
            artifacts=known.artifacts if known else {},
        ),
    )


def default_name(source: Path, config: DubbingConfig) -> str:
    """A run's name where none is given: the source's, without what no folder may be called."""
    return folder_name(source.stem, "" if config.target == "ru" else f"_{config.target}")


def _check_readable_name(source: Path) -> None:
    """Nothing, when a manifest can hold the file's name.

    Raises:
        InputError: It is not in UTF-8, as on old disks.
    """
    try:
        str(source.absolute()).encode()
    except UnicodeEncodeError as error:
        shown = str(source).encode(errors="replace").decode()
        raise InputError(f"{shown}: the name is not in UTF-8; rename the file") from error


def default_output(source: Path, name: str, folder: Path) -> Path:
    """The finished file of a run of that name, in a folder.

    Raises:
        MediaError: The source cannot be read.
    """
    return _output(source, probe(source), name, folder)


def _output(source: Path, info: MediaInfo, name: str, folder: Path) -> Path:
    stays = info.has_video and source.suffix.lower() == ".mkv"
    return folder / f"{name}_dubbed{'.mkv' if stays else playable_suffix(source, info)}"


def reconfigure(
    run: Run,
    *,
    translation: Path | None = None,
    transcriber: str = "",
    translator: str = "",
    synthesizer: str = "",
    mix: str = "",
    output: Path | None = None,
    overwrite: bool = False,
) -> Run:
    """The same run with some of its settings changed; what depends on them becomes stale.

    Raises:
        InputError: A setting cannot be used.
    """
    manifest = run.manifest
    if translator and translation is None and manifest.translation is not None:
        raise InputError(
            f"{run.root.name} speaks the translation {Path(manifest.translation).name}, which was "
            f"supplied; for {translator}'s words dub the video without --translation and under "
            "another --name"
        )
    changes = {
        "transcriber": transcriber,
        "translator": translator,
        "synthesizer": synthesizer,
        "mix": mix,
    }
    options = manifest.config.model_dump() | {k: v for k, v in changes.items() if v}
    config = DubbingConfig.checked(**options)
    translates = translation is None and manifest.translation is None
    engines = choose_engines(config, translates=translates)
    updates: dict[str, object] = {"config": config, "engines": engines}
    if translation is not None:
        cues = read_translation(translation)
        check_fits(cues, manifest.source.duration_s, translation)
        updates["translation"] = relative_to_run(translation, run.root)
    if output is not None:
        source = run.root / manifest.source.path
        check_output_name(output, probe(source))
        check_file_name(output)
        _check_output(output, source, run.root, manifest, overwrite)
        updates["output"] = relative_to_run(output, run.root)
    return Run(run.root, manifest.model_copy(update=updates))


def put_names(run: Run, names: Path) -> None:
    """Copies a list of names into the run folder, where every later command finds it."""
    path = run.path(FILE)
    if path.is_file() and path.samefile(names):
        return
    if not run.path("manifest.json").is_file():
        run.save()  # a folder without it is no run that can be gone on with
    with atomic(path) as temporary:
        shutil.copyfile(names, temporary)


def check_supplied(run: Run) -> None:
    """Nothing, when the translation that was supplied is still there, or none was.

    Raises:
        TranslationFileError: It is gone.
    """
    if run.manifest.translation is not None:
        supplied_sha256(run)


def check_translatable(run: Run) -> None:
    """Nothing, when the run has a supplied translation or an engine for its languages.

    Raises:
        UnsupportedLanguageError: It has neither; the message names the ways on.
    """
    if run.manifest.translation is None:
        config = run.manifest.config
        check_pair(run.manifest.engines.translator, config.source, config.target)


def why_not_translated(run: Run) -> InputError | None:
    """The error for a segment that is to be translated anew, where that is not possible here; None
    where it is: the translation was supplied, or the engine is here and knows the languages.
    """
    engine = run.manifest.engines.translator
    try:
        check_translatable(run)
        lack = None if run.manifest.translation is not None else why_unavailable(engine)
    except InputError as error:  # of the languages, or an engine that this version does not know
        return error
    return None if lack is None else EngineUnavailableError(engine, f"{engine}: {lack}")


def _check_weights(engines: EngineChoice, *, translates: bool) -> None:
    """Damaged weights are found out before an hour of work, not after."""
    for name, engine in _used_weights(engines, translates).items():
        verified_folder(name, engine)


def _used_weights(engines: EngineChoice, translates: bool) -> dict[str, str]:
    """Downloaded weights → the engine that loads them."""
    used = engines.model_dump(exclude=None if translates else {"translator"}, exclude_none=True)
    return {name: engine for engine in used.values() for name in engine_weights(engine)}


def _check_source_language(config: DubbingConfig, engines: EngineChoice) -> None:
    heard = engine_info(engines.transcriber).languages
    if heard and config.source not in heard:
        raise UnsupportedLanguageError(
            engines.transcriber,
            config.source,
            f"{engines.transcriber} understands {', '.join(heard)}, not {config.source!r}",
        )


def _known_run(root: Path, source: Path, overwrite: bool) -> Manifest | None:
    """The manifest of a run that is there already and may be continued."""
    if not root.exists():
        return None
    if not (root / "manifest.json").is_file():
        if not all(is_left_over(path) for path in root.iterdir()) and not overwrite:
            raise RunError(f"{root} is there and is no run; choose another --name, or --overwrite")
        return None
    manifest = open_run(root).manifest
    if manifest.source.sha256 == sha256_file(source):
        return manifest
    if not overwrite:
        raise RunError(f"{root} was made from another file; choose another --name, or --overwrite")
    return None


def _check_names(path: Path, *, given: bool) -> None:
    if given or path.is_file():
        read_names(path)


def _check_output(
    output: Path, source: Path, root: Path, known: Manifest | None, overwrite: bool
) -> None:
    if output.exists() and output.samefile(source):
        raise InputError(f"{output} is the file to dub; choose another output with -o")
    own = known is not None and known.output == relative_to_run(output, root)
    if output.exists() and not own and not overwrite:
        raise OutputExistsError(f"{output} exists; choose another with -o, or add --overwrite")


def _check_writable(folder: Path) -> None:
    """Nothing, when files can be made in the folder, or it can be made.

    Raises:
        InputError: They cannot, which would be noticed after an hour.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; choose another place")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written to; choose another place")


def settled(config: DubbingConfig, known: Manifest | None) -> DubbingConfig:
    """The config with the profile that "auto" stands for: of a run that is gone on with no poorer
    one than before only because memory is short now, for then all of it would be made again.
    """
    found = config.resolved()
    if known is None or config.profile != "auto":
        return found
    order, before = list(PROFILES), known.config.profile
    is_poorer = before in order and order.index(found.profile) > order.index(before)
    if is_poorer and lack(before, config) is None:
        return config.model_copy(update={"profile": before})
    return found


def _check_space(artifacts: Path, info: MediaInfo) -> None:
    folder = artifacts.absolute()
    while not folder.exists():
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, int(info.duration_s * BYTES_PER_S)
    if free < needed:
        raise InputError(
            f"{folder} has {free / 1e6:.0f} MB free and this dub needs about "
            f"{needed / 1e6:.0f} MB; free some space, or choose another disk with --artifacts"
        )


def _source_record(source: Path, root: Path, info: MediaInfo, track: int) -> SourceRecord:
    return SourceRecord(
        path=relative_to_run(source, root),
        sha256=sha256_file(source),
        duration_s=round(info.duration_s, 3),
        has_video=info.has_video,
        audio_track=track,
        audio_tracks=len(info.audio),
    )


def _packages(engines: EngineChoice) -> dict[str, str]:
    """Distribution → version."""
    versions: dict[str, str] = {}
    for name in engines.model_dump(exclude_none=True).values():
        versions |= package_versions(engine_info(name))
    return versions


def _weights(engines: EngineChoice, *, translates: bool) -> dict[str, str]:
    """Downloaded weights → what they are, as recorded when they were pulled."""
    return {name: recorded_revision(name) for name in _used_weights(engines, translates)}


def relative_to_run(path: Path, root: Path) -> str:
    """The path as seen from the run folder, so that both can be moved together; as it is where no
    path leads from one to the other, between the drives of Windows. Links to folders are followed:
    the system follows them before it goes up.
    """
    end = path.parent.resolve() / path.name
    try:
        return Path(os.path.relpath(end, root.resolve())).as_posix()
    except ValueError:
        return end.as_posix()
