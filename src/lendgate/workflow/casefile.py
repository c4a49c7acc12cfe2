"""A referral with everything an underwriter decides it on, private words included.

Law: for the lender's own desk only: findings with their limits, and the reasons that may be chosen.
"""

from __future__ import annotations

from uuid import UUID

from lendgate.decision.choosing import supported_reasons
from lendgate.schema.casefile import BrokerRequest, Casefile, Deadline, ReasonToChoose, RuleApplied
from lendgate.schema.referral import Referral
from lendgate.store.applications import load_application
from lendgate.store.clocks import load_clocks
from lendgate.store.database import Transaction
from lendgate.store.decisions import load_standing
from lendgate.store.reviews import load_assessment, load_review_for_work
from lendgate.store.support import published, request_texts, requests_of


async def load_casefile(tx: Transaction, referral: Referral) -> Casefile:
    """The case of a referral.

    Raises:
        ValueError: the referral's review or application is not there, which foreign keys rule out.
    """
    review_id = UUID(referral.review_id)
    stored = await load_review_for_work(tx, review_id)
    application = await load_application(tx, stored.application_id) if stored else None
    if stored is None or application is None:
        raise ValueError(f"referral {referral.referral_id} has no review")
    facts, findings = await load_assessment(tx, review_id) or ({}, ())
    standing = await load_standing(tx, review_id)
    values = {name: None if fact.value is None else str(fact.value) for name, fact in facts.items()}
    return Casefile(
        referral=referral,
        review=stored.review,
        application=application.document,
        findings=tuple(
            RuleApplied(
                rule=one.rule,
                title=one.title,
                result=one.result,
                effect=one.effect,
                knockout=one.knockout,
                limit=one.limit,
                note=one.note,
                citation=one.citation,
                facts={name: values.get(name) for name in one.facts},
            )
            for one in findings
        ),
        reasons=tuple(
            ReasonToChoose(reason=one.reason, rules=one.rules, must=one.must)
            for one in supported_reasons(findings)
        ),
        deadlines=tuple(
            Deadline(kind=one.kind, due_on=one.due_on)
            for one in await load_clocks(tx, review_id)
            if one.stopped_at is None
        ),
        requests=await _requests(tx, review_id, referral.broker_id),
        decision=standing.decision if standing else None,
    )


async def _requests(tx: Transaction, review_id: UUID, broker_id: str) -> tuple[BrokerRequest, ...]:
    texts = await request_texts(tx, review_id)
    return tuple(
        BrokerRequest(request=published(one), text=texts[one.request_id])
        for one in await requests_of(tx, review_id, broker_id)
    )
