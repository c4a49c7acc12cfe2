"""Reviews: accepted, started, and read back; how they end is in ``endings``.

Law: queued -> running -> completed | failed, and an ended review never changes again, whoever tries how
often. Each change is one statement that also writes its progress event and locks the head of the audit
trail, and its transaction commits only after ``audit_log.append_event``. ``body`` is the broker's view
(``schema.Review``) and the only part a door may send out; facts and findings stay inside. All three are
kept sealed; what was kept in the open before that can be read until it has been sealed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from lendgate.policy.model import Facts, Finding
from lendgate.schema import Review
from lendgate.schema.review import ReviewStatus
from lendgate.store.applications import StoredApplication, document_place
from lendgate.store.assessments import (
    assessment_from_json,
    facts_from_json,
    findings_from_json,
)
from lendgate.store.audit_log import head_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.jobs import NewJob, job_values, put
from lendgate.store.sealing import Sealer, place

_ACCEPT: Final = """
    WITH new_application AS (
        INSERT INTO lendgate.application (
            application_id, broker_id, applicant_id, product, document_sealed, body_sha256, request_id,
            received_at
        ) VALUES (
            %(application_id)s, %(broker_id)s, %(applicant_id)s, %(product)s, %(document)s,
            %(body_sha256)s, %(request_id)s, %(received_at)s
        ) RETURNING application_id
    ), new_review AS (
        INSERT INTO lendgate.review (review_id, application_id, broker_id, status, body_sealed, created_at)
        SELECT %(review_id)s, application_id, %(broker_id)s, 'queued', %(body)s, %(at)s
        FROM new_application
        RETURNING review_id
    ), step AS (
        INSERT INTO lendgate.review_progress (review_id, seq, event, at)
        SELECT review_id, 1, 'queued', %(at)s FROM new_review RETURNING seq
    ), job AS (
        INSERT INTO lendgate_queue.procrastinate_jobs (
            queue_name, task_name, priority, lock, args, status, worker_id
        )
        SELECT %(queue)s::text, %(task)s, %(priority)s, %(lock)s, %(arguments)s,
            %(state)s::lendgate_queue.procrastinate_job_status, %(worker)s
        FROM new_review WHERE %(queue)s::text IS NOT NULL
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM step))
"""
_AGAIN: Final = """
    WITH new_review AS (
        INSERT INTO lendgate.review (review_id, application_id, broker_id, status, body_sealed, created_at)
        VALUES (%(review_id)s, %(application_id)s, %(broker_id)s, 'queued', %(body)s, %(at)s)
        RETURNING review_id
    ), step AS (
        INSERT INTO lendgate.review_progress (review_id, seq, event, at)
        SELECT review_id, 1, 'queued', %(at)s FROM new_review RETURNING seq
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM step))
"""
_START: Final = """
    WITH changed AS (
        UPDATE lendgate.review SET status = %(status)s, body = NULL, body_sealed = %(body)s,
            started_at = coalesce(started_at, %(at)s)
        WHERE review_id = %(review_id)s AND status IN ('queued', 'running')
        RETURNING review_id
    ), step AS (
        INSERT INTO lendgate.review_progress (review_id, seq, event, at)
        SELECT review_id, (
            SELECT coalesce(max(seq), 0) + 1 FROM lendgate.review_progress WHERE review_id = %(review_id)s
        ), %(status)s, %(at)s FROM changed RETURNING seq
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM step))
"""
_SELECT: Final = """
    SELECT review_id, application_id, broker_id, status, body::text, created_at, started_at, completed_at,
           body_sealed
    FROM lendgate.review
"""
_LOAD: Final = _SELECT + "WHERE review_id = %s"
_LOCK: Final = _LOAD + " FOR SHARE"
_LOAD_OF_BROKER: Final = _SELECT + "WHERE review_id = %s AND broker_id = %s"
_NEWEST: Final = _SELECT + "WHERE application_id = %s ORDER BY created_at DESC, review_id LIMIT 1"
_PERSON_HAS: Final = """
    SELECT EXISTS (
        SELECT FROM lendgate.review JOIN lendgate.referral USING (tenant, review_id)
        WHERE application_id = %(application_id)s AND review_id <> %(review_id)s
    ) OR EXISTS (
        SELECT FROM lendgate.review JOIN lendgate.decision USING (tenant, review_id)
        WHERE application_id = %(application_id)s AND review_id <> %(review_id)s
    )
"""
_LOAD_ASSESSMENT: Final = """
    SELECT facts::text, findings::text, assessment_sealed FROM lendgate.review
    WHERE review_id = %s AND status = 'completed'
"""


@dataclass(frozen=True, slots=True)
class StoredReview:
    """One review; ``body`` is the JSON text of its ``schema.Review``, byte for byte as stored. UTC."""

    review_id: UUID
    application_id: UUID
    broker_id: str
    status: ReviewStatus
    body: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @property
    def review(self) -> Review:
        """The body, read."""
        return Review.model_validate_json(self.body)


async def accept(
    tx: Transaction,
    application: StoredApplication,
    review: Review,
    job: NewJob | None = None,
    worker: int | None = None,
) -> None:
    """Store an application, its queued review and the review's job: for any worker, or in this one's hands.

    Raises:
        psycopg.errors.UniqueViolation: the application or the review is already there.
    """
    sealer = await sealer_of(tx)
    # Defaults are written out: what was accepted must not change when a default does.
    document = application.document.model_dump_json(exclude_none=True)
    values = change_values(sealer, review, "queued", review.created_at) | {
        "application_id": application.application_id,
        "broker_id": application.broker_id,
        "applicant_id": application.document.applicant_id,
        "product": application.document.product,
        "document": sealer.seal_text(document, document_place(application.application_id)),
        "body_sha256": application.body_sha256,
        "request_id": application.request_id,
        "received_at": application.received_at,
    }
    await _change(tx, _ACCEPT, values | job_values(job, worker))


async def queue_again(
    tx: Transaction, application_id: UUID, broker_id: str, review: Review, job: NewJob
) -> None:
    """Store another queued review of an application, and its job for any worker."""
    values = change_values(await sealer_of(tx), review, "queued", review.created_at)
    await _change(tx, _AGAIN, values | {"application_id": application_id, "broker_id": broker_id})
    await put(tx, job)


async def start_review(tx: Transaction, review: Review, at: datetime) -> bool:
    """Queued -> running; running stays running, after a crash. False: it had ended, nothing changed."""
    return await _change(tx, _START, change_values(await sealer_of(tx), review, "running", at))


async def load_review(tx: Transaction, review_id: UUID, broker_id: str) -> StoredReview | None:
    """The broker's own review of that id; another broker's is None, like one that does not exist."""
    return await _found(tx, _LOAD_OF_BROKER, review_id, broker_id)


async def load_review_for_work(tx: Transaction, review_id: UUID) -> StoredReview | None:
    """The tenant's review of that id, for the service's own use: it asks for no broker."""
    return await _found(tx, _LOAD, review_id)


async def lock_review(tx: Transaction, review_id: UUID) -> StoredReview | None:
    """As ``load_review_for_work``; and the review does not change until this transaction ends."""
    return await _found(tx, _LOCK, review_id)


async def newest_review_of(tx: Transaction, application_id: UUID) -> StoredReview | None:
    """The last review that was made, or is to be made, of an application."""
    return await _found(tx, _NEWEST, application_id)


async def person_has(tx: Transaction, application_id: UUID, review_id: UUID) -> bool:
    """Whether another review of the application was referred to a person, or decided."""
    values = {"application_id": application_id, "review_id": review_id}
    row = await (await tx.connection.execute(_PERSON_HAS, values)).fetchone()
    return bool(row and row[0])


async def load_assessment(tx: Transaction, review_id: UUID) -> tuple[Facts, tuple[Finding, ...]] | None:
    """What a completed review rests on, exactly as it was then."""
    row = await (await tx.connection.execute(_LOAD_ASSESSMENT, (review_id,))).fetchone()
    if row is None:
        return None
    facts, findings, sealed = row
    if sealed is None and facts is None:
        return None  # erased
    if sealed is None:
        return facts_from_json(facts), findings_from_json(findings)
    return assessment_from_json((await sealer_of(tx)).open_text(sealed, assessment_place(review_id)))


def body_place(review_id: UUID) -> bytes:
    """Where a review's body is sealed."""
    return place("review", "body", review_id)


def assessment_place(review_id: UUID) -> bytes:
    """Where a review's facts and findings are sealed."""
    return place("review", "assessment", review_id)


async def _found(tx: Transaction, query: LiteralString, *values: object) -> StoredReview | None:
    row = await (await tx.connection.execute(query, values)).fetchone()
    if row is None:
        return None
    review_id, application_id, broker_id, status, body, created_at, started_at, completed_at, sealed = row
    if body is None and sealed is None:
        return None  # erased
    if sealed is not None:
        body = (await sealer_of(tx)).open_text(sealed, body_place(review_id))
    return StoredReview(
        review_id, application_id, broker_id, status, body, created_at, started_at, completed_at
    )


def change_values(sealer: Sealer, review: Review, status: ReviewStatus, at: datetime) -> dict[str, object]:
    """What every change writes; the body must say the same as the change."""
    if review.status != status:
        raise ValueError(f"review {review.review_id}: its body says {review.status}, not {status}")
    review_id, body = UUID(review.review_id), review.model_dump_json(exclude_none=True)
    return {
        "review_id": review_id,
        "status": status,
        "body": sealer.seal_text(body, body_place(review_id)),
        "at": at,
    }


async def _change(tx: Transaction, statement: str, values: Mapping[str, object]) -> bool:
    row = await (await tx.connection.execute(statement, values)).fetchone()
    # Of two changes in one transaction the second would read a head that lacks the first one's event.
    tx.head = tx.head or head_of(tx, row)
    if row is None or row[0] == 0:
        return False
    tx.unaudited = f"review {values['review_id']} is {values['status']}"
    return True
