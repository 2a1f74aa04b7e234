"""XTTSv2's real classes on a tiny checkpoint in the published layout."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dubbing.engines import licences, weights, xtts_checks
from dubbing.engines.xtts import XttsSynthesizer
from dubbing.errors import (
    EngineError,
    EngineUnavailableError,
    InputError,
    UnsupportedLanguageError,
)
from dubbing.types import Audio, Span, VoicePrompt
from tests.tiny.hostile import change_a_byte, truncate, write_pickle
from tests.tiny.xtts import make_xtts

pytestmark = pytest.mark.model

RATE_HZ = 24_000
TEXTS = [
    "Привет!",
    "Это второе предложение, оно длиннее.",
    "Третье.",
    "А вот четвёртое, тут и всё.",
]
TEXT = "Мир меняется."


class Ears:
    """A detector that hears what a test tells it; at first, speech from start to end."""

    def __init__(self) -> None:
        self.spans: list[Span] | None = None

    def detect(self, blocks: Sequence[Audio]) -> list[Span]:
        whole = Span(start_s=0, end_s=sum(map(len, blocks)) / 16_000)
        return [whole] if self.spans is None else self.spans


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny checkpoint, with its record."""
    models = tmp_path_factory.mktemp("models")
    folder = make_xtts(models / "xtts-v2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(models))
        weights.record("xtts-v2", revision="test")
        licences.accept("CPML")
    return folder


@pytest.fixture(scope="module")
def loaded(checkpoint: Path) -> XttsSynthesizer:
    """One engine for all tests of the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBBING_MODELS", str(checkpoint.parent))
        return XttsSynthesizer(detector=Ears())


@pytest.fixture(scope="module")
def narrow() -> Any:
    """The library's vocoder with 32 channels in place of 512: 250 times less work. Its weights are
    doubled, so that a frame is heard 12 frames away, and not only beside itself.
    """
    import torch
    from TTS.vocoder.models.hifigan_generator import HifiganGenerator

    torch.manual_seed(4)
    vocoder = HifiganGenerator(
        in_channels=64,
        out_channels=1,
        resblock_type="1",
        resblock_dilation_sizes=[[1, 3, 5]] * 3,
        resblock_kernel_sizes=[3, 7, 11],
        upsample_kernel_sizes=[16, 16, 4, 4],
        upsample_initial_channel=32,
        upsample_factors=[8, 8, 2, 2],
        inference_padding=0,
        cond_channels=512,
    ).eval()
    with torch.no_grad():
        for name, weight in vocoder.named_parameters():
            weight.mul_(2 if name.endswith("original0") else 1)
    return vocoder


@pytest.fixture
def engine(
    loaded: XttsSynthesizer, narrow: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[XttsSynthesizer]:
    """The engine as new: nothing remembered, its stop bias and ears as they were made; its vocoder
    is the narrow one.
    """
    monkeypatch.setattr(loaded._model.hifigan_decoder, "waveform_decoder", narrow)
    loaded._maker._kept.clear()
    loaded._maker._detector.spans = None
    loaded.work.voices = loaded.work.lines = 0
    bias = loaded._model.gpt.mel_head.bias.data
    before = bias.clone()
    yield loaded
    bias.copy_(before)


@pytest.fixture
def quick(engine: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch) -> XttsSynthesizer:
    """The engine with a vocoder that hums for as long as it is asked to, loud from end to end."""
    import torch

    class Hum(torch.nn.Module):
        def forward(self, frames: torch.Tensor, **_: Any) -> torch.Tensor:
            return torch.sin(torch.arange(frames.shape[2] * 256) / 20)[None, None] / 2

    monkeypatch.setattr(engine._model.hifigan_decoder, "waveform_decoder", Hum())
    return engine


def prompt(seed: int = 0, length_s: float = 4.0) -> VoicePrompt:
    """Noise that swells and fades like syllables."""
    time_s = np.arange(round(length_s * 16_000)) / 16_000
    noise = np.random.default_rng(seed).normal(0, 0.1, len(time_s)) * np.sin(9 * time_s)
    return VoicePrompt(speaker="Ann", samples=noise.astype(np.float32), sample_rate_hz=16_000)


def set_stop_bias(engine: XttsSynthesizer, bias: float) -> None:
    engine._model.gpt.mel_head.bias.data[engine._model.gpt.stop_audio_token] = bias


def script(monkeypatch: pytest.MonkeyPatch, *runs: tuple[float, bool]) -> None:
    """Makes the GPT speak for (seconds, whether it ends by itself), one run after the other."""
    import torch

    from dubbing.engines import xtts_takes
    from dubbing.engines.xtts_generation import Codes

    rest = list(runs)

    def generate(_: Any, lines: Sequence[Any], *__: Any) -> list[Any]:
        length_s, ended = rest.pop(0)
        codes = torch.arange(round(length_s / xtts_checks.TOKEN_S)) % 1000
        return [Codes(codes=codes, ended=ended) for _ in lines]

    monkeypatch.setattr(xtts_takes, "generate", generate)


def sampling(temperature: float) -> Any:
    from dubbing.engines.xtts_generation import Sampling

    return Sampling(temperature=temperature, top_k=50, top_p=0.85, repetition_penalty=5.0)


def lines_of(engine: XttsSynthesizer, voice: Any) -> list[Any]:
    from dubbing.engines.xtts_generation import Line

    made = [engine._maker.line(text, voice, "ru") for text in TEXTS]
    return [Line(tokens=line.tokens, cap=60, seed=line.seed) for line in made]


def test_batched_is_one_by_one(engine: XttsSynthesizer) -> None:
    """Under greedy decoding a batch of texts gives the codes that the library makes of each alone,
    and the library's latents within 1e-5.
    """
    import torch

    from dubbing.engines.xtts_generation import generate, latents_of

    voice: Any = engine.prepare(prompt(), language="ru")
    gpt, lines = engine._model.gpt, lines_of(engine, voice)
    batch = generate(gpt, lines, voice.conditioning, sampling(0))
    assert len({tuple(row.codes.tolist()) for row in batch}) == len(TEXTS)
    assert len({len(row.codes) for row in batch}) > 1
    gpt.init_gpt_for_inference()
    greedy: Any = {"do_sample": False, "repetition_penalty": 5.0, "max_new_tokens": 60}
    for line, row in zip(lines, batch, strict=True):
        tokens = torch.tensor([line.tokens])
        with torch.inference_mode():
            codes = gpt.generate(cond_latents=voice.conditioning, text_inputs=tokens, **greedy)
            length = torch.tensor([codes.shape[1] * gpt.code_stride_len])
            wanted = gpt(
                tokens,
                torch.tensor([tokens.shape[1]]),
                codes,
                length,
                cond_latents=voice.conditioning,
                return_latent=True,
            )
        assert row.codes.tolist() == codes[0].tolist()
        made = latents_of(gpt, line, row.codes, voice.conditioning)
        assert (made - wanted[0]).abs().max() <= 1e-5


def test_sampled_codes_do_not_depend_on_the_company(engine: XttsSynthesizer) -> None:
    """A text with its seed gives the same codes alone, in a batch, and in another order; another
    seed gives others.
    """
    from dataclasses import replace

    from dubbing.engines.xtts_generation import generate

    voice: Any = engine.prepare(prompt(), language="ru")
    gpt, lines = engine._model.gpt, lines_of(engine, voice)

    def codes(asked: Sequence[Any]) -> list[list[int]]:
        made = generate(gpt, asked, voice.conditioning, sampling(0.75))
        return [row.codes.tolist() for row in made]

    batch = codes(lines)
    assert batch == [codes([line])[0] for line in lines]
    assert batch == codes([*lines[::-1], *lines[:3]])[: len(lines)][::-1]
    assert batch != codes([replace(line, seed=line.seed + 1) for line in lines])


def test_sampling_is_that_of_transformers() -> None:
    """The chosen codes have the probabilities that transformers' processors leave, in their order,
    with codes said already penalised.
    """
    from types import SimpleNamespace

    import torch
    from transformers.generation import logits_process as hf

    from dubbing.engines.xtts_generation import Line, Sampling, _Chooser

    torch.manual_seed(3)
    rows, size, start = 4000, 30, 28
    scores = torch.randn(1, size) * 2
    settings = Sampling(temperature=0.75, top_k=10, top_p=0.85, repetition_penalty=5.0)
    lines = [Line(tokens=(), cap=1, seed=seed) for seed in range(rows)]
    chooser = _Chooser(
        SimpleNamespace(num_audio_tokens=size, start_audio_token=start), lines, settings
    )
    first = chooser(scores.repeat(rows, 1))
    same = first == first.mode().values
    second = chooser(scores.repeat(rows, 1))[same]
    said = torch.tensor([[1, start, int(first.mode().values)]])
    for codes, history in ((first, said[:, :2]), (second, said)):
        wanted = hf.RepetitionPenaltyLogitsProcessor(5.0)(history, scores)
        for warper in (
            hf.TemperatureLogitsWarper(0.75),
            hf.TopKLogitsWarper(10),
            hf.TopPLogitsWarper(0.85),
        ):
            wanted = warper(history, wanted)
        likely = wanted.softmax(dim=1)[0]
        share = torch.bincount(codes, minlength=size) / len(codes)
        assert not share[likely == 0].any()
        assert (share - likely).abs().max() < 4 * (0.25 / len(codes)) ** 0.5


def test_a_speaker_is_learnt_once(quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty texts take one computation of the speaker's latents."""
    learnt = []
    for name in ("get_gpt_cond_latents", "get_speaker_embedding"):
        original = getattr(quick._model, name)

        def spy(*a: Any, _name: str = name, _original: Any = original, **k: Any) -> Any:
            learnt.append(_name)
            return _original(*a, **k)

        monkeypatch.setattr(quick._model, name, spy)
    voice = quick.prepare(prompt(), language="ru")
    clips = quick.synthesize([f"Слово {n}." for n in range(40)], voice, language="ru")
    assert len(clips) == 40
    assert sorted(learnt) == ["get_gpt_cond_latents", "get_speaker_embedding"]
    assert quick.work.voices == 1
    assert quick.work.lines >= 40


def test_a_voice_follows_its_prompt(engine: XttsSynthesizer) -> None:
    """Cloning starts from samples: other speech gives another voice and another clip, the same
    speech the same; a person can read whose it is.
    """
    ann, again, bob = (engine.prepare(prompt(seed), language="ru") for seed in (0, 0, 1))
    assert ann.description == "xtts clone of 4.0 s of Ann's speech"
    clips = []
    for voice in (ann, again, bob):
        engine._maker._kept.clear()
        clips += [
            clip.samples.tobytes() for clip in engine.synthesize(["Да."], voice, language="ru")
        ]
    assert clips[0] == clips[1] != clips[2]


def test_says_the_same_again(engine: XttsSynthesizer) -> None:
    """The same text gives the same bytes, remembered or made anew in other company."""
    voice = engine.prepare(prompt(), language="ru")
    texts = ["Да.", "Нет, спасибо."]
    clips = [clip.samples for clip in engine.synthesize(texts, voice, language="ru")]
    spoken = engine.work.lines
    remembered = engine.synthesize([*texts, *texts], voice, language="ru")
    assert engine.work.lines == spoken
    engine._maker._kept.clear()
    anew = engine.synthesize(["Ну вот.", *texts[::-1]], voice, language="ru")
    for again in (remembered, remembered[2:], anew[:0:-1]):
        assert [c.samples.tobytes() for c in again[:2]] == [clip.tobytes() for clip in clips]
    assert all(clip.dtype == np.float32 and 0 < np.abs(clip).max() <= 1 for clip in clips)


def test_speed_shortens_without_speaking_again(engine: XttsSynthesizer) -> None:
    """At 1.15 a clip has 1/1.15 of its length, within 2 %, and the GPT does not run again; only a
    text that is not remembered is spoken once.
    """
    voice = engine.prepare(prompt(), language="ru")
    natural = engine.synthesize([TEXT], voice, language="ru")[0]
    spoken = engine.work.lines
    faster = engine.synthesize([TEXT], voice, language="ru", speed=1.15)[0]
    assert engine.work.lines == spoken
    assert faster.duration_s * 1.15 == pytest.approx(natural.duration_s, rel=0.02)
    assert faster.warning == natural.warning
    assert faster.samples.tobytes() != natural.samples.tobytes()
    engine._maker._kept.clear()
    again = engine.synthesize([TEXT], voice, language="ru", speed=1.15)[0]
    assert engine.work.lines == 2 * spoken
    assert again.samples.tobytes() == faster.samples.tobytes()


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_impossible_speeds_are_refused(quick: XttsSynthesizer, speed: float) -> None:
    """A speed is above 0."""
    voice = quick.prepare(prompt(), language="ru")
    with pytest.raises(ValueError, match="above 0"):
        quick.synthesize([TEXT], voice, language="ru", speed=speed)


def test_forgets_the_oldest_takes(quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: beyond `CACHED` takes the one goes that was not used for longest."""
    from dubbing.engines import xtts_takes

    monkeypatch.setattr(xtts_takes, "CACHED", 2)
    monkeypatch.setattr(xtts_takes, "BATCH", 1)
    script(monkeypatch, *[(0.5, True)] * 4)
    voice = quick.prepare(prompt(), language="ru")
    for text in ("Да.", "Нет.", "Ну да.", "Нет.", "Да.", "Нет."):
        quick.synthesize([text], voice, language="ru")
    assert quick.work.lines == 4


def test_what_never_stops_is_flagged(quick: XttsSynthesizer) -> None:
    """A model that does not stop is tried three times in all, and the clip kept, no longer than the
    text can be, with a warning.
    """
    set_stop_bias(quick, -1e9)
    voice = quick.prepare(prompt(), language="ru")
    clip = quick.synthesize([TEXT], voice, language="ru")[0]
    assert quick.work.lines == 3
    assert "had not ended" in clip.warning and "3 tries" in clip.warning
    longest_s = xtts_checks.longest_s(len(TEXT)) + xtts_checks.TOKEN_S
    assert clip.duration_s == pytest.approx(longest_s, abs=2 * xtts_checks.TOKEN_S)


def test_what_stops_at_once_is_flagged(quick: XttsSynthesizer) -> None:
    """A clip far too short for its text is tried again, then kept with a warning."""
    set_stop_bias(quick, 1e9)
    voice = quick.prepare(prompt(), language="ru")
    clip = quick.synthesize([TEXT], voice, language="ru")[0]
    assert quick.work.lines == 3
    assert "too short" in clip.warning


def test_the_first_good_try_is_kept(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a runaway and a clip that is too short, a good third one carries no warning."""
    script(monkeypatch, (2.6, False), (0.2, True), (1.3, True))
    clip = quick.synthesize([TEXT], quick.prepare(prompt(), language="ru"), language="ru")[0]
    assert quick.work.lines == 3
    assert clip.warning == ""
    assert clip.duration_s == pytest.approx(1.3, abs=0.06)


def test_the_likeliest_bad_try_is_kept(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all fail, the one whose length is nearest to the text's stays: 13 characters, 1 s."""
    script(monkeypatch, (2.6, False), (0.4, True), (0.1, True))
    clip = quick.synthesize([TEXT], quick.prepare(prompt(), language="ru"), language="ru")[0]
    assert clip.duration_s == pytest.approx(0.4, abs=0.06)
    assert "0.4 s, too short" in clip.warning


def test_a_hallucinated_tail_is_cut(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speech after a long silence, when nobody would still be reading, is tried again, then not in
    the clip, at no speed; a warning says so.
    """
    script(monkeypatch, *[(2.5, True)] * 3)
    quick._maker._detector.spans = [Span(start_s=0, end_s=1.65), Span(start_s=2.4, end_s=2.5)]
    voice = quick.prepare(prompt(), language="ru")
    clip = quick.synthesize([TEXT], voice, language="ru")[0]
    slower = quick.synthesize([TEXT], voice, language="ru", speed=0.5)[0]
    end_s = 1.65 + xtts_checks.KEEP_S
    assert clip.duration_s == pytest.approx(end_s, abs=0.06)
    assert slower.duration_s == pytest.approx(2 * end_s, abs=0.12)
    assert "goes on after a silence at 1.6 s" in clip.warning
    assert quick.work.lines == 3


def test_a_slow_speakers_last_words_are_kept(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the slowest pace that was measured, 10.1 characters a second, a short sentence after a
    pause of 0.75 s stays, and a person is asked to listen.
    """
    first = "Мы строили этот маяк одиннадцать лет, и каждый вечер смотритель зажигал лампу."
    text = f"{first} Потом он погас."
    ends_s = 0.15 + len(first) / 10.1
    spans = [
        Span(start_s=0.15, end_s=ends_s),
        Span(start_s=ends_s + 0.75, end_s=ends_s + 0.75 + 16 / 10.1),
    ]
    quick._maker._detector.spans = spans
    script(monkeypatch, *[(spans[1].end_s + 0.2, True)] * 3)
    clip = quick.synthesize([text], quick.prepare(prompt(), language="ru"), language="ru")[0]
    assert clip.duration_s > spans[1].end_s
    assert "listen to it" in clip.warning


def test_a_clip_without_speech_is_flagged(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the detector hears no speech in is tried again, then kept with a warning."""
    script(monkeypatch, *[(1.3, True)] * 3)
    quick._maker._detector.spans = []
    clip = quick.synthesize([TEXT], quick.prepare(prompt(), language="ru"), language="ru")[0]
    assert quick.work.lines == 3
    assert "no speech" in clip.warning


def test_long_texts_are_spoken_in_pieces(
    quick: XttsSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven sentences are spoken in pieces of two, two and three, each under the limit, with pauses
    between; pieces that say the same are spoken once.
    """
    text = "Съешь ещё этих мягких французских булок, да выпей же чаю. " * 7
    script(monkeypatch, (8.0, True))
    voice = quick.prepare(prompt(), language="ru")
    clip = quick.synthesize([text], voice, language="ru")[0]
    pieces = list(quick._maker._kept)
    assert max(len(piece) for _, _, piece in pieces) <= 182
    assert quick.work.lines == len(pieces) == 2
    assert clip.duration_s == pytest.approx(3 * 8.0 + 2 * 0.35, abs=0.2)


def test_sound_is_that_of_the_library(loaded: XttsSynthesizer) -> None:
    """The vocoder of the checkpoint gives what the library's own decoder gives."""
    import torch

    from dubbing.engines.xtts_vocoder import sound_of

    torch.manual_seed(5)
    latents, speaker = torch.randn(7, 64), torch.randn(1, 512, 1)
    with torch.inference_mode():
        wanted = loaded._model.hifigan_decoder(latents[None], g=speaker).flatten().numpy()
    sound = sound_of(loaded._model.hifigan_decoder, latents, speaker)
    assert sound.shape == wanted.shape
    assert np.abs(sound - wanted).max() <= 1e-6


def test_a_stream_is_the_clip_and_starts_early(engine: XttsSynthesizer) -> None:
    """The chunks together are the sound of the whole, and the first comes after 20 codes."""
    from dubbing.engines.xtts_generation import stream
    from dubbing.engines.xtts_vocoder import sound_of

    voice: Any = engine.prepare(prompt(), language="ru")
    set_stop_bias(engine, -1e9)
    line = engine._maker.line(TEXT, voice, "ru")
    latents = [x for _, x in stream(engine._model.gpt, line, voice.conditioning, engine._sampling)]
    assert len(latents) == line.cap > 40
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1

    hook = engine._model.gpt.mel_head.register_forward_hook(count)
    try:
        chunks = engine.stream(TEXT, voice, language="ru")
        first = next(chunks)
        assert steps == 20
        sound = np.concatenate([first, *chunks])
    finally:
        hook.remove()
    import torch

    whole = sound_of(engine._model.hifigan_decoder, torch.stack(latents), voice.embedding)
    assert len(first) > 0.5 * RATE_HZ
    assert sound.dtype == np.float32 and sound.shape == whole.shape
    assert np.abs(whole).max() > 0.1
    assert np.abs(sound - whole).max() < 1e-4


def test_commands_in_a_text_are_no_commands(quick: XttsSynthesizer) -> None:
    """What the tokenizer would take for a mark of its own is spoken as words, or left out."""
    from dubbing.engines.xtts import _pieces

    voice: Any = quick.prepare(prompt(), language="ru")
    marks = {quick._model.tokenizer.tokenizer.token_to_id(m) for m in ("[en]", "[STOP]", "[START]")}
    for piece in _pieces("[en] привет [STOP] мир\0 [START] да\u00adда"):
        assert not marks & set(quick._maker.line(piece, voice, "ru").tokens)
    assert _pieces("да\u00adда\0нет") == ["дада нет"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("cs", "Maják postavili v roce 1911."), ("pt", "Chave 1234567890123456789012345678.")],
)
def test_numbers_that_have_no_words_are_refused(
    quick: XttsSynthesizer, language: str, text: str
) -> None:
    """Where the library cannot write a number out, the sentence says what helps."""
    voice = quick.prepare(prompt(), language=language)
    with pytest.raises(EngineError, match=f"number in '{language}': write the numbers as words"):
        quick.synthesize([text], voice, language=language)
    with pytest.raises(EngineError, match="as words"):
        list(quick.stream(text, voice, language=language))


def test_a_voice_is_its_sound_not_its_numbers(quick: XttsSynthesizer) -> None:
    """The same samples at another rate are another voice: nothing that one said is the other's."""
    slow, fast = prompt(), replace(prompt(), sample_rate_hz=24_000)
    voices: list[Any] = [quick.prepare(one, language="ru") for one in (slow, slow, fast)]
    assert voices[0].fingerprint == voices[1].fingerprint != voices[2].fingerprint


def test_refuses_what_it_cannot_say(quick: XttsSynthesizer) -> None:
    """Nothing to pronounce, a language it does not speak and too short a prompt are errors in one
    sentence that names the way on.
    """
    voice = quick.prepare(prompt(), language="ru")
    with pytest.raises(EngineError, match="nothing to pronounce"):
        quick.synthesize(["— …"], voice, language="ru")
    with pytest.raises(EngineError, match="as words"):
        quick.synthesize(["9 999 999 " * 16], voice, language="ru")
    for call in (
        lambda: quick.prepare(prompt(), language="zh"),
        lambda: quick.synthesize([TEXT], voice, language="zh"),
        lambda: quick.synthesize([TEXT], voice, language="zh", speed=1),
        lambda: next(quick.stream(TEXT, voice, language="zh")),
    ):
        with pytest.raises(UnsupportedLanguageError, match="xtts speaks ru"):
            call()
    with pytest.raises(InputError, match=r"lasts 0.5 s; give 3 s"):
        quick.prepare(prompt(length_s=0.5), language="ru")


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the checkpoint that a test may damage, its licence accepted."""
    folder = tmp_path / "xtts-v2"
    shutil.copytree(checkpoint, folder)
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    licences.accept("CPML")
    return folder


def refusal() -> str:
    """The one sentence that making the engine ends in."""
    with pytest.raises(EngineUnavailableError) as caught:
        XttsSynthesizer(detector=Ears())
    assert caught.value.engine == "xtts"
    return str(caught.value)


def test_tampered_weights_are_not_loaded(copy: Path) -> None:
    """One changed byte is noticed before anything is read."""
    change_a_byte(copy / "model.pth")
    assert "model.pth is not what was pulled" in refusal()


def test_truncated_weights_are_not_loaded(copy: Path) -> None:
    """Half a file that somebody trusted is damaged, and says so."""
    truncate(copy / "model.pth")
    weights.record("xtts-v2", revision="test")
    assert "model.pth is damaged" in refusal()


def test_a_pickle_that_runs_code_is_refused(copy: Path, tmp_path: Path) -> None:
    """Code in a trusted file never runs, beside the weights or in their place."""
    import torch

    trace = tmp_path / "trace"
    write_pickle(copy / "model.pth", trace)
    weights.record("xtts-v2", revision="test")
    assert "could run code" in refusal()
    assert not trace.exists()
    torch.save({"model": {}, "config": np.random.default_rng}, copy / "model.pth")
    weights.record("xtts-v2", revision="test")
    assert "could run code" in refusal()


@pytest.mark.parametrize("name", ["config.json", "vocab.json"])
def test_other_damaged_files_are_refused(copy: Path, name: str) -> None:
    """A damaged configuration or vocabulary ends in the same kind of sentence."""
    (copy / name).write_text('{"model": ')
    weights.record("xtts-v2", revision="test")
    assert "damaged or do not belong together" in refusal()


def test_weights_of_another_shape_are_refused(copy: Path) -> None:
    """Weights that do not fit the configuration beside them are not loaded in part."""
    import torch

    state = torch.load(copy / "model.pth", weights_only=True)
    state["model"]["gpt.final_norm.weight"] = torch.ones(3)
    torch.save(state, copy / "model.pth")
    weights.record("xtts-v2", revision="test")
    assert "do not belong together" in refusal()


def test_the_published_layout_loads_and_stays_as_it_is(copy: Path) -> None:
    """A checkpoint with its configuration pickled under the library's old names, as published, or
    with the names of a fine-tuned one, gives the same weights; the file is never written.
    """
    import torch
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import _legacy_safe_globals

    from dubbing.engines.xtts_checkpoint import read_weights

    path = copy / "model.pth"
    wanted = read_weights(path)
    state = torch.load(path, weights_only=True)["model"]
    tuned = {f"xtts.{name}": tensor for name, tensor in state.items()}
    tuned["xtts.dvae.codebook"] = tuned["xtts.gpt.gpt.wte.weight"] = torch.zeros(1)
    config = XttsConfig()
    config.load_json(str(copy / "config.json"))
    with _legacy_safe_globals():
        torch.save({"config": config, "model": tuned}, copy / "new.pth")
    (copy / "new.pth").replace(path)
    assert b"TTS.tts.models.xtts" in path.read_bytes()
    before = path.read_bytes()
    found = read_weights(path)
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    weights.record("xtts-v2", revision="test")
    XttsSynthesizer()
    assert path.read_bytes() == before


def test_the_licence_is_where_the_library_says() -> None:
    """A person reads the text that coqui-tts asks to accept."""
    from TTS.utils.manage import LICENSE_URLS

    assert licences.URLS["CPML"] == LICENSE_URLS["cpml"]


def test_weights_by_their_old_names_load(copy: Path) -> None:
    """The published file has the vocoder's weights by the names that torch gave to normalised ones
    before: the same model comes of them.
    """
    import torch

    from dubbing.engines.xtts_checkpoint import load

    wanted = load(copy, "cpu").state_dict()
    state = torch.load(copy / "model.pth", weights_only=True)["model"]
    old = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): tensor
        for name, tensor in state.items()
    }
    assert sum(name.endswith("weight_g") for name in old) > 50
    torch.save({"model": old}, copy / "new.pth")  # the first model is mapped from the other file
    (copy / "new.pth").replace(copy / "model.pth")
    found = load(copy, "cpu").state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_unavailable_until_licence_and_weights_are_there(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is said in one sentence with the command that helps; nobody is asked, and
    nothing is accepted for anybody.
    """
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked"))
    assert XttsSynthesizer.why_unavailable() is None
    (copy.parent / "licences.json").unlink()
    reason = str(XttsSynthesizer.why_unavailable())
    assert "models accept-cpml" in reason and licences.URLS["CPML"] in reason
    assert refusal() == reason
    assert not (copy.parent / "licences.json").exists()
    licences.accept("CPML")
    (copy / "vocab.json").unlink()
    assert "models pull xtts-v2" in refusal()
