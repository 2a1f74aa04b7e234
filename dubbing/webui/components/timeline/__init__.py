"""The talk on one line: both waveforms, segments by speaker, placements; choose by click or key.

The component is plain JavaScript, without a build. It draws what `timeline_data` describes and
tells the number of a segment that was chosen in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from dubbing.types import PlacementStatus, Span
from dubbing.webui.components.labels import clock, language_name, speaker_name
from dubbing.webui.i18n import t
from dubbing.webui.tracks import Tracks
from dubbing.webui.views import RunView, SegmentView

KEY = "timeline"
STATUSES: tuple[PlacementStatus | str, ...] = (*PlacementStatus.__args__, "none")  # type: ignore[attr-defined]
HTML = """
<div class="timeline">
  <div class="tools">
    <span class="hint"></span>
    <span class="zoom">
      <button type="button">−</button>
      <button type="button">↔</button>
      <button type="button">+</button>
    </span>
  </div>
  <div class="scroller" role="listbox" aria-orientation="horizontal" tabindex="0">
    <div class="inner"></div>
  </div>
  <div class="legend"></div>
</div>
"""
HERE = Path(__file__).parent

_component = st.components.v2.component(
    "dubbing_timeline",
    html=HTML,
    css=(HERE / "timeline.css").read_text(encoding="utf-8"),
    js=(HERE / "timeline.js").read_text(encoding="utf-8"),
)


def timeline(
    run: RunView, tracks: Tracks, chosen: SegmentView, on_choose: Callable[[int], None]
) -> None:
    """The timeline; `on_choose` is called with the number of a segment chosen in it."""

    def told() -> None:
        segment_id = st.session_state[KEY].get("segment")
        if segment_id in {segment.id for segment in run.segments}:
            on_choose(segment_id)

    _component(key=KEY, data=timeline_data(run, tracks, chosen), on_segment_change=told)


def timeline_data(run: RunView, tracks: Tracks, chosen: SegmentView) -> dict[str, Any]:
    """What the component draws, as JSON has it: times in seconds, peaks 0..100."""
    speakers = list(run.speakers)
    heard = next((s for s in run.segments if s.id == chosen.joined_to), chosen)
    return {
        "run": run.key,
        "duration_s": run.duration_s,
        "original": list(tracks.original),
        "dub": list(tracks.dub),
        "music": [_pair(span) for span in tracks.music],
        "speakers": [speaker_name(run, speaker) for speaker in speakers],
        "segments": [_segment(run, segment, speakers) for segment in run.segments],
        "selected": chosen.id,
        "starts_s": {"original": chosen.span.start_s, "dub": heard.span.start_s},
        "statuses": {status: t(f"status_{status}") for status in STATUSES},
        "words": _words(run),
    }


def _segment(run: RunView, segment: SegmentView, speakers: list[str]) -> dict[str, Any]:
    status = segment.status or "none"
    return {
        "id": segment.id,
        "start_s": segment.span.start_s,
        "end_s": segment.span.end_s,
        "speaker": speakers.index(segment.speaker),
        "placed": _pair(segment.placed) if segment.placed else None,
        "status": status,
        "label": t(
            "timeline_segment",
            id=segment.id,
            start=clock(segment.span.start_s),
            speaker=speaker_name(run, segment.speaker),
            status=t(f"status_{status}"),
            text=segment.transcript,
        ),
    }


def _pair(span: Span) -> list[float]:
    return [span.start_s, span.end_s]


def _words(run: RunView) -> dict[str, str]:
    return {
        "label": t("timeline_label"),
        "hint": t("timeline_hint"),
        "original": t("original_in", language=language_name(run.source_language)),
        "dub": t("dub_in", language=language_name(run.language)),
        "music": t("timeline_music"),
        "zoom_in": t("timeline_zoom_in"),
        "zoom_out": t("timeline_zoom_out"),
        "zoom_whole": t("timeline_zoom_whole"),
    }
