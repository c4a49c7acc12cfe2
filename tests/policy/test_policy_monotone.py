"""Invariant b inside policy: knowing less or standing worse never looks better."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.policy.evaluate import evaluate, risk_of
from lendgate.policy.model import Finding, Value
from lendgate.policy.pack import Pack
from lendgate.policy.registry import FACTS
from lendgate.schema.enums import Product
from tests.policy.builders import DAY, GOOD, PACKS, by_rule, facts_of

HIGHER_IS_WORSE = (
    "back_end_dti",
    "dti_disagreement",
    "income_disagreement",
    "documented_income_difference",
    "ltv",
    "cltv",
    "amount_requested",
    "apr",
    "cash_shortfall",
    "recent_inquiries",
    "current_delinquencies",
    "bankruptcy_open",
    "bankruptcy_declared",
    "foreclosure",
    "short_sale_or_deed_in_lieu",
    "outstanding_judgments",
    "delinquent_federal_debt",
    "undisclosed_borrowed_funds",
)
LOWER_IS_WORSE = (
    "annual_income",
    "months_on_job",
    "months_in_line_of_work",
    "credit_score",
    "oldest_trade_months",
    "reserves_months",
    "months_since_bankruptcy",
)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "usd": st.integers(0, 3_000_000).map(Decimal),
    "usd_per_month": st.integers(0, 50_000).map(Decimal),
    "ratio": st.integers(0, 120).map(lambda per_cent: Decimal(per_cent) / 100),
    "years": st.integers(0, 60).map(Decimal),
    "months": st.integers(0, 120),
    "count": st.integers(0, 6),
    "score": st.integers(560, 800),
    "flag": st.booleans(),
}
PRODUCTS = st.sampled_from(sorted(PACKS))


def used_by(pack: Pack) -> list[str]:
    """The facts the pack's rules name."""
    return sorted({name for rule in pack.rules for name in rule.facts})


def value_of(name: str) -> st.SearchStrategy[Value]:
    """Values a fact may take."""
    kind = FACTS[name]
    return st.sampled_from(kind.words) if kind.words else VALUES[kind.unit]


@st.composite
def situations(draw: st.DrawFn) -> tuple[Pack, dict[str, Value | None]]:
    """A pack, and facts that are good but for some that are anything or unknown."""
    pack = PACKS[draw(PRODUCTS)]
    names = draw(st.lists(st.sampled_from(used_by(pack)), max_size=6, unique=True))
    values: dict[str, Value | None] = dict(GOOD[pack.product])
    for name in names:
        values[name] = draw(st.none() | value_of(name))
    return pack, values


def severity(findings: tuple[Finding, ...]) -> int:
    """How severe an outcome the findings lead to: 0 eligible, 1 refer, 2 ineligible."""
    if any(one.result == "fail" and one.effect == "decline" for one in findings):
        return 2
    return 1 if any(one.result != "pass" for one in findings) else 0


@given(situations(), st.data())
def test_forgetting_a_fact_never_turns_an_answer_into_a_pass(
    situation: tuple[Pack, dict[str, Value | None]], data: st.DataObject
) -> None:
    """Every rule answers the same, or "not evaluable"; none vanishes, none begins to pass."""
    pack, values = situation
    name = data.draw(st.sampled_from(used_by(pack)))
    before = by_rule(evaluate(pack, facts_of(values), DAY))
    after = by_rule(evaluate(pack, facts_of({**values, name: None}), DAY))
    for rule, finding in before.items():
        assert after[rule].result in (finding.result, "not_evaluable")
    for rule in after.keys() - before.keys():
        assert after[rule].result == "not_evaluable"


@given(situations(), st.data())
def test_standing_worse_never_helps(
    situation: tuple[Pack, dict[str, Value | None]], data: st.DataObject
) -> None:
    """A higher ratio, a lower score, one more adverse event: the outcome stays or gets more severe."""
    pack, values = situation
    name = data.draw(st.sampled_from([*HIGHER_IS_WORSE, *LOWER_IS_WORSE]))
    one, other = sorted((data.draw(value_of(name)), data.draw(value_of(name))), key=float)
    better, worse = (one, other) if name in HIGHER_IS_WORSE else (other, one)
    before = severity(evaluate(pack, facts_of({**values, name: better}), DAY))
    after = severity(evaluate(pack, facts_of({**values, name: worse}), DAY))
    assert after >= before


@pytest.mark.parametrize("product", PACKS)
def test_knowing_nothing_passes_nothing(product: Product) -> None:
    """With every fact unknown every rule is not evaluable, and the risk undetermined."""
    findings = evaluate(PACKS[product], facts_of({}), DAY)
    assert {finding.result for finding in findings} == {"not_evaluable"}
    assert len(findings) == len(PACKS[product].rules)
    assert risk_of(findings) == "undetermined"


@pytest.mark.parametrize("product", PACKS)
def test_facts_that_are_all_good_pass_everything(product: Product) -> None:
    """The other end: nothing but passes, and low risk."""
    findings = evaluate(PACKS[product], facts_of(GOOD[product]), DAY)
    assert {finding.result for finding in findings} == {"pass"}
    assert risk_of(findings) == "low"
