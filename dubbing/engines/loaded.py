"""Engines that are loaded: each once, let go where the next one needs the room."""

from __future__ import annotations

import gc

from dubbing.engines.registry import engine_info, load_engine
from dubbing.errors import LowMemoryError
from dubbing.memory import available_mb, give_back


class LoadedEngines:
    """Loads an engine when it is first asked for.

    Attributes:
        keep: Whether engines stay when a video is done with them, for the next one of the same
            process. They are still let go where memory is short.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep
        self._engines: dict[str, object] = {}

    def get(self, name: str) -> object:
        """The engine of that name in the registry.

        Raises:
            EngineUnavailableError: Something that it needs is missing here, memory too.
        """
        if name not in self._engines:
            self._make_room(name)
            self._engines[name] = load_engine(name)
        return self._engines[name]

    def holds(self, name: str) -> bool:
        """Whether the engine is loaded, in any variant, so that it needs no further memory."""
        base = name.partition(":")[0]
        return base in {loaded.partition(":")[0] for loaded in self._engines}

    def release(self, name: str) -> None:
        """Lets go of an engine that no later stage calls, so that memory is for the others."""
        if not self.keep and self._engines.pop(name, None) is not None:
            gc.collect()  # networks refer to themselves
        give_back()  # an engine that stays has worked with more than it is

    def _make_room(self, name: str) -> None:
        """Lets go of engines that are done when the next one would not fit beside them.

        Raises:
            LowMemoryError: It does not fit alone either.
        """
        needed_mb = engine_info(name).memory_mb
        if self._engines and _lacks_mb(needed_mb):
            self._engines.clear()
            gc.collect()
            give_back()
        if free_mb := _lacks_mb(needed_mb):
            raise LowMemoryError(
                name,
                f"{name} needs about {needed_mb} MB of memory and {free_mb} MB are free: close "
                "other programs, or choose a smaller profile (--profile lite or offline)",
            )


def _lacks_mb(needed_mb: int) -> int | None:
    """The free memory where it is less than needed; None where it is enough, or unknown."""
    free_mb = available_mb()
    return free_mb if free_mb is not None and free_mb < needed_mb else None
