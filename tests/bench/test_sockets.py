"""The client in Python: whole answers, counted and timed."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from bench.jobs import Job, Said, get, post
from bench.sockets import read_job, run, status_of, write_job

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 401 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"


@pytest.mark.parametrize(("answer", "status"), [(LENGTH, 200), (CHUNKED, 401)])
def test_an_answer_counts_when_its_last_byte_is_there(answer: bytes, status: int) -> None:
    """Both framings, cut off anywhere, say None until the end."""
    assert status_of(answer) == status
    assert all(status_of(answer[:cut]) is None for cut in range(len(answer)))


def test_what_is_no_answer_is_an_error() -> None:
    """A port where something else listens."""
    with pytest.raises(ValueError, match=r"HTTP/1\.1"):
        status_of(b"220 mail.example ESMTP\r\n\r\n")


def test_a_job_survives_its_way_to_the_client() -> None:
    """Bytes, tokens and numbers come back as they were."""
    job = Job(8787, post("/validate", '{"name":"Zoë"}'.encode(), ["one", "two"]), 16, 1.5)
    assert read_job(write_job(job)) == job


async def _with_server(status: bytes, job_seconds: float, connections: int) -> tuple[list[bytes], Said]:
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                seen.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\nok")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return seen, await run(Job(port, get("/"), connections, job_seconds))


def test_every_answer_is_counted_and_none_is_broken() -> None:
    """What the server saw is what the client says, on several connections."""
    seen, said = uvloop.run(_with_server(b"200 OK", 0.05, 3))
    assert said.requests == len(seen) >= 3
    assert (said.refused, said.broken) == (0, 0)
    assert 0 < said.p50 <= said.p99 <= said.seconds


def test_refusals_are_counted_as_answers_too() -> None:
    """A 401 is what some rows are about."""
    _, said = uvloop.run(_with_server(b"401 Unauthorized", 0.02, 1))
    assert said.refused == said.requests > 0
