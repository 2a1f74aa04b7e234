"""What another speed costs: the vocoder alone against speaking anew, and one text at a time against
eight, on random weights of the published shape, on the CPU.

    python benchmarks/xtts_speed.py [--repeats 2] [--codes 60]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TEXT = "мы можем изменить мир, если начнём сегодня"
BATCH = 8


def seconds(call: Callable[[], Any]) -> float:
    """How long a call takes."""
    started = time.monotonic()
    call()
    return round(time.monotonic() - started, 2)


def measure(folder: Path, codes: int, repeats: int) -> dict[str, Any]:
    """Seconds of each kind of work, the kinds in turns."""
    import torch

    from dubbing.engines.xtts_checkpoint import load
    from dubbing.engines.xtts_checks import TOKEN_S
    from dubbing.engines.xtts_generation import Line, Sampling, generate, latents_of
    from dubbing.engines.xtts_vocoder import sound_of

    model = load(folder, "cpu")
    gpt, decoder = model.gpt, model.hifigan_decoder
    gpt.mel_head.bias.data[gpt.stop_audio_token] = -1e9  # every line as long as the others
    conditioning, speaker = torch.randn(1, 32, gpt.model_dim) / 50, torch.randn(1, 512, 1)
    sampling = Sampling(temperature=0.75, top_k=50, top_p=0.85, repetition_penalty=5.0)
    tokens = tuple(model.tokenizer.encode(TEXT, lang="ru"))
    lines = [Line(tokens=tokens, cap=codes, seed=seed) for seed in range(BATCH)]
    said = generate(gpt, lines[:1], conditioning, sampling)[0].codes
    latents = latents_of(gpt, lines[0], said, conditioning)
    works: dict[str, Callable[[], Any]] = {
        "codes_of_one": lambda: generate(gpt, lines[:1], conditioning, sampling),
        "codes_of_eight": lambda: generate(gpt, lines, conditioning, sampling),
        "latents_of_one": lambda: latents_of(gpt, lines[0], said, conditioning),
        "vocoder_at_1.15": lambda: sound_of(decoder, latents, speaker, 1.15),
        "vocoder_at_1.00": lambda: sound_of(decoder, latents, speaker),
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, call in works.items():
            found[name].append(seconds(call))
    return {"sound_s": round(codes * TOKEN_S, 2), "threads": torch.get_num_threads(), **found}


def main() -> None:
    """Prints the measurements as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--codes", type=int, default=60)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.tiny.xtts import FULL, make_xtts

    with tempfile.TemporaryDirectory() as folder:
        made = make_xtts(Path(folder), FULL)
        print(json.dumps(measure(made, options.codes, options.repeats), indent=1))


if __name__ == "__main__":
    main()
