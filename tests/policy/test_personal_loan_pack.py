"""The personal loan sample: every rule at its limit and one step beyond, and the journeys it is made for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.policy.evaluate import assess, evaluate, risk_of
from lendgate.policy.model import Value
from lendgate.schema import Risk
from tests.policy.builders import DAY, GOOD_PERSONAL, PACKS, application, by_rule, facts_of

PACK = PACKS["personal_loan"]
BOUNDARIES: list[tuple[str, dict[str, Value], dict[str, Value]]] = [
    ("income", {"annual_income": Decimal("12000.00")}, {"annual_income": Decimal("11999.99")}),
    ("debt_to_income", {"back_end_dti": Decimal("0.500000")}, {"back_end_dti": Decimal("0.500001")}),
    (
        "debt_to_income_guideline",
        {"back_end_dti": Decimal("0.400000")},
        {"back_end_dti": Decimal("0.400001")},
    ),
    ("stated_obligations", {"dti_disagreement": Decimal("0.05")}, {"dti_disagreement": Decimal("0.050001")}),
    ("stated_income", {"income_disagreement": Decimal("0.1")}, {"income_disagreement": Decimal("0.100001")}),
    (
        "documented_income",
        {"documented_income_difference": Decimal("0.1")},
        {"documented_income_difference": Decimal("0.100001")},
    ),
    ("length_of_employment", {"months_on_job": 12}, {"months_on_job": 11}),
    ("credit_score", {"credit_score": 660}, {"credit_score": 659}),
    ("credit_history", {"oldest_trade_months": 36}, {"oldest_trade_months": 35}),
    ("recent_inquiries", {"recent_inquiries": 3}, {"recent_inquiries": 4}),
    (
        "recent_inquiries",
        {"recent_inquiries": 9, "credit_score": 740},
        {"recent_inquiries": 9, "credit_score": 739},
    ),
    ("current_delinquencies", {"current_delinquencies": 0}, {"current_delinquencies": 1}),
    ("open_bankruptcy", {"bankruptcy_open": False}, {"bankruptcy_open": True}),
    ("past_bankruptcy", {"bankruptcy_declared": False}, {"bankruptcy_declared": True}),
    ("outstanding_judgments", {"outstanding_judgments": False}, {"outstanding_judgments": True}),
    ("annual_percentage_rate", {"apr": Decimal("0.36")}, {"apr": Decimal("0.360001")}),
]


@pytest.mark.parametrize(("rule", "at_limit", "beyond"), BOUNDARIES)
def test_boundary(rule: str, at_limit: dict[str, Value], beyond: dict[str, Value]) -> None:
    """At the limit the rule passes; one step beyond it fails."""
    for values, result in ((at_limit, "pass"), (beyond, "fail")):
        findings = by_rule(evaluate(PACK, facts_of({**GOOD_PERSONAL, **values}), DAY))
        assert findings[rule].result == result


def test_every_rule_has_its_boundary() -> None:
    """No rule of the pack goes untested."""
    assert {rule for rule, _, _ in BOUNDARIES} == {rule.id for rule in PACK.rules}


@pytest.mark.parametrize(
    ("ratio", "failed", "risk"),
    [
        (0.22, set(), "low"),
        (0.45, {"debt_to_income_guideline"}, "moderate"),
        (0.62, {"debt_to_income_guideline", "debt_to_income"}, "high"),
    ],
)
def test_three_applications(ratio: float, failed: set[str], risk: Risk) -> None:
    """The same person at three ratios: nothing failed, a referral, a decline."""
    app = application(income=120000, employment_years=6, debt_to_income=ratio)
    findings = assess(PACK, app, DAY).findings
    assert {finding.rule for finding in findings if finding.result == "fail"} == failed
    assert risk_of(findings) == risk


def test_what_the_smallest_application_confirms() -> None:
    """Income, debt and employment pass; what a consumer report would say is not evaluable."""
    findings = assess(PACK, application(income=120000, employment_years=6, debt_to_income=0.22), DAY).findings
    passed = {finding.rule for finding in findings if finding.result == "pass"}
    assert passed == {"income", "debt_to_income", "debt_to_income_guideline", "length_of_employment"}
    assert {finding.result for finding in findings if finding.rule not in passed} == {"not_evaluable"}


def test_too_much_debt_is_declined_for_obligations() -> None:
    """0.62: a decline rule, in the form's words, and a knockout."""
    app = application(income=120000, employment_years=6, debt_to_income=0.62)
    finding = by_rule(assess(PACK, app, DAY).findings)["debt_to_income"]
    assert (finding.result, finding.effect, finding.knockout) == ("fail", "decline", True)
    assert finding.reason is not None
    assert (finding.reason.code, finding.reason.text) == (
        "AA09",
        "Excessive obligations in relation to income",
    )


def test_a_stated_ratio_that_the_parts_contradict_is_referred() -> None:
    """Stated 0.20, computed 0.30: unable to verify income."""
    app = application(
        income=60000,
        debt_to_income=0.20,
        applicants=[{"residences": [{"basis": "Rent", "monthly_rent": 1000}]}],
        liabilities=[{"type": "Installment", "monthly_payment": 500}],
    )
    finding = by_rule(assess(PACK, app, DAY).findings)["stated_obligations"]
    assert (finding.result, finding.effect) == ("fail", "refer")
    assert finding.reason is not None
    assert finding.reason.text == "Unable to verify income"


def test_it_says_what_it_is() -> None:
    """A sample, dated and sourced, every limit with a source."""
    assert PACK.disclaimer == "sample, not advice"
    assert PACK.source
    assert PACK.jurisdiction
    assert all(value.source for limit in PACK.limits.values() for value in limit.values)
