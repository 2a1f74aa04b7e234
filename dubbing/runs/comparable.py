"""What two runs of the same video must have in common, wherever and however they were made."""

from __future__ import annotations

import json
from typing import Any

from dubbing.runs.store import Run


def comparable(run: Run) -> dict[str, Any]:
    """The manifest without what a run cost, equal for equal runs.

    Wall times, peak memory, how much of the work was there already (after a kill) and which stages
    worked at the same time may differ; of each stage stays how many items it has. The scorecard
    tells the cost too, so its content without that stands for its hash. All other files count by
    their hash. Paths are relative to the run folder: runs are compared that lie equally far from
    their videos.
    """
    document = run.manifest.model_dump(mode="json", exclude={"flow"})
    document["stages"] = {
        stage: {"items": record.made + record.kept} for stage, record in run.manifest.stages.items()
    }
    if run.quality in run.manifest.artifacts:
        card = json.loads(run.path(run.quality).read_bytes())
        document["artifacts"][run.quality]["sha256"] = {**card, "cost": None}
    return document
