"""A matched voice in a second: one base by the speaker's pitch, one warp, a short equaliser.

For live use, from one prompt of some seconds. Nothing is searched and nothing is held out, and no
time is left to measure naturalness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dubbing.engines.matching_base import Calibration, base_of, candidate
from dubbing.engines.matching_equaliser import WORKERS, fitted, similarities
from dubbing.engines.matching_speaker import encoder, for_encoder, sound_of
from dubbing.engines.matching_vocoder import QUICK, RATE_HZ, pitch_and_envelope
from dubbing.engines.matching_voice import MatchedVoice, shapes, timbre
from dubbing.engines.resemblyzer import PARTIAL
from dubbing.flow.together import together
from dubbing.types import VoicePrompt

USED_S = 5.5  # of the prompt: pitch and timbre are settled by then
BETWEEN_HZ = 175.0  # most men's median pitch lies below it, lively ones too; most women's above
WARP = 1.0
STEPS = 5  # of the equaliser: the first ones bring the most
# Frames of 10 ms of the calibration that it is fitted to, two pieces for the encoder: as near as
# with the whole sentence, in 0.2 s less.
FITTED = 2 * PARTIAL


def quick_voice(
    engine: str,
    calibrated: Callable[[str, str], Calibration],
    prompt: VoicePrompt,
    *,
    low: str,
    high: str,
    text: str,
) -> MatchedVoice:
    """The speaker's voice from a fixed base; errors as of `VoiceMatcher.prepare`.

    Args:
        engine: Whose voice it is.
        calibrated: A base voice, by name, saying a text: the same for every speaker, so it pays to
            remember it.
        prompt: Of the speaker; 3 s or more say who it is.
        low: The base for speakers below `BETWEEN_HZ`.
        high: The base for the others.
        text: What the base says for calibration: some seconds.
    """
    samples = sound_of(prompt)[: int(USED_S * RATE_HZ)]
    with together(WORKERS) as pool:
        whose = pool.start(lambda: encoder().embed([for_encoder(samples)])[0])
        target = timbre(*pitch_and_envelope(samples, QUICK), prompt.speaker)
        name = low if target.pitch < np.log(BETWEEN_HZ) else high
        base = base_of(calibrated(name, text), target)
    voice = candidate(engine, base, text, target, WARP)
    wanted, part = whose.result(), base.beginning(FITTED)
    gains = fitted([(part.heard(voice), shapes(part.said, voice)[::2])], wanted, steps=STEPS)
    voice = replace(voice, equaliser=gains)
    (similarity,) = similarities([part.heard(voice)], wanted)
    return replace(voice, similarity=similarity)
