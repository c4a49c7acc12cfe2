"""Accepting an application: from here on it is not lost.

Law: the application, its monitoring data (in its own table), its queued review and the audit event are
one transaction. What the caller is told was accepted has been committed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lendgate.audit import Event
from lendgate.intake.parse import parse_application
from lendgate.schema import Metadata, Principal, Review
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.monitoring import insert_monitoring
from lendgate.store.reviews import accept
from lendgate.workflow.desk import Desk


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored application and its queued review, on their way to be reviewed."""

    tenant: str
    application: StoredApplication
    review: Review


async def accept_application(desk: Desk, body: bytes, principal: Principal, metadata: Metadata) -> Accepted:
    """Parse a body and store what it asks for.

    Raises:
        InvalidBodyError: it is no valid application; nothing was stored.
        StoreUnavailableError: it could not be stored; nothing was.
    """
    intake = parse_application(body)
    application = StoredApplication(
        application_id=desk.new_id(),
        broker_id=principal.broker_id,
        document=intake.application,
        body_sha256=hashlib.sha256(body).digest(),
        request_id=metadata.request_id,
        received_at=metadata.received_at,
    )
    review = _queued(desk, application)
    async with desk.database.tenant(principal.tenant) as tx:
        await accept(tx, application, review)
        if intake.monitoring is not None:
            await insert_monitoring(tx, application.application_id, intake.monitoring)
        await append_event(tx, desk.audit_key, _accepted(application, review))
    return Accepted(principal.tenant, application, review)


def _queued(desk: Desk, application: StoredApplication) -> Review:
    return Review(
        review_id=str(desk.new_id()),
        status="queued",
        applicant_id=application.document.applicant_id,
        product=application.document.product,
        request_id=application.request_id,
        created_at=desk.now(),
    )


def _accepted(application: StoredApplication, review: Review) -> Event:
    return Event(
        kind="application.accepted",
        subject=str(application.application_id),
        actor=f"broker:{application.broker_id}",
        at=review.created_at,
        data={
            "body_sha256": application.body_sha256.hex(),
            "product": application.document.product,
            "request_id": application.request_id,
            "review_id": review.review_id,
        },
    )
