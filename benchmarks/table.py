"""Writes the table "first version / now" into README.md and README.ru.md, between two comments.

    python benchmarks/table.py [NAME=FILE ...]

Each FILE is a quality.json, or what `python -m dubbing evaluate RUN --json` prints; NAME is its
column. Without any: the committed runs of the bundled talks.

What the first version reached, and how that was measured, is in `dubbing/quality/first_version.py`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that the package is found where it is not installed

from dubbing.quality.first_version import FirstVersion, first_version
from dubbing.quality.report import SCHEMA
from dubbing.quality.voice import FITTED_TO

START, END = "<!-- scorecard:start -->", "<!-- scorecard:end -->"
TALKS = ("Night_Garden", "Lighthouse")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A row of the table.

    Attributes:
        title: By README.
        before: From what the first version reached to what is shown; None: not measured.
        read: The same, from a scorecard.
        wanted: The bound.
    """

    title: dict[str, str]
    before: Callable[[FirstVersion], str] | None
    read: Callable[[dict[str, Any]], str]
    wanted: str


def _number(value: float | None, unit: str = "", digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f} {unit}".strip().replace("-", "−")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _of(part: dict[str, Any] | None, name: str) -> float | None:
    return None if part is None else part[name]


def _before_and_after(part: dict[str, Any] | None) -> str:
    return f"{_number(_of(part, 'original'))} → {_number(_of(part, 'dub'))}"


def _row(
    english: str,
    russian: str,
    wanted: str,
    before: Callable[[FirstVersion], str] | None,
    read: Callable[[dict[str, Any]], str],
) -> Measure:
    titles = {"README.md": english, "README.ru.md": russian}
    return Measure(title=titles, before=before, wanted=wanted, read=read)


MEASURES = [
    _row(
        "two dub voices at once",
        "два голоса дубляжа одновременно",
        "0 s",
        lambda f: _number(f.overlap_s, "s", 1),
        lambda c: _number(c["timing"]["overlap_s"], "s", 1),
    ),
    _row(
        "words of the translation lost",
        "потеряно слов перевода",
        "0",
        lambda f: f"sentences in {f.chunks_with_lost_sentences} of {f.chunks} chunks",
        lambda c: _number(c["text"]["words_lost"], "", 0),
    ),
    _row(
        "onset error, p90 / worst",
        "ошибка начала, p90 / худшая",
        "≤ 0.1 / 0.3 s",
        lambda f: f"{_number(f.onset_error_p90_s)} / {_number(f.onset_error_max_s, 's')}",
        lambda c: (
            f"{_number(c['timing']['onset_error_p90_s'])} / "
            f"{_number(c['timing']['onset_error_max_s'], 's')}"
        ),
    ),
    _row(
        "speech ends within 0.5 s of the original's",
        "речь кончается не дальше 0,5 с от исходной",
        "≥ 90 %",
        lambda f: _share(f.end_within_half_second),
        lambda c: _share(c["timing"]["end_within_half_second"]),
    ),
    _row(
        "isochrony: timeline IoU",
        "изохронность: IoU шкалы времени",
        "≥ 0.90",
        lambda f: _number(f.timeline_iou),
        lambda c: _number(c["timing"]["timeline_iou"]),
    ),
    _row(
        "dub speech in original silence",
        "дубляж в паузах оригинала",
        "≤ 5 %",
        lambda f: _share(f.dub_in_silence),
        lambda c: _share(c["timing"]["dub_in_silence"]),
    ),
    _row(
        "loudness, dub against original",
        "громкость дубляжа относительно оригинала",
        "≤ 1 LU",
        lambda f: f"+{_number(f.loudness_difference_lu, 'LU', 1)}",
        lambda c: _number(c["sound"]["loudness_difference_median_lu"], "LU", 1),
    ),
    _row(
        "true peak",
        "истинный пик",
        "≤ −1 dBTP",
        lambda f: f"full scale in {f.chunks_at_full_scale} of {f.chunks} chunks",
        lambda c: _number(c["sound"]["true_peak_dbtp"], "dBTP", 1),
    ),
    _row(
        "digital silence",
        "цифровая тишина",
        "0 %",
        lambda f: _share(f.digital_silence),
        lambda c: _share(c["sound"]["digital_silence"]),
    ),
    _row(
        "loud music or applause muted",
        "заглушено громкой музыки и аплодисментов",
        "0 s",
        lambda f: f"{_number(f.muted_music_s, '', 1)} of {_number(f.loud_music_s, 's', 1)}",
        lambda c: (
            f"{_number(c['sound']['muted_music_s'], '', 1)} of "
            f"{_number(c['sound']['loud_music_s'], 's', 1)}"
        ),
    ),
    _row(
        "speed-up, p95 / worst jump between neighbours",
        "ускорение, p95 / худший скачок между соседями",
        "≤ 1.20 / 0.15",
        None,
        lambda c: (f"{_number(c['timing']['rate_p95'])} / {_number(c['timing']['rate_jump_max'])}"),
    ),
    _row(
        "naturalness by DistillMOS, 1 to 5, original → dub",
        "естественность по DistillMOS, от 1 до 5, оригинал → дубляж",
        "≥ 3.5",
        None,
        lambda c: _before_and_after(c["naturalness"]),
    ),
    _row(
        "misheard by a recogniser: of all characters / segments over 30 %",
        "ошибки распознавателя: доля букв / сегменты, где их больше 30 %",
        "≤ 15 % / 5 %",
        None,
        lambda c: (
            f"{_share(_of(c['back_check'], 'cer_mean'))} / "
            f"{_share(_of(c['back_check'], 'misheard'))}"
        ),
    ),
    _row(
        "voice by CAM++, between a stranger's (0) and the own (1)",
        "голос по CAM++, между чужим (0) и своим (1)",
        "higher",
        None,
        lambda c: _number(_of(c["judged"], "normalised")),
    ),
    _row(
        f"the same by Resemblyzer{', fitted' if 'resemblyzer' in FITTED_TO else ''}",
        f"то же по Resemblyzer{', голос подобран по нему' if 'resemblyzer' in FITTED_TO else ''}",
        "",
        lambda f: _number(f.normalised),
        lambda c: _number(c["voice"]["normalised"]),
    ),
    _row(
        "naturalness by DNSMOS, original → dub",
        "естественность по DNSMOS, оригинал → дубляж",
        "",
        lambda f: f"{_number(f.naturalness_original)} → {_number(f.naturalness_dub)}",
        lambda c: _before_and_after(c["dnsmos"]),
    ),
    _row(
        "time taken before measuring, of the talk's length",
        "время до измерения, от длины выступления",
        "",
        None,
        lambda c: _number(c["cost"] and c["cost"]["rtf"]),
    ),
]
# From the English of a cell to the Russian.
RUSSIAN = (
    (r"(\d)\.(\d)", r"\1,\2"),
    (r"(\d) s\b", r"\1 с"),
    (r"\bof\b", "из"),
    ("sentences in", "предложения в"),
    ("full scale in", "предел шкалы в"),
    ("chunks", "фрагментов"),
    ("higher", "чем выше, тем лучше"),
)
HEADS = {
    "README.md": ("measured on the finished file", "first version", "wanted"),
    "README.ru.md": ("измерено по готовому файлу", "первая версия", "нужно"),
}


def read_card(path: Path) -> dict[str, Any]:
    """A scorecard of this version.

    Raises:
        SystemExit: The file holds none.
    """
    found = json.loads(path.read_text("utf-8"))
    card = found.get("scorecard", found)
    if card is None or card.get("schema_version") != SCHEMA:
        raise SystemExit(f"{path} is no scorecard of this version: run `evaluate` again")
    return dict(card)


def table(cards: dict[str, dict[str, Any]], readme: str) -> str:
    """The table in Markdown.

    Args:
        cards: Column → scorecard.
        readme: For which file: its language.
    """
    first = first_version()
    measured, before, wanted = HEADS[readme]
    heads = [measured, *(f"{before}, {talk}" for talk in first), *cards, wanted]
    lines = [heads, ["---"] * len(heads)]
    for row in MEASURES:
        old = [row.before(found) if row.before else "–" for found in first.values()]
        new = [row.read(card) for card in cards.values()]
        cells = [*old, *new, row.wanted]
        lines.append([row.title[readme], *(_in_language(cell, readme) for cell in cells)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _in_language(cell: str, readme: str) -> str:
    if readme == "README.ru.md":
        for english, russian in RUSSIAN:
            cell = re.sub(english, russian, cell)
    return cell


def write(path: Path, content: str) -> None:
    """Puts the content between the two comments of a file.

    Raises:
        SystemExit: They are not there.
    """
    text = path.read_text("utf-8")
    if START not in text or END not in text:
        raise SystemExit(f"{path.name} has no {START} and {END} to write between")
    before, after = text.split(START)[0], text.split(END)[1]
    path.write_text(f"{before}{START}\n{content}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Writes both files."""
    parser = argparse.ArgumentParser(description="Writes the scorecard table into the READMEs.")
    parser.add_argument("columns", nargs="*", metavar="NAME=FILE")
    asked = parser.parse_args().columns
    named = [column.partition("=") for column in asked]
    files = {name: Path(file) for name, _, file in named} or {
        talk: ROOT / "pipeline_artifacts" / talk / "quality.json" for talk in TALKS
    }
    cards = {name: read_card(path) for name, path in files.items()}
    for readme in HEADS:
        write(ROOT / readme, table(cards, readme))


if __name__ == "__main__":
    main()
