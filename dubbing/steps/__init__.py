"""One file per stage: what it reads from the run folder, what is stale, what it writes.

The work itself is in `dubbing.stages` (pure functions) and `dubbing.engines`.
"""
