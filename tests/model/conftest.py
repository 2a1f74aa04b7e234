"""What tests of the named models share."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _one_thread(one_thread: None) -> None:
    """For every model here."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing may open a connection, not even one whose failure is caught."""
    tried = []

    def refuse(_socket: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in these tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield
    assert not tried
