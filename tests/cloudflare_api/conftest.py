"""One HTTP server for all these tests, and a fresh account on it for each."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from lendgate.cloudflare.standin.app import Receive, Scope, Send, StandIn
from tests.cloudflare_api.conformance import problems
from tests.cloudflare_api.lab import Lab, new_state


class Switch:
    """An ASGI application whose inside is changed from test to test."""

    def __init__(self) -> None:
        self.app = StandIn(new_state())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class ReadyServer(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Switch, str]]:
    """The server; its address."""
    switch = Switch()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        switch,
        log_level="critical",
        lifespan="off",
        ws="websockets-sansio",
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    server = ReadyServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert server.listening.wait(10)
    yield switch, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def lab(served: tuple[Switch, str]) -> Iterator[Lab]:
    """A fresh account; afterwards every request that was made must have been as documented."""
    switch, url = served
    switch.app = StandIn(new_state())
    switch.app.state.tail_url = url.replace("http", "ws") + "/tail"
    yield Lab(url, switch.app)
    wrong = [problem for request in switch.app.recorded for problem in problems(request)]
    assert wrong == []


@pytest.fixture
def captures() -> Path:
    """Recorded deploys of the real wrangler, where they are."""
    directory = Path(__file__).parents[3] / "shared" / "data" / "cloudflare"
    if not directory.is_dir():
        pytest.skip("the captured deploys are not here (../shared/data/cloudflare)")
    return directory
