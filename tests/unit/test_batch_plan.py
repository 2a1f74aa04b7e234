"""From what a user names to tasks; what is refused before work starts."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest

from dubbing import config
from dubbing.batch.choose import make_executor
from dubbing.batch.plan import left_out, plan
from dubbing.batch.task import Task
from dubbing.config import DubbingConfig, choose_engines
from dubbing.engines.registry import engine_info
from dubbing.errors import InputError
from tests.conftest import SAMPLES
from tests.run_factory import make_run

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a folder of files, of which three are videos or sound."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("b.mp4", "a.MKV", "c.wav", "b.ru.srt", "a.pt.vtt", "notes.txt", "._b.mp4"):
        (folder / name).write_text(name)
    return folder


def planned(*words: str, translations: str = "", target: str = "ru", outputs: str = "out"):
    return plan(
        words,
        config=DubbingConfig(profile="offline", target=target),
        translations=translations,
        artifacts=Path("A"),
        outputs=Path(outputs),
        overwrite=False,
    )


def names(tasks: list[Task]) -> list[str]:
    return [task.name for task in tasks]


def test_a_folder_stands_for_its_videos():
    """By name; neither texts nor hidden files."""
    assert names(planned("videos")) == ["a", "b", "c"]


def test_what_is_left_out_of_a_folder_is_told(videos: Path):
    """Which files, and why; what is used, and hidden files, are not."""
    (videos / "sub").mkdir()
    (videos / "gone.mp4").symlink_to("nowhere.mp4")
    (videos / "b_dubbed.mp4").write_text("made before")
    tasks = planned("videos", translations="beside", outputs="videos")
    told = {file.path.name: file.why for file in left_out(["videos"], tasks)}
    assert set(told) == {"a.pt.vtt", "b_dubbed.mp4", "gone.mp4", "notes.txt", "sub"}
    assert "finished dub" in told["b_dubbed.mp4"] and "leads nowhere" in told["gone.mp4"]
    assert "folder" in told["sub"] and "translation" in told["a.pt.vtt"]
    assert left_out(["videos/b.mp4"], tasks) == []


@pytest.mark.parametrize("written", ["Лекция 1.ru.SRT", "Лекция 1.RU.Srt", "Лекция й.ru.SRT"])
def test_a_translation_is_found_in_capitals(videos: Path, written: str):
    """Those of its ending, and however a system writes its letters."""
    name = written.split(".")[0]
    (videos / f"{name}.mp4").write_text("video")
    (videos / unicodedata.normalize("NFD", written)).write_text("text")
    (task,) = planned(f"videos/{name}.mp4", translations="beside")
    assert task.translation is not None
    assert unicodedata.normalize("NFC", task.translation.name) == written


def test_a_video_that_is_named_twice_is_dubbed_once():
    """Once by itself and once by its folder, in the order of the first."""
    assert names(planned("videos/c.wav", "videos", "./videos/c.wav")) == ["c", "a", "b"]


def test_a_list_names_videos_line_by_line(tmp_path: Path):
    """Blank lines and comments are passed over; a byte order mark too."""
    (tmp_path / "list.txt").write_text("\ufeffvideos/b.mp4\n\n# later\n  videos/c.wav\n", "utf-8")
    assert names(planned("@list.txt")) == ["b", "c"]


def test_paths_do_not_depend_on_the_working_folder():
    """A worker may run anywhere."""
    for task in planned("videos", translations="beside"):
        assert task.source.is_absolute() and task.artifacts.is_absolute()
        assert task.outputs.is_absolute()
        assert task.translation is None or task.translation.is_absolute()


def test_translations_are_found_beside_or_in_a_folder(tmp_path: Path):
    """By the video's name and the target language; none is taken without being asked for."""
    elsewhere = tmp_path / "texts"
    elsewhere.mkdir()
    (elsewhere / "c.ru.txt").write_text("c")

    def found(**options: str) -> list[str]:
        tasks = planned("videos", **options)
        return [task.translation.name if task.translation else "" for task in tasks]

    assert found(translations="beside") == ["", "b.ru.srt", ""]
    assert found(translations="beside", target="pt") == ["a.pt.vtt", "", ""]
    assert found(translations="texts") == ["", "", "c.ru.txt"]
    assert found() == ["", "", ""]


def test_a_run_that_is_there_is_gone_on_with_by_its_own_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Short memory makes what is new poorer, not what is there; --overwrite asks for it anew."""
    monkeypatch.setattr(config, "lack", lambda name, _: None if name != "studio" else "no weights")
    monkeypatch.setattr("dubbing.prepare.lack", config.lack)
    monkeypatch.setattr("dubbing.batch.plan.choose_engines", _of_offline)
    monkeypatch.setattr(config, "available_mb", lambda: 1_000)
    made = make_run(tmp_path / "A", "b", SAMPLES / "Clip_Man.mp4")
    made._update(config=made.manifest.config.model_copy(update={"profile": "turbo"}))
    made.save()
    (tmp_path / "A" / "c").mkdir()
    (tmp_path / "A" / "c" / "manifest.json").write_text("damaged")

    def profiles(*, overwrite: bool) -> list[str]:
        places = {"artifacts": Path("A"), "outputs": Path("out"), "translations": ""}
        tasks = plan(["videos"], config=DubbingConfig(), overwrite=overwrite, **places)
        return [task.config.profile for task in tasks]

    assert profiles(overwrite=False) == ["lite", "turbo", "lite"]
    assert profiles(overwrite=True) == ["lite"] * 3


def _of_offline(given: DubbingConfig, *, translates: bool) -> config.EngineChoice:
    """The engines that are here, whichever profile is asked for."""
    plain = given.model_copy(update={"profile": "offline"})
    return choose_engines(plain, translates=False)


def test_finished_files_in_the_same_folder_are_not_dubbed(videos: Path):
    """The same command again, with the finished files beside the videos, has the same tasks."""
    (videos / "b_dubbed.mp4").write_text("made")
    (videos / "other_dubbed.mp4").write_text("somebody's own")
    assert names(planned("videos", outputs="videos")) == ["a", "b", "c", "other_dubbed"]
    assert names(planned("videos")) == ["a", "b", "b_dubbed", "c", "other_dubbed"]


@pytest.mark.parametrize(
    ("words", "options", "says"),
    [
        (["nowhere.mp4"], {}, "nowhere.mp4"),
        (["@nowhere.txt"], {}, "nowhere.txt"),
        (["empty"], {}, "no video in empty"),
        (["videos", "more/B.mp4"], {}, "more/B.mp4 would both"),
        (["videos"], {"translations": "nowhere"}, "nowhere"),
        (["videos"], {"target": "xx"}, "xx"),
    ],
)
def test_bad_input_is_refused_before_work_starts(
    words: list[str], options: dict[str, str], says: str, tmp_path: Path
):
    """With the name of what is wrong; names count as the same where only capitals differ."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "B.mp4").write_text("b")
    with pytest.raises(InputError, match=says):
        planned(*words, **options)


def test_executors_that_cannot_be_had_are_refused(monkeypatch: pytest.MonkeyPatch):
    """An unknown one; options of another one; Ray where it is not installed, with the way to it."""
    tasks = planned("videos", translations="beside")
    plain = {"workers": 0, "address": "", "cpus": 0.0, "gpus": 0.0}
    with pytest.raises(InputError, match="choose local or ray"):
        make_executor("slurm", tasks, **plain)
    with pytest.raises(InputError, match="--executor ray"):
        make_executor("local", tasks, **{**plain, "gpus": 1.0})
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install -r requirements-ray\.txt"):
        make_executor("ray", tasks, **plain)


def test_workers_fit_in_memory(monkeypatch: pytest.MonkeyPatch):
    """No more than cores, videos, or than there is memory for; at least one."""
    tasks = planned("videos")
    options = {"workers": 0, "address": "", "cpus": 0.0, "gpus": 0.0}
    used = choose_engines(tasks[0].config, translates=True).model_dump(exclude_none=True)
    all_mb = sum(engine_info(name).memory_mb for name in used.values())
    monkeypatch.setattr("dubbing.batch.plan.os.cpu_count", lambda: 16)
    sizes = []
    for free_mb in (100_000, 2 * all_mb + 1, all_mb - 1):
        monkeypatch.setattr("dubbing.batch.plan.available_mb", lambda free_mb=free_mb: free_mb)
        sizes.append(make_executor("local", tasks, **options).size)
    assert sizes == [3, 2, 1]
