"""chunks/ + transcriptions/ → voices/: each speaker's reference.

A file that a person has put in the place of voices/<speaker>.wav stays, whatever the segments
become; deleting it brings the chosen one back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dubbing.engines import dnsmos
from dubbing.engines.torch_threads import threads
from dubbing.media.audio import read_audio, resample, write_wav
from dubbing.runs.manifest import VoiceDoc, VoicePieceDoc, fingerprint, sha256_file
from dubbing.runs.store import Run
from dubbing.stages.voice_prompt import (
    MIN_CLARITY_DB,
    MIN_CLIP_S,
    SHORTLIST,
    Piece,
    choose_prompt,
    clarity_db,
    join,
    shortlist,
    voiced_share,
)
from dubbing.steps.chunks import CHUNK_RATE_HZ
from dubbing.steps.documents import read_transcript, span_doc
from dubbing.types import Audio, Segment, VoicePrompt

ALGORITHM = 2  # raised when the same speech would be chosen from otherwise
MORE_S = 60.0  # further speech for engines that fit a voice to it
CHOICE_S = 30.0  # of a speaker listened to: less holds no more pieces than are taken
GIVEN = fingerprint("given voice")


def voice_prompt(run: Run, own: Sequence[Segment]) -> VoicePrompt:
    """One speaker's reference, made anew when their segments changed.

    Args:
        run: Its folder.
        own: The speaker's segments; at least one.

    Raises:
        MediaError: The user's own reference cannot be read.
    """
    speaker = own[0].speaker
    wav, document = run.voice(speaker), run.voice(speaker, "json")
    _adopt_given(run, speaker)
    made_from = _made_from(run, own)
    if not is_given(run, speaker) and not (
        run.is_fresh(wav, made_from) and run.is_fresh(document, made_from)
    ):
        _choose(run, speaker, own, made_from)
    doc = run.read(document, VoiceDoc)
    return VoicePrompt(
        speaker=speaker,
        samples=read_audio(run.path(wav), CHUNK_RATE_HZ),
        sample_rate_hz=CHUNK_RATE_HZ,
        reason=doc.reason,
        more=_sound(run, [s for s in own if span_doc(s.span) in doc.more]),
    )


def is_given(run: Run, speaker: str) -> bool:
    """Whether a person has put the speaker's reference there."""
    return all(run.is_fresh(run.voice(speaker, suffix), GIVEN) for suffix in ("wav", "json"))


def give_voice(run: Run, speaker: str, sound: Path) -> None:
    """Puts a reference in the speaker's place before the run has chosen one.

    Args:
        run: Its folder.
        speaker: As the run will call them.
        sound: Any sound or video file.

    Raises:
        MediaError: It cannot be read.
    """
    samples = read_audio(sound, CHUNK_RATE_HZ)
    run.put(run.voice(speaker), GIVEN, lambda path: write_wav(path, samples, CHUNK_RATE_HZ))
    _put_given(run, speaker)


def _adopt_given(run: Run, speaker: str) -> None:
    """A reference that is not the one that was written was put there by a person."""
    wav = run.voice(speaker)
    record, path = run.manifest.artifacts.get(wav), run.path(wav)
    if record is None or not path.is_file() or sha256_file(path) == record.sha256:
        return
    read_audio(path, CHUNK_RATE_HZ)  # refused here rather than after an hour
    run.put_bytes(wav, GIVEN, path.read_bytes())
    _put_given(run, speaker)


def _put_given(run: Run, speaker: str) -> None:
    reason = f"given by the user; delete {run.voice(speaker)} to have one chosen again"
    document = VoiceDoc(speaker=speaker, spans=[], reason=reason)
    run.put_document(run.voice(speaker, "json"), GIVEN, document)


def _made_from(run: Run, own: Sequence[Segment]) -> str:
    heard = [run.sha256(run.chunk(s.id)) for s in own]
    hurried = ["in a hurry"] if _is_hurried(run) else []
    return fingerprint("voice", ALGORITHM, heard, *hurried)


def _is_hurried(run: Run) -> bool:
    """Whether there is too little to choose from for measuring DNSMOS, 0.4 s for each piece."""
    listen_s = run.manifest.config.listen_s
    return listen_s is not None and listen_s < CHOICE_S


def _choose(run: Run, speaker: str, own: Sequence[Segment], made_from: str) -> None:
    sound = lru_cache(SHORTLIST)(lambda index: _sound(run, [own[index]]))
    clarities = [clarity_db(sound(index), CHUNK_RATE_HZ) for index in range(len(own))]
    said = [read_transcript(run, s.id) for s in own]
    listed = shortlist(own, said, clarities, [s.overlapped for s in own])
    measured = [_measured(piece, sound(piece.index)) for piece in listed]
    if not _is_hurried(run):
        # One after the other, on all cores: DNSMOS takes 100 MB while it listens.
        measured = [replace(p, dnsmos=_naturalness(sound(p.index))) for p in measured]
    chosen = choose_prompt(measured)
    joined = join([sound(piece.index) for piece in chosen], CHUNK_RATE_HZ)
    run.forget(run.voice(speaker), run.voice(speaker, "json"))
    run.put(run.voice(speaker), made_from, lambda path: write_wav(path, joined, CHUNK_RATE_HZ))
    used = {piece.index for piece in chosen}
    rest = [
        segment
        for i, segment in enumerate(own)
        if i not in used and clarities[i] >= MIN_CLARITY_DB and not segment.overlapped
    ]
    document = VoiceDoc(
        speaker=speaker,
        spans=[span_doc(own[piece.index].span) for piece in chosen],
        reason="; ".join(f"segment {own[p.index].id}: {p.reason}" for p in chosen),
        pieces=[_piece_doc(own[piece.index], piece) for piece in chosen],
        more=[span_doc(segment.span) for segment in _spread(rest)],
    )
    run.put_document(run.voice(speaker, "json"), made_from, document)


def _measured(piece: Piece, samples: Audio) -> Piece:
    return replace(piece, voiced=voiced_share(samples, CHUNK_RATE_HZ))


def _naturalness(samples: Audio) -> float:
    heard = resample(samples, CHUNK_RATE_HZ, dnsmos.RATE_HZ)
    return dnsmos.naturalness(heard, threads=threads())


def _spread(segments: Sequence[Segment]) -> list[Segment]:
    """`MORE_S` of the segments that are long enough, from all over the talk."""
    long_enough = [s for s in segments if s.span.duration_s >= MIN_CLIP_S]
    total_s = sum(s.span.duration_s for s in long_enough)
    step = max(1, int(total_s // MORE_S))
    return long_enough[::step]


def _sound(run: Run, segments: Sequence[Segment]) -> Audio:
    """The segments' original sound in a row: float32, shape (samples,), at `CHUNK_RATE_HZ`."""
    chunks = [read_audio(run.path(run.chunk(s.id)), CHUNK_RATE_HZ) for s in segments]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


def _piece_doc(segment: Segment, piece: Piece) -> VoicePieceDoc:
    return VoicePieceDoc(
        segment_id=segment.id,
        clarity_db=round(piece.clarity_db, 1),
        sureness=round(piece.sureness, 3),
        voiced=round(piece.voiced, 3),
        dnsmos=None if piece.dnsmos is None else round(piece.dnsmos, 2),
        reason=piece.reason,
    )
