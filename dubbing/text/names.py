"""A project's names and how they are said: names.csv, columns `written` and `spoken`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dubbing.errors import NamesFileError
from dubbing.text.stress import MARK, canonical, shown

FILE = "names.csv"
HEADER = ("written", "spoken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name, or any other word.

    Attributes:
        written: As it stands in a text, in any script and case; without stress marks.
        spoken: What is read instead; stress marks as in `dubbing.text.stress`.
    """

    written: str
    spoken: str


def read_names(path: Path) -> tuple[Name, ...]:
    """The names in a CSV file: UTF-8 with a header, commas or semicolons; empty lines are skipped.

    Raises:
        NamesFileError: It is missing, has another form, or says two things of one name.
    """
    rows = _rows(path, _decoded(path))
    line, header = next(rows, (1, ()))
    if tuple(cell.strip().lower() for cell in header) != HEADER:
        raise NamesFileError(path, line, f"the first line should be {','.join(HEADER)}")
    names: dict[str, Name] = {}
    for at, row in rows:
        name = _name(path, at, row)
        before = names.setdefault(name.written.casefold(), name)
        if before.spoken != name.spoken:
            known = f"{name.written!r} is already said {before.spoken!r}"
            raise NamesFileError(path, at, f"{known}; keep one of the two")
    return tuple(names.values())


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NamesFileError(path, None, "there is no such file; check the name") from error
    except OSError as error:
        raise NamesFileError(path, None, f"it cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise NamesFileError(path, None, "it is not in UTF-8; save it in that encoding") from error


def _rows(path: Path, content: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that are not empty, with the number of the line on which each ends."""
    header = content.lstrip().partition("\n")[0]
    reader = csv.reader(
        io.StringIO(content, newline=""), delimiter=";" if ";" in header else ",", strict=True
    )
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise NamesFileError(path, reader.line_num, f"it is not CSV ({error})") from error


def _name(path: Path, line: int, row: Sequence[str]) -> Name:
    if len(row) != len(HEADER):
        wanted = "two are wanted, written and spoken; put quotes around one that holds a comma"
        raise NamesFileError(path, line, f"it has {len(row)} columns and {wanted}")
    written, spoken = (" ".join(cell.split()) for cell in row)
    for column, cell in zip(HEADER, (written, spoken), strict=True):
        if not any(map(str.isalnum, cell)):
            raise NamesFileError(path, line, f"the column {column} holds no word; fill it in")
    return Name(written=shown(written), spoken=canonical(spoken))


def spell_out(text: str, names: Sequence[Name]) -> str:
    """The text with every name as it is spoken: whole words in any case, the longest name first. A
    word that is marked in the text is left as it is.

    Args:
        text: As `canonical` gives it.
        names: From `read_names`.
    """
    if not names:
        return text
    longest_first = sorted(names, key=lambda name: len(name.written), reverse=True)
    pattern = "|".join(f"({_whole(name.written)})" for name in longest_first)
    return re.sub(
        pattern,
        lambda found: longest_first[(found.lastindex or 1) - 1].spoken,
        text,
        flags=re.IGNORECASE,
    )


def _whole(written: str) -> str:
    """A regular expression for the name as whole words, with any white space between them."""
    inside = r"\s+".join(map(re.escape, written.split()))
    before = rf"(?<![\w{MARK}])" if written[0].isalnum() else ""
    behind = rf"(?![\w{MARK}])" if written[-1].isalnum() else ""
    return f"{before}{inside}{behind}"
