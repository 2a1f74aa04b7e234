"""Checks a finished dub against its bounds. Shares no code with `dubbing`: a second opinion.

    python benchmarks/check_dub.py ORIGINAL FINISHED RUN_FOLDER [--incomplete] [--json]

It decodes both files itself, runs silero-vad itself on both first sound tracks, and reads
segments.json, timeline.json, manifest.json and translations/ as plain JSON and text. Exit status 1:
a bound is missed. Segments that are spoken together count as one; untranslated ones are left out.

Voice: `ceiling` is the mean cosine between different segments of the same original speaker, `floor`
the mean cosine between the original's segments and strangers: the speakers of the sound files given
by --stranger, by default the man and the woman of the two bundled talks. A stranger that sounds
like the original's speaker (cosine 0.85 and more) is the same voice and is left out.
"""

from __future__ import annotations

import argparse
import difflib
import html
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyloudnorm
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
    """silero-vad's own detector at its own thresholds."""

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
    # Padded by silero's default: the soft end of a word is no music.
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


def check_voice(
    vad: Vad, original: np.ndarray, dub: np.ndarray, units: list[Unit], strangers: list[Path]
) -> list[Check]:
    """Cosines by Resemblyzer's own code, of speech alone."""
    from resemblyzer import VoiceEncoder
    from resemblyzer.audio import normalize_volume

    encoder = VoiceEncoder("cpu", verbose=False)

    def embed(track: np.ndarray, spans: Spans) -> np.ndarray | None:
        pieces = [track[round(a * VAD_HZ) : round(b * VAD_HZ)] for a, b in spans]
        speech = np.concatenate(pieces)[: round(MAX_VOICE_S * VAD_HZ)] if pieces else np.zeros(0)
        if len(speech) < MIN_VOICE_S * VAD_HZ:
            return None
        return encoder.embed_utterance(normalize_volume(speech, -30, increase_only=True))

    spoken = [u for u in units if u.row["status"] != "untranslated"]
    own = [embed(original, heard(vad, original, (u.start_s, u.end_s))) for u in spoken]
    new = [embed(dub, heard(vad, dub, (u.row["start_s"], u.row["end_s"]))) for u in spoken]
    pairs = [(a, b) for a, b in zip(own, new, strict=True) if a is not None and b is not None]
    likeness = float(np.mean([a @ b for a, b in pairs])) if pairs else None
    known = [(u.speaker, a) for u, a in zip(spoken, own, strict=True) if a is not None]
    same = [a @ b for i, (s, a) in enumerate(known) for t, b in known[i + 1 :] if s == t]
    ceiling = float(np.mean(same)) if same else None
    mean = np.mean([a for _, a in known], axis=0) if known else np.zeros(256)
    others = []
    for path in strangers:
        track = sound(path, VAD_HZ)[: round(STRANGER_S * VAD_HZ), 0]
        vector = embed(track, vad(track))
        if vector is not None and vector @ mean < SAME_VOICE * np.linalg.norm(mean):
            others.append(vector)
    apart = [a @ b for _, a in known for b in others]
    floor = float(np.mean(apart)) if apart else None
    normalised = None
    if likeness is not None and ceiling is not None and floor is not None:
        normalised = (likeness - floor) / (ceiling - floor)
    return [
        Check(name="voice: cosine", value=likeness, unit="", note=f"{len(pairs)} units"),
        Check(name="voice: ceiling", value=ceiling, unit="", note="same speaker, other segments"),
        Check(name="voice: floor", value=floor, unit="", note=f"{len(others)} strangers"),
        Check(name="voice: normalised", value=normalised, unit=""),
    ]


def _pick(values: list[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None


def check(
    original: Path, finished: Path, folder: Path, strangers: list[Path], complete: bool
) -> list[Check]:
    """All checks, in the order of the list in README.md."""
    units, vad = read_units(folder), Vad()
    before, after = sound(original, VAD_HZ)[:, 0], sound(finished, VAD_HZ)[:, 0]
    return [
        *check_placements(folder, units, after),
        *check_timing(vad, before, after, units, complete),
        *check_sound(vad, original, finished, units),
        *check_text(folder, units),
        *check_voice(vad, before, after, units, strangers),
    ]


def main() -> int:
    """Prints the table, or JSON; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description="Checks a finished dub against its bounds.")
    parser.add_argument("original", type=Path)
    parser.add_argument("finished", type=Path)
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("--incomplete", action="store_true", help="the translation lacks sentences")
    parser.add_argument("--stranger", type=Path, action="append", help="another speaker's sound")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    strangers = asked.stranger or [SAMPLES / name for name in STRANGERS]
    checks = check(
        asked.original, asked.finished, asked.run_folder, strangers, not asked.incomplete
    )
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
