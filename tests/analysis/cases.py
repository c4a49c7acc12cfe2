"""Small makers of cases for the analysis tests, and the named cases of the snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lendgate.analysis.reviewer import Case
from lendgate.policy.model import Fact, Value
from lendgate.policy.registry import FACTS
from lendgate.schema import CheckOutcome, Completeness, CreditMemo, MissingDocument, PublicReason, Risk
from lendgate.schema.enums import DocumentType, Product
from lendgate.schema.review import CheckResult

COMPLETE: Final = Completeness(complete=True, missing_documents=[], missing_fields=[])
REASONS: Final = {
    "obligations": PublicReason(code="AA09", text="Excessive obligations in relation to income", hmda_code=1),
    "employment": PublicReason(code="AA07", text="Length of employment", hmda_code=2),
    "references": PublicReason(code="AA04", text="Unable to verify credit references", hmda_code=6),
    "job": PublicReason(code="AA06", text="Unable to verify employment", hmda_code=6),
    "collateral": PublicReason(code="AA23", text="Value or type of collateral not sufficient", hmda_code=4),
    "incomplete": PublicReason(code="AA01", text="Credit application incomplete", hmda_code=7),
}
# Check id, title, the facts it rests on: as the sample packs have them.
CHECKS: Final = {
    "income": ("Income", ("annual_income",)),
    "ratio": ("Debt-to-income ratio", ("back_end_dti",)),
    "guideline": ("Debt-to-income ratio within guideline", ("back_end_dti",)),
    "job": ("Length of employment", ("months_on_job",)),
    "score": ("Credit score", ("credit_score",)),
    "history": ("Length of credit history", ("oldest_trade_months",)),
    "past_due": ("Accounts past due", ("current_delinquencies",)),
    "bankruptcy": ("Open bankruptcy", ("bankruptcy_open",)),
    "ltv": ("Loan-to-value ratio", ("ltv",)),
    "reserves": ("Cash reserves", ("reserves_months",)),
}


def facts(values: Mapping[str, Value | None]) -> dict[str, Fact]:
    """Every registered fact: known where a value is given, unknown elsewhere."""
    return {
        name: Fact(name=name, value=values.get(name), unit=kind.unit, how="As given in a test.")
        for name, kind in FACTS.items()
    }


def check(which: str, result: CheckResult = "pass", reason: str | None = None) -> CheckOutcome:
    """One public check of ``CHECKS``."""
    return CheckOutcome(
        check=which, title=CHECKS[which][0], result=result, reason=REASONS[reason] if reason else None
    )


def lacking(documents: Mapping[DocumentType, int] | None = None, *fields: str) -> Completeness:
    """What is missing: so many of each document, and these fields."""
    missing = [
        MissingDocument(type=kind, needed=count, present=0, why="Asked for by the product")
        for kind, count in (documents or {}).items()
    ]
    return Completeness(complete=False, missing_documents=missing, missing_fields=list(fields))


def case(
    values: Mapping[str, Value | None] | None = None,
    *checks: CheckOutcome,
    risk: Risk = "low",
    product: Product = "personal_loan",
    completeness: Completeness = COMPLETE,
) -> Case:
    """A case with these facts and checks."""
    return Case(
        product=product,
        facts=facts(values or {}),
        checks=checks,
        risk=risk,
        completeness=completeness,
        rests_on={which: names for which, (_, names) in CHECKS.items()},
    )


def draft(text: str = "Low risk.", **changes: object) -> CreditMemo:
    """A model's memo that says ``text`` in its summary."""
    fields: dict[str, object] = {
        "reviewer": "claude",
        "risk_summary": text,
        "checks_passed": ("Income",),
        "next_step": "Manual review of the documents by an underwriter.",
    }
    return CreditMemo.model_validate(fields | changes)


STEADY: Final[dict[str, Value | None]] = {
    "annual_income": Decimal("120000.00"),
    "monthly_income": Decimal("10000.00"),
    "stated_debt_to_income": Decimal("0.220000"),
    "back_end_dti": Decimal("0.220000"),
    "employment_years": Decimal("6.00"),
    "months_on_job": 72,
}
PASSED: Final = (check("income"), check("ratio"), check("guideline"), check("job"))
UNSEEN: Final = tuple(
    check(which, "not_evaluable", "references") for which in ("score", "history", "past_due", "bankruptcy")
)
DOCUMENTS: Final[dict[DocumentType, int]] = {
    "identity_document": 1,
    "credit_authorization": 1,
    "bank_statement": 2,
}
_HOME: Final[dict[str, Value | None]] = {
    **STEADY,
    "amount_requested": Decimal("300000.00"),
    "ltv": Decimal("0.750000"),
    "credit_score": 740,
    "reserves_months": 6,
    "loan_purpose": "Purchase",
    "property_usage": "PrimaryResidence",
}
CASES: Final[dict[str, Case]] = {
    "steady": case(STEADY, *PASSED, *UNSEEN, completeness=lacking(DOCUMENTS)),
    "everything-passed": case(
        {**STEADY, "credit_score": 760, "oldest_trade_months": 97, "current_delinquencies": 0},
        *PASSED,
        check("score"),
        check("history"),
        check("past_due"),
    ),
    "over-leveraged": case(
        {**STEADY, "back_end_dti": Decimal("0.620000")},
        check("income"),
        check("ratio", "fail", "obligations"),
        check("guideline", "fail", "obligations"),
        check("job"),
        *UNSEEN,
        risk="high",
        completeness=lacking(DOCUMENTS),
    ),
    "thin-file": case(
        {
            "annual_income": Decimal("28500.50"),
            "back_end_dti": Decimal("0.347500"),
            "months_on_job": 7,
            "credit_score": 655,
            "oldest_trade_months": 14,
            "current_delinquencies": 0,
        },
        check("income"),
        check("ratio"),
        check("job", "fail", "employment"),
        check("history", "fail", "references"),
        check("past_due"),
        risk="moderate",
        completeness=lacking({"pay_stub": 1}),
    ),
    "no-tenure": case(
        {**STEADY, "employment_years": None, "months_on_job": None},
        check("income"),
        check("ratio"),
        check("job", "not_evaluable", "job"),
    ),
    "open-bankruptcy": case(
        {**STEADY, "bankruptcy_open": True, "current_delinquencies": 1},
        *PASSED,
        check("bankruptcy", "fail", "references"),
        check("past_due", "fail", "references"),
        risk="high",
    ),
    "incomplete-mortgage": case(
        STEADY,
        check("ratio"),
        check("ltv", "not_evaluable", "incomplete"),
        check("reserves", "not_evaluable", "incomplete"),
        risk="undetermined",
        product="mortgage",
        completeness=lacking({"w2": 1, "1040": 2}, "/amount_requested", "/property/value"),
    ),
    "sound-mortgage": case(
        _HOME, check("ratio"), check("ltv"), check("score"), check("reserves"), product="mortgage"
    ),
    "thin-mortgage": case(
        {**_HOME, "ltv": Decimal("0.985000"), "reserves_months": 1},
        check("ratio"),
        check("ltv", "fail", "collateral"),
        check("reserves", "fail", "references"),
        risk="moderate",
        product="mortgage",
    ),
    "no-policy": case({}, risk="undetermined"),
}
"""Cases whose memo is kept word for word in ``snapshots/``."""
