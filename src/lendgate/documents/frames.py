"""What the service and its reader process say to each other: small frames, each of a kind and a length.

Law: what comes back from a reader is as untrusted as the file it read: frames are JSON of a known shape,
bounded in size, and anything else ends the reader.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

from pydantic import TypeAdapter

from lendgate.documents.limits import Limits
from lendgate.documents.model import Box, Page, RefusalCode, Span
from lendgate.documents.read import Cover

Outcome = Literal["done"] | RefusalCode
"""Frames are T task, F the file, C cover, P page, S spans, I image, X refused, E end (the reader's exit)."""
MAX_REPLY: Final = 32 * 1024 * 1024
_HEAD: Final = struct.Struct(">cI")


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with the file: read it all, show one page as PNG, or read some places once more."""

    do: Literal["read", "picture", "reread"]
    limits: Limits
    page: int = 1
    rotation: int = 0
    side: int = 1400
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """How the reader of one file ended: by itself, or with what signal or code."""

    outcome: Outcome


TASKS: Final = TypeAdapter(Task)
COVERS: Final = TypeAdapter(Cover)
PAGES: Final = TypeAdapter(Page)
SPANS: Final = TypeAdapter(tuple[Span, ...])
ENDS: Final = TypeAdapter(End)


def frame(kind: bytes, payload: bytes) -> bytes:
    """One frame's bytes."""
    return _HEAD.pack(kind, len(payload)) + payload


HEAD_SIZE: Final = _HEAD.size


def head_of(data: bytes) -> tuple[bytes, int]:
    """A frame's kind and the length of its payload."""
    kind, size = _HEAD.unpack(data)
    return bytes(kind), int(size)


def next_frame(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """The next frame of a stream, None at its end."""
    head = stream.read(HEAD_SIZE)
    if len(head) < HEAD_SIZE:
        return None
    kind, size = head_of(head)
    payload = stream.read(size)
    return (kind, payload) if len(payload) == size else None
