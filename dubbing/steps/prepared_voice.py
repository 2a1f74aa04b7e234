"""voices/<speaker>.prepared.json: a voice that took long to prepare, kept for the next run."""

from __future__ import annotations

import hashlib
import logging

import numpy as np

from dubbing.engines.base import KeepsVoices, Voice
from dubbing.errors import RunError
from dubbing.memory import give_back
from dubbing.runs.manifest import PreparedVoiceDoc, fingerprint
from dubbing.runs.store import Run
from dubbing.steps.job import Job, identity
from dubbing.types import VoicePrompt

log = logging.getLogger(__name__)

ALGORITHM = 1  # raised when an engine would prepare another voice from the same prompt


def prepared_voice(job: Job, prompt: VoicePrompt) -> Voice:
    """The speaker's voice for the run's engine and language: as it was kept, or made now and kept
    where the engine can. What is damaged, or made by another engine or from another prompt, is made
    anew.
    """
    run, language = job.run, job.run.manifest.config.target
    engine = job.synthesizer(0)
    if not isinstance(engine, KeepsVoices):
        return engine.prepare(prompt, language=language)
    name, made_from = run.voice(prompt.speaker, "prepared.json"), _made_from(run, prompt)
    if run.is_fresh(name, made_from):
        try:
            return engine.unpack(run.read(name, PreparedVoiceDoc).voice)
        except (RunError, ValueError):
            log.warning("%s cannot be used; the voice is prepared anew", run.path(name))
    voice = engine.prepare(prompt, language=language)
    give_back()  # a search tried many
    run.put_document(name, made_from, PreparedVoiceDoc(voice=engine.pack(voice)))
    return voice


def kept_voices(run: Run, prompts: dict[str, VoicePrompt]) -> set[str]:
    """Names of the run's kept voices that still serve."""
    names = {run.voice(speaker, "prepared.json"): prompts[speaker] for speaker in prompts}
    return {name for name, prompt in names.items() if run.is_fresh(name, _made_from(run, prompt))}


def _made_from(run: Run, prompt: VoicePrompt) -> str:
    heard = hashlib.sha256(str(prompt.sample_rate_hz).encode())
    for samples in (prompt.samples, prompt.more):
        heard.update(np.ascontiguousarray(samples).tobytes() + b"|")
    engine, language = run.manifest.engines.synthesizer, run.manifest.config.target
    return fingerprint("prepared", ALGORITHM, identity(engine), language, heard.hexdigest())
