"""Rule expressions: what compiles, what is refused, and what an evaluation can say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.errors import PolicyError
from lendgate.policy.expressions import Vocabulary
from lendgate.policy.model import Value
from lendgate.policy.registry import FACTS

VOCABULARY = Vocabulary({"ratio": "ratio", "score": "score", "money": "usd", "count": "count"})
LIMITS = {"limit_ratio": 0.4, "limit_score": 660, "limit_money": 12000.0, "limit_count": 2}


def holds(source: str, **values: Value | None) -> bool | None:
    """What ``source`` says of these facts."""
    return VOCABULARY.compile(source).holds(values, LIMITS)


@pytest.mark.parametrize(
    ("source", "values", "answer"),
    [
        ("ltv <= limit_ratio", {"ltv": Decimal("0.4")}, True),
        ("ltv <= limit_ratio", {"ltv": Decimal("0.400001")}, False),
        ("ltv <= limit_ratio", {}, None),
        ("annual_income >= limit_money", {"annual_income": Decimal("11999.99")}, False),
        ("credit_score >= limit_score", {"credit_score": 660}, True),
        ("!foreclosure", {"foreclosure": False}, True),
        ("loan_purpose == 'Purchase'", {"loan_purpose": "Purchase"}, True),
        ('loan_purpose in ["Refinance", "Other"]', {"loan_purpose": "Purchase"}, False),
        ("foreclosure && ltv <= limit_ratio", {"foreclosure": False}, False),
        ("foreclosure || ltv <= limit_ratio", {"foreclosure": True}, True),
        ("foreclosure && ltv <= limit_ratio", {"foreclosure": True}, None),
        ("foreclosure ? false : ltv <= limit_ratio", {"foreclosure": True}, False),
    ],
)
def test_three_answers(source: str, values: dict[str, Value], answer: bool | None) -> None:  # noqa: FBT001
    """True, false, or None when a missing value decides."""
    assert holds(source, **values) is answer


@pytest.mark.parametrize("value", ["660", True, Decimal(660)])
def test_a_value_of_the_wrong_type_is_not_evaluable(value: Value) -> None:
    """A text where a number belongs matches nothing and passes nothing."""
    assert holds("credit_score >= limit_score", credit_score=value) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_not_evaluable(number: str) -> None:
    """NaN compares false with everything, so it never reaches a comparison."""
    assert holds("ltv <= limit_ratio", ltv=Decimal(number)) is None


def test_a_limit_out_of_force_is_not_evaluable() -> None:
    """Without its limit a comparison cannot be made."""
    assert VOCABULARY.compile("ltv <= limit_ratio").holds({"ltv": Decimal("0.1")}, {}) is None


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_ratios_compare_exactly(left: int, right: int) -> None:
    """Six decimals as doubles compare as the decimals do."""
    facts = {"ltv": Decimal(left) / 10**6, "cltv": Decimal(right) / 10**6}
    assert VOCABULARY.compile("ltv <= cltv").holds(facts, LIMITS) is (left <= right)
    assert VOCABULARY.compile("ltv == cltv").holds(facts, LIMITS) is (left == right)


@given(st.integers(0, 10**11), st.sampled_from([-1, 0, 1]))
def test_money_compares_exactly(cents: int, step: int) -> None:
    """A cent more or less is seen at every amount the contract allows."""
    one, other = Decimal(cents) / 100, Decimal(cents + step) / 100
    facts = {"annual_income": one, "itemized_income": other}
    assert VOCABULARY.compile("annual_income < itemized_income").holds(facts, LIMITS) is (step > 0)
    assert VOCABULARY.compile("annual_income == itemized_income").holds(facts, LIMITS) is (step == 0)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("ltvv <= limit_ratio", "no fact or limit 'ltvv'; did you mean 'ltv'?"),
        ("ltv <= limit_missing", "no fact or limit 'limit_missing'"),
        ("applicant_name == 'x'", "no fact or limit 'applicant_name'"),
        ("size(loan_purpose) > limit_count", "no fact or limit 'size'"),
        ("dyn(ltv) <= limit_ratio", "no fact or limit 'dyn'"),
        ("ltv <= 0.4", "uses '0'"),
        ("credit_score >= 660", "uses '6'"),
        ("ltv + cltv <= limit_ratio", "uses '+'"),
        ("ltv - cltv <= limit_ratio", "uses '-'"),
        ("ltv * cltv <= limit_ratio", "uses '*'"),
        ("ltv / cltv <= limit_ratio", "uses '/'"),
        ("loan_purpose == 'purchase'", "'purchase' is no word of the facts named here"),
        ("loan_purpose == ''", "'' is no word"),
        ("mortgage_type == 'Purchase'", "'Purchase' is no word"),
        ("ltv <= limit_money", "compares 'ltv' (ratio) with 'limit_money' (usd)"),
        ("limit_score <= units", "compares 'limit_score' (score) with 'units' (count)"),
        ("ltv <= limit_score", "compares 'ltv' (ratio) with 'limit_score' (score)"),
        ("ltv <= (limit_score)", "does not type-check"),
        ("ltv <=", "does not type-check"),
        ("ltv", "gives DOUBLE, not true or false"),
        ("loan_purpose", "gives STRING, not true or false"),
    ],
)
def test_refused_at_compilation(source: str, complaint: str) -> None:
    """Every doubtful expression is refused with what is wrong in it."""
    with pytest.raises(PolicyError) as refusal:
        VOCABULARY.compile(source)
    assert complaint in str(refusal.value)


def test_names_are_listed_in_order_without_words_and_limits() -> None:
    """A condition knows its facts and its limits."""
    condition = VOCABULARY.compile("loan_purpose == 'Purchase' && ltv <= limit_ratio && ltv <= cltv")
    assert condition.facts == ("loan_purpose", "ltv", "cltv")
    assert condition.limits == ("limit_ratio",)


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_has_a_type_that_takes_its_values(name: str) -> None:
    """The registry's units and CEL's types fit together."""
    samples: dict[str, Value] = {"flag": True, "word": "Purchase", "months": 3, "count": 3, "score": 3}
    value = samples.get(FACTS[name].unit, Decimal(3))
    assert holds(f"{name} == {name}", **{name: value}) is True
