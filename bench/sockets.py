"""A client in Python, for machines without `wrk`: keep-alive connections, one event loop.

Run as ``python -m bench.sockets``: the job comes as JSON on standard input, the outcome goes out as JSON.

Law: a connection sends its next request when the whole answer is there. It reads answers as far as it
must (status, length or chunks) and is no HTTP client for anything else. Percentiles are of the requests
that were sent: unlike wrk's they are not corrected for coordinated omission.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Final, cast

import uvloop

from bench.figures import percentile
from bench.jobs import Job, Load, Said

_STATUS: Final = re.compile(rb"HTTP/1\.1 ([0-9]{3})")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_LAST_CHUNK: Final = b"0\r\n\r\n"
_PATIENCE: Final = 10
"""Seconds beyond its end that a job waits for answers; a connection without one then counts as broken."""


@dataclass(slots=True)
class Tally:
    """What all connections saw together."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    broken: int = 0


def status_of(answer: bytes) -> int | None:
    """The status of an answer that is wholly there; None while more is to come.

    Raises:
        ValueError: it is no HTTP/1.1 answer.
    """
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return None
    status, length = _STATUS.match(head), _LENGTH.search(head)
    if status is None:
        raise ValueError("not an answer of HTTP/1.1")
    whole = len(body) >= int(length[1]) if length else body.endswith(_LAST_CHUNK)
    return int(status[1]) if whole else None


class Connection(asyncio.Protocol):
    """One keep-alive connection that is never idle until ``deadline`` (``time.perf_counter``)."""

    def __init__(self, requests: Iterator[bytes], deadline: float, tally: Tally) -> None:
        self._requests = requests
        self._deadline = deadline
        self._tally = tally
        self._answer = b""
        self._sent = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's without being of their classes.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._send(self._transport)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        status = status_of(self._answer)
        if status is None or self._transport is None:
            return
        now = time.perf_counter()
        self._tally.seconds.append(now - self._sent)
        self._tally.refused += status >= 400
        self._answer = b""
        if now < self._deadline:
            self._send(self._transport)
        else:
            self._end()

    def connection_lost(self, _error: Exception | None) -> None:
        self._tally.broken += not self.ended.done()
        self._end()

    def _send(self, transport: asyncio.WriteTransport) -> None:
        self._sent = time.perf_counter()
        transport.write(next(self._requests))

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        if self._transport is not None:
            self._transport.close()


async def run(job: Job) -> Said:
    """Do a job on the running loop."""
    load, tally, begun = job.load, Tally(), time.perf_counter()
    requests = cycle([load.before + token.encode() + load.after for token in load.tokens])
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(
            lambda: Connection(requests, begun + job.seconds, tally), "127.0.0.1", job.port
        )
        for _ in range(job.connections)
    ]
    ends = [protocol.ended for _, protocol in connections]
    _, hanging = await asyncio.wait(ends, timeout=job.seconds + _PATIENCE)
    tally.broken += len(hanging)
    took, ordered = time.perf_counter() - begun, sorted(tally.seconds)
    p50, p99 = percentile(ordered, 0.50), percentile(ordered, 0.99)
    return Said(len(ordered), took, p50, p99, tally.refused, tally.broken)


def write_job(job: Job) -> bytes:
    """A job as this program reads it."""
    load = {
        "before": job.load.before.decode("latin-1"),
        "tokens": job.load.tokens,
        "after": job.load.after.decode("latin-1"),
    }
    return json.dumps({**asdict(job), "load": load}).encode()


def read_job(text: bytes) -> Job:
    """A job that ``write_job`` wrote."""
    given = json.loads(text)
    parts = given.pop("load")
    before, after = parts["before"].encode("latin-1"), parts["after"].encode("latin-1")
    return Job(load=Load(before, tuple(parts["tokens"]), after), **given)


def parse(printed: str) -> Said:
    """What this program printed."""
    return Said(**json.loads(printed))


def main() -> None:
    """Do the job on standard input."""
    job = read_job(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(asdict(uvloop.run(run(job)))))


if __name__ == "__main__":
    main()
