"""What a visitor asks for, and what they agree to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dubbing.runs.manifest import sha256_file

CONSENT = "consent.json"
NAME_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A clip to be dubbed.

    Attributes:
        name: Of the file as the visitor has it; trusted with nothing but its words.
        clip: Its bytes.
        target: ISO 639-1 code of the language to dub into.
        profile: A key of `dubbing.config.PROFILES`.
        checks_text: Whether the visitor wants to see the text before it is spoken.
        reference: Bytes of another sound whose voice is to be used; None: the clip's own.
        translation: A translation that comes with the clip; None: to be made, or to be typed.
        consent: The sentence that the visitor agreed to; empty: they did not.
    """

    name: str
    clip: bytes = field(repr=False)
    target: str
    profile: str
    checks_text: bool = False
    reference: bytes | None = field(default=None, repr=False)
    translation: Path | None = None
    consent: str = ""

    @property
    def title(self) -> str:
        """The name as letters, digits, "_" and "-": fit for files' names."""
        words = re.sub(r"[^\w-]+", "_", Path(self.name).stem).strip("_-")
        return words[:NAME_LENGTH] or "clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a visitor makes of the text that is shown to be checked.

    Attributes:
        transcripts: Segment → its words; those that are left out stay.
        translations: Segment → what the dub shall say; left out or empty: nothing was typed.
        file: Name and bytes of a translation of the whole: SRT, VTT or text; it goes before lines.
    """

    transcripts: Mapping[int, str] = field(default_factory=dict)
    translations: Mapping[int, str] = field(default_factory=dict)
    file: tuple[str, bytes] | None = field(default=None, repr=False)


def write_consent(folder: Path, order: Order, clip: Path) -> None:
    """Writes down what was agreed to, when, and for which clip."""
    reference = order.reference
    document = {
        "agreed_to": order.consent,
        "agreed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "clip_sha256": sha256_file(clip),
        "reference_sha256": None if reference is None else hashlib.sha256(reference).hexdigest(),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / CONSENT).write_text(f"{text}\n", encoding="utf-8")
