"""Names of runs, times and languages as a visitor reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from dubbing.webui.i18n import number, t
from dubbing.webui.views import RunView, SegmentView


def language_name(code: str) -> str:
    """The language's name in the visitor's language; its code where we have no name."""
    try:
        return t(f"lang_{code}")
    except KeyError:
        return code


def speaker_name(run: RunView, speaker: str) -> str:
    """The speaker's name; "Speaker 2" in the visitor's language where nobody gave a name."""
    name = run.speakers.get(speaker, speaker)
    numbered = re.fullmatch(r"[Ss]peaker[ -](\d+)", name)
    return t("speaker_numbered", number=numbered[1]) if numbered else name


def dub_label(run: RunView) -> str:
    """The dub among others of its talk: its language, and whose it is or how old."""
    name = language_name(run.language)
    words = [name[:1].upper() + name[1:]]
    if run.folder.is_demo:
        words.append(t("own_demo"))
    if run.folder.is_legacy:
        words.append(t("legacy_dub"))
    return " · ".join(words)


def run_label(run: RunView) -> str:
    """The dub among all: talk and language."""
    return f"{run.title} · {dub_label(run)}"


def told_apart(
    runs: Sequence[RunView], label: Callable[[RunView], str] = run_label
) -> dict[str, str]:
    """Key → label of each run, with the run's name behind it where several would read the same."""
    plain = {run.key: label(run) for run in runs}
    often = Counter(plain.values())
    return {
        run.key: f"{plain[run.key]} · {run.folder.path.name}"
        if often[plain[run.key]] > 1
        else plain[run.key]
        for run in runs
    }


def clock(time_s: float) -> str:
    """A place on the media's clock: minutes, seconds and tenths, such as 1:02.3."""
    minutes, tenths = divmod(round(time_s * 10), 600)
    return f"{minutes}:{number(tenths / 10, 1):0>4}"


def duration(length_s: float) -> str:
    """A length in minutes and seconds, such as 1:02."""
    minutes, seconds = divmod(round(length_s), 60)
    return f"{minutes}:{seconds:02}"


def reason(segment: SegmentView) -> str:
    """Why the dub is placed as it is, in one sentence."""
    status = "delaying" if segment.delays_next else segment.status or "none"
    if status == "untranslated" and (segment.translation or segment.joined_to):
        status = "unspoken"
    return t(
        f"reason_{status}",
        late=segment.late_s or 0.0,
        borrowed=segment.borrowed_s or 0.0,
        head=segment.joined_to or 0,
    )
