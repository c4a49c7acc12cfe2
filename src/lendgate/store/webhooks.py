"""Webhook endpoints: where a tenant's systems want to hear of events.

Law: no secret is stored. An endpoint's signing secrets are derived from a key of the service, the
endpoint's id and its generation (``workflow.webhook_signature``); rotating them counts the generation up,
and the one before goes on signing, too, until ``previous_until``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_INSERT: Final = """
    INSERT INTO lendgate.webhook_endpoint (endpoint_id, broker_id, url, created_at) VALUES (%s, %s, %s, %s)
"""
_SELECT: Final = """
    SELECT endpoint_id, broker_id, url, generation, previous_until, created_at, disabled_at, disabled_because
    FROM lendgate.webhook_endpoint
"""
_ONE: Final = _SELECT + "WHERE endpoint_id = %s"
_ALL: Final = _SELECT + "ORDER BY created_at"
_ROTATE: Final = """
    UPDATE lendgate.webhook_endpoint SET generation = generation + 1, previous_until = %s
    WHERE endpoint_id = %s AND (previous_until IS NULL OR previous_until < %s)
"""
_DISABLE: Final = """
    UPDATE lendgate.webhook_endpoint SET disabled_at = %s, disabled_because = %s
    WHERE endpoint_id = %s AND disabled_at IS NULL
"""
_ENABLE: Final = """
    UPDATE lendgate.webhook_endpoint SET disabled_at = NULL, disabled_because = NULL
    WHERE endpoint_id = %s AND disabled_at IS NOT NULL
"""
_DELETE: Final = "DELETE FROM lendgate.webhook_endpoint WHERE endpoint_id = %s"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address; ``broker_id`` is whose events it hears, None for every broker's. Times are UTC."""

    endpoint_id: UUID
    broker_id: str | None
    url: str
    generation: int
    previous_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    disabled_because: str | None


async def insert_endpoint(
    tx: Transaction, endpoint_id: UUID, url: str, broker_id: str | None, at: datetime
) -> None:
    """Keep a new endpoint."""
    await tx.connection.execute(_INSERT, (endpoint_id, broker_id, url, at))


async def load_endpoint(tx: Transaction, endpoint_id: UUID) -> Endpoint | None:
    """The tenant's endpoint of that id."""
    cursor = tx.connection.cursor(row_factory=class_row(Endpoint))
    return await (await cursor.execute(_ONE, (endpoint_id,))).fetchone()


async def load_endpoints(tx: Transaction) -> list[Endpoint]:
    """The tenant's endpoints, oldest first."""
    cursor = tx.connection.cursor(row_factory=class_row(Endpoint))
    return await (await cursor.execute(_ALL)).fetchall()


async def rotate_secrets(tx: Transaction, endpoint_id: UUID, at: datetime, previous_until: datetime) -> bool:
    """Begin a new generation of secrets. False: there is no such endpoint, or the last one still begins."""
    return (await tx.connection.execute(_ROTATE, (previous_until, endpoint_id, at))).rowcount == 1


async def disable_endpoint(tx: Transaction, endpoint_id: UUID, at: datetime, because: str) -> bool:
    """Send it nothing any more. False: there is no such endpoint, or it was disabled before."""
    return (await tx.connection.execute(_DISABLE, (at, because, endpoint_id))).rowcount == 1


async def enable_endpoint(tx: Transaction, endpoint_id: UUID) -> bool:
    """Send it events again, from now on. False: there is no such endpoint, or it is enabled."""
    return (await tx.connection.execute(_ENABLE, (endpoint_id,))).rowcount == 1


async def delete_endpoint(tx: Transaction, endpoint_id: UUID) -> bool:
    """Forget an endpoint and its deliveries."""
    return (await tx.connection.execute(_DELETE, (endpoint_id,))).rowcount == 1
