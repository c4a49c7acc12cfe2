"""Decisions made and kept: by an underwriter's verdict, or by the lender's standing permission to approve.

Law: the referral's next version, the decision, its notice, its clocks, what the broker is told and the
audit event are one transaction. Of two verdicts on one version the database takes one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.decision.consumer_report import disclosure, report_facts_used
from lendgate.decision.creditor import Creditor
from lendgate.decision.decide import Matter, approve_eligible, decide
from lendgate.decision.letter import Letter
from lendgate.decision.notices import Told, notice
from lendgate.errors import NotFoundError
from lendgate.policy.model import Assessment, Facts, Finding
from lendgate.review.verdict import Judged, judge
from lendgate.schema import Decision, Review
from lendgate.schema.decision import ADVERSE
from lendgate.schema.referral import Referral, Verdict
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.decisions import StoredDecision, insert_decision
from lendgate.store.outbox import Published, publish
from lendgate.store.referrals import save_referral
from lendgate.store.reviews import load_assessment, load_review_for_work
from lendgate.store.support import answer_requests
from lendgate.workflow.deadlines import turn_clocks
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import NOT_HERE, AsRead, load_as_read

POLICY_ACTOR = "system:policy"


class Record(BaseModel):
    """What stays inside of a decision, so that it can be made again: the verdict, who gave it and who
    proposed it, and the creditor as it was. Without a verdict the lender's permission approved.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict | None = None
    actor: str
    maker: str | None = None
    creditor: Creditor


@dataclass(frozen=True, slots=True)
class Decided:
    """A referral after a verdict, and the decision, unless it waits for a second person."""

    referral: Referral
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Approval:
    """What policy approves by the lender's standing permission, not kept yet."""

    stored: StoredDecision
    record: Record


@dataclass(frozen=True, slots=True)
class _Case:
    """What a decision rests on, as it was stored."""

    application: StoredApplication
    facts: Facts
    findings: tuple[Finding, ...]


async def decide_referral(desk: Desk, read: AsRead, verdict: Verdict) -> Decided:
    """Take an underwriter's verdict on a referral.

    Raises:
        NotFoundError, StaleError, HeldError, ClosedError: the referral is not there, not as it was, not free.
        VerdictRefusedError, DecisionRefusedError: the verdict cannot become a decision; nothing changed.
    """
    async with desk.database.tenant(read.tenant) as tx:
        referral = await load_as_read(tx, read)
        case = await _load_case(tx, UUID(referral.review_id))
        judged = judge(referral, verdict, case.findings, read.actor, desk.now())
        await save_referral(tx, judged.referral)
        if judged.verdict is None:
            await append_event(tx, desk.audit_key, _proposed(desk, judged, read))
            return Decided(judged.referral, None)
        record = Record(
            verdict=judged.verdict,
            actor=read.named_actor,
            maker=judged.maker,
            creditor=desk.creditor(read.tenant),
        )
        matter = _matter(desk, referral.review_id, case, record.creditor)
        decision = decide(matter, judged.verdict)
        letter = letter_of(decision, record, case.application, case.facts, case.findings)
        stored = _stored(decision, record, letter, referral.broker_id, UUID(referral.referral_id))
        await _keep(tx, desk, stored, record)
        return Decided(judged.referral, decision)


def policy_approval(
    desk: Desk, tenant: str, application: StoredApplication, review: Review, assessment: Assessment
) -> Approval | None:
    """The approval of an eligible application where its creditor allows that; None: a person decides."""
    creditor, recommendation = desk.creditors.get(tenant), review.recommendation
    if creditor is None or recommendation is None:
        return None
    case = _Case(application, assessment.facts, assessment.findings)
    decision = approve_eligible(_matter(desk, review.review_id, case, creditor), recommendation)
    if decision is None:
        return None
    record = Record(actor=POLICY_ACTOR, creditor=creditor)
    return Approval(_stored(decision, record, None, application.broker_id, None), record)


async def keep_approval(tx: Transaction, desk: Desk, approval: Approval) -> None:
    """Make an approval stand, in the transaction that completes its review."""
    await _keep(tx, desk, approval.stored, approval.record)


def letter_of(
    decision: Decision,
    record: Record,
    application: StoredApplication,
    facts: Facts,
    findings: tuple[Finding, ...],
) -> Letter | None:
    """The notice of a decision; its block on consumer reports where adverse action rests on one.

    Raises:
        DecisionRefusedError: it lacks something that the law wants said.
    """
    verdict, report = record.verdict, None
    if verdict is not None and decision.action in ADVERSE:
        used = report_facts_used(findings, facts)
        report = disclosure(used, application.document.credit, verdict.consumer_report, record.creditor)
    return notice(Told(decision, application.document, application.broker_id, record.creditor, report))


async def _load_case(tx: Transaction, review_id: UUID) -> _Case:
    stored = await load_review_for_work(tx, review_id)
    application = await load_application(tx, stored.application_id) if stored else None
    if application is None:
        raise NotFoundError(NOT_HERE)
    facts, findings = await load_assessment(tx, review_id) or ({}, ())
    return _Case(application, facts, findings)


def _matter(desk: Desk, review_id: str, case: _Case, creditor: Creditor) -> Matter:
    product = case.application.document.product
    return Matter(str(desk.new_id()), review_id, product, case.findings, creditor, desk.now())


def _stored(
    decision: Decision, record: Record, letter: Letter | None, broker_id: str, referral_id: UUID | None
) -> StoredDecision:
    return StoredDecision(
        decision_id=UUID(decision.decision_id),
        review_id=UUID(decision.review_id),
        referral_id=referral_id,
        broker_id=broker_id,
        number=0,
        body=decision.model_dump_json(exclude_none=True).encode(),
        record=record.model_dump_json(exclude_none=True).encode(),
        letter=letter.model_dump_json(exclude_none=True).encode() if letter else None,
    )


async def _keep(tx: Transaction, desk: Desk, stored: StoredDecision, record: Record) -> None:
    """The decision, its clocks, the requests it answers, what others hear, and the event over its bytes."""
    decision = stored.decision
    await insert_decision(tx, stored)
    await turn_clocks(tx, desk, decision)
    told = {
        "action": decision.action,
        "decision_id": decision.decision_id,
        "review_id": decision.review_id,
    }
    at = decision.decided_at
    await publish(tx, Published(desk.new_id(), "decision.made", stored.broker_id, at, dict(told)))
    data: dict[str, Json] = {
        **told,
        "body_sha256": hashlib.sha256(stored.body).hexdigest(),
        "letter_sha256": hashlib.sha256(stored.letter).hexdigest() if stored.letter else None,
        "maker": record.maker,
        "notice": decision.notice,
        "override_codes": list(record.verdict.override_codes or ()) if record.verdict else [],
        "reasons": [reason.code for reason in decision.reasons],
        "requests_answered": await answer_requests(tx, stored.review_id, at),
    }
    event = Event("decision.made", decision.decision_id, record.actor, at, data)
    await append_event(tx, desk.audit_key, event)


def _proposed(desk: Desk, judged: Judged, read: AsRead) -> Event:
    referral, proposal = judged.referral, judged.referral.proposal
    codes = list(proposal.verdict.override_codes or ()) if proposal else []
    data: dict[str, Json] = {
        "override_codes": codes,
        "review_id": referral.review_id,
        "version": referral.version,
    }
    return Event("referral.proposed", referral.referral_id, read.named_actor, desk.now(), data)
