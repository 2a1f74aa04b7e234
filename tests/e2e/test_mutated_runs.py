"""Damaged and hand-made run folders: whatever stands in a file, the app's reader and every step say
what is wrong in a sentence, and the other runs are shown.

`DUBBING_MUTATIONS=200 pytest tests/e2e/test_mutated_runs.py` tries 200 instead of `COUNT`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dubbing import DubbingConfig, open_run
from dubbing.console import run_document
from dubbing.engines.loaded import LoadedEngines
from dubbing.errors import DubbingError, RunError
from dubbing.events import STAGES, Stage
from dubbing.pipeline import run_steps
from dubbing.prepare import prepare
from dubbing.runs.manifest import sha256_file
from dubbing.runs.store import Run
from dubbing.steps import translate
from dubbing.steps.transcript_edit import edit_transcript
from dubbing.webui.archive import zip_bytes
from dubbing.webui.library import list_folders, read_run
from tests.conftest import SAMPLES
from tests.run_factory import scorecard

pytestmark = pytest.mark.e2e

COUNT = int(os.environ.get("DUBBING_MUTATIONS", "6"))
HOSTILE: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2, 99, 0.5, 1e12, -1e308, 10**400, float("nan"), float("inf")),
    *("", " ", "x", "../../x", "a/b", "\x1b[31mx", "\0", "9" * 5000, "speaker-9", "\ud800"),
    *([], {}, [1], {"x": 1}),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, engines: LoadedEngines) -> Path:
    """A folder with a finished run and, for what is taken from one run and shown in all, a copy."""
    folder = tmp_path_factory.mktemp("mutated")
    run = prepare(
        SAMPLES / "Clip_Man.mp4",
        config=DubbingConfig(
            profile="offline", transcriber="faster-whisper:tiny.en", synthesizer="tone", speakers=1
        ),
        artifacts=folder / "A",
        name="Talk",
        output=folder / "Talk.mp4",
        translation=SAMPLES / "Clip_Man.ru.srt",
        overwrite=False,
    )
    run_steps(run, [stage for stage in STAGES if stage != "evaluate"], engines=engines)
    run.put_document(run.quality, "made", scorecard())  # as if it were measured
    run.save()
    shutil.copytree(folder / "A" / "Talk", folder / "A" / "Other")
    return folder


# ---- what is done to a file


def _values(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of all values in a document, as keys and indices."""
    children: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        children = list(node.items())
    elif isinstance(node, list):
        children = list(enumerate(node))
    for key, child in children:
        yield (*place, key)
        yield from _values(child, (*place, key))


def _changed(content: bytes, chance: random.Random) -> bytes:
    """The document with one value replaced, left out, doubled, or put in another's place."""
    document = json.loads(content)
    places = list(_values(document))
    by_depth: dict[int, list[tuple[Any, ...]]] = {}
    for place in places:
        by_depth.setdefault(len(place), []).append(place)
    *way, key = chance.choice(by_depth[chance.choice(list(by_depth))])
    node = document
    for step in way:
        node = node[step]
    match chance.randrange(4):
        case 0:
            del node[key]
        case 1 if isinstance(node, list):
            node.insert(key, node[key])
        case 2 if isinstance(node, list):
            chance.shuffle(node)
        case _:
            node[key] = chance.choice(HOSTILE)
    return json.dumps(document).encode()


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """The bytes cut off, overwritten, or others altogether."""
    at = chance.randrange(len(content) + 1)
    return chance.choice(
        [
            content[:at],
            content[:at] + chance.randbytes(8) + content[at + 8 :],
            b"",
            b"\xff\xfe\0\xd8",
            b"[" * 100_000,
            content + content,
        ]
    )


def _kind(path: Path) -> tuple[str, str]:
    """Files of one kind: the chance to be chosen is the kind's."""
    return (path.parent.name, path.suffix if path.parent.name != "Talk" else path.name)


def mutate(root: Path, seed: int) -> str:
    """Changes one file of a run; returns its name and what was done."""
    chance = random.Random(seed)
    kinds: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        kinds.setdefault(_kind(path), []).append(path)
    weights = [4 if suffix.endswith(".json") else 1 for _, suffix in kinds]
    path = chance.choice(kinds[chance.choices(list(kinds), weights)[0]])
    relative = path.relative_to(root).as_posix()
    way = chance.randrange(8)
    if way == 0:
        path.unlink()
        return f"{relative} deleted"
    if way == 1:
        path.unlink()
        path.mkdir()
        return f"{relative} is a folder"
    change = _changed if path.suffix == ".json" and way > 2 else _damaged
    path.write_bytes(change(path.read_bytes(), chance))
    told = f"{relative} {change.__name__[1:]}"
    manifest = root / "manifest.json"
    if path != manifest and chance.random() < 0.6:  # as somebody would who knows of the hashes
        document = json.loads(manifest.read_bytes())
        document["artifacts"][relative]["sha256"] = sha256_file(path)
        manifest.write_text(json.dumps(document))
        told += ", hash too"
    return told


# ---- what is called


def _steps(root: Path, engines: LoadedEngines, chance: random.Random) -> None:
    """One command on the run."""
    several: list[list[Stage]] = [["transcribe", "translate"], ["speak", "assemble"]]
    usual: list[list[Stage]] = [[stage] for stage in STAGES if stage != "evaluate"]
    ways: list[Callable[[], object]] = [
        *(partial(run_steps, open_run(root), stages, engines=engines) for stages in usual),
        *(partial(run_steps, open_run(root), stages, engines=engines) for stages in several),
        partial(run_document, open_run(root)),
        partial(_measured, open_run(root), engines),
    ]
    chance.choice(ways)()


def _measured(run: Run, engines: LoadedEngines) -> None:
    """An edit, and the scorecard, which takes seconds."""
    translate.edit(run, 2, "Другие слова.")
    edit_transcript(run, 1, "Other words.")
    run_steps(run, ["speak", "assemble", "evaluate"], engines=engines)


def _told(call: Callable[[], object]) -> None:
    """The call succeeds, or fails as the command line tells in one sentence."""
    with suppress(DubbingError):
        try:
            call()
        except OSError as error:
            if error.filename is None:  # the command line cannot say which file it is
                raise


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_damaged_run_is_told_and_hides_no_other(
    finished: Path, engines: LoadedEngines, tmp_path_factory: pytest.TempPathFactory, seed: int
):
    """One file is changed: its run is read, or refused with a reason; the other is read; and a
    command on it does its work or says why it cannot.
    """
    copy = tmp_path_factory.mktemp("copy")  # as deep: a run finds its video by a relative path
    shutil.copytree(finished, copy, dirs_exist_ok=True)
    what = mutate(copy / "A" / "Talk", seed)
    sys.stdout.write(f"seed {seed}: {what}\n")  # shown when it fails
    for folder in list_folders([copy / "A"]):
        try:
            view = read_run(folder)
        except RunError:
            assert folder.path.name == "Talk"
        else:
            _told(lambda view=view: zip_bytes(view))  # type: ignore[misc]
    _told(lambda: _steps(copy / "A" / "Talk", engines, random.Random(-seed - 1)))
    shutil.rmtree(copy)
