"""A translation that the user supplies: subtitles or plain text. Nothing that is said is
skipped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from dubbing.errors import TranslationFileError
from dubbing.text.notes import without_notes
from dubbing.types import Span

SUFFIXES = (".srt", ".vtt", ".txt")
SHOWN = 60  # characters of a line that is told as wrong
END_TOLERANCE_S = 2.0  # the last cue often stays on screen a little after the end

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^}]*\}|<\d[\d:.]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A piece of a supplied translation.

    Attributes:
        number: Its place in the file, from 1.
        text: One line, without markup; never empty.
        span: When it is shown; None in plain text.
    """

    number: int
    text: str
    span: Span | None


def read_translation(path: Path) -> list[Cue]:
    """The cues of an SRT or VTT file, or the paragraphs of a text, in order.

    Raises:
        TranslationFileError: It is missing, empty, of another kind, or a cue's time is wrong.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise TranslationFileError(path, f"a translation is one of {' '.join(SUFFIXES)}")
    content = _decoded(path)
    if path.suffix.lower() == ".txt":
        lines = [clean(line) for line in content.splitlines()]
        texts = [line for line in lines if line]
        cues = [Cue(number=i, text=t, span=None) for i, t in enumerate(texts, start=1)]
    else:
        cues = _subtitles(path, content)
    if not cues:
        raise TranslationFileError(path, "there is no text in it; supply the translation itself")
    return cues


def check_fits(cues: Sequence[Cue], duration_s: float, path: Path) -> None:
    """Nothing, when every cue lies inside the media.

    Raises:
        TranslationFileError: One does not: it is the translation of something longer.
    """
    for cue in cues:
        if cue.span is not None and cue.span.end_s > duration_s + END_TOLERANCE_S:
            raise TranslationFileError(
                path,
                f"cue {cue.number} ends at {_clock(cue.span.end_s)} but the media lasts "
                f"{_clock(duration_s)}; is it the translation of another video?",
            )


def clean(text: str) -> str:
    """One line of plain text: markup and notes removed, HTML entities resolved, white space
    folded.
    """
    plain = html.unescape(html.unescape(_TAG.sub("", text)))
    return without_notes(" ".join(plain.replace("\u200b", "").replace("\ufeff", "").split()))


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise TranslationFileError(path, "there is no such file; check the name") from error
    except OSError as error:
        raise TranslationFileError(path, f"it cannot be read ({error.strerror})") from error
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TranslationFileError(path, "it is not text; save it as UTF-8 text")
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16" if wide else "utf-8-sig"]
    if not _is_mostly_utf_8(content):
        encodings.append("cp1251")  # what Russian subtitles were written in
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TranslationFileError(path, "its letters cannot be read; save it as UTF-8 text")


def _is_mostly_utf_8(content: bytes) -> bool:
    """Whether more of the letters beyond ASCII are whole in UTF-8 than are broken."""
    found = content.decode("utf-8", "replace")
    broken = found.count("\ufffd")
    return sum(letter > "\x7f" for letter in found) - broken > broken


def _subtitles(path: Path, content: str) -> list[Cue]:
    """SRT and VTT differ in their header and decimal sign only. Read here rather than with a
    library, because libraries skip what they cannot read, and the text would be lost.
    """
    cues: list[Cue] = []
    blocks = re.split(r"\n[ \t]*\n", content.replace("\r\n", "\n").replace("\r", "\n").strip())
    last_start_s = 0.0
    for lines in (part for block in blocks for part in _parts(block)):
        at = next((i for i, line in enumerate(lines) if "-->" in line), None)
        if at is None:
            if not _is_comment(lines):
                where = f"after cue {cues[-1].number}" if cues else "before the first cue"
                raise TranslationFileError(path, f"the text {where} has no time; give it one")
            continue
        number = len(cues) + 1
        span = _span(path, number, lines[at])
        if span.start_s < last_start_s:
            raise TranslationFileError(
                path, f"cue {number} starts before the one above it; put the cues in order"
            )
        last_start_s = span.start_s
        text = clean(" ".join(lines[at + 1 :]))
        if text:
            cues.append(Cue(number=number, text=text, span=span))
    return cues


def _parts(block: str) -> list[list[str]]:
    """The lines of each cue: of more than one where the empty line between them was lost."""
    lines = [line for line in block.split("\n") if line.strip()]
    times = [i for i, line in enumerate(lines) if _TIMES.match(line)][1:]
    cuts = [0, *(i - 1 if lines[i - 1].strip().isdecimal() else i for i in times), len(lines)]
    return [lines[start:end] for start, end in pairwise(cuts)]


def _is_comment(lines: Sequence[str]) -> bool:
    """A note, a header, or the number of a cue that has no text."""
    known = ("NOTE", "STYLE", "REGION", "WEBVTT")
    return not lines or lines[0].startswith(known) or "".join(lines).strip().isdecimal()


def _span(path: Path, number: int, line: str) -> Span:
    match = _TIMES.match(line)
    if match is None:
        raise TranslationFileError(
            path, f"the time of cue {number} cannot be read ({_short(line)}); mend it"
        )
    start_s, end_s = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end_s <= start_s:
        raise TranslationFileError(
            path, f"cue {number} ends before it starts ({_short(line)}); mend it"
        )
    return Span(start_s=start_s, end_s=end_s)


def _short(line: str) -> str:
    line = line.strip()
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"
