"""Invariant h for random facts: what facts give is kept, what they do not give never passes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis import prose
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import said
from lendgate.analysis.verify import verify
from lendgate.policy.model import Unit, Value
from lendgate.policy.registry import FACTS
from lendgate.schema import CheckOutcome, Completeness, Concern, CreditMemo
from tests.analysis.cases import CHECKS, COMPLETE, REASONS, case, draft, lacking
from tests.analysis.spelling import in_words

money = st.decimals(0, 5_000_000, places=2)
ratios = st.decimals(0, 3, places=6)
_VALUES: dict[Unit, st.SearchStrategy[Value]] = {
    "usd": money,
    "usd_per_month": money,
    "ratio": ratios,
    "months": st.integers(0, 900),
    "years": st.decimals(0, 80, places=2),
    "count": st.integers(0, 60),
    "score": st.integers(250, 900),
    "flag": st.booleans(),
}


def values_of(name: str) -> st.SearchStrategy[Value | None]:
    """Any value of a registered fact, or none."""
    kind = FACTS[name]
    known = st.sampled_from(kind.words) if kind.words else _VALUES[kind.unit]
    return st.none() | known


checks = st.builds(
    lambda which, result, reason: CheckOutcome(
        check=which,
        title=CHECKS[which][0],
        result=result,
        reason=None if result == "pass" else REASONS[reason],
    ),
    st.sampled_from(sorted(CHECKS)),
    st.sampled_from(["pass", "fail", "not_evaluable"]),
    st.sampled_from(sorted(REASONS)),
)
completeness: st.SearchStrategy[Completeness] = st.just(COMPLETE) | st.builds(
    lambda documents, fields: lacking(documents, *fields),
    st.dictionaries(st.sampled_from(["w2", "1040", "bank_statement", "1040_schedule_1"]), st.integers(1, 14)),
    st.lists(st.sampled_from(["/property/value", "/amount_requested"]), max_size=2, unique=True),
)
cases = st.builds(
    lambda values, several, risk, product, missing: case(
        values, *several, risk=risk, product=product, completeness=missing
    ),
    st.fixed_dictionaries({name: values_of(name) for name in FACTS}),
    st.lists(checks, max_size=10, unique_by=lambda one: one.check),
    st.sampled_from(["low", "moderate", "high", "undetermined"]),
    st.sampled_from(["personal_loan", "mortgage"]),
    completeness,
)


@given(cases)
def test_invariant_h_the_rules_memo_loses_nothing(seen: Case) -> None:
    """Sentences made from facts are always kept, whatever the facts."""
    memo = prose.write(seen)
    assert verify(memo, seen) == memo


@given(st.sampled_from(sorted(FACTS)), st.data())
def test_invariant_h_a_fact_as_it_is_said_is_kept(name: str, data: st.DataObject) -> None:
    """Each fact alone, in the words of its own term."""
    seen = case({name: data.draw(values_of(name))})
    phrase = said(seen.facts[name])
    if phrase:
        text = f"The application shows {phrase}."
        assert verify(draft(text), seen).risk_summary == text


_INCOME, _DEBTS = Decimal("84000.00"), Decimal("1300.00")
_KNOWN: dict[str, Value | None] = {
    "annual_income": _INCOME,
    "monthly_debts": _DEBTS,
    "back_end_dti": Decimal("0.310000"),
    "months_on_job": 45,
    "credit_score": 688,
    "recent_inquiries": 2,
}
_SEEN = case(_KNOWN)
# All that the six facts above give, by unit, exactly: written down here once more, independently.
_GIVEN = {
    "dollars": {Decimal(number) for number in (84_000, 1_300)},
    "dollars a year": {Decimal(number) for number in (84_000, 15_600)},
    "dollars a month": {Decimal(number) for number in (7_000, 1_300)},
    "percent": {Decimal(31)},
    "months": {Decimal(45)},
    "years": {Decimal("3.75")},
    "inquiries": {Decimal(2)},
}
_FORMS: dict[str, Callable[[int], str]] = {
    "digits": lambda number: f"{number}",
    "grouped": lambda number: f"{number:,}",
    "words": in_words,
    "spaced words": lambda number: in_words(number, hyphen=False, joined=False),
    "fullwidth": lambda number: "".join(chr(0xFF10 + int(digit)) for digit in f"{number}"),
    "arabic": lambda number: "".join(chr(0x0660 + int(digit)) for digit in f"{number}"),
    "hidden": lambda number: "\u200b".join(f"{number}"),
    "broken": lambda number: in_words(number).replace("-", "-\n"),
    "decimals": lambda number: f"{number}.0",
}
_ALWAYS_REFUSED = {"arabic", "hidden"}


_WHOLE = sorted({int(value) + near for values in _GIVEN.values() for value in values for near in (-1, 0, 1)})


@given(
    st.integers(1, 200_000) | st.sampled_from(_WHOLE),
    st.sampled_from(sorted(_GIVEN)),
    st.sampled_from(sorted(_FORMS)),
)
def test_invariant_h_a_number_that_no_fact_gives_is_always_dropped(number: int, unit: str, form: str) -> None:
    """Any number, any unit, however it is written; and what the facts do give is kept."""
    text = f"There are {_FORMS[form](number)} {unit} in the file."
    # A whole number of years or percent stands for what rounds to it; the other facts above are whole.
    margin = Decimal("0.05") if form == "decimals" else Decimal("0.5")
    given_by_a_fact = any(abs(number - value) <= margin for value in _GIVEN[unit])
    kept = verify(draft(text, checks_passed=()), _SEEN).dropped_claims == 0
    if form in _ALWAYS_REFUSED:
        # One digit alone hides nothing between digits.
        assert not kept or (form == "hidden" and number < 10 and given_by_a_fact)
    else:
        assert kept is given_by_a_fact


@given(cases, st.text(max_size=300), st.text(max_size=100))
def test_invariant_h_any_text_gives_a_memo_that_verifies_again(seen: Case, words: str, other: str) -> None:
    """The verifier fails on nothing, and finds nothing more the second time."""
    memo = CreditMemo(
        reviewer="claude",
        because=other,
        risk_summary=words,
        checks_passed=(other, words),
        concerns=(Concern(text=words, facts=(other,)), Concern(text=other)),
        next_step=other,
    )
    once = verify(memo, seen)
    assert verify(once, seen) == once.model_copy(update={"dropped_claims": 0})


@given(cases, st.text(max_size=200))
def test_invariant_h_checks_passed_are_a_subset_of_what_passed(seen: Case, title: str) -> None:
    """Whatever a memo claims."""
    memo = draft(checks_passed=(title, *(check.title for check in seen.checks)))
    passed = {check.title for check in seen.checks if check.result == "pass"}
    assert set(verify(memo, seen).checks_passed) <= passed


def test_the_values_above_cover_every_kind_of_fact() -> None:
    """A new unit needs a strategy here."""
    units: set[Unit] = {kind.unit for kind in FACTS.values()}
    assert units - {"word"} <= _VALUES.keys()
