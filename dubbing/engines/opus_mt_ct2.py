"""Translation by Helsinki-NLP/opus-mt-en-ru with CTranslate2, int8.

The checkpoint is converted once, into `models_dir()/opus-mt-en-ru-ct2`. After that, neither PyTorch
nor `transformers` is imported.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dubbing.engines.base import EngineInfo
from dubbing.engines.sentence_batches import Batch, batches, check_length, check_pair, ranked
from dubbing.engines.torch_threads import threads
from dubbing.engines.torch_translation import CANDIDATES, decoding, load
from dubbing.engines.weights import (
    RECORD,
    models_dir,
    read_record,
    sha256,
    verified_folder,
    why_missing,
)
from dubbing.errors import EngineUnavailableError
from dubbing.types import Candidate

logger = logging.getLogger(__name__)

NAME = "opus-mt-ct2"
SOURCE = "opus-mt-en-ru"
CONVERTED = "opus-mt-en-ru-ct2"
NEEDS = ("ctranslate2", "sentencepiece", "transformers", "torch")
END = "</s>"
PRECISION = "int8"
SENTENCES = 32  # in a batch, at most …
TOKENS = 2048  # … and their tokens with padding
LONGEST = 512  # tokens: the model's positions


class OpusMtCt2Translator:
    """opus-mt-en-ru at a quarter of its size."""

    info = EngineInfo(
        name=NAME,
        kind="translator",
        summary="Helsinki-NLP/opus-mt-en-ru by CTranslate2 int8: the same model, faster",
        licence="Apache-2.0",
        packages=("ctranslate2", "sentencepiece"),
        languages=("en-ru",),
        memory_mb=400,
        weights=(SOURCE,),
    )

    @classmethod
    def why_unavailable(cls) -> str | None:
        """None when the packages and the weights are here."""
        for module in NEEDS:
            if find_spec(module) is None:
                return f"{module} is missing: pip install -r requirements.txt"
        return why_missing(SOURCE)

    def __init__(self) -> None:
        if reason := self.why_unavailable():
            raise EngineUnavailableError(NAME, reason)
        source = verified_folder(SOURCE, NAME)
        folder = converted(source)
        import ctranslate2
        import sentencepiece

        self._translator = ctranslate2.Translator(
            str(folder), device="cpu", compute_type=PRECISION, intra_threads=threads()
        )
        self._english = sentencepiece.SentencePieceProcessor(model_file=str(source / "source.spm"))
        self._russian = sentencepiece.SentencePieceProcessor(model_file=str(source / "target.spm"))
        self._decoding = decoding(source)

    @classmethod
    def check_pair(cls, source: str, target: str) -> None:
        """See `Translator`."""
        check_pair(NAME, cls.info.languages, source, target)

    def translate(
        self, sentences: Sequence[str], *, source: str, target: str
    ) -> list[list[Candidate]]:
        """See `Translator`. Up to three candidates; a blank sentence gives one that is empty."""
        self.check_pair(source, target)
        pieces = [
            [*self._english.encode(s, out_type=str), END] if s.strip() else [] for s in sentences
        ]
        lengths = [len(row) for row in pieces]
        check_length(NAME, lengths, LONGEST)
        made = [[Candidate(text="")] for _ in sentences]
        for batch in batches(lengths, sentences=SENTENCES, tokens=TOKENS):
            found = self._translate([pieces[number] for number in batch.numbers], batch)
            for number, result in zip(batch.numbers, found, strict=True):
                texts = [self._text(row) for row in result.hypotheses]
                made[number] = ranked(NAME, zip(texts, result.scores, strict=True))
        return made

    def _translate(self, rows: list[list[str]], batch: Batch) -> list[Any]:
        found: list[Any] = self._translator.translate_batch(
            rows,
            beam_size=self._decoding["num_beams"],
            length_penalty=self._decoding["length_penalty"],
            num_hypotheses=min(CANDIDATES, self._decoding["num_beams"]),
            max_decoding_length=min(batch.max_tokens, LONGEST - 1) - 1,  # the end not counted
            max_input_length=LONGEST,
            disable_unk=True,
            return_scores=True,
        )
        return found

    def _text(self, pieces: list[str]) -> str:
        """The vocabulary is of both languages; the Russian model leaves an English piece's mark."""
        return str(self._russian.decode(pieces)).replace("▁", " ").strip()


def converted(source: Path) -> Path:
    """The folder of the converted model, made now if it is missing, damaged, or of another
    checkpoint than `source` holds.

    Raises:
        EngineUnavailableError: It cannot be converted or written.
    """
    folder = models_dir() / CONVERTED
    origin = read_record(source)["files"]
    if _is_of(folder, origin):
        return folder
    logger.info("converting %s for CTranslate2, once", SOURCE)
    try:
        _convert(source, folder, origin)
    except Exception as error:
        raise EngineUnavailableError(
            NAME,
            f"{source} could not be converted into {folder} ({type(error).__name__}): "
            f"make room and check the folder's rights, or delete {source} and run "
            f"`python -m dubbing models pull {SOURCE}`",
        ) from error
    return folder


def _is_of(folder: Path, origin: dict[str, str]) -> bool:
    """Whether the folder holds what its record says, made of files with these checksums."""
    try:
        record = read_record(folder)
        same = record["source_files"] == origin
        return same and all(sha256(folder / f) == digest for f, digest in record["files"].items())
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _convert(source: Path, folder: Path, origin: dict[str, str]) -> None:
    """Converts beside the folder and puts the whole in its place at once."""
    with tempfile.TemporaryDirectory(prefix=f".{CONVERTED}-", dir=folder.parent) as temporary:
        made = Path(temporary) / CONVERTED
        made.mkdir()
        _specification(source).save(str(made))
        files = {path.name: sha256(path) for path in sorted(made.iterdir())}
        document = {"source": SOURCE, "source_files": origin, "files": files}
        (made / RECORD).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        if folder.exists():
            folder.rename(Path(temporary) / "before")
        made.rename(folder)


def _specification(source: Path) -> Any:
    """The checkpoint's weights as CTranslate2 wants them, int8."""
    model, tokenizer = load(source, "MarianMTModel", "MarianTokenizer")
    import torch
    from ctranslate2.converters.transformers import MarianMTLoader

    with torch.no_grad():
        specification = MarianMTLoader()(model, tokenizer)
        specification.validate()
        specification.optimize(quantization=PRECISION)
    return specification
