"""How a review ends: completed or failed, once, together with everything that ends or begins with it.

Law: the end, its progress event, its job, what others are told, the referral to a person and that person's
clock are one statement, which locks the head of the audit trail last: whoever waits there waits for two round
trips, not for all of this. A review that had ended already changes nothing; only its job ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.decision.clocks import Clock
from lendgate.policy.model import Assessment
from lendgate.schema import Review
from lendgate.schema.referral import Referral
from lendgate.store.assessments import assessment_to_json
from lendgate.store.audit_log import head_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.outbox import Published
from lendgate.store.reviews import assessment_place, change_values

_END: Final = """
    WITH changed AS (
        UPDATE lendgate.review SET status = %(status)s, body = NULL, body_sealed = %(body)s, {columns}
        WHERE review_id = %(review_id)s AND status IN ('queued', 'running')
        RETURNING review_id, application_id, broker_id
    ), step AS (
        INSERT INTO lendgate.review_progress (review_id, seq, event, at)
        SELECT review_id, (
            SELECT coalesce(max(seq), 0) + 1 FROM lendgate.review_progress WHERE review_id = %(review_id)s
        ), %(status)s, %(at)s FROM changed RETURNING seq
    ), job AS (
        DELETE FROM lendgate_queue.procrastinate_jobs
        WHERE lock = %(lock)s AND status = 'doing' AND worker_id = %(worker)s
    ), told AS MATERIALIZED (
        SELECT lendgate.publish(%(event_id)s, %(event)s, broker_id, %(event_data)s::json, %(at)s)
        FROM changed WHERE %(event_id)s::uuid IS NOT NULL
    ), referred AS (
        INSERT INTO lendgate.referral (
            referral_id, review_id, broker_id, applicant_id, product, cause, outcome, state, version,
            opened_at
        )
        SELECT %(referral_id)s, review_id, broker_id, %(applicant_id)s, %(product)s, %(cause)s,
            %(referral_outcome)s, 'open', 1, %(opened_at)s
        FROM changed WHERE %(referral_id)s::uuid IS NOT NULL
        ON CONFLICT (tenant, review_id) WHERE state <> 'decided' DO NOTHING
        RETURNING 1
    ), begun AS (
        INSERT INTO lendgate.clock (clock_id, review_id, kind, started_on, due_on, alerts)
        SELECT %(clock_id)s, review_id, %(clock)s, %(started_on)s, %(due_on)s, %(alerts)s
        FROM changed WHERE %(clock_id)s::uuid IS NOT NULL
        ON CONFLICT (tenant, review_id, kind) WHERE stopped_at IS NULL DO NOTHING
        RETURNING 1
    )
    SELECT head.changed, (SELECT count(*) FROM referred), evidence, head.seq, head.mac
    FROM lendgate.lock_audit_head(
        (SELECT count(*) FROM step)
        + 0 * ((SELECT count(*) FROM told) + (SELECT count(*) FROM referred) + (SELECT count(*) FROM begun))
    ) AS head
    CROSS JOIN LATERAL lendgate.evidence_revision((SELECT application_id FROM changed), head.seq) AS evidence
"""
_FAIL: Final = _END.format(columns="completed_at = %(at)s")
_COMPLETE: Final = _END.format(
    columns="""
        completed_at = %(at)s, assessment_sealed = %(assessment)s, outcome = %(outcome)s,
        reviewer = %(reviewer)s, policy_id = %(policy_id)s, policy_version = %(policy_version)s,
        policy_sha256 = %(policy_sha256)s, engine_version = %(engine_version)s,
        schema_version = %(schema_version)s, cost_usd = %(cost_usd)s"""
)
_OF_A_JOB: Final = ("lock", "worker", "event_id", "event", "event_data")
_OF_A_HANDOVER: Final = (
    *("referral_id", "applicant_id", "product", "cause", "referral_outcome", "opened_at"),
    *("clock_id", "clock", "started_on", "due_on", "alerts"),
)


@dataclass(frozen=True, slots=True)
class Handover:
    """A review that a person has to decide: the referral, and the clock that begins for them."""

    referral: Referral
    clock_id: UUID
    clock: Clock


@dataclass(frozen=True, slots=True)
class Ending:
    """What goes with the end of a review: its job, which this worker holds, what others are told, and who
    has it next.
    """

    lock: str
    worker: int | None
    event: Published
    handover: Handover | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A review that has ended now: whether its referral was opened (an open one stays), and the newest
    revision of what the application's documents prove, 0 for none.
    """

    referred: bool
    evidence: int


async def complete_review(
    tx: Transaction, review: Review, assessment: Assessment, at: datetime, ending: Ending | None = None
) -> Ended | None:
    """End a review with its facts and findings. None: it had ended already.

    Raises:
        ValueError: the review has no recommendation or no memo.
    """
    recommendation, memo = review.recommendation, review.memo
    if recommendation is None or memo is None:
        raise ValueError(f"review {review.review_id}: a completed review has a recommendation and a memo")
    sealer = await sealer_of(tx)
    rests_on = assessment_to_json(assessment.facts, assessment.findings)
    values = {
        "assessment": sealer.seal_text(rests_on, assessment_place(UUID(review.review_id))),
        "outcome": recommendation.outcome,
        "reviewer": memo.reviewer,
        "policy_id": recommendation.policy.id,
        "policy_version": recommendation.policy.version,
        "policy_sha256": recommendation.policy.sha256,
        "engine_version": recommendation.engine_version,
        "schema_version": recommendation.schema_version,
        "cost_usd": review.usage.cost_usd,
    }
    return await _end(tx, _COMPLETE, change_values(sealer, review, "completed", at) | values, ending)


async def fail_review(
    tx: Transaction, review: Review, at: datetime, ending: Ending | None = None
) -> Ended | None:
    """End a review that could not be carried out. None: it had ended already."""
    return await _end(tx, _FAIL, change_values(await sealer_of(tx), review, "failed", at), ending)


async def _end(
    tx: Transaction, statement: str, values: dict[str, object], ending: Ending | None
) -> Ended | None:
    values |= _of_a_job(ending) | _of_a_handover(ending.handover if ending else None)
    row = await (await tx.connection.execute(statement, values)).fetchone()
    # Of two changes in one transaction the second would read a head that lacks the first one's event.
    tx.head = tx.head or head_of(tx, row)
    if row is None or row[0] == 0:
        return None
    tx.unaudited = f"review {values['review_id']} is {values['status']}"
    return Ended(referred=row[1] > 0, evidence=row[2])


def _of_a_job(ending: Ending | None) -> dict[str, object]:
    if ending is None:
        return dict.fromkeys(_OF_A_JOB)
    event = ending.event
    values = (ending.lock, ending.worker, event.event_id, event.kind, json.dumps(event.data))
    return dict(zip(_OF_A_JOB, values, strict=True))


def _of_a_handover(handover: Handover | None) -> dict[str, object]:
    if handover is None:
        return dict.fromkeys(_OF_A_HANDOVER)
    one, clock = handover.referral, handover.clock
    referral = (one.referral_id, one.applicant_id, one.product, one.cause, one.outcome, one.opened_at)
    running = (handover.clock_id, clock.kind, clock.started_on, clock.due_on, list(clock.alerts))
    return dict(zip(_OF_A_HANDOVER, (*referral, *running), strict=True))
