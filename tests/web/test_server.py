"""The HTTP server: says where it listens, answers at once, and leaves nobody half answered."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from lendgate.errors import RuntimeMissingError
from lendgate.web.server import _listen, serving

pytestmark = pytest.mark.anyio


async def hello(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=False)


async def test_it_answers_on_the_port_it_says() -> None:
    """Port 0 is a free one; what serves is not named."""
    async with serving(hello, "127.0.0.1", 0) as port, client(port) as http:
        answer = await http.get("/")
    assert (port > 0, answer.status_code, answer.text) == (True, 200, "hello")
    assert "server" not in answer.headers


async def test_afterwards_nobody_listens() -> None:
    """The port is free again at once."""
    async with serving(hello, "127.0.0.1", 0) as port:
        pass
    async with serving(hello, "127.0.0.1", port) as again:
        assert again == port


def test_small_answers_are_sent_at_once() -> None:
    """The socket names its protocol: only then does asyncio set TCP_NODELAY, which saves 40 ms an answer."""
    with _listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


async def test_an_accepted_connection_does_not_wait_for_acknowledgements() -> None:
    """The regression itself: many small answers on one connection take no 40 ms each."""
    loop = asyncio.get_running_loop()
    async with serving(hello, "127.0.0.1", 0) as port, client(port) as http:
        await http.get("/")
        begun = loop.time()
        for _ in range(20):
            await http.get("/")
    assert loop.time() - begun < 20 * 0.04


async def test_a_port_in_use_is_said_with_what_to_do() -> None:
    """Which address, why, and the way out."""
    async with serving(hello, "127.0.0.1", 0) as port:
        with pytest.raises(RuntimeMissingError, match=f"cannot listen on 127.0.0.1:{port}: .*another port"):
            async with serving(hello, "127.0.0.1", port):
                pytest.fail("two servers on one port")


async def test_an_address_that_is_not_ours_is_said() -> None:
    """The address of a network for documentation (RFC 5737)."""
    with pytest.raises(RuntimeMissingError, match=r"cannot listen on 192\.0\.2\.1:0"):
        async with serving(hello, "192.0.2.1", 0):
            pytest.fail("it listened")


async def test_leaving_lets_open_requests_finish() -> None:
    """Who was being answered gets the whole answer."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await go.wait()
        await hello(scope, receive, send)

    async with serving(slow, "127.0.0.1", 0) as port:
        http = client(port)
        asking = asyncio.create_task(http.get("/"))
        await begun.wait()
        asyncio.get_running_loop().call_later(0.01, go.set)
    answer = await asking
    await http.aclose()
    assert answer.text == "hello"


async def test_a_request_with_two_lengths_is_refused_by_the_parser() -> None:
    """Smuggling ends before the application: content-length and transfer-encoding together are 400."""
    async with serving(hello, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"0\r\n\r\n")
        status = await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert status.split()[1] == b"400"
