"""Notes on what is heard but not said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubbing.stages.read import readable
from dubbing.text.notes import without_notes
from dubbing.text.supplied import read_translation

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Спасибо. (Смех) А теперь…", "Спасибо. А теперь…"),
        ("(Аплодисменты)", ""),
        ("[Applause and laughter] Thank you (very much)", "Thank you (very much)"),
        ("(Смех, аплодисменты) Да.", "Да."),
        ("Это (музыкальная) школа", "Это (музыкальная) школа"),
        ("Искусство (музыка, живопись) важно", "Искусство (музыка, живопись) важно"),
        ("It is (music, film and TV) art", "It is (music, film and TV) art"),
        ("Так. (Смех в зале) Да, (Музыка играет) и (смех) вот", "Так. Да, и вот"),
        ("Мы (смеёмся) поём", "Мы (смеёмся) поём"),
        ("Он купил (видеокамеру) вчера", "Он купил (видеокамеру) вчера"),
    ],
)
def test_only_notes_are_left_out(written: str, said: str) -> None:
    """What is in brackets and is said stays."""
    assert without_notes(written) == said


def test_subtitles_with_notes_are_a_translation(tmp_path: Path) -> None:
    """A cue that only tells of applause is none, and no word of one is spoken."""
    path = tmp_path / "talk.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nСпасибо. (Смех)\n\n"
        "2\n00:00:40,000 --> 00:00:49,000\n(Аплодисменты)\n",
        encoding="utf-8",
    )
    assert [(cue.number, cue.text) for cue in read_translation(path)] == [(1, "Спасибо.")]


@pytest.mark.parametrize("language", ["ru", "pt"])
def test_a_recognised_note_is_not_read_aloud(language: str) -> None:
    """A translator's "(Laughter)" is not in the dub."""
    text = "(Música) Oi. (Risos)" if language == "pt" else "(Смех) Да."
    assert readable(text, language).text in {"Oi.", "Да."}
