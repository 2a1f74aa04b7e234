"""From what a user names to the tasks of a batch; everything that can be refused is, before work
starts.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dubbing.batch.task import Task
from dubbing.config import DubbingConfig, EngineChoice, choose_engines
from dubbing.engines.registry import engine_info
from dubbing.errors import InputError, RunError
from dubbing.media.mux import SOUND_FILES, VIDEO_FILES
from dubbing.memory import available_mb
from dubbing.prepare import default_name, settled
from dubbing.runs.manifest import Manifest
from dubbing.runs.store import open_run

# What a folder is searched for; a file that is named itself may be called anything.
SUFFIXES = (
    frozenset(VIDEO_FILES)
    | frozenset(SOUND_FILES)
    | {
        *(".webm", ".avi", ".3gp", ".wmv", ".mpg", ".mpeg"),
        *(".opus", ".aac", ".wma", ".aif", ".aiff"),
    }
)
BESIDE = "beside"
TRANSLATION_SUFFIXES = ("srt", "vtt", "txt")


def plan(
    videos: Sequence[str],
    *,
    config: DubbingConfig,
    translations: str,
    artifacts: Path,
    outputs: Path,
    overwrite: bool,
) -> list[Task]:
    """One task per video, each video once.

    Args:
        videos: Files, folders, and lists: "@FILE" has a file or folder on each line.
        config: For all of them.
        translations: "beside", or the folder that they lie in: `talk.ru.srt` for `talk.mp4`, or
            .vtt, .txt. Empty: none is used.
        artifacts: Where run folders lie.
        outputs: Where finished files are put.
        overwrite: Whether outputs, and runs made from other files, may be replaced.

    Raises:
        InputError: A name leads nowhere, two videos would become the same run, or the config
            cannot be used here.
    """
    if translations not in {"", BESIDE} and not Path(translations).is_dir():
        raise InputError(f"--translations {translations}: there is no such folder (or: {BESIDE})")
    tasks = [
        Task(
            name=default_name(source, config),
            source=source.absolute(),
            translation=_translation(source, config.target, translations),
            config=settled(config, None if overwrite else _known(source, config, artifacts)),
            artifacts=artifacts.absolute(),
            outputs=outputs.absolute(),
            overwrite=overwrite,
        )
        for source in _without_results(_sources(videos), config, outputs)
    ]
    if not tasks:
        raise InputError(f"there is no video in {', '.join(videos)}")
    _check_names(tasks)
    _engines(tasks)
    return tasks


def fitting_workers(tasks: Sequence[Task]) -> int:
    """How many workers this machine has cores and free memory for; no more than there are tasks."""
    used = [choice.model_dump(exclude_none=True).values() for choice in _engines(tasks)]
    needed_mb = max(sum(engine_info(name).memory_mb for name in names) for names in used)
    free_mb = available_mb()
    room = len(tasks) if free_mb is None else free_mb // needed_mb
    return max(1, min(len(tasks), os.cpu_count() or 1, room))


def _engines(tasks: Sequence[Task]) -> list[EngineChoice]:
    """The engines that a batch's tasks use, of each profile among them.

    Raises:
        InputError: One cannot be used here.
    """
    translates = any(task.translation is None for task in tasks)
    configs = {task.config.profile: task.config for task in tasks}
    return [choose_engines(config, translates=translates) for config in configs.values()]


def _known(source: Path, config: DubbingConfig, artifacts: Path) -> Manifest | None:
    """What is there already of a video; a damaged run is told of when its turn comes."""
    root = artifacts / default_name(source, config)
    with suppress(RunError):
        return open_run(root).manifest if (root / "manifest.json").is_file() else None
    return None


def _sources(videos: Iterable[str]) -> list[Path]:
    """Every file once, in the order given; those of a folder by name."""
    found: dict[Path, Path] = {}
    for video in videos:
        for path in _named(video):
            for file in _files(path):
                found.setdefault(file.resolve(), file)
    return list(found.values())


def _named(video: str) -> Iterator[Path]:
    if not video.startswith("@") or Path(video).exists():
        yield Path(video)
        return
    listing = Path(video[1:])
    try:
        lines = listing.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{listing} cannot be read as a list of videos ({error})") from error
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            yield Path(line.strip())


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise InputError(f"{path} does not exist; name videos, folders, or @LIST")
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file():
            yield file


def _without_results(sources: list[Path], config: DubbingConfig, outputs: Path) -> list[Path]:
    """The sources without the finished files of others that lie in the same folder."""
    results = {f"{default_name(source, config)}_dubbed" for source in sources}
    folder = outputs.resolve()
    return [s for s in sources if s.stem not in results or s.resolve().parent != folder]


def _translation(source: Path, target: str, translations: str) -> Path | None:
    if not translations:
        return None
    folder = source.parent if translations == BESIDE else Path(translations)
    there = {_same_name(path): path for path in sorted(folder.iterdir()) if path.is_file()}
    wanted = (f"{source.stem}.{target}.{suffix}" for suffix in TRANSLATION_SUFFIXES)
    found = (there.get(_same_name(Path(name))) for name in wanted)
    return next((path.absolute() for path in found if path is not None), None)


def _same_name(path: Path) -> tuple[str, str]:
    """Equal for names that people take for the same: capitals in the language and the extension do
    not matter, nor whether "й" is one character or, as on a Mac, two.
    """
    video, *ending = unicodedata.normalize("NFC", path.name).rsplit(".", 2)
    return video, ".".join(ending).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file of a folder that is not dubbed.

    Attributes:
        path: The file.
        why: In a few words.
    """

    path: Path
    why: str


def left_out(videos: Sequence[str], tasks: Sequence[Task]) -> list[LeftOut]:
    """What a batch does not use of the folders that it was given, by name; hidden files are not
    looked at.

    Args:
        videos: See `plan`.
        tasks: What was planned of them.
    """
    used = {task.source.resolve() for task in tasks}
    used |= {task.translation.resolve() for task in tasks if task.translation is not None}
    folders = dict.fromkeys(path for video in videos for path in _named(video) if path.is_dir())
    return [
        LeftOut(path=file, why=_why_left_out(file))
        for folder in folders
        for file in sorted(folder.iterdir())
        if not file.name.startswith(".") and file.resolve() not in used
    ]


def _why_left_out(file: Path) -> str:
    suffix = file.suffix.lower()
    if file.is_dir():
        return "a folder; name it too to have what is in it dubbed"
    if not file.is_file():
        return "it leads nowhere"
    if suffix in SUFFIXES:
        return "the finished dub of another file"
    if suffix.removeprefix(".") in TRANSLATION_SUFFIXES:
        return "no translation that is asked for of a video here"
    return "no video or sound file by its name"


def _check_names(tasks: Sequence[Task]) -> None:
    """Runs lie in one folder, which may be on a disk that does not tell capitals apart."""
    seen: dict[str, Task] = {}
    for task in tasks:
        other = seen.setdefault(task.name.casefold(), task)
        if other is not task:
            raise InputError(
                f"{other.source} and {task.source} would both become the run {task.name!r}; "
                "rename one, or dub it in a batch of its own with other --artifacts and --output"
            )
