"""opus-mt by its two runtimes and wmt19: the real classes on tiny checkpoints."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from dubbing.engines import opus_mt_ct2
from dubbing.engines.opus_mt import OpusMtTranslator
from dubbing.engines.opus_mt_ct2 import CONVERTED, OpusMtCt2Translator
from dubbing.engines.weights import RECORD, record
from dubbing.engines.wmt19 import Wmt19Translator
from dubbing.errors import EngineError, EngineUnavailableError, UnsupportedLanguageError
from dubbing.types import Candidate
from tests.tiny import fsmt, hostile, marian

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("offline")]

SENTENCES = [
    "hello world",
    "the lamp was lit every evening how are you",
    "",
    "welcome",
    "this is an example of english text about machine learning for the lecture",
]
ENGINES = [OpusMtTranslator, OpusMtCt2Translator, Wmt19Translator]
OPUS = ENGINES[:2]
SOURCE = ("input_ids", "attention_mask")


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The tiny checkpoints, made once."""
    folder = tmp_path_factory.mktemp("tiny")
    marian.make(folder / "opus-mt-en-ru")
    fsmt.make(folder / "wmt19-en-ru")
    return folder


@pytest.fixture
def models(made: Path, monkeypatch, tmp_path: Path) -> Path:
    """A copy of them that a test may spoil, with their checksums."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    for name in ("opus-mt-en-ru", "wmt19-en-ru"):
        record(name, revision="test")
    return tmp_path


def greedy(models: Path) -> None:
    """Makes config.json ask for one beam: where two runtimes can be compared piece by piece."""
    path = models / "opus-mt-en-ru" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_beams": 1}))
    record("opus-mt-en-ru", revision="test")


def drop(path: Path, *names: str) -> None:
    """Rewrites a checkpoint without the weights that have one of the names in their own."""
    import torch

    state = torch.load(path, weights_only=True)
    kept = {key: value for key, value in state.items() if not any(name in key for name in names)}
    torch.save(kept, path)


def translate(engine, sentences: list[str]) -> list[list[Candidate]]:
    return engine.translate(sentences, source="en", target="ru")


def assert_equal(one: list[list[Candidate]], other: list[list[Candidate]], within: float) -> None:
    assert [[c.text for c in row] for row in one] == [[c.text for c in row] for row in other]
    for a, b in zip(one, other, strict=True):
        assert [c.score for c in a] == pytest.approx([c.score for c in b], abs=within)


@pytest.mark.parametrize("engine", ENGINES)
class TestEveryTranslator:
    """What all three promise."""

    @pytest.mark.usefixtures("models")
    def test_candidates_best_first(self, engine):
        """Each sentence has up to three different translations, best first, with scores below 0;
        a blank one has an empty one.
        """
        found = translate(engine(), SENTENCES)
        assert found[2] == [Candidate(text="")]
        spoken = [row for number, row in enumerate(found) if number != 2]
        assert all(1 <= len({c.text for c in row}) == len(row) <= 3 for row in spoken)
        assert all(c.text.strip() and c.score < 0 for row in spoken for c in row)
        assert all(row == sorted(row, key=lambda c: -c.score) for row in spoken)
        assert max(len(row) for row in spoken) > 1

    @pytest.mark.usefixtures("models")
    def test_batched_is_one_by_one(self, engine):
        """A sentence has the same translations in any company."""
        translator = engine()
        alone = [translate(translator, [sentence])[0] for sentence in SENTENCES]
        assert_equal(translate(translator, SENTENCES), alone, within=1e-3)

    @pytest.mark.usefixtures("models")
    def test_other_pairs_are_refused(self, engine):
        """Only English into Russian; the sentence says what else can be done."""
        translator = engine()
        translator.check_pair("en", "ru")
        with pytest.raises(UnsupportedLanguageError, match="--translation FILE"):
            translator.check_pair("ru", "en")
        with pytest.raises(UnsupportedLanguageError, match="not en-de"):
            translator.translate(["hello"], source="en", target="de")

    @pytest.mark.usefixtures("models")
    def test_too_long_a_sentence_is_refused(self, engine):
        """A sentence beyond the model's positions is refused, not cut."""
        with pytest.raises(EngineError, match=r"reads \d+ at most"):
            translate(engine(), ["hello " * 600])

    def test_missing_weights_are_answered_at_once(self, engine, monkeypatch, tmp_path: Path):
        """Without the weights there is one sentence with the command that pulls them."""
        monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
        with pytest.raises(EngineUnavailableError, match="models pull"):
            engine()

    def test_tampered_weights_are_refused(self, engine, models: Path):
        """One changed byte, and the file is not opened."""
        hostile.change_a_byte(models / engine.info.weights[0] / "pytorch_model.bin")
        with pytest.raises(EngineUnavailableError, match="SHA-256 differs"):
            engine()

    def test_truncated_weights_are_refused(self, engine, models: Path):
        """A file that was cut before its checksum was taken is refused with one sentence too."""
        hostile.truncate(models / engine.info.weights[0] / "pytorch_model.bin")
        record(engine.info.weights[0], revision="test")
        with pytest.raises(EngineUnavailableError, match="models pull"):
            engine()

    @pytest.mark.parametrize("lost", ["decoder.layers.0.encoder_attn", "embed_tokens"])
    def test_incomplete_weights_are_refused(self, engine, models: Path, lost: str, capfd):
        """Weights that lack some are not filled up with random ones; nothing else is said of it."""
        drop(models / engine.info.weights[0] / "pytorch_model.bin", lost, "shared", "lm_head")
        record(engine.info.weights[0], revision="test")
        with pytest.raises(EngineUnavailableError, match=r"ValueError.*models pull"):
            engine()
        assert capfd.readouterr().err == ""

    @pytest.mark.parametrize("left_out", ["embed_positions", "lm_head", "model.shared"])
    def test_what_follows_from_the_rest_may_be_left_out(self, engine, models: Path, left_out: str):
        """Tables of positions, and matrices that are another one's, need not be in the file; the
        published ones leave some out.
        """
        wanted = translate(engine(), SENTENCES[:2])
        drop(models / engine.info.weights[0] / "pytorch_model.bin", left_out)
        record(engine.info.weights[0], revision="test")
        assert translate(engine(), SENTENCES[:2]) == wanted

    def test_code_in_weights_never_runs(self, engine, models: Path, tmp_path: Path):
        """A pickle that calls a function is refused, and the function is not called."""
        trace = tmp_path / "trace"
        hostile.write_pickle(models / engine.info.weights[0] / "pytorch_model.bin", trace)
        record(engine.info.weights[0], revision="test")
        with pytest.raises(EngineUnavailableError, match="models pull"):
            engine()
        assert not trace.exists()


class TestScores:
    """The score is the log-probability per token."""

    @pytest.mark.parametrize("engine", OPUS)
    def test_score_is_recomputed_from_the_model(self, engine, models: Path, monkeypatch):
        """Feeding a greedy translation back to the model gives its score, the end counted."""
        import torch

        greedy(models)
        monkeypatch.setattr(opus_mt_ct2, "PRECISION", "float32")
        ((best,),) = translate(engine(), SENTENCES[1:2])
        reference = OpusMtTranslator()
        model, tokenizer = reference._model, reference._tokenizer
        source = tokenizer(SENTENCES[1], return_tensors="pt")
        written = model.generate(**source, max_new_tokens=64).sequences[0, 1:]
        assert 2 < len(written) < 64, "it has to end by itself"
        with torch.no_grad():
            logits = model(**source, labels=written[None]).logits[0]
        logits[:, [model.config.pad_token_id, tokenizer.unk_token_id]] = -math.inf
        logits[0, model.config.eos_token_id] = -math.inf  # a translation has a piece at least
        chosen = logits.log_softmax(-1).gather(1, written[:, None])
        assert best.score == pytest.approx(chosen.mean().item(), abs=1e-3)

    @pytest.mark.usefixtures("models")
    @pytest.mark.parametrize("engine", [OpusMtTranslator, Wmt19Translator])
    def test_scores_of_beams_are_recomputed_from_the_model(self, engine, monkeypatch):
        """Feeding each candidate back to the model gives its score, of sentences together, too; no
        step's scores of the whole vocabulary are kept for it.
        """
        import torch

        translator, made = engine(), []
        model, generate = translator._model, translator._model.generate
        pad, unknown = model.config.pad_token_id, translator._tokenizer.unk_token_id

        def remembered(**inputs):
            made.append((inputs, generate(**inputs)))
            return made[-1][1]

        monkeypatch.setattr(model, "generate", remembered)
        found = [c.score for row in translate(translator, SENTENCES) for c in row if c.text]
        wanted = []
        for inputs, output in made:
            assert output.scores is None
            each = len(output.sequences) // len(inputs["input_ids"])
            source = {key: inputs[key].repeat_interleave(each, 0) for key in SOURCE}
            source["decoder_input_ids"] = output.sequences[:, :-1]
            with torch.no_grad():
                logits = model(**source, use_cache=False).logits  # FSMT masks nothing with one
            logits[..., [pad, unknown]] = -math.inf
            logits[:, 0, model.config.eos_token_id] = -math.inf
            written = output.sequences[:, 1:]
            chosen = logits.log_softmax(-1).gather(2, written[..., None])[..., 0]
            chosen[:, inputs["max_new_tokens"] - 1 :] = 0  # there the end was forced
            real = written != pad
            wanted += (chosen.masked_fill(~real, 0).sum(1) / real.sum(1)).tolist()
        for score in found:
            assert min(abs(score - one) for one in wanted) < 1e-3
        assert len(found) > len(SENTENCES)


class TestConversion:
    """opus-mt-ct2's own copy of the checkpoint."""

    def test_same_pieces_as_transformers(self, models: Path, monkeypatch):
        """Greedily and in float32, both runtimes write the same. In int8, which the engine uses, a
        tiny random model's near ties fall the other way. Where a sentence is stopped at its limit,
        only one of them counts the end in the score: one of 32 pieces.
        """
        greedy(models)
        monkeypatch.setattr(opus_mt_ct2, "PRECISION", "float32")
        wanted = translate(OpusMtTranslator(), SENTENCES)
        assert len({row[0].text for row in wanted}) == len(SENTENCES)
        assert_equal(translate(OpusMtCt2Translator(), SENTENCES), wanted, within=0.1)

    def test_converted_once(self, models: Path):
        """The second start writes nothing."""
        OpusMtCt2Translator()
        before = {p: p.stat().st_mtime_ns for p in (models / CONVERTED).iterdir()}
        OpusMtCt2Translator()
        assert {p: p.stat().st_mtime_ns for p in (models / CONVERTED).iterdir()} == before
        assert not list(models.glob(f".{CONVERTED}*"))

    @pytest.mark.parametrize("change", ["source", "byte", "{", "[]", "null", '{"files": []}'])
    def test_converted_again_when_it_does_not_match(self, models: Path, change: str):
        """Another checkpoint, a changed byte or a broken record: it is made anew."""
        OpusMtCt2Translator()
        folder = models / CONVERTED
        good = (folder / "model.bin").read_bytes()
        if change == "source":
            marian.make(models / "opus-mt-en-ru", seed=1)
            record("opus-mt-en-ru", revision="test")
        elif change == "byte":
            hostile.change_a_byte(folder / "model.bin")
        else:
            (folder / RECORD).write_text(change)
        OpusMtCt2Translator()
        assert ((folder / "model.bin").read_bytes() == good) == (change != "source")
        assert json.loads((folder / RECORD).read_text())["files"]

    def test_failure_leaves_nothing(self, models: Path):
        """A conversion that fails leaves no folder that a later start would take for whole."""
        hostile.truncate(models / "opus-mt-en-ru" / "pytorch_model.bin")
        record("opus-mt-en-ru", revision="test")
        with pytest.raises(EngineUnavailableError, match="could not be converted"):
            OpusMtCt2Translator()
        assert not list(models.glob(f"*{CONVERTED}*"))
