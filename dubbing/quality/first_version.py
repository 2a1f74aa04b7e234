"""What the first version of this project reached on the two talks that it published.

Measured by a separate script on all 32 and 38 dubbed chunks. Where its definitions differ from
those of `dubbing/quality`: loudness is dub minus original, not absolute; the peak is of samples;
digital silence is a share of the whole track; the voice's floor is another speaker's dub; DNSMOS
is of one window a chunk. Its speed-up and its time were not measured.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_suffix(".json")


class FirstVersion(BaseModel):
    """One talk. What is not described here is as in `dubbing.quality.report`.

    Attributes:
        chunks: How many pieces the talk was cut into.
        chunks_with_lost_sentences: Pieces of whose text a sentence or more was not translated.
        loudness_difference_lu: Dub minus original, the whole talk.
        chunks_at_full_scale: Pieces whose samples touch full scale.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chunks: int
    overlap_s: float
    chunks_with_lost_sentences: int
    onset_error_p90_s: float
    onset_error_max_s: float
    end_within_half_second: float
    timeline_iou: float
    dub_in_silence: float
    loudness_difference_lu: float
    chunks_at_full_scale: int
    digital_silence: float
    muted_music_s: float
    loud_music_s: float
    similarity: float
    normalised: float
    naturalness_original: float
    naturalness_dub: float


@cache
def first_version() -> dict[str, FirstVersion]:
    """Talk → what was reached."""
    found = json.loads(FILE.read_text("utf-8"))
    return {talk: FirstVersion.model_validate(values) for talk, values in found.items()}
