"""`evaluate` from the command line: a first version's run, two side by side, plots, the schema."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dubbing.media.audio import decode
from tests.conftest import SAMPLES, Cli

pytestmark = pytest.mark.e2e

RATE_HZ = 24_000
TIMES = [(1, 0.5, 5.45), (2, 5.45, 8.2), (3, 8.2, 12.5)]
DELAY_S = 0.2
GAIN_DB = 6.0


@pytest.fixture(scope="session")
def old_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in the first version's layout whose dub is the original, 0.2 s late and 6 dB louder,
    silence between; its last chunk's sound is not there.
    """
    root = tmp_path_factory.mktemp("old") / "Clip"
    for name in ("splited_audio_robust", "dubbed_audio", "transcriptions", "translations"):
        (root / name).mkdir(parents=True)
    path = SAMPLES / "Clip_Man.mp4"
    sound = np.concatenate(list(decode(path, rate_hz=RATE_HZ, channels=1)))
    rows = []
    for number, start_s, end_s in TIMES:
        name = f"Clip-chunk-{number}.wav"
        rows.append({"chunk_name": name, "start_time": start_s, "end_time": end_s})
        if number == 3:
            continue
        chunk = sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        soundfile.write(root / "splited_audio_robust" / name, chunk, RATE_HZ, subtype="FLOAT")
        late = np.concatenate([np.zeros(round(DELAY_S * RATE_HZ), np.float32), chunk])
        soundfile.write(
            root / "dubbed_audio" / name, late * 10 ** (GAIN_DB / 20), RATE_HZ, subtype="FLOAT"
        )
    (root / "splited_audio_robust" / "Clip_timings.json").write_text(json.dumps(rows))
    return root


def test_a_first_versions_run_is_measured(cli: Cli, old_run: Path) -> None:
    """The delay, the gain, the overlap and the voice that were put in are what is measured; nothing
    is written into the folder.
    """
    before = sorted(old_run.rglob("*"))
    done = cli("evaluate", old_run, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    card = document["scorecard"]
    assert document["name"] == "Clip (first version)"
    assert card["left_out"] == [3]
    assert card["cost"] is None
    first = card["segments"][0]
    assert first["onset_error_s"] == pytest.approx(DELAY_S, abs=0.07)  # two frames of the VAD
    assert first["loudness_difference_lu"] == pytest.approx(GAIN_DB, abs=0.3)
    assert card["timing"]["overlap_s"] == pytest.approx(DELAY_S, abs=0.01)
    assert card["sound"]["digital_silence"] > 0.01
    assert card["voice"]["similarity"] > 0.9  # less than 1: the dubs sound over each other
    assert card["voice"]["normalised"] > 0.9
    assert card["verdict"].startswith("Watchable, but dubs overlap for 0.2 s")
    assert sorted(old_run.rglob("*")) == before


def test_two_runs_stand_side_by_side(
    cli: Cli, cli_here: Cli, old_run: Path, tmp_path: Path
) -> None:
    """`--against` gives a table with both, or two documents; `--plots` draws the first."""
    done = cli("evaluate", old_run, "--against", old_run, "--plots", tmp_path / "plots")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "two dubs at once" in line)
    assert row.count("0.20 s") == 2
    assert len(list((tmp_path / "plots").glob("*.png"))) == 4
    both = json.loads(cli_here("evaluate", old_run, "--against", old_run, "--json").stdout)
    assert both[0]["scorecard"] == both[1]["scorecard"]


def test_schema_is_printed(cli: Cli) -> None:
    """`--schema` prints one JSON document that describes quality.json."""
    schema = json.loads(cli("evaluate", "--schema").stdout)
    assert "muted_music_s" in schema["$defs"]["Sound"]["properties"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name a run"),
        (("nowhere",), "there is no run 'nowhere'"),
        (("nowhere", "--plots", "p", "--plot-kind", "gif"), "plots are written as png or svg"),
    ],
)
def test_bad_input_gets_a_sentence(cli_here: Cli, words: tuple[str, ...], sentence: str) -> None:
    """One line, and no traceback."""
    done = cli_here("evaluate", *words)
    assert done.returncode in {1, 2}
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
