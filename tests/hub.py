"""A hub on this machine: what `huggingface_hub` asks of one, for a few small files."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit


class Hub:
    """One repository, in any revision that is asked for.

    Attributes:
        address: For `HF_ENDPOINT`.
        commit: The only one.
        files: Name → content.
        large: Names of those that are kept as the hub keeps large files, by their SHA-256; the
            others go by the SHA-1 that git has for them.
        sent: Name → what is sent in place of the content.
        reset: Names of those in whose middle the connection breaks off.
        asked: Names of the files that were sent so far.
    """

    def __init__(self, files: Mapping[str, bytes], large: set[str], commit: str) -> None:
        self.address = ""
        self.commit = commit
        self.files = dict(files)
        self.large = large
        self.sent: dict[str, bytes] = {}
        self.reset: set[str] = set()
        self.asked: list[str] = []

    def digest(self, name: str) -> str:
        """What the hub calls the content by."""
        content = self.files[name]
        if name in self.large:
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # noqa: S324 - git's

    def row(self, name: str) -> dict[str, Any]:
        """The file as a listing has it."""
        row = {"type": "file", "path": name, "size": len(self.files[name]), "oid": "0" * 40}
        if name in self.large:
            return {**row, "lfs": {"oid": self.digest(name), "size": row["size"], "pointerSize": 1}}
        return {**row, "oid": self.digest(name)}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Inside, the hub answers at its address."""

    class Handler(_Handler):
        of = hub

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield hub
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: Hub

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, hub = unquote(urlsplit(self.path).path), self.of
        _, _, place = path.partition("/resolve/")
        name = place.partition("/")[2]
        if path.startswith("/api/models/") and "/tree/" in path:
            self._answer(json.dumps([hub.row(name) for name in hub.files]).encode())
        elif path.startswith("/api/models/"):
            self._answer(json.dumps({"id": "any/name", "sha": hub.commit}).encode())
        elif name in hub.files:
            self._file(name)
        else:
            self._answer(b"", status=404)

    def _file(self, name: str) -> None:
        hub = self.of
        content = hub.sent.get(name, hub.files[name])
        head = {"ETag": f'"{hub.digest(name)}"', "X-Repo-Commit": hub.commit}
        if self.command == "GET":
            hub.asked.append(name)
        if self.command == "GET" and name in hub.reset:
            self._answer(content, head, most=len(content) // 2)
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.connection.close()
            self.close_connection = True
        else:
            self._answer(content, head)

    def _answer(
        self,
        body: bytes,
        head: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        most: int | None = None,
    ) -> None:
        """The answer, its body up to `most` bytes."""
        self.send_response(status)
        for field, value in (head or {}).items():
            self.send_header(field, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:most])
            self.wfile.flush()
