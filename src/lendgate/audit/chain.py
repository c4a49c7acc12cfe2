"""The keyed hash chain: each row's MAC covers its tenant, number, kind, content and the row before.

Law: nobody without the key can change a row, or make one, that verifies. The MAC is HMAC-SHA-256 over
length-prefixed fields, so no two different rows share an input; the first row hangs on a genesis value
bound to the tenant. What the chain alone cannot show, rows cut off its end, checkpoints show.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from lendgate.audit.events import Event

FORMAT: Final = "lendgate-audit-1"
MIN_KEY_BYTES: Final = 32
MAC_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class AuditKey:
    """A chain key and the id that rows name it by; at least 32 random bytes."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an audit key has an id")
        if len(self.secret) < MIN_KEY_BYTES:
            raise ValueError(f"audit key {self.id}: needs at least {MIN_KEY_BYTES} random bytes")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a tenant's chain stands: its last row's number (0: none yet) and MAC."""

    tenant: str
    sequence: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the chain; ``event`` is canonical JSON."""

    tenant: str
    sequence: int
    key_id: str
    kind: str
    event: bytes
    previous: bytes
    mac: bytes

    @property
    def head(self) -> Head:
        """The chain's head once this row is its last."""
        return Head(self.tenant, self.sequence, self.mac)


def genesis(tenant: str) -> Head:
    """The head of an empty chain."""
    return Head(tenant, 0, hashlib.sha256(framed(FORMAT, "genesis", tenant)).digest())


def link(key: AuditKey, head: Head, event: Event) -> Link:
    """The row that follows ``head``.

    Raises:
        ValueError: the event is too large or has no canonical form.
    """
    content = event.canonical()
    mac = row_mac(key, head, event.kind, content)
    return Link(head.tenant, head.sequence + 1, key.id, event.kind, content, head.mac, mac)


def row_mac(key: AuditKey, head: Head, kind: str, event: bytes) -> bytes:
    """The MAC of the row that follows ``head``."""
    number = str(head.sequence + 1)
    message = framed(FORMAT, "row", key.id, head.tenant, number, head.mac, kind, event)
    return hmac.digest(key.secret, message, "sha256")


def framed(*fields: str | bytes) -> bytes:
    """Fields joined so that no other list of fields gives the same bytes: each after its length."""
    raw = (each.encode() if isinstance(each, str) else each for each in fields)
    return b"".join(len(each).to_bytes(8, "big") + each for each in raw)
