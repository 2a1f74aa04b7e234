"""chunks/ + transcriptions/ → voices/: each speaker's reference.

A sound that a person gives is named voices/<speaker>.own.wav, or .mp3 and the like. It is used
whatever the segments become; deleting it brings the chosen one back.
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dubbing.engines import dnsmos
from dubbing.engines.torch_threads import threads
from dubbing.errors import RunError
from dubbing.events import Listener, Notice, ignore
from dubbing.media.audio import read_audio, resample, write_wav
from dubbing.runs.manifest import VoiceDoc, VoicePieceDoc, fingerprint, sha256_file
from dubbing.runs.store import Run, atomic
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
GIVEN = fingerprint("given voice")  # of a run of 0.1.0, which took it over from voices/*.wav


def voice_prompt(run: Run, own: Sequence[Segment], listen: Listener = ignore) -> VoicePrompt:
    """One speaker's reference, made anew when their segments changed.

    Args:
        run: Its folder.
        own: The speaker's segments; at least one.
        listen: Is told of a reference that is damaged.

    Raises:
        MediaError: The user's own reference cannot be read.
        RunError: There are two of them.
    """
    speaker = own[0].speaker
    wav, document = run.voice(speaker), run.voice(speaker, "json")
    _tell_damage(run, speaker, listen)
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
    """Whether the speaker's reference is one that a person gave."""
    given = _own_sound(run, speaker)
    return _is_made_from(run, speaker, GIVEN if given is None else _given_mark(given))


def give_voice(run: Run, speaker: str, sound: Path) -> None:
    """Puts a reference of a person's own beside the one that the run chooses.

    Args:
        run: Its folder.
        speaker: As the run calls them, or will.
        sound: Any sound or video file.

    Raises:
        MediaError: It cannot be read.
    """
    samples = read_audio(sound, CHUNK_RATE_HZ)
    if not run.path("manifest.json").is_file():
        run.save()  # a folder without it is no run that can be gone on with
    place = run.path(run.voice(speaker, "own.wav"))
    with atomic(place) as temporary:
        write_wav(temporary, samples, CHUNK_RATE_HZ)
    for other in _own_sounds(run, speaker):
        if other != place:
            other.unlink()


def _own_sounds(run: Run, speaker: str) -> list[Path]:
    return sorted(run.path("voices").glob(f"{glob.escape(speaker)}.own.*"))


def _own_sound(run: Run, speaker: str) -> Path | None:
    """The reference that a person gave; None where there is none.

    Raises:
        RunError: There are two.
    """
    found = _own_sounds(run, speaker)
    if len(found) > 1:
        raise RunError(f"{found[0]} and {found[1].name} are both of {speaker}: keep one of them")
    return found[0] if found else None


def _given_mark(sound: Path) -> str:
    return fingerprint("given voice", sha256_file(sound))


def _is_made_from(run: Run, speaker: str, mark: str) -> bool:
    return all(run.is_fresh(run.voice(speaker, suffix), mark) for suffix in ("wav", "json"))


def _tell_damage(run: Run, speaker: str, listen: Listener) -> None:
    wav = run.voice(speaker)
    if wav in run.manifest.artifacts and run.path(wav).is_file() and not run.is_whole(wav):
        own = run.voice(speaker, "own.wav")
        told = f"{wav} is not as it was written, and is made again; to give a voice, name its sound"
        listen(Notice(message=f"{told} {own}, or use --voice"))


def _adopt_given(run: Run, speaker: str) -> None:
    """Makes the reference of the sound that a person gave, if one did."""
    given = _own_sound(run, speaker)
    if given is None or _is_made_from(run, speaker, mark := _given_mark(given)):
        return
    samples = read_audio(given, CHUNK_RATE_HZ)
    run.put(run.voice(speaker), mark, lambda path: write_wav(path, samples, CHUNK_RATE_HZ))
    reason = f"given by the user; delete voices/{given.name} to have one chosen again"
    document = VoiceDoc(speaker=speaker, spans=[], reason=reason)
    run.put_document(run.voice(speaker, "json"), mark, document)


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
