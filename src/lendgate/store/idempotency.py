"""Idempotency keys: a request that comes again is not carried out again, and hears the same answer.

Law: a key belongs to a tenant, a caller and a route. ``claim`` is part of the transaction that carries the
request out, so a key is kept exactly when what it asked for is; of any number at once one claims it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_CLAIM: Final = """
    INSERT INTO lendgate.idempotency (caller, route, key, body_sha256, subject, created_at)
    VALUES (%(caller)s, %(route)s, %(key)s, %(body_sha256)s, %(subject)s, %(at)s) ON CONFLICT DO NOTHING
"""
_FIND: Final = """
    SELECT subject, body_sha256, status, answer, created_at FROM lendgate.idempotency
    WHERE caller = %(caller)s AND route = %(route)s AND key = %(key)s
"""
_RECORD: Final = """
    UPDATE lendgate.idempotency SET status = %(status)s, answer = %(answer)s
    WHERE caller = %(caller)s AND route = %(route)s AND key = %(key)s AND answer IS NULL
"""
_PURGE: Final = "DELETE FROM lendgate.idempotency WHERE created_at < %s"


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An Idempotency-Key and whose it is; ``caller`` is the broker."""

    caller: str
    route: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """The first request with a key: ``subject`` is what it made, ``body_sha256`` is of what it sent.

    ``status`` and ``answer`` are what it was answered, where that was recorded.
    """

    subject: UUID
    body_sha256: bytes
    status: int | None
    answer: str | None
    created_at: datetime


async def claim_key(
    tx: Transaction, key: RequestKey, body_sha256: bytes, subject: UUID, at: datetime
) -> bool:
    """Take a key for what this transaction does. False: it is taken; end the transaction.

    Waits for whoever is taking the same key at this moment.
    """
    values = _values(key) | {"body_sha256": body_sha256, "subject": subject, "at": at}
    return (await tx.connection.execute(_CLAIM, values)).rowcount == 1


async def find_key(tx: Transaction, key: RequestKey) -> KeptRequest | None:
    """The request that a key was first used for."""
    cursor = tx.connection.cursor(row_factory=class_row(KeptRequest))
    return await (await cursor.execute(_FIND, _values(key))).fetchone()


async def record_answer(tx: Transaction, key: RequestKey, status: int, answer: str) -> bool:
    """Keep what the first request was answered, once. False: there is an answer already."""
    values = _values(key) | {"status": status, "answer": answer}
    return (await tx.connection.execute(_RECORD, values)).rowcount == 1


async def purge_keys(tx: Transaction, before: datetime) -> int:
    """Forget the tenant's keys that are older; says how many."""
    return (await tx.connection.execute(_PURGE, (before,))).rowcount


def _values(key: RequestKey) -> dict[str, object]:
    return {"caller": key.caller, "route": key.route, "key": key.key}
