"""Reading a supplied translation."""

from pathlib import Path

import pytest

from dubbing.errors import TranslationFileError
from dubbing.text.supplied import check_fits, read_translation
from dubbing.types import Span

pytestmark = pytest.mark.unit

SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\nПервая\nстрока.\n\n"
    "2\n00:00:03,000 --> 00:00:04,000\nВторая.\n"
)


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_srt_in_the_encodings_people_have(tmp_path: Path, encoding: str):
    """Cues are read with their times, lines joined, in any usual encoding."""
    first, second = read_translation(file(tmp_path, "a.srt", SRT.encode(encoding)))
    assert (first.text, first.span) == ("Первая строка.", Span(start_s=1.0, end_s=2.5))
    assert second.text == "Вторая."


@pytest.mark.parametrize("between", ["\n", "\n\u00a0\n", "\n \n"])
def test_a_lost_empty_line_joins_no_cues(tmp_path: Path, between: str):
    """No time is read aloud."""
    first, second = read_translation(file(tmp_path, "a.srt", SRT.replace("\n\n", between)))
    assert first.text == "Первая строка."
    assert second.text == "Вторая."
    assert second.span == Span(start_s=3.0, end_s=4.0)


def test_one_broken_letter_makes_no_other_encoding_of_it(tmp_path: Path):
    """What is UTF-8 but for a byte is refused, not read as gibberish."""
    broken = SRT.encode().replace("Вт".encode(), "В".encode() + b"\xd1")
    with pytest.raises(TranslationFileError, match="save it as UTF-8"):
        read_translation(file(tmp_path, "a.srt", broken))


def test_text_before_the_first_cue_is_not_skipped(tmp_path: Path):
    """It may be the first sentence."""
    with pytest.raises(TranslationFileError, match="before the first cue has no time"):
        read_translation(file(tmp_path, "a.srt", f"Самая первая.\n\n{SRT}"))


def test_windows_line_ends(tmp_path: Path):
    """Windows' line ends change nothing."""
    cues = read_translation(file(tmp_path, "a.srt", SRT.replace("\n", "\r\n")))
    assert [c.text for c in cues] == ["Первая строка.", "Вторая."]


def test_vtt_with_header_notes_and_settings(tmp_path: Path):
    """WebVTT's header, notes, cue settings, short times and voice tags are understood."""
    text = "WEBVTT\n\nNOTE for us\n\n00:01.000 --> 00:02.000 align:start\n<v Анна>Да, <i>да</i>.\n"
    (cue,) = read_translation(file(tmp_path, "a.vtt", text))
    assert (cue.text, cue.span) == ("Да, да.", Span(start_s=1, end_s=2))


def test_entities_are_resolved_and_nothing_is_taken_for_a_tag(tmp_path: Path):
    """&amp;lt; is resolved twice; a "<" that opens no tag is text and stays."""
    text = SRT.replace("Вторая.", "&amp;lt; 3 &lt; 5 &amp; 2 < 4 тоже.")
    assert read_translation(file(tmp_path, "a.srt", text))[1].text == "< 3 < 5 & 2 < 4 тоже."


def test_plain_text_by_paragraph(tmp_path: Path):
    """A text has no times; each line with words is a cue."""
    cues = read_translation(file(tmp_path, "a.txt", "Раз.\n\n  Два.  \n"))
    assert [(c.text, c.span) for c in cues] == [("Раз.", None), ("Два.", None)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.srt", SRT.replace("00:00:03,000", "00:00:0x,000"), "time of cue 2"),
        ("a.srt", SRT.replace("00:00:04,000", "00:00:02,900"), "cue 2 ends before it starts"),
        ("a.srt", SRT.replace("00:00:03,000", "00:00:00,500"), "cue 2 starts before"),
        ("a.srt", SRT + "\nПропавший текст.\n", "after cue 2 has no time"),
        ("a.srt", "", "no text"),
        ("a.txt", "  \n", "no text"),
        ("a.docx", "text", ".srt .vtt .txt"),
        ("a.srt", b"\0\1\2\3", "not text"),
    ],
)
def test_faults_are_named(tmp_path: Path, name: str, content: str | bytes, says: str):
    """Each fault has its sentence; nothing is skipped."""
    with pytest.raises(TranslationFileError, match=says):
        read_translation(file(tmp_path, name, content))


@pytest.mark.parametrize("hours", ["9" * 400, "9" * 5000, "٩" * 5000])
def test_a_time_of_many_digits_is_named(tmp_path: Path, hours: str):
    """In few words, whatever its length."""
    path = tmp_path / "a.srt"
    path.write_text(f"1\n00:00:01,000 --> {hours}:00:02,000\nДа.\n", encoding="utf-8")
    with pytest.raises(TranslationFileError, match="the time of cue 1 cannot be read") as caught:
        read_translation(path)
    assert len(str(caught.value)) < len(str(path)) + 150


def test_missing_file(tmp_path: Path):
    """A file that is not there is said to be not there."""
    with pytest.raises(TranslationFileError, match="no such file"):
        read_translation(tmp_path / "no.srt")


def test_translation_of_a_longer_video(tmp_path: Path):
    """A cue beyond the media's end is named; one that ends a little after it is not."""
    path = file(tmp_path, "a.srt", SRT)
    check_fits(read_translation(path), 2.5, path)
    with pytest.raises(
        TranslationFileError, match=r"cue 2 ends at 0:04\.0 but the media lasts 0:01\.5"
    ):
        check_fits(read_translation(path), 1.5, path)
