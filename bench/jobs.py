"""What a client is asked to do, and what it says afterwards.

Law: pure. A request is bytes that both clients send as they stand: head, token, rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """One request, in as many variants as there are tokens; they are sent in turn."""

    before: bytes
    tokens: tuple[str, ...]
    after: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """Keep ``connections`` to a loopback port busy with a load for ``seconds``."""

    port: int
    load: Load
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """A client's own words: times in seconds; ``refused`` are answers of status 400 and above."""

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job, and the CPU time its client took, in seconds."""

    said: Said
    client_seconds: float


def get(path: str) -> Load:
    """A bare GET."""
    return Load(f"GET {path} HTTP/1.1\r\nhost: gate\r\n\r\n".encode(), ("",), b"")


def post(path: str, body: bytes, tokens: Sequence[str]) -> Load:
    """A JSON body with a bearer token."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nauthorization: Bearer "
    )
    return Load(head.encode(), tuple(tokens), b"\r\n\r\n" + body)
