"""Claims that would relax a case."""

from __future__ import annotations

import pytest

from lendgate.analysis.consistency import relaxes
from lendgate.schema import Risk
from tests.analysis.cases import STEADY, case, check

PASSED = case(STEADY, check("ratio"))
FAILED = case(STEADY, check("income"), check("ratio", "fail", "obligations"), risk="high")


@pytest.mark.parametrize(
    ("text", "risk", "refused"),
    [
        ("Low risk on the stated figures.", "low", False),
        ("Low risk on the stated figures.", "moderate", True),
        ("The risk is low.", "high", True),
        ("Risk level appears to be very low.", "moderate", True),
        ("A low-risk file.", "undetermined", True),
        ("Risk: low.", "moderate", True),
        ("The risk here is considered low.", "moderate", True),
        ("Low-to-moderate risk.", "moderate", True),
        ("Low credit risk.", "high", True),
        ("Moderate risk.", "high", True),
        ("Moderate risk.", "moderate", False),
        ("High risk.", "low", False),
        ("Low income.", "high", False),
        ("The risk has to be looked at by an underwriter.", "high", False),
    ],
)
def test_a_risk_below_the_checks_is_refused(text: str, risk: Risk, refused: bool) -> None:  # noqa: FBT001
    """A memo may be harder on a case than its checks, never softer."""
    assert relaxes(text, case(STEADY, check("ratio"), risk=risk)) is refused


@pytest.mark.parametrize(
    "text",
    [
        "All checks passed.",
        "All of the primary checks have been passed.",
        "Every check was met.",
        "The file passed all checks.",
        "No check failed.",
        "There are no failed checks.",
        "Nothing failed.",
        "The Debt-to-income ratio check passed.",
        "The debt-to-income ratio is clear.",
        "Not eligible as submitted.",
    ],
)
def test_a_pass_that_was_none_is_refused_and_a_true_one_is_not(text: str) -> None:
    """The same sentence, for a case that failed and one that did not."""
    assert relaxes(text, FAILED) is not text.startswith("Not eligible")
    assert relaxes(text, PASSED) is text.startswith("Not eligible")


@pytest.mark.parametrize(
    "text",
    ["The Debt-to-income ratio check was not passed.", "Debt-to-income ratio: failed.", "Income passed."],
)
def test_a_failure_may_be_told(text: str) -> None:
    """Naming a failed check is what a memo is for."""
    assert not relaxes(text, FAILED)
