"""Translation by encoder–decoder models of `transformers`, on the CPU, with beam search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from dubbing.engines import torchaudio_cpu
from dubbing.engines.base import EngineInfo
from dubbing.engines.sentence_batches import Batch, batches, check_length, check_pair, ranked
from dubbing.engines.torch_threads import limited_torch
from dubbing.engines.weights import verified_folder, why_missing
from dubbing.errors import EngineUnavailableError
from dubbing.types import Candidate

BEAMS = 4
CANDIDATES = 3
SENTENCES = 32  # in a batch, at most


class TorchTranslator:
    """A translator whose model and tokenizer are two classes of `transformers`."""

    info: ClassVar[EngineInfo]
    classes: ClassVar[tuple[str, str]]  # names in `transformers`: the model's, the tokenizer's
    needs: ClassVar[tuple[str, ...]]  # modules to import
    decode_options: ClassVar[dict[str, bool]] = {}
    # Of a batch, padding counted: at each step `transformers` has the scores of the whole
    # vocabulary for all its sentences and beams, a few times.
    batch_tokens: ClassVar[int]

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages and the weights are here."""
        for module in cls.needs:
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return why_missing(cls.info.weights[0])

    def __init__(self) -> None:
        name = self.info.name
        if reason := self.why_unavailable():
            raise EngineUnavailableError(name, reason)
        folder = verified_folder(self.info.weights[0], name)
        try:
            self._model, self._tokenizer = load(folder, *self.classes)
        except Exception as error:
            weights = self.info.weights[0]
            raise EngineUnavailableError(
                name,
                f"{folder} cannot be read as {self.classes[0]} ({type(error).__name__}): delete it "
                f"and run `python -m dubbing models pull {weights}`",
            ) from error
        self._model.generation_config = _generation(
            self._model.config, self._tokenizer.unk_token_id, **decoding(folder)
        )
        self._longest = int(self._model.config.max_position_embeddings)

    @classmethod
    def check_pair(cls, source: str, target: str) -> None:
        """See `Translator`."""
        check_pair(cls.info.name, cls.info.languages, source, target)

    def translate(
        self, sentences: Sequence[str], *, source: str, target: str
    ) -> list[list[Candidate]]:
        """See `Translator`. Up to three candidates; a blank sentence gives one that is empty."""
        self.check_pair(source, target)
        ids = [self._tokenizer(s).input_ids if s.strip() else [] for s in sentences]
        lengths = [len(row) for row in ids]
        check_length(self.info.name, lengths, self._longest)
        made = [[Candidate(text="")] for _ in sentences]
        with limited_torch():
            for batch in batches(lengths, sentences=SENTENCES, tokens=self.batch_tokens):
                rows = [ids[number] for number in batch.numbers]
                for number, candidates in zip(
                    batch.numbers, self._translate(rows, batch), strict=True
                ):
                    made[number] = candidates
        return made

    def _translate(self, rows: list[list[int]], batch: Batch) -> list[list[Candidate]]:
        import torch

        inputs = self._tokenizer.pad({"input_ids": rows}, return_tensors="pt")
        likely = _Likely(2 * self._model.generation_config.num_beams)
        with torch.inference_mode():
            found = self._model.generate(
                **inputs,
                max_new_tokens=min(batch.max_tokens, self._longest - 1),
                logits_processor=[likely],
            )
        texts = self._tokenizer.batch_decode(
            found.sequences, skip_special_tokens=True, **self.decode_options
        )
        hypotheses = list(zip(texts, self._scores(found, likely), strict=True))
        each = len(hypotheses) // len(rows)
        return [
            ranked(self.info.name, hypotheses[start : start + each])
            for start in range(0, len(hypotheses), each)
        ]

    def _scores(self, found: Any, likely: _Likely) -> list[float]:
        """Log-probability per token of each sequence, the closing one counted."""
        import torch

        tokens = found.sequences[:, 1:]
        written = tokens != self._model.config.pad_token_id
        beams = found.get("beam_indices")  # -1 after the end
        if beams is None:
            beams = torch.arange(len(tokens))[:, None].expand_as(tokens)
        steps = zip(tokens.T, beams.clamp(min=0).T, likely.steps, strict=False)
        chosen = [
            logprobs[beam].masked_fill(pieces[beam] != token[:, None], 0.0).sum(dim=1)
            for token, beam, (logprobs, pieces) in steps
        ]
        sums = torch.stack(chosen, dim=1).masked_fill(~written, 0.0).sum(dim=1)
        return [float(score) for score in sums / written.sum(dim=1)]


class _Likely:
    """Keeps the best log-probabilities of each step while `transformers` generates: beam search
    takes no others. `output_scores` would keep the whole vocabulary's, and add 1.4 GB for 16 short
    sentences.

    Attributes:
        steps: For each, log-probabilities and pieces, shape (sentences × beams, count).
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self.steps: list[tuple[Any, Any]] = []

    def __call__(self, _written: Any, scores: Any) -> Any:
        """The scores as they are."""
        best = scores.log_softmax(dim=-1).topk(min(self._count, scores.shape[-1]))
        self.steps.append((best.values, best.indices))
        return scores


def load(folder: Path, model_class: str, tokenizer_class: str) -> tuple[Any, Any]:
    """A model of `transformers`, float32, ready to translate, and its tokenizer.

    Args:
        folder: In the publisher's layout; nothing is asked of any network.
        model_class: Name in `transformers`.
        tokenizer_class: Name in `transformers`.

    Raises:
        ValueError: Weights are missing; `transformers` would leave them random. It and the
            tokenizers raise others for what else is damaged.
    """
    torchaudio_cpu.install()
    import torch

    transformers: Any = import_module("transformers")
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()  # what it would warn of is refused here
    model, told = getattr(transformers, model_class).from_pretrained(
        folder,
        local_files_only=True,
        weights_only=True,
        use_safetensors=False,  # the checked file, not another beside it
        dtype=torch.float32,
        output_loading_info=True,
    )
    # Tables of sines are computed; FSMT was published without them.
    if missing := [name for name in told["missing_keys"] if "embed_positions" not in name]:
        raise ValueError(f"{len(missing)} weights are missing, such as {min(missing)}")
    tokenizer = getattr(transformers, tokenizer_class).from_pretrained(
        folder, local_files_only=True
    )
    return model.eval(), tokenizer


def decoding(folder: Path) -> dict[str, Any]:
    """How the publisher decodes, from config.json: beams and length penalty."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return {
        "num_beams": int(config.get("num_beams", BEAMS)),
        "length_penalty": float(config.get("length_penalty", 1.0)),
    }


def _generation(config: Any, unknown: int, *, num_beams: int, length_penalty: float) -> Any:
    transformers: Any = import_module("transformers")
    return transformers.GenerationConfig(
        num_beams=num_beams,
        length_penalty=length_penalty,
        num_return_sequences=min(CANDIDATES, num_beams),
        decoder_start_token_id=config.decoder_start_token_id,
        pad_token_id=config.pad_token_id,
        eos_token_id=config.eos_token_id,
        forced_eos_token_id=config.eos_token_id,
        min_new_tokens=1,  # not an empty one
        suppress_tokens=[config.pad_token_id, unknown],
        do_sample=False,
        return_dict_in_generate=True,
    )
