"""What tests of the named models share."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from dubbing.engines import torch_threads


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing may open a connection, not even one whose failure is caught."""
    tried = []

    def refuse(_socket: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in these tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    # Two threads of a busy machine wait for each other longer than a tiny model computes.
    monkeypatch.setattr(torch_threads, "MOST", 1)
    yield
    assert not tried
