"""The published decision: what a broker may see of it, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from lendgate.schema import Contact, CreditTerms, Decision, PublicReason, RequestedItem

DECISION = Decision(
    decision_id="d-1",
    review_id="r-1",
    product="personal_loan",
    action="counteroffer",
    statement="We can offer credit on other terms.",
    reasons=(PublicReason(code="AA09", text="Excessive obligations in relation to income", hmda_code=1),),
    counteroffer=CreditTerms(amount=Decimal("8000.00"), term_months=36, annual_rate=Decimal("0.1199")),
    creditor=Contact(name="Sample Lender", address="100 Sample Street, Springfield, IL 62701"),
    notice="C-4",
    decided_by="underwriter",
    decided_at=datetime(2026, 11, 26, 2, 0, tzinfo=UTC),
    decided_on=date(2026, 11, 25),
)
PRIVATE = ("actor", "underwriter", "note", "override", "finding", "limit", "threshold", "score", "policy")


def test_a_decision_reads_back_as_it_was_sent() -> None:
    """JSON and back loses nothing."""
    assert Decision.model_validate_json(DECISION.model_dump_json(exclude_none=True)) == DECISION


def test_a_decision_has_no_field_for_what_is_private() -> None:
    """Invariant g as a type: what has no field cannot be sent."""
    fields = " ".join((*Decision.model_fields, *RequestedItem.model_fields, *CreditTerms.model_fields))
    assert [word for word in PRIVATE if word in fields] == []


@pytest.mark.parametrize(("length", "fits"), [(400, True), (401, False)])
def test_what_is_asked_for_is_one_sentence(length: int, *, fits: bool) -> None:
    """The boundary from both sides."""
    try:
        RequestedItem(text="x" * length)
    except ValidationError:
        assert not fits
    else:
        assert fits
