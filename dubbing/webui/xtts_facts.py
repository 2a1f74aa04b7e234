"""Sizes of XTTSv2, as published; a test compares them with its config.json and its code."""

from __future__ import annotations

GPT_LAYERS = 30
GPT_WIDTH = 1024
GPT_HEADS = 16
CODES = 1024  # without the two that mark start and end; not the library's default, 8192
CODE_SAMPLES = 1024  # of sound at `INPUT_HZ`, for each code
INPUT_HZ = 22_050
OUTPUT_HZ = 24_000
MOST_CODES = 605
LATENTS = 32  # vectors that stand for the speaker's manner
SPEAKER_SIZE = 512  # numbers that stand for the speaker's voice
LANGUAGES = 17

FACTS: dict[str, str | float] = {
    "layers": GPT_LAYERS,
    "width": GPT_WIDTH,
    "heads": GPT_HEADS,
    "codes": CODES,
    "per_s": INPUT_HZ / CODE_SAMPLES,
    "most_s": round(MOST_CODES * CODE_SAMPLES / INPUT_HZ),
    "khz": OUTPUT_HZ // 1000,
    "latents": LATENTS,
    "numbers": SPEAKER_SIZE,
    "languages": LANGUAGES,
}
