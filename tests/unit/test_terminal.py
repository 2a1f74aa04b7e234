"""What reaches a terminal: one sentence for what went wrong, and no control character of a name."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path

import pytest

from dubbing import cli, console
from dubbing.batch.dispatch import VideoEnded
from dubbing.batch.task import Outcome
from dubbing.events import Notice
from tests.conftest import Cli

pytestmark = pytest.mark.unit

EVIL = "a\x1b]0;owned\x07\x9b31m\u202eb\rc"
RAW = set("\x1b\x07\x9b\u202e\r")


@pytest.mark.parametrize("number", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_a_disk_that_takes_no_more_is_one_sentence(
    number: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Full, the quota used up, or the file larger than it takes: status 2 and what to do."""
    code = getattr(errno, number)

    def fail(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert "run the same command again" in line


def test_a_name_of_control_characters_is_written_out(cli_here: Cli, tmp_path: Path) -> None:
    """In an error that names a file, and in one that names a cue; the sentence stays one line."""
    told = cli_here("dub", tmp_path / f"{EVIL}\nd.mp4").stderr
    srt = tmp_path / "a.srt"
    srt.write_text(f"1\n00:00:{EVIL[:-2]} --> 00:00:02,000\nДа.\n", encoding="utf-8")
    video = tmp_path / "clip.mp4"
    video.write_bytes((Path(__file__).parents[2] / "live_demo_samples/Clip_Man.mp4").read_bytes())
    cue = cli_here("dub", video, "--translation", srt, "--profile", "offline").stderr
    usage = cli_here("dub", video, f"--{EVIL}").stderr
    for text in (told, cue, usage):
        assert not RAW & set(text)
        assert len(text.splitlines()) == 1, text
        assert "\\x1b" in text


def test_what_is_shown_of_a_run_holds_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tables, plain lines, notices, and JSON, which says the same in its own way."""
    console.out.print(EVIL)
    console.show_table([{"a": EVIL, EVIL: "b"}])
    console._plain(Notice(message=EVIL))
    console._plain_batch(VideoEnded(outcome=Outcome(name="n", status="failed", message=EVIL)))
    said = capsys.readouterr()
    console.show_json({"name": EVIL})
    document = capsys.readouterr().out
    assert not RAW & set(said.out + said.err + document)
    assert json.loads(document) == {"name": EVIL}


def test_a_terminal_gets_its_own_colours() -> None:
    """Only what a name or a message brings is written out."""
    terminal = io.StringIO()
    shown = type(console.out)(file=terminal, force_terminal=True, width=80)
    shown.print(EVIL, style="bold", highlight=False)
    assert terminal.getvalue().startswith("\x1b[1m")
    assert terminal.getvalue().count("\x1b") == 2
