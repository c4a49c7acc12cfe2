"""Over a real socket, with the HTTP backend of production: what memory can't show."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
import uvicorn
from pydantic import BaseModel, SecretStr

from lendgate.claude.deployment import Deployment
from lendgate.claude.errors import ModelError, ModelTimeoutError, ModelUnavailableError
from lendgate.claude.opening import connect
from lendgate.claude.port import Finished, ModelRequest, Started, TextDelta
from lendgate.claude.standin import Options, app

Ask = Callable[..., ModelRequest]


class Memo(BaseModel):
    """A shape."""

    summary: str


@asynccontextmanager
async def served(options: Options | None = None) -> AsyncIterator[str]:
    """A stand-in on a free port of this machine; its base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(options), log_level="critical", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


def test_reply_comes_over_the_wire(ask: Ask) -> None:
    """In its shape."""

    async def scene() -> None:
        async with served() as url:
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            assert (await model.complete(ask(output=Memo))).as_shape(Memo).summary
            await model.close()

    asyncio.run(scene())


def test_stream_comes_piece_by_piece(ask: Ask) -> None:
    """Start, pieces, end; the pieces are the text."""

    async def scene() -> None:
        async with served() as url:
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            events = [event async for event in model.stream(ask())]
            await model.close()
        assert isinstance(events[0], Started)
        last = events[-1]
        assert isinstance(last, Finished)
        pieces = [event.text for event in events if isinstance(event, TextDelta)]
        assert len(pieces) > 2
        assert "".join(pieces) == last.reply.text

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("script", "kind"), [("cut_stream*", ModelUnavailableError), ("hang*", ModelTimeoutError)]
)
def test_broken_connection_is_a_typed_error(ask: Ask, script: str, kind: type[ModelError]) -> None:
    """A cut body and a silent server, as aiohttp reports them."""

    async def scene(*, stream: bool) -> None:
        async with served(Options(script=script)) as url:
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            request = ask(deadline_seconds=0.3)
            try:
                if stream:
                    assert [event async for event in model.stream(request)]
                else:
                    await model.complete(request)
            finally:
                await model.close()

    for stream in (False, True):
        with pytest.raises(kind):
            asyncio.run(scene(stream=stream))


def test_stream_closed_early_gives_its_connection_back(ask: Ask) -> None:
    """And the server notices that nobody listens any more."""

    async def scene() -> None:
        async with served(Options(script="stalled_stream")) as url:
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            async with aclosing(model.stream(ask(deadline_seconds=5.0))) as events:
                assert isinstance(await anext(events), Started)
            assert (await model.complete(ask(deadline_seconds=5.0))).text
            await model.close()

    asyncio.run(scene())


@asynccontextmanager
async def answering(said: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads a request, says this and hangs up; its base URL, and the heads it has read."""
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


def test_server_that_hangs_up_may_have_done_the_work(ask: Ask) -> None:
    """The request was read: it may be billed, whatever the HTTP library calls the error."""

    async def scene() -> None:
        async with answering(b"") as (url, _heads):
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            with pytest.raises(ModelUnavailableError, match="was lost") as caught:
                await model.complete(ask(deadline_seconds=5.0))
            assert (caught.value.billed, caught.value.again) == ("unknown", True)
            await model.close()

    asyncio.run(scene())


def test_redirect_is_not_followed(ask: Ask) -> None:
    """Facts go to the server that was set up, not to whom it points."""
    lines = (
        b"HTTP/1.1 307 Moved",
        b"location: /elsewhere",
        b"content-length: 0",
        b"connection: close",
        b"",
        b"",
    )
    redirect = b"\r\n".join(lines)

    async def scene() -> None:
        async with answering(redirect) as (url, heads):
            model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
            with pytest.raises(ModelError):
                await model.complete(ask(deadline_seconds=5.0))
            assert [head.split()[1] for head in heads] == [b"/v1/messages"]
            await model.close()

    asyncio.run(scene())


def test_server_that_is_not_there_is_a_typed_error(ask: Ask) -> None:
    """Nothing was sent, so nothing was spent."""

    async def scene() -> None:
        async with served() as url:
            pass
        model = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
        with pytest.raises(ModelUnavailableError, match="could not be reached") as caught:
            await model.complete(ask(deadline_seconds=5.0))
        assert caught.value.billed == "no"
        await model.close()

    asyncio.run(scene())
