"""Notes in subtitles on what is heard but not said: "(Смех)", "[Applause]"."""

from __future__ import annotations

import re

# What notes begin with, in the languages of translations and transcripts.
_HEARD = """
    аплодисменты вздох вздыхает видео звонок звук крики музыка овации пение песня плач поёт поет
    поют свист смех смеётся смеется смеются тишина шум
    applause audience cheers cheering clapping crowd laughs laughter laughing music sighs sings
    singing silence song sound sounds video whistles whistling
    aplauso aplausos canto música musica riso risos risada risadas risas vídeo
    applaudissements musique rire rires vidéo applaus gelächter lachen musik applausi risate
"""
_INSIDE = rf"\s*(?:{'|'.join(_HEARD.split())})(?:[\s,:][^()\[\]]{{0,30}})?"
_ALONE = rf"\s*(?:{'|'.join(_HEARD.split())})\s*"
_NOTE = re.compile(
    rf"\s*\[{_INSIDE}\]"  # nobody writes a remark of his own in them
    rf"|(?:^|(?<=[.!?…\"»”)\]]))\s*\({_INSIDE}\)|\s*\((?-i:(?=\s*[^\W\d_a-zа-яёà-ÿ])){_INSIDE}\)"
    rf"|\s*\({_ALONE}\)",
    re.IGNORECASE,
)


def without_notes(text: str) -> str:
    """The text without such notes and the blanks in front of them."""
    return _NOTE.sub("", text).strip()
