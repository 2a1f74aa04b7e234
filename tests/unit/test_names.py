"""names.csv: how a project says its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.errors import NamesFileError
from dubbing.stages.read import readable
from dubbing.text.names import Name, read_names, spell_out
from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.unit

NAMES = (
    Name(written="Tesla", spoken="Те́сла"),
    Name(written="Nikola Tesla", spoken="Ни́кола Те́сла"),
    Name(written="Юра", spoken="Юра́"),
    Name(written="Disney+", spoken="Ди́сней плюс"),
    Name(written="F-16", spoken="эф-шестна́дцать"),
)


def written(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "names.csv"
    path.write_text(content, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    "content",
    [
        "written,spoken\nNikola Tesla,Ни́кола Те́сла\n\nЮра,Юр+а\n",
        'Written; Spoken\r\nNikola  Tesla; Ни́кола Те́сла\r\n\r\n"Юра";"Юр+а"\r\n',
    ],
)
def test_a_list_is_read(tmp_path: Path, content: str, encoding: str):
    """With commas or semicolons, quotes, blanks, a byte order mark or none."""
    assert read_names(written(tmp_path, content, encoding)) == (
        Name(written="Nikola Tesla", spoken="Ни́кола Те́сла"),
        Name(written="Юра", spoken="Юра́"),
    )


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("", 1, "written,spoken"),
        ("name,said\nA,Б\n", 1, "written,spoken"),
        ("written,spoken\nA,Б\nВ\n", 3, "1 columns"),
        ("written,spoken\nA,Б,В\n", 2, "3 columns"),
        ("written,spoken\n,Б\n", 2, "written holds no word"),
        ("written,spoken\n\nA,—\n", 3, "spoken holds no word"),
        ("written,spoken\nA,Б\na,В\n", 3, "already said"),
        ('written,spoken\nA,"Б\n', 2, "not CSV"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, content: str, line: int, told: str):
    """One sentence that says what to change."""
    with pytest.raises(NamesFileError, match=told) as raised:
        read_names(written(tmp_path, content))
    assert raised.value.line == line
    assert f"line {line}: " in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    """It is missing, a folder, or in another encoding."""
    with pytest.raises(NamesFileError, match="no such file"):
        read_names(tmp_path / "none.csv")
    with pytest.raises(NamesFileError, match="cannot be read"):
        read_names(tmp_path)
    with pytest.raises(NamesFileError, match="UTF-8"):
        read_names(written(tmp_path, "written,spoken\nЮра,Юра\n", "cp1251"))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Nikola Tesla и tesla", "Ни́кола Те́сла и Те́сла"),
        ("NIKOLA\nTESLA", "Ни́кола Те́сла"),
        ("Teslas и автотесла", "Teslas и автотесла"),
        ("юра, Юра! Юрату", "Юра́, Юра́! Юрату"),
        ("Ю́ра и Юра", "Ю́ра и Юра́"),
        ("на Disney+, где F-16", "на Ди́сней плюс, где эф-шестна́дцать"),
        ("Нет имён.", "Нет имён."),
    ],
)
def test_names_are_whole_words_the_longest_first(text: str, spoken: str):
    """In any script and case; what is marked in the text is left alone."""
    assert spell_out(text, NAMES) == spoken


def test_letters_that_are_equal_to_a_search_and_not_to_a_fold():
    """A dotless i is found by "i"; nothing breaks."""
    assert spell_out("k\u0131m", (Name(written="kim", spoken="Ким"),)) in {"Ким", "k\u0131m"}


def test_a_name_is_said_before_numbers_and_latin_letters_are():
    """And its marks are the names', not the writer's."""
    reading = readable("Nikola Tesla видел F-16 и за́мок", "ru", NAMES)
    assert reading.text == "Ни́кола Те́сла видел эф-шестна́дцать и за́мок"
    assert [m.by for m in reading.marks] == ["names", "names", "names", "user"]


def test_other_languages_have_no_such_names():
    """They are written in Russian letters."""
    assert readable("Nikola Tesla", "pt", NAMES).text == "Nikola Tesla"


def test_a_bad_list_ends_a_dub_before_it_begins(tmp_path: Path, cli_here: Cli):
    """Exit status 2, one line, nothing written."""
    video = ROOT / "live_demo_samples/Clip_Man.mp4"
    bad = written(tmp_path, "written,spoken\nA,Б\nВ\n")
    done = cli_here(
        "dub",
        video,
        "--profile",
        "offline",
        "--artifacts",
        tmp_path / "A",
        "--names",
        bad,
        "-o",
        tmp_path / "out.mp4",
    )
    assert done.returncode == 2
    assert "line 3: it has 1 columns" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "A").exists()
