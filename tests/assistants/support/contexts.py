"""Small makers of reviews, applications and contexts for the tests of the support agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

from lendgate.assistants.support.context import SupportContext, context_of
from lendgate.policy.reasons import reason
from lendgate.schema import (
    Application,
    CheckOutcome,
    Completeness,
    Concern,
    Contact,
    CreditMemo,
    Decision,
    DecisionAction,
    MissingDocument,
    Outcome,
    PolicyReference,
    Recommendation,
    RequestedItem,
    Review,
)
from lendgate.schema.review import ReviewStatus

RECEIVED: Final = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
ENDED: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SENT: Final = {
    "applicant_id": "A123",
    "income": 95000,
    "debt_to_income": 0.31,
    "employment_years": 6,
    "amount_requested": 25000,
    "term_months": 60,
    "credit": {"score": 702},
}
MISSING: Final = Completeness(
    complete=False,
    missing_documents=[
        MissingDocument(type="identity_document", needed=1, present=0, why="Shows who is applying"),
        MissingDocument(type="bank_statement", needed=2, present=0, why="Shows income"),
    ],
    missing_fields=[],
)
COMPLETE: Final = Completeness(complete=True, missing_documents=[], missing_fields=[])
CANARY: Final = "Canary memo: the ceiling of 43.5 % was passed by a hair, says the private note."


def decision(action: DecisionAction, codes: Iterable[str] = (), **more: object) -> Decision:
    """A decision as it is published, with words of an underwriter's that must go nowhere."""
    fields: dict[str, object] = {
        "decision_id": "d1",
        "review_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "product": "personal_loan",
        "action": action,
        "statement": "Canary statement.",
        "reasons": tuple(reason(code) for code in codes),
        "creditor": Contact(name="Canary Bank", address="Canary Street"),
        "decided_by": "underwriter",
        "decided_at": ENDED,
        "decided_on": ENDED.date(),
    }
    return Decision.model_validate({**fields, **more})


def application(**changes: object) -> Application:
    """What a broker sent."""
    return Application.model_validate(SENT | changes)


def review(
    outcome: Outcome | None = "refer",
    codes: Iterable[str] = ("AA09", "AA10"),
    *,
    status: ReviewStatus = "completed",
    missing: Completeness | None = MISSING,
) -> Review:
    """A review as it is published, with a memo and findings whose words must go nowhere."""
    ended = status in {"completed", "failed"}
    return Review(
        review_id="6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        status=status,
        applicant_id="A123",
        product="personal_loan",
        recommendation=_recommendation(outcome, codes) if outcome and status == "completed" else None,
        memo=_memo() if status == "completed" else None,
        findings=(CheckOutcome(check="canary_rule", title="Canary title", result="fail"),),
        completeness=missing if status == "completed" else None,
        request_id="canary-request",
        created_at=RECEIVED,
        completed_at=ENDED if ended else None,
    )


def _recommendation(outcome: Outcome, codes: Iterable[str]) -> Recommendation:
    policy = PolicyReference(id="canary_pack", version="canary", sha256="a" * 64)
    return Recommendation(
        outcome=outcome,
        risk="high",
        reasons=tuple(reason(code) for code in codes),
        policy=policy,
        engine_version="1",
        schema_version="1.0",
    )


def _memo() -> CreditMemo:
    return CreditMemo(
        reviewer="rules",
        risk_summary=CANARY,
        checks_passed=("Canary check",),
        concerns=(Concern(text=CANARY, facts=("back_end_dti",)),),
        next_step=CANARY,
    )


def context(
    outcome: Outcome | None = "refer",
    codes: Sequence[str] = ("AA09", "AA10"),
    *,
    status: ReviewStatus = "completed",
    missing: Completeness | None = MISSING,
    **sent: object,
) -> SupportContext:
    """A context, by default of a referral with two reasons and two kinds of document missing."""
    return context_of(review(outcome, codes, status=status, missing=missing), application(**sent))


CONTEXTS = {
    "in-review": context(status="running"),
    "stopped": context(status="failed"),
    "eligible": context("eligible", ()),
    "eligible-complete": context("eligible", (), missing=COMPLETE),
    "referred": context(),
    "referred-by-memo": context("refer", ()),
    "incomplete": context(
        "incomplete",
        ("AA01",),
        missing=Completeness(
            complete=False, missing_documents=[], missing_fields=["/amount_requested", "/property/value"]
        ),
    ),
    "not-eligible": context("ineligible", ("AA09", "AA21", "HC04"), missing=COMPLETE),
}
ASKED: Final = (
    RequestedItem(text="Canary: two months of statements", document="bank_statement"),
    RequestedItem(text="Canary: a letter about the gap in work"),
)
CONTEXTS["awaited"] = context_of(
    review("eligible", ()),
    application(),
    awaited=(RequestedItem(text="Canary: last year's", document="tax_transcript"), *ASKED),
)
CONTEXTS |= {
    name: context_of(review(), application(), made)
    for name, made in {
        "approved": decision("approve"),
        "approved-with-conditions": decision("approve_with_conditions", conditions=ASKED),
        "counteroffer": decision("counteroffer", ("AA08",), respond_by=date(2026, 12, 23)),
        "declined": decision("decline", ("AA17", "AA09"), reasons_until=date(2027, 1, 22)),
        "notified-incomplete": decision(
            "incomplete", ("AA01",), missing=ASKED, respond_by=date(2026, 12, 23)
        ),
        "withdrawn": decision("withdrawn"),
    }.items()
}
