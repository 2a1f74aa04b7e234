"""Subtitles from what is really heard: the dub's placements, not the source's slots."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from dubbing.types import Span

# BBC subtitle guidelines and Netflix's timed text style guide: two lines of at most 42 characters.
LINE_CHARACTERS = 42
LINES = 2


def cues(texts: Sequence[str], spans: Sequence[Span]) -> list[tuple[Span, str]]:
    """Subtitle cues of at most two lines: long texts become several cues, each with a share of the
    time by its characters. Texts that are empty give no cue; nothing else is lost.

    Args:
        texts: One per span.
        spans: Ordered, not overlapping.
    """
    return [cue for text, span in zip(texts, spans, strict=True) for cue in _split(text, span)]


def _split(text: str, span: Span) -> list[tuple[Span, str]]:
    pieces = _balanced(text)
    total = sum(len(piece) for piece in pieces)
    made: list[tuple[Span, str]] = []
    done = 0
    for piece in pieces:
        start_s = span.start_s + span.duration_s * done / total
        done += len(piece)
        end_s = span.start_s + span.duration_s * done / total
        made.append((Span(start_s=start_s, end_s=end_s), piece))
    return made


def _balanced(text: str) -> list[str]:
    """The text in pieces of two lines, of about the same length each."""
    lines = textwrap.wrap(text, LINE_CHARACTERS)
    if not lines:
        return []
    wanted = -(-len(lines) // LINES)
    for width in range(len(text) // wanted, LINES * LINE_CHARACTERS + 1):
        pieces = ["\n".join(textwrap.wrap(p, LINE_CHARACTERS)) for p in textwrap.wrap(text, width)]
        if len(pieces) <= wanted and all(p.count("\n") < LINES for p in pieces):
            return pieces
    return ["\n".join(lines[i : i + LINES]) for i in range(0, len(lines), LINES)]


def render(lines: Sequence[tuple[Span, str]], suffix: str) -> str:
    """The cues as a file's text. Written here: pysubs2 takes braces for style tags and drops what
    is in them, and leaves `&` and `<` in WebVTT as they are.

    Args:
        lines: As `cues` gives them.
        suffix: "srt" or "vtt".
    """
    head, point = ("WEBVTT\n\n", ".") if suffix == "vtt" else ("", ",")
    blocks = []
    for number, (span, text) in enumerate(lines, start=1):
        shown = escape(text, quote=False) if suffix == "vtt" else text.replace("-->", "->")
        times = f"{_clock(span.start_s, point)} --> {_clock(span.end_s, point)}"
        blocks.append(f"{number}\n{times}\n{shown}\n\n")
    return head + "".join(blocks)


def _clock(time_s: float, point: str) -> str:
    minutes, ms = divmod(round(time_s * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{ms // 1000:02}{point}{ms % 1000:03}"
