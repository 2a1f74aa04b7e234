"""The scorecard: what was measured on the finished file, per segment and as a whole.

`python -m dubbing evaluate --schema` prints these classes as a JSON schema. None stands for what
cannot be measured, in every class.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field

from dubbing.errors import RunError
from dubbing.runs.manifest import Document, read_document
from dubbing.types import Loss, PlacementStatus

SCHEMA: Literal[3] = 3  # 2 had DNSMOS alone for naturalness, and no back-check


class SegmentScore(Document):
    """One segment as it is heard in the finished file.

    Attributes:
        id: The segment; those that are spoken together count as one, under the first one's id.
        status: Of its placement.
        rate: Speed of its speech against natural.
        onset_error_s: Start of the dub's speech after the original's.
        end_error_s: End of the dub's speech after the original's.
        loudness_difference_lu: Dub minus original.
        similarity: Cosine of the speaker embeddings of dub and original, -1..1; from 1 s on. By
            the encoder of `Scorecard.voice`.
        naturalness: Of the dub, 1..5, by the judge of `Scorecard.naturalness`; from 2 s on, of up
            to 100 segments spread over the talk.
        cer: Character error rate of what a recogniser wrote down, 0..1; see `BackCheck`.
        characters_per_second: Letters and other signs of the translation by the time they take.
        fault: The worst that a viewer will notice, in words; empty: nothing.
        severity: How far that lies beyond its bound: 1 is at the bound; 0 where `fault` is empty.
    """

    id: int
    status: PlacementStatus
    rate: float
    onset_error_s: float | None
    end_error_s: float | None
    loudness_difference_lu: float | None
    similarity: float | None
    naturalness: float | None
    cer: float | None
    characters_per_second: float | None
    fault: str
    severity: float


class Timing(Document):
    """Timing of the whole file; segments that are not dubbed are left out, in both tracks.

    Attributes:
        unheard: Segments in whose dub no speech is found, though the original speaks there.
        overlap_s: Time in which two dubs would sound at once.
        onset_error_median_s: Median of the segments' absolute onset errors.
        onset_error_p90_s: 90th percentile of the same.
        onset_error_max_s: Greatest of the same.
        end_within_half_second: Share of segments whose end lies within 0.5 s of the original's;
            those that are not heard do not.
        timeline_iou: Time in which both tracks speak over time in which either does.
        dub_in_silence: Share of the dub's speech in the original's silence.
        rate_p95: 95th percentile of the speech rates.
        rate_jump_max: Greatest difference of rate between neighbours.
    """

    unheard: list[int] = Field(default_factory=list)
    overlap_s: float
    onset_error_median_s: float | None
    onset_error_p90_s: float | None
    onset_error_max_s: float | None
    end_within_half_second: float | None
    timeline_iou: float
    dub_in_silence: float
    rate_p95: float | None
    rate_jump_max: float | None


class Sound(Document):
    """Sound of the dubbed track.

    Attributes:
        loudness_difference_median_lu: Median of the segments' absolute differences.
        loudness_difference_max_lu: Greatest of the same.
        true_peak_dbtp: Highest true peak (ITU-R BS.1770-4).
        digital_silence: Of the 10 ms frames in which the original sounds, the share that is below
            -90 dBFS in the dub.
        loud_music_s: Time outside speech in which the original is above -40 dBFS: music, applause.
        muted_music_s: The part of it that is below -60 dBFS in the dub.
    """

    loudness_difference_median_lu: float | None
    loudness_difference_max_lu: float | None
    true_peak_dbtp: float
    digital_silence: float
    loud_music_s: float
    muted_music_s: float


class VoiceScore(Document):
    """Likeness of the voice: cosines of speaker embeddings, -1..1.

    Attributes:
        encoder: The speaker encoder that measured it.
        similarity: Mean of the segments' similarities.
        floor: Mean cosine of the original's segments and strangers' voices.
        ceiling: Mean cosine of different segments of the same original speaker.
        normalised: (similarity - floor) / (ceiling - floor): 0 is a stranger's voice, 1 the
            speaker's own.
    """

    encoder: str
    similarity: float | None
    floor: float | None
    ceiling: float | None
    normalised: float | None


class Naturalness(Document):
    """How good speech sounds, 1..5, by a network trained on listeners; it chooses no
    speaker's voice.

    Attributes:
        judge: The network.
        segments: How many of the dub's segments were heard.
        original: Median over the original's segments.
        dub: Median over the dub's.
    """

    judge: str
    segments: int
    original: float | None
    dub: float | None


class BackCheck(Document):
    """Whether the dub is understood: a recogniser writes down each dubbed segment, which is
    compared with what was to be said. See `dubbing.quality.backcheck`.

    Attributes:
        recogniser: Its name.
        segments: How many were written down.
        cer_median: Median of the segments' character error rates, each at most 1.
        cer_mean: Mean of the same.
        misheard: Share of the segments with a rate above 0.3.
        outliers: Segments whose rate lies more than 0.2 above the median.
    """

    recogniser: str
    segments: int
    cer_median: float | None
    cer_mean: float | None
    misheard: float | None
    outliers: list[int]


class Dnsmos(Document):
    """DNSMOS P.835, overall, 1..5: the same by an older network.

    Attributes:
        windows: How many windows of 9 s were heard in each track, spread over the speech.
        original: Mean over the original's windows.
        dub: Mean over the dub's windows, at the same times.
    """

    windows: int
    original: float | None
    dub: float | None


class TextScore(Document):
    """What became of the text.

    Attributes:
        segments: How many segments, those that are spoken together counted as one.
        sentences_in: Sentences of the transcript.
        sentences_out: Sentences that are spoken.
        words_lost: Words of the supplied translation that are not spoken in their order; None
            where none was supplied or a person has changed it since.
        characters: Of what is spoken, all segments together.
        untranslated: Segments that are not dubbed: they have no translation, or it could not be
            spoken. The original voice is kept there, or silence where that was asked for.
        rushed: Segments spoken faster than the cap.
        faults: Segments in which something of the source seems lost or broken; see
            `dubbing.text.completeness`.
        unsure_stress: Segments with a word that a machine stressed with a confidence below
            `dubbing.quality.text.SURE_STRESS`, and so may have stressed wrongly.
        unsure_words: How many such words they have.
    """

    segments: int
    sentences_in: int
    sentences_out: int
    words_lost: int | None
    characters: int
    untranslated: list[int]
    rushed: list[int]
    faults: list[int]
    unsure_stress: list[int] = Field(default_factory=list)
    unsure_words: int = 0


class Cost(Document):
    """What the last pass that changed the finished file cost, this measurement not counted.

    Attributes:
        wall_s: Wall-clock time of its stages.
        rtf: The same over the media's length; below 1 is faster than real time.
        first_segment_s: Time to the first finished segment; None: the stages run one after the
            other, so that nothing can be heard before the whole is done.
        peak_memory_mb: Largest resident set of the process or of a program that it ran.
        engine_calls: Items given to engines.
        kept: Items that were there already and cost nothing: 0 in a run from the start.
    """

    wall_s: float
    rtf: float
    first_segment_s: float | None
    peak_memory_mb: float | None
    engine_calls: int
    kept: int


class Scorecard(Document):
    """quality.json, measured on the finished file. With the mix "voiceover", which leaves the
    original's voice under the dub, speech, loudness and voice are measured on the dub alone.

    Attributes:
        schema_version: Of this layout.
        verdict: A few sentences: what is good, what a viewer will notice, the three worst segments.
        worst: Up to three segments with a fault, the worst first.
        left_out: Segments of which no sound is there to be measured.
        losses: What the source lacks against what it declares.
        voice: By the run's encoder; whether a voice is fitted to it says
            `dubbing.quality.voice.FITTED_TO`.
        judged: The same by one that chooses no voice; None where it is not installed.
        naturalness: None where the judge is not installed.
        dnsmos: A second opinion on the same.
        back_check: None where the recogniser is not installed or does not know the language.
        cost: None for a run that does not record it.
    """

    schema_version: Literal[3] = SCHEMA
    verdict: str
    timing: Timing
    sound: Sound
    voice: VoiceScore
    judged: VoiceScore | None = None
    naturalness: Naturalness | None
    dnsmos: Dnsmos
    back_check: BackCheck | None
    text: TextScore
    cost: Cost | None
    segments: list[SegmentScore]
    worst: list[int]
    left_out: list[int]
    losses: list[Loss] = Field(default_factory=list)


def read_scorecard(path: Path) -> Scorecard | None:
    """The scorecard in a file; None when an older version of this program measured it.

    Raises:
        RunError: It is missing or damaged.
    """
    return None if is_outdated(path) else read_document(path, Scorecard)


def is_outdated(path: Path) -> bool:
    """Whether the file is a scorecard of an older schema.

    Raises:
        RunError: It is missing or no JSON at all.
    """
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path} is missing: run `evaluate` again") from error
    except ValueError as error:
        raise RunError(f"{path} is damaged; delete it and run `evaluate` again") from error
    return isinstance(found, dict) and found.get("schema_version") in range(1, SCHEMA)
