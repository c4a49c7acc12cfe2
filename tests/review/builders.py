"""Referrals and verdicts for the tests of review and decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lendgate.schema.referral import Referral, Terms, Verdict

AT = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
SOON = AT + timedelta(minutes=1)
REASON = "Income and debts were looked at again."


def referral(**changes: object) -> Referral:
    """An open referral of an application that the rules would decline."""
    return Referral(
        referral_id="ref-1",
        review_id="rev-1",
        broker_id="broker-1",
        applicant_id="A123",
        product="personal_loan",
        cause="ineligible",
        outcome="ineligible",
        opened_at=AT,
    ).model_copy(update=changes)


def verdict(action: str = "decline", **more: object) -> Verdict:
    """A whole verdict of this action; ``more`` adds to it or takes away (None)."""
    needs: dict[str, dict[str, object]] = {
        "decline": {"codes": ["AA09"]},
        "counteroffer": {"codes": ["AA09"], "counteroffer": Terms.model_validate(TERMS)},
        "incomplete": {"missing": ["Two recent pay stubs"]},
        "approve_with_conditions": {"conditions": ["A recent bank statement"]},
    }
    given = {"action": action, "reason": REASON} | needs.get(action, {}) | more
    return Verdict.model_validate({name: value for name, value in given.items() if value is not None})


TERMS = {"amount": 5000, "term_months": 24}
