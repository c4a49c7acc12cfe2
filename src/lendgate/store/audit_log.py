"""The audit trail in the database: appended inside the transaction of the change it records.

Law: ``append_event`` is the only way to add a row. It locks the tenant's trail until the transaction
ends, so rows have no gaps and no forks however many write at once; the database refuses a row that does
not follow the head, and every update, delete and truncate. The chain's key is never in the database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from psycopg.pq import Escaping, abc

from lendgate.audit import (
    AuditKey,
    Checkpoint,
    CheckpointKey,
    Event,
    Head,
    Link,
    checkpoint_line,
    genesis,
    link,
    make_checkpoint,
    row_line,
)
from lendgate.store.database import Database, Transaction

_BATCH: Final = 1_000
_LOCK: Final = "SELECT seq, mac FROM lendgate.lock_audit_head(0)"
_APPEND: Final = b"lendgate.append_audit_event(%d, %b, %b, %b, %b)"
_HEAD: Final = "SELECT seq, mac FROM lendgate.audit_head"
_ROWS: Final = """
    SELECT seq, key_id, kind, event::text, previous, mac FROM lendgate.audit_event
    WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""
_INSERT_CHECKPOINT: Final = """
    INSERT INTO lendgate.audit_checkpoint (seq, mac, at, key_id, signature) VALUES (%s, %s, %s, %s, %s)
"""
_CHECKPOINTS: Final = "SELECT seq, mac, at, key_id, signature FROM lendgate.audit_checkpoint ORDER BY seq, at"


async def append_event(tx: Transaction, key: AuditKey, event: Event) -> Link:
    """Append an event to the tenant's trail; it is kept when, and only when, the transaction commits.

    The row goes out with COMMIT, so this transaction does not see it yet.

    Raises:
        ValueError: the event is too large or has no canonical form.
    """
    if tx.head is None:
        row = await (await tx.connection.execute(_LOCK)).fetchone()
        tx.head = head_of(tx, row)
    added = link(key, tx.head, event)
    tx.closing.append(_append(Escaping(tx.connection.pgconn), added))
    tx.head, tx.unaudited = added.head, None
    return added


def _append(escaping: abc.Escaping, row: Link) -> bytes:
    """The call as text, as it goes out together with COMMIT; libpq does the quoting."""
    values = (row.key_id.encode(), _hex(row.previous), _hex(row.mac), row.event)
    return _APPEND % (row.sequence, *map(escaping.escape_literal, values))


def _hex(value: bytes) -> bytes:
    """A bytea, as PostgreSQL reads it from text."""
    return b"\\x" + value.hex().encode()


def head_of(tx: Transaction, row: tuple[object, ...] | None) -> Head:
    """The head that ``(…, seq, mac)`` describes; none, or NULLs, is the beginning of the trail."""
    if row is None or row[-1] is None:
        return genesis(tx.tenant)
    sequence, mac = row[-2:]
    if not isinstance(sequence, int) or not isinstance(mac, bytes):
        raise TypeError("the head of the audit trail is (bigint, bytea)")
    return Head(tx.tenant, sequence, mac)


async def current_head(tx: Transaction) -> Head:
    """Where the tenant's trail stands now; takes no lock."""
    return head_of(tx, await (await tx.connection.execute(_HEAD)).fetchone())


async def rows_up_to(tx: Transaction, head: Head) -> AsyncIterator[Link]:
    """The tenant's rows in order, up to ``head``, in constant memory.

    They are never changed, so no lock or snapshot is needed to read them in parts.
    """
    last = 0
    while last < head.sequence:
        rows = await (await tx.connection.execute(_ROWS, (last, head.sequence, _BATCH))).fetchall()
        if not rows:
            return  # rows are missing; the verifier says which
        for seq, key_id, kind, event, previous, mac in rows:
            yield Link(tx.tenant, seq, key_id, kind, event.encode(), previous, mac)
        last = rows[-1][0]


async def export_trail(tx: Transaction, key: CheckpointKey, at: datetime) -> AsyncIterator[bytes]:
    """The tenant's whole trail as it stands, in the lines of ``audit.export``: signed header, then rows."""
    # Whoever takes the lines may take their time: nothing is locked meanwhile.
    await tx.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    head = await current_head(tx)
    yield checkpoint_line(make_checkpoint(key, head, at))
    async for row in rows_up_to(tx, head):
        yield row_line(row)


async def insert_checkpoint(tx: Transaction, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint here too; the one that counts is the one kept out of the owner's reach."""
    head = checkpoint.head
    await tx.connection.execute(
        _INSERT_CHECKPOINT, (head.sequence, head.mac, checkpoint.at, checkpoint.key_id, checkpoint.signature)
    )


async def load_checkpoints(tx: Transaction) -> list[Checkpoint]:
    """The tenant's checkpoints, oldest row first."""
    rows = await (await tx.connection.execute(_CHECKPOINTS)).fetchall()
    return [
        Checkpoint(Head(tx.tenant, seq, mac), at, key_id, signature)
        for seq, mac, at, key_id, signature in rows
    ]


async def tenants(database: Database) -> list[str]:
    """Every tenant that has an audit trail, which is every tenant that ever changed anything."""
    async with database.connection() as connection:
        rows = await (await connection.execute("SELECT lendgate.tenants()")).fetchall()
    return [tenant for (tenant,) in rows]
