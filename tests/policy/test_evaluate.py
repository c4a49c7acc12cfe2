"""Findings, the assessment and the risk made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lendgate.errors import PolicyError
from lendgate.policy.evaluate import assess, evaluate, risk_of
from lendgate.policy.model import Effect, Finding
from lendgate.schema import Risk
from lendgate.schema.enums import Product
from lendgate.schema.review import CheckResult
from tests.policy.builders import (
    DAY,
    GOOD,
    GOOD_PERSONAL,
    PACKS,
    application,
    by_rule,
    facts_of,
    home_loan,
)

PERSONAL = PACKS["personal_loan"]


def test_a_pass_has_no_reason() -> None:
    """A finding that passed says nothing adverse."""
    finding = by_rule(evaluate(PERSONAL, facts_of(GOOD_PERSONAL), DAY))["debt_to_income"]
    assert (finding.result, finding.reason) == ("pass", None)


def test_a_failure_carries_the_rules_reason_and_its_limit() -> None:
    """The public reason, and for the underwriter the limit as it stood."""
    facts = facts_of({**GOOD_PERSONAL, "back_end_dti": Decimal("0.62")})
    finding = by_rule(evaluate(PERSONAL, facts, DAY))["debt_to_income"]
    assert finding.result == "fail"
    assert finding.reason is not None
    assert finding.reason.text == "Excessive obligations in relation to income"
    assert finding.limit == "back_end_dti <= 50 %"
    assert finding.facts == ("back_end_dti",)


def test_a_missing_value_is_not_evaluable_and_named() -> None:
    """What could not be judged says so outside, and to the underwriter which fact is wanting."""
    facts = facts_of({**GOOD_PERSONAL, "credit_score": None})
    finding = by_rule(evaluate(PERSONAL, facts, DAY))["credit_score"]
    assert finding.result == "not_evaluable"
    assert finding.reason is not None
    assert finding.reason.text == "Unable to verify credit references"
    assert finding.note.endswith("Not evaluable for want of: credit_score.")


@pytest.mark.parametrize("value", [True, Decimal(700), "700"])
def test_what_is_kept_is_kept_by_type_too(value: bool | Decimal | str) -> None:  # noqa: FBT001
    """A finding is kept for the next one with the same values; 1 and true, equal in Python, differ here."""
    number = int(value)
    for asked, result in ((number, "fail" if number == 1 else "pass"), (value, "not_evaluable")) * 2:
        finding = by_rule(evaluate(PERSONAL, facts_of({**GOOD_PERSONAL, "credit_score": asked}), DAY))
        assert finding["credit_score"].result == result


def test_what_is_kept_is_kept_by_the_limits_in_force() -> None:
    """The same values under no limit are not evaluable, before and after they were judged."""
    facts = facts_of(GOOD_PERSONAL)
    for day, result in ((DAY, "pass"), (date(1999, 1, 1), "not_evaluable")) * 2:
        assert by_rule(evaluate(PERSONAL, facts, day))["debt_to_income"].result == result


def test_a_rule_that_does_not_apply_leaves_no_finding() -> None:
    """``when`` false: nothing is said."""
    facts = facts_of({**GOOD_PERSONAL, "dti_itemized": False})
    assert "stated_obligations" not in by_rule(evaluate(PERSONAL, facts, DAY))


def test_a_rule_that_may_apply_is_not_evaluable() -> None:
    """``when`` unknown: the rule is not skipped, even where ``require`` would hold."""
    facts = facts_of({**GOOD_PERSONAL, "employment_applies": None})
    assert by_rule(evaluate(PERSONAL, facts, DAY))["length_of_employment"].result == "not_evaluable"


def test_before_the_first_limit_nothing_passes_by_it() -> None:
    """An application older than the limits is not judged by them."""
    finding = by_rule(evaluate(PERSONAL, facts_of(GOOD_PERSONAL), date(2000, 1, 1)))["debt_to_income"]
    assert finding.result == "not_evaluable"
    assert finding.limit == "back_end_dti <= (no limit in force)"
    assert "limit that is not in force" in finding.note


def test_what_is_public_holds_no_private_part() -> None:
    """The public side of a finding has neither limit nor note nor citation."""
    facts = facts_of({**GOOD_PERSONAL, "back_end_dti": Decimal("0.62")})
    for finding in evaluate(PERSONAL, facts, DAY):
        public = finding.public.model_dump_json()
        assert finding.limit not in public
        assert finding.note not in public
        assert finding.citation not in public


@pytest.mark.parametrize("product", PACKS)
def test_no_digit_leaves_the_house(product: Product) -> None:
    """Titles, ids, reasons' words and the reasons for documents are free of figures."""
    pack = PACKS[product]
    words = [pack.title, *(document.why for document in pack.documents)]
    words += [
        word
        for rule in pack.rules
        for word in (rule.id, rule.title, rule.reason.text, rule.unverifiable.text)
    ]
    assert not any(character.isdigit() or character == "%" for word in words for character in word)


@pytest.mark.parametrize("product", PACKS)
def test_the_same_facts_give_the_same_findings(product: Product) -> None:
    """Evaluation has no memory and no clock."""
    facts = facts_of(GOOD[product])
    assert evaluate(PACKS[product], facts, DAY) == evaluate(
        PACKS[product], dict(reversed(list(facts.items()))), DAY
    )


def test_assessment_of_the_smallest_application() -> None:
    """Facts, findings in pack order, nothing missing, and which policy spoke."""
    assessment = assess(PERSONAL, application(), DAY)
    order = [rule.id for rule in PERSONAL.rules]
    found = [finding.rule for finding in assessment.findings]
    assert found == [rule for rule in order if rule in found]
    assert assessment.missing_fields == ()
    assert assessment.policy == PERSONAL.reference


def test_a_mortgage_cannot_be_assessed_without_amount_and_value() -> None:
    """The product's needs are named by pointer."""
    assessment = assess(PACKS["mortgage"], application(product="mortgage"), DAY)
    assert assessment.missing_fields == ("/amount_requested", "/property/value")
    assert assess(PACKS["mortgage"], home_loan(), DAY).missing_fields == ()


def test_a_pack_judges_its_own_product_only() -> None:
    """A mortgage is never judged by the personal loan policy."""
    with pytest.raises(PolicyError, match="is for personal_loan"):
        assess(PERSONAL, home_loan(), DAY)


def finding(result: CheckResult, effect: Effect, *, core: bool = False) -> Finding:
    """A finding of this result."""
    sample = evaluate(PERSONAL, facts_of(GOOD_PERSONAL), DAY)[0]
    return replace(sample, result=result, effect=effect, core=core)


@pytest.mark.parametrize(
    ("findings", "risk"),
    [
        ([("pass", "refer", True), ("not_evaluable", "decline", False)], "low"),
        ([("pass", "refer", True), ("fail", "refer", False)], "moderate"),
        ([("pass", "refer", True), ("fail", "refer", False), ("fail", "decline", False)], "high"),
        ([("not_evaluable", "refer", True), ("pass", "refer", False)], "undetermined"),
        ([("pass", "refer", True), ("not_evaluable", "decline", True)], "undetermined"),
        ([("not_evaluable", "refer", True), ("fail", "decline", False)], "high"),
        ([("pass", "refer", False), ("not_evaluable", "refer", False)], "low"),
        ([("not_evaluable", "refer", False)], "undetermined"),
        ([], "undetermined"),
    ],
)
def test_risk(findings: list[tuple[CheckResult, Effect, bool]], risk: Risk) -> None:
    """A decline rule, a refer rule, the core rules, or nothing to go by."""
    made = tuple(finding(result, effect, core=core) for result, effect, core in findings)
    assert risk_of(made) == risk
