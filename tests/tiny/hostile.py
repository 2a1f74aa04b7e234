"""Weight files that must not be loaded."""

from __future__ import annotations

from pathlib import Path


class _Call:
    """Unpickled by an unguarded loader, it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def write_pickle(path: Path, trace: Path) -> None:
    """Writes a checkpoint that makes the file `trace` when it is loaded without care."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": _Call(trace), "model_state_dict": {}}, path)
    torch.load(path, weights_only=False)
    assert trace.is_file(), "the checkpoint is harmless: it proves nothing"
    trace.unlink()


def truncate(path: Path) -> None:
    """Leaves the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_a_byte(path: Path) -> None:
    """Changes one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
