"""Speech detection by silero-vad's ONNX weights, which come inside its package.

The weights are run with onnxruntime directly: `import silero_vad` would bring torch and 250 MB
with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubbing.engines.base import EngineInfo
from dubbing.errors import EngineUnavailableError
from dubbing.types import Audio, Span

Probabilities = NDArray[np.float32]  # of speech, shape (frames,)

RATE_HZ = 16_000
FRAME = 512  # samples: the model's step at 16 kHz, 32 ms
CONTEXT = 64  # samples of the frame before, which the model wants in front of each frame
FRAMES_PER_CALL = 256  # 8 s at once: 3 times quicker than frame by frame, with the same output

SPEECH_ON = 0.5  # silero-vad's own default threshold …
SPEECH_OFF = 0.35  # … and its hysteresis: on − 0.15
MIN_SPEECH_S = 0.15  # clicks and coughs are shorter
MIN_SILENCE_S = 0.12  # a stop consonant's closure is no pause

# The model remembers: after seconds of loud music it is deaf to the first words over it (measured:
# 1.6 s of a sentence missed). Listening backwards, from speech towards the music, it hears them.
DEAF_AFTER_S = 3.0  # without speech
SURE = 0.98  # the probability that a start heard backwards needs: less is the music
BLUR_S = 0.4  # the two directions differ by up to this much anyway


class SileroDetector:
    """Silero VAD, 16 kHz, on the CPU: over 100 times faster than real time."""

    info = EngineInfo(
        name="silero",
        kind="detector",
        summary="silero-vad: neural speech detection, tells speech from music",
        licence="MIT",
        packages=("silero-vad", "onnxruntime"),
        sample_rate_hz=RATE_HZ,
        memory_mb=60,
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the weights are installed."""
        return None if _weights_path() else "silero-vad is missing: pip install -r requirements.txt"

    def __init__(self) -> None:
        weights = _weights_path()
        if weights is None:
            raise EngineUnavailableError("silero", str(self.why_unavailable()))
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the model is tiny
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(weights), options, ["CPUExecutionProvider"]
        )

    def detect(self, blocks: Iterable[Audio]) -> list[Span]:
        """See `SpeechDetector`. Memory grows only by two numbers for every 32 ms."""
        forward: list[Probabilities] = []
        backward: list[Probabilities] = []
        memory = _Memory()
        for samples, following in pairwise(chain(_whole_frames(blocks), [_NOTHING])):
            forward.append(self._listen(samples, memory))
            reverse = np.concatenate([samples, following])[::-1]
            backward.append(self._listen(reverse, _Memory())[::-1][: len(samples) // FRAME])
        if not forward:
            return []
        found = _spans(np.concatenate(forward), SPEECH_ON)
        return _earlier_starts(found, _spans(np.concatenate(backward), SURE))

    def _listen(self, samples: Audio, memory: _Memory) -> Probabilities:
        """The probability of speech in each frame; the memory is kept for the next piece."""
        frames = samples.reshape(-1, FRAME)
        before = np.concatenate([memory.context[None], frames[:-1, -CONTEXT:]])
        feed = {"input": np.concatenate([before, frames], axis=1), "h": memory.h, "c": memory.c}
        probabilities, memory.h, memory.c = self._session.run(None, feed)
        memory.context = frames[-1, -CONTEXT:]
        return np.asarray(probabilities, np.float32)


@dataclass
class _Memory:
    """The model's state between two pieces of sound."""

    h: NDArray[np.float32] = field(default_factory=lambda: np.zeros((1, 1, 128), np.float32))
    c: NDArray[np.float32] = field(default_factory=lambda: np.zeros((1, 1, 128), np.float32))
    context: Audio = field(default_factory=lambda: np.zeros(CONTEXT, np.float32))


_NOTHING = np.zeros(0, np.float32)


def _whole_frames(blocks: Iterable[Audio]) -> Iterator[Audio]:
    """The same signal in pieces of whole frames, the last one filled up with zeros."""
    rest = np.zeros(0, np.float32)
    size = FRAME * FRAMES_PER_CALL
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if len(rest):
        yield np.pad(rest, (0, -len(rest) % FRAME))


def _earlier_starts(found: Sequence[Span], backward: Sequence[Span]) -> list[Span]:
    """The same spans; one that comes after a long time without speech starts where it was heard
    to start backwards.
    """
    moved: list[Span] = []
    free_s = 0.0  # nobody was heard since then
    for span in found:
        heard = [b.start_s for b in backward if b.start_s < span.start_s < b.end_s]
        start_s = span.start_s
        if heard and start_s - free_s >= DEAF_AFTER_S and start_s - heard[0] > BLUR_S:
            start_s = max(heard[0], free_s)
        moved.append(Span(start_s=start_s, end_s=span.end_s))
        free_s = span.end_s
    return moved


def _spans(probabilities: Probabilities, on: float) -> list[Span]:
    """Stretches where speech switches on (at the probability `on`) and off, with hysteresis."""
    step = FRAME / RATE_HZ
    found: list[tuple[float, float]] = []
    start: float | None = None
    quiet_since: float | None = None
    for index, probability in enumerate([*probabilities, 0.0]):
        now = index * step
        if probability >= on:
            start, quiet_since = now if start is None else start, None
        elif start is not None and (probability < SPEECH_OFF or index == len(probabilities)):
            quiet_since = now if quiet_since is None else quiet_since
            if now - quiet_since >= MIN_SILENCE_S or index == len(probabilities):
                found.append((start, quiet_since))
                start = quiet_since = None
    return [Span(start_s=a, end_s=b) for a, b in found if b - a >= MIN_SPEECH_S]


def _weights_path() -> Path | None:
    spec = find_spec("silero_vad")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "data" / "silero_vad_16k_sequence.onnx"
    return path if path.is_file() else None
