"""The built Worker in front of an origin that only remembers: what gets through, byte for byte."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path

from lendgate.cloudflare.bundle import load_bundle
from lendgate.cloudflare.capnp import LocalGate, render, secret_variable
from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER, LocalKeys, load_or_create, mint_token
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import find_workerd
from tests.support.edge_hand import SCOPES
from tests.support.served import need_workerd

SECRET = "ORIGIN_SIGNING_KEY"
GENEROUS = (
    '{"request":{"per_minute":9000000,"per_day":9000000},"review":{"per_minute":9000000,"per_day":9000000}}'
)
PART = 65_536


@dataclass(frozen=True)
class Heard:
    """One request as it reached the origin; ``whole`` unless its body broke off."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    whole: bool


Answer = Callable[["Handler", Heard], None]


def accepted(handler: Handler, heard: Heard) -> None:
    """200 with an empty object, under the request's id."""
    handler.answer(200, b"{}", heard)


@dataclass
class Recorder:
    """An origin on loopback; ``answer`` says what it answers."""

    answer: Answer = accepted
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, heard: Heard) -> None:
        """Remember a request."""
        with self._news:
            self.heard.append(heard)
            self._news.notify_all()

    def first(self, seconds: float = 10) -> Heard:
        """The first request since ``heard`` was emptied; waits for it."""
        with self._news:
            if not self._news.wait_for(lambda: self.heard, seconds):
                raise TimeoutError("the origin heard nothing")
            return self.heard[0]


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections, as the service speaks it."""

    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def do_PUT(self) -> None:
        """Remember, then answer."""
        length = int(self.headers.get("content-length", 0))
        body = _read(self.rfile, length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = Heard(self.command, self.path, headers, body, whole=len(body) == length)
        if self.path in ("/livez", "/readyz"):
            accepted(self, heard)
            return
        self.recorder.hear(heard)
        if heard.whole:
            self.recorder.answer(self, heard)
        else:
            self.close_connection = True

    def do_POST(self) -> None:
        """As PUT."""
        self.do_PUT()

    def do_GET(self) -> None:
        """As PUT."""
        self.do_PUT()

    def answer(self, status: int, body: bytes, heard: Heard, **headers: str) -> None:
        """Answer as the service does: under the request's id."""
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-request-id", heard.headers.get("x-request-id", ""))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _read(stream: BufferedIOBase, length: int) -> bytes:
    parts: list[bytes] = []
    left = length
    while left and (part := stream.read(min(left, PART))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


@dataclass(frozen=True)
class Gated:
    """A running gate, its issuer's keys and the origin behind it."""

    url: str
    keys: LocalKeys
    recorder: Recorder

    def token(self, *scopes: str, broker_id: str = "broker-1") -> str:
        """A good token; with every scope unless some are named."""
        return mint_token(
            self.keys,
            tenant="local",
            broker_id=broker_id,
            subject="tester",
            scopes=scopes or SCOPES,
            lifetime=timedelta(hours=1),
            now=datetime.now(UTC),
        )


@contextmanager
def gated(directory: Path, answer: Answer = accepted, **variables: str) -> Iterator[Gated]:
    """The Worker as it is packaged; ``variables`` are further settings of it."""
    need_workerd()
    keys = load_or_create(directory)
    with recording(Recorder(answer)) as recorder:
        settings = {
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "JWKS": keys.jwks,
            "ORIGIN_SIGNING_KEY_ID": keys.origin.key_id,
            "LIMITS": GENEROUS,
            **variables,
        }
        bundle = load_bundle()
        config = render(bundle.config, LocalGate(recorder.port, variables=settings, secrets=(SECRET,)))
        written = write_config(directory / "gate", config, bundle.script)
        environment = {secret_variable(SECRET): keys.origin.secret}
        log = directory / "gate.log"
        with Workerd(find_workerd(os.environ), written, log=log, environment=environment) as running:
            yield Gated(running.base_url, keys, recorder)


@contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """The origin, on a port of its own."""
    handler = type("Recording", (Handler,), {"recorder": recorder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        recorder.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            serving.join()
