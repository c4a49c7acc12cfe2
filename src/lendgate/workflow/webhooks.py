"""Webhooks: each event to each endpoint at least once, over a day if need be, signed and to public places.

Law: a delivery is tried until its receiver says 2xx, says 410 (it is gone: the endpoint is disabled), or
the schedule is used up; each attempt is kept with its outcome in one word. The same event has the same id
every time, so a receiver can tell a repetition. What the receiver says is never kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from lendgate.store.database import Database
from lendgate.store.outbox import Delivery, DeliveryState, load_delivery, record_attempt
from lendgate.store.webhooks import Endpoint, disable_endpoint, load_endpoint
from lendgate.workflow.outbound import AddressError, Outbound, UnreachableError
from lendgate.workflow.webhook_signature import secrets_in_force, webhook_headers

RETRY_SECONDS: Final = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 7 * 3600, 10 * 3600)
"""Waits between attempts, those the Standard Webhooks specification suggests: a day and half an hour."""
JITTER: Final = 0.1
"""The most a wait is lengthened by, so that a receiver that comes back is not met by all at once."""
_SUCCESS: Final = range(200, 300)
_GONE: Final = "410"
_DISABLED: Final = "disabled"


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What deliveries are made with: ``key`` is what the endpoints' secrets are derived from."""

    database: Database
    outbound: Outbound
    key: bytes = field(repr=False)
    now: Callable[[], datetime]
    random: Callable[[], float]
    """Between 0 and 1."""


async def deliver(office: PostOffice, tenant: str, delivery_id: UUID) -> float | None:
    """Try a delivery once. The seconds to wait before the next try; None when there is none to come.

    Raises:
        StoreUnavailableError: it may have been sent, and its outcome could not be kept: try again.
    """
    async with office.database.tenant(tenant) as tx:
        delivery = await load_delivery(tx, delivery_id)
        endpoint = await load_endpoint(tx, delivery.endpoint_id) if delivery else None
    if delivery is None or endpoint is None or delivery.state != "waiting":
        return None
    if endpoint.disabled_at is not None:
        return await _keep(office, tenant, delivery, _DISABLED)
    outcome = await _attempt(office, endpoint, delivery)
    return await _keep(office, tenant, delivery, outcome)


async def _attempt(office: PostOffice, endpoint: Endpoint, delivery: Delivery) -> str:
    """Send it; the answer's status, or one word for why there is none."""
    at, body = office.now(), body_of(delivery)
    headers = webhook_headers(delivery.event_id, body, secrets_in_force(office.key, endpoint, at), at)
    sent = {**headers, "content-type": "application/json", "user-agent": "lendgate-webhooks"}
    try:
        return str(await office.outbound.post(endpoint.url, body, sent))
    except UnreachableError as failure:
        return str(failure)
    except AddressError:
        return "address"


async def _keep(office: PostOffice, tenant: str, delivery: Delivery, outcome: str) -> float | None:
    """Keep how an attempt ended; the seconds until the next one."""
    at, wait = office.now(), _wait(office, delivery, outcome)
    state: DeliveryState = "delivered" if _delivered(outcome) else "failed" if wait is None else "waiting"
    async with office.database.tenant(tenant) as tx:
        await record_attempt(tx, delivery.delivery_id, state, at, outcome)
        if outcome == _GONE:
            await disable_endpoint(tx, delivery.endpoint_id, at, "it answered 410 Gone")
    return wait


def _wait(office: PostOffice, delivery: Delivery, outcome: str) -> float | None:
    final = _delivered(outcome) or outcome in (_GONE, _DISABLED)
    if final or delivery.attempts >= len(RETRY_SECONDS):
        return None
    return RETRY_SECONDS[delivery.attempts] * (1 + JITTER * office.random())


def _delivered(outcome: str) -> bool:
    return outcome.isdecimal() and int(outcome) in _SUCCESS


def body_of(delivery: Delivery) -> bytes:
    """The same bytes for the same event: ``type``, ``timestamp``, ``data``."""
    at = delivery.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    document = {"type": delivery.kind, "timestamp": at, "data": json.loads(delivery.data)}
    return json.dumps(document, separators=(",", ":")).encode()
