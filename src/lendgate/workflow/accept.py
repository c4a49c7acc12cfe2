"""Accepting an application: from here on it is not lost.

Law: the application, its monitoring data (in its own table), its queued review, the review's job, the
caller's Idempotency-Key and the audit event are one transaction. What the caller is told was accepted has
been committed, and somebody will carry it out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from lendgate.audit import Event
from lendgate.errors import LendgateError
from lendgate.intake.parse import parse_application
from lendgate.schema import Metadata, Principal, Review
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.idempotency import RequestKey, claim_key
from lendgate.store.jobs import Lane, NewJob
from lendgate.store.monitoring import insert_monitoring
from lendgate.store.reviews import accept
from lendgate.workflow.desk import Desk
from lendgate.workflow.kept_evidence import NONE_KEPT, KeptEvidence


class KeyTakenError(LendgateError):
    """The Idempotency-Key was used by an earlier request, or one at the same moment; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored application and its queued review, on their way to be reviewed.

    ``worker`` is the process that holds the review's job, None for whoever takes it; ``kept`` is what its
    documents prove.
    """

    tenant: str
    application: StoredApplication
    review: Review
    worker: int | None = None
    kept: KeptEvidence = NONE_KEPT

    @property
    def job(self) -> NewJob:
        """The job of an interactive review."""
        return review_job("interactive", self.tenant, self.review.review_id)


class Alongside(Protocol):
    """What else belongs to the transaction that accepts an application: a conversation that ends in it."""

    async def before(self, tx: Transaction) -> None:
        """Lock and look, before anything is stored; whatever it raises accepts nothing."""

    async def after(self, tx: Transaction, accepted: Accepted) -> None:
        """Store what goes with it."""


def review_job(lane: Lane, tenant: str, review_id: str) -> NewJob:
    """The job that carries a review out."""
    return NewJob(lane, "review", tenant, "review_id", review_id)


async def accept_application(
    desk: Desk,
    body: bytes,
    principal: Principal,
    metadata: Metadata,
    *,
    lane: Lane = "interactive",
    worker: int | None = None,
    key: RequestKey | None = None,
    alongside: Alongside | None = None,
) -> Accepted:
    """Parse a body and store what it asks for, with its job: for whoever comes, or in a worker's hands.

    Raises:
        InvalidBodyError: it is no valid application; nothing was stored.
        KeyTakenError: the key has been used; nothing was stored.
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
    accepted = Accepted(principal.tenant, application, review, worker)
    async with desk.database.tenant(principal.tenant) as tx:
        if alongside is not None:
            await alongside.before(tx)
        if key is not None:
            await _claim(tx, key, application, review)
        await accept(tx, application, review, review_job(lane, tx.tenant, review.review_id), worker)
        if intake.monitoring is not None:
            await insert_monitoring(tx, application.application_id, intake.monitoring)
        await append_event(tx, desk.audit_key, _accepted(application, review))
        if alongside is not None:
            await alongside.after(tx, accepted)
    return accepted


async def _claim(tx: Transaction, key: RequestKey, application: StoredApplication, review: Review) -> None:
    subject, digest = UUID(review.review_id), application.body_sha256
    if not await claim_key(tx, key, digest, subject, review.created_at):
        raise KeyTakenError("this Idempotency-Key was used by an earlier request")


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
