"""Which figures a case supports: facts, printed precision, and the few derivations."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.analysis.evidence import evidence_of
from lendgate.analysis.plain import folded
from lendgate.analysis.quoting import marked, quotable
from lendgate.policy.model import Value
from tests.analysis.cases import DOCUMENTS, PASSED, STEADY, UNSEEN, case, lacking

VALUES: dict[str, Value | None] = {
    **STEADY,
    "monthly_debts": Decimal("1250.40"),
    "amount_requested": Decimal("25000.00"),
    "ltv": Decimal("0.798000"),
    "loan_to_income": Decimal("1.500000"),
    "credit_score": 712,
    "recent_inquiries": 3,
    "current_delinquencies": 0,
    "bankruptcy_open": False,
    "bankruptcy_declared": True,
    "reserves_months": 30,
}
CASE = case(VALUES, *PASSED, *UNSEEN, completeness=lacking(DOCUMENTS, "/property/value"))
EVIDENCE = evidence_of(CASE)


def supported(text: str) -> bool:
    """Whether the case supports every figure of a sentence."""
    sentence = folded(text)
    return EVIDENCE.supports(marked(sentence, quotable(CASE)), sentence)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("An income of $120,000.", "An income of $120,001."),
        ("An income of $120,000 a year.", "An income of $120,000 a month."),
        ("An income of $10,000 a month.", "An income of $10,000 a year."),
        ("A monthly income of $10,000.", "An income of $10,000."),
        ("They earn 120,000 dollars.", "They earn 130,000 dollars."),
        ("Debts take $1,250.40 a month.", "Debts take $1,250.50 a month."),
        ("Debts take $1,250 a month.", "Debts take $1,251 a month."),
        ("Debts take $15,004.80 a year.", "Debts take $15,004.80 a month."),
        ("Debts take $15,005 in a full year of yearly payments.", "Debts take $15,005."),
        ("The request is for $25k.", "The request is for $24k."),
        ("The request is for $25,000.", "The request is for $25,000 a month."),
        ("Back-end ratio of 22%.", "Back-end ratio of 23%."),
        ("A ratio of 0.22.", "A ratio of 0.2."),
        ("A ratio of 79.8%.", "A ratio of 79.9%."),
        ("A loan-to-value ratio of 80%.", "A loan-to-value ratio of 79%."),
        ("A loan of 1.5 times income.", "A loan of 1.6 times income."),
        ("The loan-to-value ratio is 79.8 percent.", "The loan-to-value ratio is 22 percent."),
        ("A 712 credit score.", "A 713 credit score."),
        ("A credit score of 712.", "A credit score of 712.4."),
        ("6 years in the job.", "7 years in the job."),
        ("Seventy-two months in the job.", "Seventy-three months in the job."),
        ("Reserves of 30 months.", "Reserves of 31 months."),
        ("Reserves of 2.5 years.", "Reserves of 2.6 years."),
        ("Reserves of 2 years and 6 months.", "Reserves of 2 years and 7 months."),
        ("Three recent inquiries.", "Four recent inquiries."),
        ("No accounts past due now.", "No recent inquiries."),
        ("There is no open bankruptcy.", "There is no bankruptcy."),
        ("No utilization was given.", "No credit score was given."),
        ("There are eight checks.", "There are nine checks."),
        ("4 of 8 checks passed.", "5 of 8 checks passed."),
        ("Two bank statements are missing.", "Five bank statements are missing."),
        ("Four documents are missing.", "Six documents are missing."),
        ("One field is missing.", "Seven fields are missing."),
    ],
)
def test_a_figure_and_its_invented_neighbour(true: str, false: str) -> None:
    """Boundary pairs: what a fact or derivation gives, and the nearest thing it does not."""
    assert supported(true)
    assert not supported(false)


@pytest.mark.parametrize(
    "text",
    [
        "Utilization of 22%.",
        "A credit line history of 6 collections.",
        "There are 8 children.",
        "A score of 22.",
        "Income of $25,000.",
        "About $0.1 million a year.",
        "3 percent.",
        "A ratio of 1.",
        "Half the income.",
        "No collections.",
    ],
)
def test_a_true_number_of_something_else_is_no_evidence(text: str) -> None:
    """Numbers are held to their unit, to the fact they are said of, and to the noun they count."""
    assert not supported(text)


def test_an_unknown_fact_supports_nothing() -> None:
    """Not even its own zero."""
    bare = case({})
    assert not evidence_of(bare).supports("<credit_score> of 0", "A credit score of 0.")


def test_a_fact_missing_from_the_case_supports_nothing() -> None:
    """A figure said of it is not taken from another fact."""
    seen = case(STEADY)
    partial = type(seen)(
        seen.product,
        {name: fact for name, fact in seen.facts.items() if name != "ltv"},
        seen.checks,
        seen.risk,
        seen.completeness,
    )
    assert not evidence_of(partial).supports("<ltv> of 22%", "A loan-to-value ratio of 22%.")
