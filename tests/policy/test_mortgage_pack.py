"""The conventional mortgage sample: every rule at its limit and one step beyond."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lendgate.policy.evaluate import assess, evaluate, risk_of
from lendgate.policy.model import Value
from tests.policy.builders import DAY, GOOD_MORTGAGE, PACKS, by_rule, facts_of, home_loan

PACK = PACKS["mortgage"]
SECOND_HOME: dict[str, Value] = {"property_usage": "SecondHome"}
RENTED: dict[str, Value] = {"property_usage": "Investment"}
CASH_OUT: dict[str, Value] = {"loan_purpose": "Refinance", "cash_out": True}
BANKRUPT: dict[str, Value] = {"bankruptcy_declared": True}


def ltv(text: str) -> dict[str, Value]:
    """A loan-to-value ratio."""
    return {"ltv": Decimal(text)}


def amount(text: str) -> dict[str, Value]:
    """An amount requested."""
    return {"amount_requested": Decimal(text)}


def score(points: int, months: int) -> dict[str, Value]:
    """A credit score and months of reserves."""
    return {"credit_score": points, "reserves_months": months}


HIGH_DTI: dict[str, Value] = {"back_end_dti": Decimal("0.360001")}
BOUNDARIES: list[tuple[str, dict[str, Value], dict[str, Value]]] = [
    ("program", {"mortgage_type": "Conventional"}, {"mortgage_type": "FHA"}),
    ("program", {"lien_priority": "FirstLien"}, {"lien_priority": "SecondLien"}),
    ("program", {"loan_purpose": "Refinance"}, {"loan_purpose": "Other"}),
    ("program", {"property_usage": "Investment"}, {"property_usage": "Other"}),
    ("construction", {"construction_method": "Modular"}, {"construction_method": "Manufactured"}),
    ("debt_to_income", {"back_end_dti": Decimal("0.5")}, {"back_end_dti": Decimal("0.500001")}),
    ("debt_to_income_manual", {"back_end_dti": Decimal("0.45")}, {"back_end_dti": Decimal("0.450001")}),
    ("debt_to_income_compensated", HIGH_DTI | score(720, 2), HIGH_DTI | score(719, 2)),
    ("debt_to_income_compensated", HIGH_DTI | score(720, 2), HIGH_DTI | score(720, 1)),
    ("debt_to_income_compensated", HIGH_DTI | score(700, 6), HIGH_DTI | score(699, 6)),
    ("debt_to_income_compensated", HIGH_DTI | score(700, 6), HIGH_DTI | score(700, 5)),
    ("stated_obligations", {"dti_disagreement": Decimal("0.05")}, {"dti_disagreement": Decimal("0.050001")}),
    ("stated_income", {"income_disagreement": Decimal("0.1")}, {"income_disagreement": Decimal("0.100001")}),
    (
        "documented_income",
        {"documented_income_difference": Decimal("0.1")},
        {"documented_income_difference": Decimal("0.100001")},
    ),
    ("length_of_employment", {"months_in_line_of_work": 24}, {"months_in_line_of_work": 23}),
    ("loan_to_value", ltv("0.97"), ltv("0.970001")),
    ("loan_to_value_adjustable_or_units", ltv("0.96"), ltv("0.96") | {"amortization_type": "AdjustableRate"}),
    ("loan_to_value_adjustable_or_units", ltv("0.96"), ltv("0.96") | {"units": 2}),
    ("loan_to_value_manual", ltv("0.95"), ltv("0.950001")),
    ("loan_to_value_manual", ltv("0.85") | {"units": 2}, ltv("0.850001") | {"units": 2}),
    ("loan_to_value_manual", ltv("0.80") | {"units": 3}, ltv("0.800001") | {"units": 3}),
    ("loan_to_value_second_home", SECOND_HOME | ltv("0.90"), SECOND_HOME | ltv("0.900001")),
    ("loan_to_value_investment", RENTED | ltv("0.85"), RENTED | ltv("0.850001")),
    (
        "loan_to_value_investment",
        RENTED | ltv("0.75") | {"units": 2},
        RENTED | ltv("0.750001") | {"units": 2},
    ),
    (
        "loan_to_value_investment",
        RENTED | ltv("0.75") | {"loan_purpose": "Refinance"},
        RENTED | ltv("0.750001") | {"loan_purpose": "Refinance"},
    ),
    ("loan_to_value_cash_out", CASH_OUT | ltv("0.80"), CASH_OUT | ltv("0.800001")),
    (
        "loan_to_value_cash_out",
        CASH_OUT | ltv("0.75") | {"units": 2},
        CASH_OUT | ltv("0.750001") | {"units": 2},
    ),
    (
        "loan_to_value_cash_out",
        CASH_OUT | SECOND_HOME | ltv("0.75"),
        CASH_OUT | SECOND_HOME | ltv("0.750001"),
    ),
    ("loan_to_value_cash_out", CASH_OUT | RENTED | ltv("0.75"), CASH_OUT | RENTED | ltv("0.750001")),
    (
        "loan_to_value_cash_out",
        CASH_OUT | RENTED | ltv("0.70") | {"units": 2},
        CASH_OUT | RENTED | ltv("0.700001") | {"units": 2},
    ),
    ("combined_loan_to_value", {"cltv": Decimal("0.95")}, {"cltv": Decimal("0.950001")}),
    ("loan_amount", amount("832750.00"), amount("832750.01")),
    ("loan_amount", amount("1066250") | {"units": 2}, amount("1066250.01") | {"units": 2}),
    ("loan_amount", amount("1288800") | {"units": 3}, amount("1288800.01") | {"units": 3}),
    ("loan_amount", amount("1601750") | {"units": 4}, amount("1601750.01") | {"units": 4}),
    ("credit_score", {"credit_score": 620}, {"credit_score": 619}),
    ("score_and_reserves", score(680, 2), score(679, 2)),
    ("score_and_reserves", score(680, 2), score(680, 1)),
    ("score_and_reserves", score(660, 6), score(659, 6)),
    ("score_and_reserves", score(660, 6), score(660, 5)),
    ("reserves", RENTED | score(740, 6), RENTED | score(740, 5)),
    ("reserves", SECOND_HOME | score(740, 2), SECOND_HOME | score(740, 1)),
    ("reserves", {"units": 3} | score(740, 6), {"units": 3} | score(740, 5)),
    ("funds_to_close", {"cash_shortfall": Decimal(0)}, {"cash_shortfall": Decimal("0.01")}),
    ("borrowed_funds", {"undisclosed_borrowed_funds": False}, {"undisclosed_borrowed_funds": True}),
    ("open_bankruptcy", {"bankruptcy_open": False}, {"bankruptcy_open": True}),
    (
        "recent_bankruptcy",
        BANKRUPT | {"months_since_bankruptcy": 24},
        BANKRUPT | {"months_since_bankruptcy": 23},
    ),
    (
        "past_bankruptcy",
        BANKRUPT | {"months_since_bankruptcy": 48},
        BANKRUPT | {"months_since_bankruptcy": 47},
    ),
    ("foreclosure", {"foreclosure": False}, {"foreclosure": True}),
    (
        "short_sale_or_deed_in_lieu",
        {"short_sale_or_deed_in_lieu": False},
        {"short_sale_or_deed_in_lieu": True},
    ),
    ("outstanding_judgments", {"outstanding_judgments": False}, {"outstanding_judgments": True}),
    ("delinquent_federal_debt", {"delinquent_federal_debt": False}, {"delinquent_federal_debt": True}),
    ("current_delinquencies", {"current_delinquencies": 0}, {"current_delinquencies": 1}),
]
WHEN_BEGINS: list[tuple[str, dict[str, Value], dict[str, Value]]] = [
    ("debt_to_income_compensated", {"back_end_dti": Decimal("0.36")}, HIGH_DTI),
    ("loan_to_value_adjustable_or_units", ltv("0.95"), ltv("0.950001")),
    ("loan_to_value_second_home", {}, SECOND_HOME),
    ("loan_to_value_investment", {}, RENTED),
    ("loan_to_value_cash_out", {}, CASH_OUT),
    ("reserves", {"units": 2}, {"units": 3}),
    ("funds_to_close", {"loan_purpose": "Refinance"}, {"loan_purpose": "Purchase"}),
    ("recent_bankruptcy", {}, BANKRUPT),
    ("past_bankruptcy", {}, BANKRUPT),
    ("length_of_employment", {"employment_applies": False}, {"employment_applies": True}),
    ("stated_income", {"income_itemized": False}, {"income_itemized": True}),
    ("documented_income", {"income_documented": False}, {"income_documented": True}),
    ("stated_obligations", {"dti_itemized": False}, {"dti_itemized": True}),
    ("loan_to_value_manual", SECOND_HOME, {}),
    ("score_and_reserves", SECOND_HOME, {}),
]


@pytest.mark.parametrize(("rule", "at_limit", "beyond"), BOUNDARIES)
def test_boundary(rule: str, at_limit: dict[str, Value], beyond: dict[str, Value]) -> None:
    """At the limit the rule passes; one step beyond it fails."""
    for values, result in ((at_limit, "pass"), (beyond, "fail")):
        findings = by_rule(evaluate(PACK, facts_of({**GOOD_MORTGAGE, **values}), DAY))
        assert findings[rule].result == result


@pytest.mark.parametrize(("rule", "without", "within"), WHEN_BEGINS)
def test_where_a_rule_begins_to_apply(rule: str, without: dict[str, Value], within: dict[str, Value]) -> None:
    """No finding on one side of ``when``, a finding on the other."""
    assert rule not in by_rule(evaluate(PACK, facts_of({**GOOD_MORTGAGE, **without}), DAY))
    assert rule in by_rule(evaluate(PACK, facts_of({**GOOD_MORTGAGE, **within}), DAY))


def test_every_rule_has_its_boundary() -> None:
    """No rule of the pack, and no ``when``, goes untested."""
    assert {rule for rule, _, _ in BOUNDARIES} == {rule.id for rule in PACK.rules}
    assert {rule for rule, _, _ in WHEN_BEGINS} == {rule.id for rule in PACK.rules if rule.when}


def test_a_complete_application_passes_everything() -> None:
    """A real application with every part given: all rules that apply pass."""
    findings = assess(PACK, home_loan(), DAY).findings
    assert {finding.rule: finding.result for finding in findings if finding.result != "pass"} == {}
    assert risk_of(findings) == "low"


def test_a_bare_application_is_not_judged() -> None:
    """Without amount and value no loan-to-value rule passes, and the risk is undetermined."""
    app = home_loan(amount_requested=None, property=None)
    findings = assess(PACK, app, DAY).findings
    assert by_rule(findings)["loan_to_value"].result == "not_evaluable"
    assert risk_of(findings) == "undetermined"


def test_the_conforming_limit_is_that_of_the_year() -> None:
    """The same amount on the last day of one year and the first of the next."""
    facts = facts_of({**GOOD_MORTGAGE, **amount("820000")})
    results = [
        by_rule(evaluate(PACK, facts, day))["loan_amount"].result
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    ]
    assert results == ["fail", "pass"]


def test_it_says_what_it_is() -> None:
    """A sample, dated and sourced, every limit with a source."""
    assert PACK.disclaimer == "sample, not advice"
    assert PACK.source
    assert PACK.jurisdiction
    assert all(value.source for limit in PACK.limits.values() for value in limit.values)
