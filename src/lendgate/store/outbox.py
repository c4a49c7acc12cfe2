"""The outbox: what others are told of, written down in the transaction of what happened.

Law: an event is published by the transaction that makes it true, or not at all; it holds ids, codes and
states, nothing personal. Each endpoint that hears it gets one delivery, which is one job; how a delivery
ended is kept, what the receiver answered is not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction
from lendgate.store.jobs import NewJob, put

EventKind = Literal[
    "review.completed",
    "review.failed",
    "decision.made",
    "clock.alerted",
    "document.triaged",
    "intake.person_asked",
    "webhook.test",
]
LENDER_ONLY: Final = ""
"""In place of a broker: only endpoints that hear every broker's events hear it."""
DeliveryState = Literal["waiting", "delivered", "failed"]
_PUBLISH: Final = "SELECT lendgate.publish(%s, %s, %s, %s::json, %s)"
_DELIVERY: Final = """
    SELECT d.delivery_id, d.endpoint_id, d.event_id, d.state, d.attempts, d.last_at, d.last_outcome,
           e.kind, e.data::text AS data, e.at
    FROM lendgate.webhook_delivery d JOIN lendgate.outbox_event e USING (tenant, event_id)
"""
_ONE: Final = _DELIVERY + "WHERE d.delivery_id = %s"
_OF_ENDPOINT: Final = _DELIVERY + "WHERE d.endpoint_id = %s ORDER BY e.at DESC LIMIT %s"
_TRIED: Final = """
    UPDATE lendgate.webhook_delivery
    SET state = %s, attempts = attempts + 1, last_at = %s, last_outcome = %s WHERE delivery_id = %s
"""
_AGAIN: Final = """
    UPDATE lendgate.webhook_delivery SET state = 'waiting', attempts = 0
    WHERE delivery_id = %s AND state <> 'waiting'
"""
_PURGE: Final = "DELETE FROM lendgate.outbox_event WHERE at < %s"


@dataclass(frozen=True, slots=True)
class Published:
    """Something others may be told of; ``at`` is UTC."""

    event_id: UUID
    kind: EventKind
    broker_id: str
    at: datetime
    data: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; ``attempts`` since it was last sent off, ``data`` is JSON."""

    delivery_id: UUID
    endpoint_id: UUID
    event_id: UUID
    state: DeliveryState
    attempts: int
    last_at: datetime | None
    last_outcome: str | None
    kind: EventKind
    data: str
    at: datetime


async def publish(tx: Transaction, event: Published) -> None:
    """Tell of an event, in the transaction that makes it true, whoever listens by then."""
    values = (event.event_id, event.kind, event.broker_id, json.dumps(event.data), event.at)
    await tx.connection.execute(_PUBLISH, values)


async def load_delivery(tx: Transaction, delivery_id: UUID) -> Delivery | None:
    """One delivery and what it carries."""
    cursor = tx.connection.cursor(row_factory=class_row(Delivery))
    return await (await cursor.execute(_ONE, (delivery_id,))).fetchone()


async def deliveries_to(tx: Transaction, endpoint_id: UUID, limit: int) -> list[Delivery]:
    """The latest deliveries to an endpoint."""
    cursor = tx.connection.cursor(row_factory=class_row(Delivery))
    return await (await cursor.execute(_OF_ENDPOINT, (endpoint_id, limit))).fetchall()


async def record_attempt(
    tx: Transaction, delivery_id: UUID, state: DeliveryState, at: datetime, outcome: str
) -> None:
    """Keep how an attempt ended: a status code, or a word of ours."""
    await tx.connection.execute(_TRIED, (state, at, outcome, delivery_id))


async def deliver_again(tx: Transaction, delivery_id: UUID) -> bool:
    """Deliver what was delivered, or given up, once more. False: there is none, or it is on its way."""
    if (await tx.connection.execute(_AGAIN, (delivery_id,))).rowcount == 0:
        return False
    await put(tx, delivery_job(tx.tenant, delivery_id))
    return True


def delivery_job(tenant: str, delivery_id: UUID) -> NewJob:
    """The job that ``lendgate.publish`` (SQL) makes for a delivery."""
    return NewJob("webhooks", "deliver", tenant, "delivery_id", str(delivery_id))


async def purge_events(tx: Transaction, before: datetime) -> int:
    """Forget the tenant's events that are older, and their deliveries; says how many events."""
    return (await tx.connection.execute(_PURGE, (before,))).rowcount
