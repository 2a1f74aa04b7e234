"""What is found out before work starts: names, places, the profile of a run that goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dubbing import DubbingConfig, config
from dubbing.errors import InputError
from dubbing.prepare import default_name, prepare, reconfigure, relative_to_run
from dubbing.runs.store import Run, check_name, folder_name
from tests.conftest import SAMPLES

pytestmark = pytest.mark.unit

CLIP = SAMPLES / "Clip_Man.mp4"


def prepared(
    folder: Path,
    *,
    profile: str = "offline",
    output: Path | None = None,
    artifacts: Path | None = None,
    source: Path = CLIP,
) -> Run:
    """What would be dubbed, with the sample's own translation."""
    return prepare(
        source,
        config=DubbingConfig(profile=profile),
        output=output or folder / "out" / "dubbed.mp4",
        artifacts=artifacts or folder / "A",
        name=None,
        translation=CLIP.with_suffix(".ru.srt"),
        overwrite=False,
    )


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Talk 1", "Talk 1"),
        ("a  b", "a  b"),
        ("How to learn [dQw4w9WgXcQ]", "How to learn dQw4w9WgXcQ"),
        ("What's new (part 2)", "Whats new part 2"),
        ("Q&A, day 1", "Q A day 1"),
        ("Talk – Jane Doe", "Talk Jane Doe"),
        ("Мои\u0306 ролик", "Мой ролик"),
        ("-rf .", "rf"),
        ("…", "video"),
        ("я" * 300, "я" * 100),
    ],
)
def test_every_video_has_a_folder_that_can_be_made(stem: str, name: str) -> None:
    """What a downloader or a Mac writes too; names that were fine stay."""
    assert folder_name(stem) == name
    assert check_name(folder_name(stem)) == name
    assert default_name(Path(f"{stem}.mp4"), DubbingConfig(target="pt")) == f"{name}_pt"


def test_a_link_to_another_disk_leads_to_the_right_file(tmp_path: Path) -> None:
    """The system follows it before it goes up."""
    (tmp_path / "disk" / "art").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    talk = tmp_path / "home" / "talk.mp4"
    talk.write_bytes(b"a talk")
    (tmp_path / "home" / "art").symlink_to(tmp_path / "disk" / "art")
    root = tmp_path / "home" / "art" / "talk"
    root.mkdir()
    assert (root / relative_to_run(talk, root)).read_bytes() == b"a talk"
    assert not Path(relative_to_run(talk, root)).is_absolute()


def test_a_place_that_is_no_folder_is_told_first(tmp_path: Path) -> None:
    """Before an hour's work, not after it."""
    (tmp_path / "file").write_text("")
    for places in ({"output": tmp_path / "file" / "x.mp4"}, {"artifacts": tmp_path / "file"}):
        with pytest.raises(InputError, match="file is no folder"):
            prepared(tmp_path, **places)


def test_a_name_that_no_manifest_can_hold_is_told(tmp_path: Path) -> None:
    """As old disks have them."""
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xcc\xe0\xff\xea.mp4"))
    odd.write_bytes(CLIP.read_bytes())
    with pytest.raises(InputError, match="not in UTF-8"):
        prepared(tmp_path, source=odd)


def test_a_run_that_is_gone_on_with_becomes_no_poorer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short memory would have "auto" take less, and all would be made again; a richer profile that
    has come meanwhile is taken.
    """
    monkeypatch.setattr(config, "lack", lambda name, _: None if name != "studio" else "no weights")
    monkeypatch.setattr("dubbing.prepare.lack", config.lack)
    monkeypatch.setattr("dubbing.prepare.choose_engines", _of_offline)
    monkeypatch.setattr("dubbing.prepare._check_weights", lambda *_, **__: None)
    monkeypatch.setattr(config, "available_mb", lambda: 4_000)
    first = prepared(tmp_path, profile="auto")
    assert first.manifest.config.profile == "turbo"
    first.root.mkdir(parents=True)
    first.save()
    monkeypatch.setattr(config, "available_mb", lambda: 1_000)
    assert prepared(tmp_path, profile="auto").manifest.config.profile == "turbo"
    assert prepared(tmp_path / "new", profile="auto").manifest.config.profile == "lite"
    monkeypatch.setattr(config, "lack", lambda *_: None)
    monkeypatch.setattr(config, "available_mb", lambda: 4_000)
    assert prepared(tmp_path, profile="auto").manifest.config.profile == "studio"


def _of_offline(given: DubbingConfig, *, translates: bool) -> config.EngineChoice:
    """The engines that are here, whichever profile is asked for."""
    plain = given.model_copy(update={"profile": "offline"})
    return config.choose_engines(plain, translates=translates)


def test_a_translator_is_not_asked_for_in_vain(tmp_path: Path) -> None:
    """Where the words were supplied no engine's are spoken: said, not passed over."""
    with pytest.raises(InputError, match=r"Clip_Man\.ru\.srt, which was supplied; for bergamot's"):
        reconfigure(prepared(tmp_path), translator="bergamot")
