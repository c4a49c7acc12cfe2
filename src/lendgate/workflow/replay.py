"""Stored decisions made again, from stored facts, policy, versions and verdicts, and compared byte for byte.

Law: reads only. What documents showed when the review was made is taken as it was stored. What cannot be
made again (a policy that is not kept, another engine) is said, never passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lendgate.decision.decide import Matter, approve_eligible, decide
from lendgate.decision.replay import Grounds, RuleChange, replay, rule_changes
from lendgate.decision.version import ENGINE_VERSION
from lendgate.errors import LendgateError, NotFoundError
from lendgate.policy.facts import derive
from lendgate.policy.model import Finding
from lendgate.policy.pack import Pack, load_pack
from lendgate.schema import Decision, Outcome, Recommendation, Review
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.assessments import facts_to_json, findings_to_json
from lendgate.store.database import Transaction
from lendgate.store.decisions import StoredDecision, load_decision, load_standing
from lendgate.store.policy_packs import load_pack_text
from lendgate.store.reviews import StoredReview, load_assessment, load_review_for_work
from lendgate.workflow.desk import Desk
from lendgate.workflow.verdicts import Record, letter_of


class NotReplayableError(LendgateError):
    """What a decision rests on is not there, or was made by another version; says which."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay: the names of the parts that were compared, and of those that differ."""

    review_id: str
    decision_id: str | None
    compared: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another policy would say of the same facts."""

    review_id: str
    outcome_before: Outcome
    outcome_after: Outcome
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]
    rules: tuple[RuleChange, ...]


@dataclass(frozen=True, slots=True)
class _Stored:
    """Everything of one review that a replay reads."""

    review: StoredReview
    application: StoredApplication
    grounds: Grounds
    findings: tuple[Finding, ...]
    recommendation: Recommendation
    pack: Pack
    decision: StoredDecision | None


async def replay_stored(desk: Desk, tenant: str, of: UUID) -> Replayed:
    """Make a review, and the decision on it, again; ``of`` is the id of either.

    Raises:
        NotFoundError: there is no such review or decision.
        NotReplayableError: what it rests on is not there, or another engine made it.
    """
    async with desk.database.tenant(tenant) as tx:
        stored = await _load(tx, of)
    made_by = stored.recommendation.engine_version
    if made_by != ENGINE_VERSION:
        raise NotReplayableError(f"engine {made_by} made it, and this is {ENGINE_VERSION}: use that version")
    findings, recommendation = replay(stored.grounds, stored.pack)
    pairs = _review_pairs(stored, findings, recommendation)
    if stored.decision is not None:
        pairs |= _decision_pairs(stored, stored.decision, findings, recommendation)
    return Replayed(
        review_id=str(stored.review.review_id),
        decision_id=str(stored.decision.decision_id) if stored.decision else None,
        compared=tuple(pairs),
        differs=tuple(name for name, (before, after) in pairs.items() if before != after),
    )


async def what_if(desk: Desk, tenant: str, of: UUID, policy: Pack) -> WhatIf:
    """What ``policy`` would say of the stored facts, and which rules make the difference.

    Raises:
        NotFoundError, NotReplayableError: as ``replay_stored``.
        PolicyError: a rule that would not pass has no public reason.
    """
    async with desk.database.tenant(tenant) as tx:
        stored = await _load(tx, of)
    if policy.product != stored.application.document.product:
        raise NotReplayableError(f"the policy is for {policy.product}, the application is not")
    findings, recommendation = replay(stored.grounds, policy)
    return WhatIf(
        review_id=str(stored.review.review_id),
        outcome_before=stored.recommendation.outcome,
        outcome_after=recommendation.outcome,
        reasons_before=tuple(reason.code for reason in stored.recommendation.reasons),
        reasons_after=tuple(reason.code for reason in recommendation.reasons),
        rules=rule_changes(stored.findings, findings),
    )


async def _load(tx: Transaction, of: UUID) -> _Stored:
    decision = await load_decision(tx, of)
    review_id = decision.review_id if decision else of
    stored = await load_review_for_work(tx, review_id)
    application = await load_application(tx, stored.application_id) if stored else None
    if stored is None or application is None:
        raise NotFoundError("There is no review and no decision with that id.")
    review, assessment = stored.review, await load_assessment(tx, review_id)
    recommendation, memo, completeness = review.recommendation, review.memo, review.completeness
    if assessment is None or recommendation is None or memo is None or completeness is None:
        raise NotReplayableError("the review has not been completed: there is nothing to make again")
    facts, findings = assessment
    as_of = application.received_at.date()
    return _Stored(
        review=stored,
        application=application,
        grounds=Grounds(application.document, facts, as_of, completeness, memo),
        findings=findings,
        recommendation=recommendation,
        pack=await _pack(tx, recommendation),
        decision=decision or await load_standing(tx, review_id),
    )


async def _pack(tx: Transaction, recommendation: Recommendation) -> Pack:
    reference = recommendation.policy
    content = await load_pack_text(tx, reference.sha256)
    if content is None:
        raise NotReplayableError(f"the policy {reference.id} {reference.version} is not kept here")
    return load_pack(f"{reference.id}.yaml", content)


def _review_pairs(
    stored: _Stored, findings: tuple[Finding, ...], recommendation: Recommendation
) -> dict[str, tuple[object, object]]:
    """What was stored and what was made again, by its name."""
    grounds = stored.grounds
    changes = {"recommendation": recommendation, "findings": tuple(one.public for one in findings)}
    again: Review = stored.review.review.model_copy(update=changes)
    shown = {name: fact for name, fact in grounds.facts.items() if fact.verified == "document"}
    derived = facts_to_json(derive(grounds.application, grounds.as_of, shown))
    return {
        "facts": (facts_to_json(grounds.facts), derived),
        "findings": (findings_to_json(stored.findings), findings_to_json(findings)),
        "review": (stored.review.body, again.model_dump_json(exclude_none=True)),
    }


def _decision_pairs(
    stored: _Stored, kept: StoredDecision, findings: tuple[Finding, ...], recommendation: Recommendation
) -> dict[str, tuple[object, object]]:
    record = Record.model_validate_json(kept.record)
    again = _decided(stored, kept, record, findings, recommendation)
    if again is None:
        return {"decision": (kept.body, None)}
    letter = letter_of(again, record, stored.application, stored.grounds.facts, findings)
    told = letter.model_dump_json(exclude_none=True).encode() if letter else None
    return {
        "decision": (kept.body, again.model_dump_json(exclude_none=True).encode()),
        "notice": (kept.letter, told),
    }


def _decided(
    stored: _Stored,
    kept: StoredDecision,
    record: Record,
    findings: tuple[Finding, ...],
    recommendation: Recommendation,
) -> Decision | None:
    matter = Matter(
        str(kept.decision_id),
        str(kept.review_id),
        stored.application.document.product,
        findings,
        record.creditor,
        kept.decision.decided_at,
    )
    if record.verdict is None:
        return approve_eligible(matter, recommendation)
    return decide(matter, record.verdict)
